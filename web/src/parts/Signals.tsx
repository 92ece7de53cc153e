import type { PanelState } from "../panel/model.ts";
import { openSignals } from "../panel/signals.ts";
import type { Station } from "../station/station.ts";
import { useWords } from "./hooks.ts";
import { Icon } from "./Icon.tsx";

/** More than this would leave no room for the keys; the rest follows as these are acknowledged. */
const MOST = 3;

/** Cues and texts for this person, the most urgent and then the newest first, until each is acknowledged. */
export function Signals({ state, station }: { state: PanelState; station: Station }) {
  const w = useWords().signals;
  return (
    <>
      {openSignals(state)
        .slice(0, MOST)
        .map((one) => (
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
