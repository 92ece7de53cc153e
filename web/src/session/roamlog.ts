/** What happened to the connection lately, for the connection sheet and its report. */

const KEEP = 50;

export type RoamWhat =
  /** No packet came for `ms`. */
  | "stall"
  /** The control link was gone for `ms`. */
  | "link"
  /** The phone's address changed. */
  | "moved"
  /** An ICE restart; sound was back after `ms`, or it did not help (null). */
  | "restart"
  /** A new media session, connected after `ms`, or never (null). */
  | "session"
  /** Websockets were refused: HTTPS requests carry the link now. */
  | "carrier";

export interface RoamEntry {
  /** Wall clock, ms since 1970. */
  readonly at: number;
  readonly what: RoamWhat;
  readonly ms: number | null;
}

export class RoamLog {
  #entries: readonly RoamEntry[] = [];
  readonly #clock: () => number;

  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
  }

  /** The newest last; at most the last fifty. */
  get entries(): readonly RoamEntry[] {
    return this.#entries;
  }

  add(what: RoamWhat, ms: number | null = null): void {
    const entry = { at: this.#clock(), what, ms: ms === null ? null : Math.round(ms) };
    this.#entries = [...this.#entries, entry].slice(-KEEP);
  }
}
