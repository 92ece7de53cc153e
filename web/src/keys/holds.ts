/**
 * Which keys are physically down, and by what.
 *
 * A key may be held by several sources at once (a finger, a keyboard key, the push-to-talk bar): it is down
 * while any of them holds it. Times are the events' own time stamps, so a busy page does not turn a tap into
 * a hold.
 */

export interface Released {
  readonly heldMs: number;
  /** The push-to-talk bar took part: this hold must not latch, however short. */
  readonly pushed: boolean;
}

interface Hold {
  readonly since: number;
  readonly sources: Set<string>;
  pushed: boolean;
}

export class Holds {
  readonly #holds = new Map<string, Hold>();

  /** A source takes a key; true when that brings the key down. */
  down(key: string, source: string, at: number, pushed = false): boolean {
    const hold = this.#holds.get(key);
    if (hold === undefined) {
      this.#holds.set(key, { since: at, sources: new Set([source]), pushed });
      return true;
    }
    hold.sources.add(source);
    hold.pushed ||= pushed;
    return false;
  }

  /** A source lets go of a key; what came up when it was the last, else null. */
  up(key: string, source: string, at: number): Released | null {
    const hold = this.#holds.get(key);
    if (!hold?.sources.delete(source) || hold.sources.size > 0) return null;
    this.#holds.delete(key);
    return { heldMs: Math.max(0, at - hold.since), pushed: hold.pushed };
  }

  has(key: string): boolean {
    return this.#holds.has(key);
  }

  /** Keys that are down, as beats list them. */
  keys(): string[] {
    return [...this.#holds.keys()];
  }

  /** Keys that this source holds, alone or with others. */
  by(source: string): string[] {
    return this.keys().filter((key) => this.#holds.get(key)?.sources.has(source));
  }

  /** Every hold ends; the keys that were down with how long. */
  clear(at: number): [string, Released][] {
    const ended = [...this.#holds].map(([key, hold]): [string, Released] => [
      key,
      { heldMs: Math.max(0, at - hold.since), pushed: hold.pushed },
    ]);
    this.#holds.clear();
    return ended;
  }
}
