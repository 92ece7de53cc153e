/**
 * Which touches of the glass are meant.
 *
 * A phone that comes out of a pocket is touched by the hand that takes it, and a palm lands as many contacts at
 * once. Neither may open a microphone.
 */

/** The hand that wakes the screen is on the glass before its person looks at it. */
export const WAKING_MS = 300;
/** Four fingers hold four keys; more at once is a palm. */
export const MOST_FINGERS = 4;

export type Landing = "acts" | "ignored" | "palm";

export class Touches {
  readonly #down = new Set<number>();
  #shownAt = Number.NEGATIVE_INFINITY;
  #palm = false;

  /** The page came into view. */
  shown(at: number): void {
    this.#shownAt = at;
  }

  /** A contact; `first`: the browser knows of no other on the glass. `palm`: every touch ends with it. */
  lands(id: number, at: number, first: boolean): Landing {
    if (first) this.#lifted();
    this.#down.add(id);
    if (this.#down.size > MOST_FINGERS) this.#palm = true;
    if (this.#palm) return "palm";
    return at - this.#shownAt < WAKING_MS ? "ignored" : "acts";
  }

  /** A palm lasts until its last contact is gone. */
  lifts(id: number): void {
    this.#down.delete(id);
    if (this.#down.size === 0) this.#lifted();
  }

  #lifted(): void {
    this.#down.clear();
    this.#palm = false;
  }
}
