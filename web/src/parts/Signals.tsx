import type { PanelState } from "../panel/model.ts";
import type { Station } from "../station/station.ts";
import { useWords } from "./hooks.ts";
import { Icon } from "./Icon.tsx";

/** More than this would leave no room for the keys; the rest follows as these are acknowledged. */
const MOST = 3;

/** Cues and texts for this person, the newest first, until each is acknowledged. */
export function Signals({ state, station }: { state: PanelState; station: Station }) {
  const w = useWords().signals;
  const all = state.live ? (state.tally?.signals ?? []) : [];
  const open = all.filter((one) => !one.acknowledged && one.kind !== "call").toSorted((a, b) => b.id - a.id);
  return (
    <>
      {open.slice(0, MOST).map((one) => (
        <div key={one.id} className="signal" data-kind={one.kind}>
          <p className="min-w-0">
            <b>{w[one.kind]}</b>
            <small>{w.from(one.label)}</small>
            {one.text !== "" && <span>{one.text}</span>}
          </p>
          <button type="button" onClick={() => station.orders.acknowledge(one.id)}>
            <Icon glyph="check" />
            {w.gotIt}
          </button>
        </div>
      ))}
    </>
  );
}
