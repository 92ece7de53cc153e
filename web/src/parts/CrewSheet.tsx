import { useEffect, useState } from "react";
import type { PanelState } from "../panel/model.ts";
import type { Station } from "../station/station.ts";
import type { Person } from "../wire/messages.ts";
import type { Words } from "../words/en.ts";
import { useStore, useWords } from "./hooks.ts";
import { type Glyph, Icon } from "./Icon.tsx";
import { Sheet } from "./Sheet.tsx";
import { Sure } from "./Sure.tsx";

interface CrewSheetProps {
  readonly state: PanelState;
  readonly station: Station;
  readonly onClose: () => void;
}

/** Who is here, by role, and how they are; with rights, what may be done for them. */
export function CrewSheet({ state, station, onClose }: CrewSheetProps) {
  const w = useWords().people;
  useWatch(station);
  const people = state.people?.people ?? [];
  const roles = [...new Set(people.map((one) => one.role_name))];
  return (
    <Sheet title={w.title} onClose={onClose}>
      {people.length === 0 && <p className="text-ink-2">{w.nobody}</p>}
      {roles.map((role) => (
        <section key={role} className="crew" aria-label={role}>
          <h3>{role}</h3>
          {people
            .filter((one) => one.role_name === role)
            .map((one) => (
              <PersonRow
                key={one.station}
                person={one}
                rights={state.panel?.rights ?? []}
                station={station}
              />
            ))}
        </section>
      ))}
    </Sheet>
  );
}

/** The crew list is sent only while somebody looks at it; a new link is asked for it anew. */
export function useWatch(station: Station): void {
  const { live } = useStore(station.panel);
  useEffect(() => {
    if (!live) return;
    station.orders.watch(true);
    return () => station.orders.watch(false);
  }, [station, live]);
}

/** A state by its glyph and its word. */
export function personState(w: Words["people"], one: Person): [Glyph, string] {
  if (one.state === "lost") return ["away", w.lost];
  if (one.killed) return ["no_mic", w.killed];
  if (!one.media) return ["no_speaker", w.noSound];
  if (one.latched) return ["lock", w.latched];
  if (one.talking) return ["mic", w.talking];
  return ["speaker", w.here];
}

interface PersonRowProps {
  readonly person: Person;
  readonly rights: readonly string[];
  readonly station: Station;
}

function PersonRow({ person, rights, station }: PersonRowProps) {
  const w = useWords().people;
  const [open, setOpen] = useState(false);
  const [glyph, says] = personState(w, person);
  const { orders } = station;
  const name = person.person || person.place;
  const may = (right: string) => rights.includes(right);
  return (
    <div
      className="member"
      data-talking={person.talking || undefined}
      data-lost={person.state === "lost" || undefined}
    >
      <div className="row">
        <div className="min-w-0">
          {name}
          <small>
            <Icon glyph={glyph} className="inline-block align-[-0.15em]" /> {person.place} · {says}
          </small>
        </div>
        <div className="flex gap-2">
          {may("calls") && (
            <button
              type="button"
              className="step"
              aria-label={w.call(name)}
              onClick={() => orders.call(person.address)}
            >
              <Icon glyph="bell" />
            </button>
          )}
          {(may("kill") || may("approve")) && (
            <button
              type="button"
              className="step"
              aria-label={w.act(name)}
              aria-expanded={open}
              onClick={() => setOpen(!open)}
            >
              <Icon glyph="more" />
            </button>
          )}
        </div>
      </div>
      {open && (
        <div className="grid gap-2 pb-3">
          {may("kill") && <Hush person={person} name={name} station={station} />}
          {may("approve") && (
            <Sure name={w.kick} asks={w.kickSure(name)} onSure={() => orders.kick(person.station, "")} />
          )}
        </div>
      )}
    </div>
  );
}

/** Closing a person's microphone and ending their talks. */
function Hush({ person, name, station }: { person: Person; name: string; station: Station }) {
  const w = useWords().people;
  const { orders } = station;
  return (
    <>
      {person.killed ? (
        <button type="button" className="side-action" onClick={() => orders.kill(person.address, false)}>
          {w.allow}
        </button>
      ) : (
        <Sure name={w.kill} asks={w.killSure(name)} onSure={() => orders.kill(person.address, true)} />
      )}
      <Sure name={w.unlatch} asks={w.unlatchSure(name)} onSure={() => orders.unlatch(person.address)} />
    </>
  );
}
