import type { PanelState } from "../panel/model.ts";
import type { Station } from "../station/station.ts";
import type { PanelKey } from "../wire/messages.ts";
import { personState, useWatch } from "./CrewSheet.tsx";
import { useWords } from "./hooks.ts";
import { Icon } from "./Icon.tsx";

interface OnLineProps {
  readonly keyOf: PanelKey;
  readonly state: PanelState;
  readonly station: Station;
}

/** Who is on this line and how they are. */
export function OnLine({ keyOf, state, station }: OnLineProps) {
  const w = useWords().people;
  useWatch(station);
  const there = (state.people?.people ?? []).filter(
    (one) => one.on.includes(keyOf.id) && one.place !== state.tally?.seat,
  );
  if (there.length === 0) return null;
  return (
    <section className="crew" aria-label={w.title}>
      <h3>{w.title}</h3>
      {there.map((one) => {
        const [glyph, says] = personState(w, one);
        const hears = one.hears.includes(keyOf.id) ? ` · ${w.hearsMe}` : "";
        return (
          <div key={one.station} className="row">
            <div className="min-w-0">
              {one.person || one.place}
              <small>
                <Icon glyph={glyph} className="inline-block align-[-0.15em]" /> {one.place} · {says}
                {hears}
              </small>
            </div>
          </div>
        );
      })}
    </section>
  );
}
