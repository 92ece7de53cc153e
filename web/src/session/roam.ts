/**
 * When a media session that fell silent is repaired, and how: a pure function of what is seen.
 *
 * | seen                                                     | done                                          |
 * |----------------------------------------------------------|-----------------------------------------------|
 * | no packet for 250 ms                                     | a stall begins; nothing: short roams pass     |
 * | moved, ICE `disconnected` or `failed`, or a stall of 3 s, | ICE restart, as soon as the control link is   |
 * | while the control link is up                             | up: audio back in about 0.1 s, session kept   |
 * | no packet 0.2 s after the restart; at once where the     | a second session beside the first: they race  |
 * | appliance sees this phone at another address             |                                               |
 * | packets by the first before the second is connected      | the second is dropped                         |
 * | the second not connected after 5 s                       | another, ever more slowly, up to 2 s          |
 * | the appliance does not know the session                  | a new one at once                             |
 *
 * Without a control link nothing can be asked for, so nothing is done. The appliance sends something each 100 ms
 * even while nobody talks, so a missing packet means a missing path.
 */

export const STALL_MS = 250;
export const PATIENCE_MS = 3000;
/** A restart that helps does so in about 0.1 s; more is waited for with a second session beside it. */
export const RACE_MS = 200;
/** What was under way when the restart was asked for still sounds for so long. */
const PROOF_MS = 150;
export const CONNECT_MS = 5000;
const RETRY_MS = [0, 250, 500, 1000, 2000] as const;

export interface Sight {
  readonly now: number;
  /** When the last packet of the session in use came. */
  readonly heardAt: number;
  /** Of the session in use; null: there is none. */
  readonly state: RTCPeerConnectionState | null;
  /** It was connected once. */
  readonly up: boolean;
  /** The control link is live. */
  readonly linked: boolean;
  /** The appliance has the session in use, as far as it said. */
  readonly stands: boolean;
  /** The session that is being made is connected: the appliance sends to it alone. */
  readonly nextUp: boolean;
}

export type Moved = "no" | "maybe" | "surely";

export interface Roam {
  /** When the last packet before the present stall came; null: packets come. */
  readonly stalledAt: number | null;
  /** The phone's own address is, or may be, another. */
  readonly moved: Moved;
  readonly restartAt: number | null;
  /** How long the restart is left alone. */
  readonly raceMs: number;
  /** Since when another session is being made; null: none is. */
  readonly makingAt: number | null;
  /** Not before this is another session made. */
  readonly notBefore: number;
  readonly failures: number;
}

/** `drop`: the session in use is back before the one that was being made beside it. */
export type Act = "none" | "restart" | "make" | "drop";

export const CALM: Roam = {
  stalledAt: null,
  moved: "no",
  restartAt: null,
  raceMs: RACE_MS,
  makingAt: null,
  notBefore: 0,
  failures: 0,
};

/** What is done now, and what to remember. */
export function look(before: Roam, sight: Sight): readonly [Roam, Act] {
  const roam = heard(before, sight);
  const { now, state } = sight;
  if (!sight.linked) return [{ ...roam, restartAt: null, makingAt: null }, "none"];
  if (roam.makingAt !== null) {
    if (!sight.nextUp && helped(roam, sight)) return [{ ...roam, restartAt: null, makingAt: null }, "drop"];
    if (now - roam.makingAt <= CONNECT_MS) return [roam, "none"];
    return retry({ ...failed(roam, now), makingAt: null }, sight);
  }
  if (state === null || state === "closed" || !sight.up || !sight.stands) return make(roam, now);
  if (roam.restartAt !== null) {
    if (helped(roam, sight)) return [{ ...roam, restartAt: null }, "none"];
    return now - roam.restartAt >= roam.raceMs ? make(roam, now, roam.restartAt) : [roam, "none"];
  }
  if (!broken(roam, sight)) return [roam, "none"];
  const raceMs = roam.moved === "surely" ? 0 : RACE_MS;
  return [{ ...roam, moved: "no", restartAt: now, raceMs }, "restart"];
}

/** The other session is up and in use now. */
export function swapped(now: number): Roam {
  return { ...CALM, notBefore: now };
}

/** The appliance refused the session, or it could not be made. */
export function failed(roam: Roam, now: number): Roam {
  const wait = RETRY_MS[Math.min(roam.failures, RETRY_MS.length - 1)] ?? 0;
  return { ...roam, makingAt: null, restartAt: null, failures: roam.failures + 1, notBefore: now + wait };
}

function heard(roam: Roam, { now, heardAt, up }: Sight): Roam {
  if (!up) return { ...roam, stalledAt: null };
  if (now - heardAt < STALL_MS) return { ...roam, stalledAt: null, failures: 0 };
  return { ...roam, stalledAt: roam.stalledAt ?? heardAt };
}

function broken(roam: Roam, { now, state }: Sight): boolean {
  if (roam.moved !== "no" || state === "failed") return true;
  if (roam.stalledAt === null) return false;
  return state === "disconnected" || now - roam.stalledAt >= PATIENCE_MS;
}

/** Packets came by the session in use after its restart. */
function helped({ restartAt, stalledAt }: Roam, { heardAt }: Sight): boolean {
  return restartAt !== null && stalledAt === null && heardAt >= restartAt + PROOF_MS;
}

/** `restartAt`: of the restart that the new session races against. */
function make(roam: Roam, now: number, restartAt: number | null = null): readonly [Roam, Act] {
  if (now < roam.notBefore) return [roam, "none"];
  return [{ ...roam, moved: "no", restartAt, makingAt: now }, "make"];
}

/** Another attempt, unless the session in use has come back meanwhile. */
function retry(roam: Roam, sight: Sight): readonly [Roam, Act] {
  const fine = sight.stands && sight.state === "connected" && roam.stalledAt === null;
  return fine ? [roam, "none"] : make(roam, sight.now);
}
