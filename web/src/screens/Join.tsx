import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { readPrefs, writePrefs } from "../device/prefs.ts";
import { useWords } from "../parts/hooks.ts";
import { Icon } from "../parts/Icon.tsx";
import { asked, askFor, cancelAsk, join } from "../session/door.ts";
import type { Ask, Door, DoorRole, Fault } from "../wire/messages.ts";
import type { Words } from "../words/en.ts";
import { words } from "../words/language.ts";
import { faultText } from "../words/said.ts";

const ASK_AGAIN_MS = 2000;

interface JoinProps {
  readonly door: Door;
  readonly invite: string | null;
  /** Called in the tap itself, before anything is awaited. */
  readonly onTap: () => void;
  readonly onJoined: () => void;
  /** A quiet way to something else, below the button. */
  readonly aside?: ReactNode;
}

/** Who are you, and where do you sit? */
export function JoinScreen({ door, invite, onTap, onJoined, aside }: JoinProps) {
  const { join: w, doors } = useWords();
  /** Who is waited for, by name; null: nobody. The controller ends the waiting. */
  const [waiting, setWaiting] = useState<string | null>(null);
  const stop = useRef<AbortController | null>(null);
  const invited = door.invite;
  const token = invited === null ? null : invite;
  const open = door.roles.filter((role) => role.pin || role.ask);
  const [name, setName] = useState(readPrefs().name);
  const [roleId, setRole] = useState(invited?.role ?? (open.length === 1 ? (open[0]?.id ?? "") : ""));
  const [seat, setSeat] = useState<string | null>(null);
  const [pin, setPin] = useState("");
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);
  const role = door.roles.find((one) => one.id === roleId);
  /** No proof in hand, but this role lets people ask. */
  const asks = token === null && pin === "" && role?.ask === true;
  const ready = name.trim() !== "" && role !== undefined && (token !== null || pin !== "" || asks);

  const chooseRole = (id: string) => {
    setRole(id);
    setSeat(null);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!ready || busy || role === undefined) return;
    onTap();
    setBusy(true);
    setFault(null);
    writePrefs({ name: name.trim() });
    if (asks) {
      const holder = role.seats.find((one) => one.name === seat)?.holder ?? null;
      const over = holder !== null || role.free === 0;
      return ask({ name: name.trim(), role: role.id, seat, hand_over: over }, holder ?? "");
    }
    const proof = token === null ? { pin } : { invite: token };
    const outcome = await join({ name: name.trim(), role: role.id, seat, ...proof });
    setBusy(false);
    if (outcome.ok) return onJoined();
    setFault(outcome.fault);
    if (outcome.fault.error === "wrong_pin") setPin("");
  };

  /** Asks, waits, and joins with a yes. */
  const ask = async (body: Ask, person: string) => {
    const ending = new AbortController();
    stop.current = ending;
    setWaiting(person);
    const answer = await admission(body, ending.signal);
    const entered = "token" in answer ? await join({ name: name.trim(), ask: answer.token }) : null;
    setBusy(false);
    setWaiting(null);
    if (entered?.ok) return onJoined();
    if (!ending.signal.aborted) setFault(entered?.fault ?? ("fault" in answer ? answer.fault : null));
  };
  const askHolder = (place: string, person: string) => {
    if (busy || role === undefined) return;
    onTap();
    setBusy(true);
    setFault(null);
    const proof = token !== null ? { invite: token } : pin === "" ? {} : { pin };
    void ask({ name: name.trim(), role: role.id, seat: place, hand_over: true, ...proof }, person);
  };

  return (
    <main className="stage">
      <form className="card" onSubmit={(event) => void submit(event)}>
        <header>
          <p className="flex items-center gap-2 pb-1 text-[14px] text-ink-2">
            <img src="/icon.svg" alt="" className="size-6" />
            SoundMesh
          </p>
          <h1 className="text-[27px] leading-tight font-semibold">{door.show}</h1>
        </header>
        {invite !== null && invited === null && <Says text={w.spent} />}
        {invited === null && <Roles roles={door.roles} chosen={roleId} onChoose={chooseRole} />}
        {invited !== null && <p className="-mt-3 text-[16px] text-ink-2">{w.invitedAs(invited.role_name)}</p>}
        {role !== undefined && role.seats.length > 0 && (
          <Seats role={role} chosen={seat} onChoose={setSeat} />
        )}
        <label className="field">
          {w.name}
          <input
            className="input"
            value={name}
            maxLength={40}
            autoComplete="nickname"
            enterKeyHint="next"
            placeholder={w.namePlaceholder}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        {token === null && role?.pin !== false && (
          <label className="field">
            {role === undefined ? w.pin : w.pinOf(role.name)}
            <input
              className="input font-num tracking-[0.3em]"
              value={pin}
              maxLength={32}
              inputMode="numeric"
              autoComplete="off"
              enterKeyHint="go"
              aria-invalid={fault?.error === "wrong_pin"}
              onChange={(event) => setPin(event.target.value)}
            />
          </label>
        )}
        {fault !== null && <Says text={seatText(doors, role, fault)} />}
        {fault !== null &&
          holdersOf(fault).map(([place, person]) => (
            <button
              key={place}
              type="button"
              className="side-action"
              disabled={name.trim() === ""}
              onClick={() => askHolder(place, person)}
            >
              {doors.askFor(person)}
            </button>
          ))}
        <button type="submit" className="main" disabled={!ready || busy}>
          <Icon glyph="speaker" className="text-[24px]" />
          {busy ? (waiting !== null ? w.asking : w.joining) : asks ? w.ask : w.join}
        </button>
        {waiting !== null && (
          <button type="button" className="quiet" onClick={() => stop.current?.abort()}>
            {doors.stop}
          </button>
        )}
        <p className="-mt-2 text-center text-[13px] text-ink-3">
          {(waiting ? doors.askHint(waiting) : null) ??
            (asks && name.trim() !== "" ? w.askHint : hint(w, role, name, pin, token)) ??
            w.micHint}
        </p>
        {aside}
      </form>
    </main>
  );
}

