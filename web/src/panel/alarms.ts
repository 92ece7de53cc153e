/**
 * Which of the phone's own tones are due: connection lost and back, an order that is late, a talk left open.
 *
 * Theory: asked some twenty times a second with what is seen; the answer is the next state and the tones that
 * are due. A loss shorter than `LOST_MS` is a blip and makes no sound, not even when it is over.
 *
 *   up ---- not up for 500 ms ----> lost (tone "lost") ---- up for 200 ms ----> up (tone "back")
 */

export type Alarm = "lost" | "back" | "late" | "remind";

/** As the pill's "reconnecting": a shorter loss is nobody's business. */
export const LOST_MS = 500;
/** A link that comes and goes again is not back. */
export const BACK_MS = 200;
/** The appliance answers a press within some 10 ms; what takes this long was probably not sent. */
export const LATE_MS = 300;

export interface Seen {
  /** Link and sound are up. False before the first time does not count as a loss. */
  readonly up: boolean;
  /** Orders to open a talk that wait for their answer: counter to the time of the press. */
  readonly waiting: ReadonlyMap<number, number>;
  /** Keys whose talk is latched. */
  readonly latched: readonly string[];
  /** How often a latched talk reminds, seconds; 0: never. */
  readonly remindS: number;
}

export interface AlarmState {
  readonly phase: "before" | "up" | "lost";
  /** Since when `up` differs from the phase; null: it does not. */
  readonly since: number | null;
  /** The newest order that was told to be late. */
  readonly late: number;
  /** When each latched key was last heard of: latched, or reminded. */
  readonly latched: ReadonlyMap<string, number>;
}

export const CALM: AlarmState = { phase: "before", since: null, late: 0, latched: new Map() };

export function watch(state: AlarmState, seen: Seen, now: number): [AlarmState, Alarm[]] {
  const due: Alarm[] = [];
  const link = connection(state, seen.up, now);
  if (link.phase !== state.phase && state.phase !== "before")
    due.push(link.phase === "lost" ? "lost" : "back");
  const late = lateOrders(state, seen, now);
  if (late > state.late) due.push("late");
  const [latched, remind] = reminders(state, seen, now);
  if (remind) due.push("remind");
  return [{ ...link, late, latched }, due];
}

function connection(state: AlarmState, up: boolean, now: number): Pick<AlarmState, "phase" | "since"> {
  const { phase } = state;
  if (phase === "before") return { phase: up ? "up" : "before", since: null };
  if (up === (phase === "up")) return { phase, since: null };
  const since = state.since ?? now;
  if (now - since < (up ? BACK_MS : LOST_MS)) return { phase, since };
  return { phase: up ? "up" : "lost", since: null };
}

/** The newest order that is late now or was before. */
function lateOrders(state: AlarmState, seen: Seen, now: number): number {
  const late = [...seen.waiting].filter(([, at]) => now - at >= LATE_MS).map(([n]) => n);
  return Math.max(state.late, ...late);
}

/** Several keys that are due together remind once. */
function reminders(state: AlarmState, seen: Seen, now: number): [ReadonlyMap<string, number>, boolean] {
  const latched = new Map<string, number>();
  let due = false;
  for (const key of seen.latched) {
    const since = state.latched.get(key) ?? now;
    const over = seen.remindS > 0 && now - since >= seen.remindS * 1000;
    latched.set(key, over ? now : since);
    due ||= over;
  }
  return [latched, due];
}
