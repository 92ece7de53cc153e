import type { PanelState } from "../panel/model.ts";
import type { Station } from "../station/station.ts";
import { personState, useWatch } from "./CrewSheet.tsx";
import { useWords } from "./hooks.ts";
import { Icon } from "./Icon.tsx";

interface BesideProps {
  readonly state: PanelState;
  readonly station: Station;
  /** Opens the crew's sheet, where things may be done for them. */
  readonly onCrew: () => void;
}

/** Who is here and who talks, beside the keys of a desk and below those of a tablet. */
export function Beside({ state, station, onCrew }: BesideProps) {
  const w = useWords().people;
  useWatch(station);
  const people = state.people?.people ?? [];
  const roles = [...new Set(people.map((one) => one.role_name))];
  return (
    <aside className="beside" aria-label={w.title}>
      <button type="button" className="heading" aria-haspopup="dialog" onClick={onCrew}>
        <span>{w.title}</span>
        <span className="font-num tabular-nums">{people.length}</span>
      </button>
      {people.length === 0 && <p className="text-[14px] text-ink-2">{w.nobody}</p>}
      <div className="roles">
        {roles.map((role) => (
          <section key={role} aria-label={role}>
            <h2>{role}</h2>
            {people
              .filter((one) => one.role_name === role)
              .map((one) => {
                const [glyph, says] = personState(w, one);
                return (
                  <p
                    key={one.station}
                    data-talking={(one.talking && one.state === "here") || undefined}
                    data-lost={one.state === "lost" || undefined}
                  >
                    <Icon glyph={glyph} />
                    <span>
                      <b>{one.person || one.place}</b>
                      <small>
                        {one.place} · {says}
                      </small>
                    </span>
                  </p>
                );
              })}
          </section>
        ))}
      </div>
    </aside>
  );
}