/** Ask, and wait for the answer: a token to join with, or why not. Who closes the page asks no more. */
async function admission(
  body: Ask,
  ending: AbortSignal,
): Promise<{ readonly token: string } | { readonly fault: Fault }> {
  const { join: w, doors } = words();
  const no = (text: string) => ({ fault: { error: "not_admitted", text, details: [], retry_s: null } });
  let answer = await askFor(body);
  const cancel = () => answer.ok && answer.body.state === "waiting" && cancelAsk(answer.body.token);
  const options = { signal: ending };
  window.addEventListener("pagehide", cancel, options);
  while (answer.ok && answer.body.state === "waiting" && !ending.aborted) {
    await pause(ASK_AGAIN_MS, ending);
    if (ending.aborted) break;
    const next = await asked(answer.body.token);
    // A phone that lost the network for a moment waits on; one that slept was forgotten, and asks again.
    if (next.ok || (next.status !== 0 && next.status !== 410)) answer = next;
    else if (next.status === 410) answer = await askFor(body);
  }
  if (ending.aborted) cancel();
  window.removeEventListener("pagehide", cancel);
  if (!answer.ok) return { fault: answer.fault };
  const { token, state, by } = answer.body;
  if (state === "admitted") return { token };
  if (state !== "declined") return no(body.hand_over ? doors.runOut : w.runOut);
  if (by === "") return no(w.declined);
  return no(body.hand_over ? doors.kept(by) : doors.keptOut(by));
}

function pause(ms: number, ending: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    const over = () => {
      clearTimeout(timer);
      done();
    };
    ending.addEventListener("abort", over, { once: true });
  });
}

const SEAT_FAULTS = ["role_full", "seat_taken", "seat_needed"];

/** Seats and who has them, of a refusal because of them. */
function holdersOf(fault: Fault): [string, string][] {
  if (!SEAT_FAULTS.includes(fault.error)) return [];
  return (fault.details ?? []).map((one) => {
    const [seat = "", ...person] = one.split(": ");
    return [seat, person.join(": ")];
  });
}

function seatText(w: Words["doors"], role: DoorRole | undefined, fault: Fault): string {
  const people = holdersOf(fault).map(([, person]) => person);
  if (people.length === 0) return faultText(fault);
  if (fault.error === "role_full") return w.full(role?.name ?? "", people.join(", "));
  return fault.error === "seat_taken" ? w.taken(people.join(", ")) : w.whose;
}

/** What is still missing, so that the button is never grey without a word. */
function hint(
  w: Words["join"],
  role: DoorRole | undefined,
  name: string,
  pin: string,
  token: string | null,
): string | null {
  if (role === undefined) return w.chooseRole;
  if (name.trim() === "") return w.typeName;
  if (token === null && pin === "") return w.typePin(role.name);
  return null;
}

interface RolesProps {
  readonly roles: readonly DoorRole[];
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
}

function Roles({ roles, chosen, onChoose }: RolesProps) {
  const w = useWords().join;
  return (
    <fieldset className="field">
      <legend className="mb-[7px]">{w.whatDo}</legend>
      <div className="choices" role="radiogroup" aria-label={w.role}>
        {roles.map((role) => (
          <Choice
            key={role.id}
            name={role.name}
            detail={role.pin ? freeText(w, role.free) : role.ask ? w.byAsking : w.byInvite}
            chosen={role.id === chosen}
            closed={!(role.pin || role.ask) || role.free === 0}
            onChoose={() => onChoose(role.id)}
          />
        ))}
      </div>
    </fieldset>
  );
}

function freeText(w: Words["join"], free: number | null): string {
  if (free === null) return w.open;
  return free === 0 ? w.full : w.freeSeats(free);
}

interface SeatsProps {
  readonly role: DoorRole;
  readonly chosen: string | null;
  readonly onChoose: (seat: string | null) => void;
}

function Seats({ role, chosen, onChoose }: SeatsProps) {
  const w = useWords().join;
  return (
    <fieldset className="field">
      <legend className="mb-[7px]">{w.whereSit}</legend>
      <div className="choices" role="radiogroup" aria-label={w.seat}>
        {role.seats.map((seat) => (
          <Choice
            key={seat.name}
            name={seat.name}
            detail={seat.holder ?? w.free}
            chosen={seat.name === chosen}
            closed={seat.holder !== null}
            onChoose={() => onChoose(seat.name === chosen ? null : seat.name)}
          />
        ))}
      </div>
    </fieldset>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly detail: string;
  readonly chosen: boolean;
  readonly closed: boolean;
  readonly onChoose: () => void;
}

/** A closed choice can still be chosen: the appliance then says who holds it and what to do. */
function Choice({ name, detail, chosen, closed, onChoose }: ChoiceProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a radio cannot hold two lines of text
    <button
      type="button"
      role="radio"
      className="choice"
      aria-checked={chosen}
      aria-disabled={closed}
      onClick={onChoose}
    >
      {name}
      <small>{detail}</small>
    </button>
  );
}

export function Says({ text }: { text: string }) {
  return (
    <div className="says" role="alert">
      <Icon glyph="alert" />
      <p>{text}</p>
    </div>
  );
}
