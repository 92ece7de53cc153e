/**
 * What carries the control link: a websocket, or HTTPS requests where websockets are refused.
 *
 *   websocket --refused twice in a row, never welcomed on this page, the door answers--> http
 *   http --refused four times in a row, the door answers--> websocket
 */

export type Carrier = "websocket" | "http";

/** Failed attempts in a row after which it is worth asking the door. */
export const REFUSALS: Readonly<Record<Carrier, number>> = { websocket: 2, http: 4 };
const NAME = "soundmesh.carrier";

/** Where this tab's choice is kept over a reload; a part of Storage. */
export interface Memory {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
}

export class CarrierChoice {
  readonly #memory: Memory | null;
  #now: Carrier;
  #refused = 0;
  #works = false;

  constructor(memory: Memory | null = sessionMemory()) {
    this.#memory = memory;
    this.#now = memory?.getItem(NAME) === "http" ? "http" : "websocket";
  }

  get now(): Carrier {
    return this.#now;
  }

  welcomed(): void {
    this.#refused = 0;
    this.#works = true;
  }

  /** An attempt met no welcome. True: ask the door, and tell `doorAnswered` if it knows this phone. */
  refused(): boolean {
    this.#refused += 1;
    return !this.#works && this.#refused >= REFUSALS[this.#now];
  }

  /** The appliance is there and knows this phone, and yet the link does not come up: go over to the other carrier. */
  doorAnswered(): void {
    if (this.#works || this.#refused < REFUSALS[this.#now]) return;
    this.#now = this.#now === "websocket" ? "http" : "websocket";
    this.#refused = 0;
    this.#memory?.setItem(NAME, this.#now);
  }
}

function sessionMemory(): Memory | null {
  try {
    return sessionStorage;
  } catch {
    // Where storage is forbidden the choice lasts as long as the page.
    return null;
  }
}
