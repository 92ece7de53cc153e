import type { PanelState } from "../panel/model.ts";
import type { Station } from "../station/station.ts";
import { useWords } from "./hooks.ts";
import { Icon } from "./Icon.tsx";
import { nameAndPlace } from "./Reply.tsx";
import { Sheet } from "./Sheet.tsx";

interface ReplySheetProps {
  readonly state: PanelState;
  readonly station: Station;
  readonly onClose: () => void;
}

/** The whole reply stack: choose whom the key aims at, or take somebody off. */
export function ReplySheet({ state, station, onClose }: ReplySheetProps) {
  const w = useWords().reply;
  const stack = state.tally?.reply ?? [];
  const aim = (one: number) => {
    station.orders.aim(one);
    onClose();
  };
  return (
    <Sheet title={w.sheet} onClose={onClose}>
      <p className="pb-2 text-[14px] text-ink-2">{w.hint}</p>
      {stack.length === 0 && <p className="row text-ink-2">{w.nobody}</p>}
      <ul>
        {stack.map((entry) => {
          const [name, place] = nameAndPlace(entry.label);
          return (
            <li key={entry.station} className="row">
              <button type="button" className="entry" onClick={() => aim(entry.station)}>
                <Icon glyph={entry.calling ? "bell" : "reply"} className={entry.calling ? "text-call" : ""} />
                <span className="min-w-0">
                  {name}
                  <small>
                    {place}
                    {entry.calling && ` · ${w.calls}`}
                    {!entry.may_talk && ` · ${w.late}`}
                  </small>
                </span>
              </button>
              <button
                type="button"
                className="step"
                aria-label={w.dismiss(entry.label)}
                onClick={() => station.orders.dismiss(entry.station)}
              >
                <Icon glyph="close" />
              </button>
            </li>
          );
        })}
      </ul>
    </Sheet>
  );
}
