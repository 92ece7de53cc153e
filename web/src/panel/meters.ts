/**
 * Moves meter bars without React: elements register by key, levels arrive ten times a second.
 *
 * Fast up, 1.5 s of peak hold, and down when no levels come any more.
 */

const FLOOR_DB = -60;
const STALE_MS = 350;
const PEAK_HOLD_MS = 1500;
const FALL = 0.82;

export interface MeterParts {
  readonly bar: HTMLElement;
  readonly peak: HTMLElement;
}

interface Needle {
  level: number;
  peak: number;
  peakAt: number;
}

/** 0 to 1 along a meter for a loudness in dBov. */
export function meterPosition(db: number): number {
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}

export class Meters {
  readonly #parts = new Map<string, MeterParts>();
  readonly #needles = new Map<string, Needle>();
  #levels: ReadonlyMap<string, number> = new Map();
  #at = 0;

  register(key: string, parts: MeterParts): () => void {
    this.#parts.set(key, parts);
    return () => {
      if (this.#parts.get(key) === parts) this.#parts.delete(key);
    };
  }

  /** Loudness per key, dBov. */
  feed(levels: ReadonlyMap<string, number>, now: number): void {
    this.#levels = levels;
    this.#at = now;
  }

  /** Draws; call about ten times a second. `own`: loudness under a name of its own, such as the microphone's. */
  draw(now: number, own: ReadonlyMap<string, number>): void {
    const fresh = now - this.#at < STALE_MS;
    for (const [key, parts] of this.#parts) {
      const db = own.get(key) ?? (fresh ? this.#levels.get(key) : undefined) ?? FLOOR_DB;
      const needle = advance(this.#needles.get(key), meterPosition(db), now);
      this.#needles.set(key, needle);
      parts.bar.style.transform = `scaleX(${needle.level.toFixed(3)})`;
      parts.peak.style.transform = `translateX(${(needle.peak * 100).toFixed(1)}%)`;
      parts.peak.style.opacity = needle.peak > 0.02 ? "1" : "0";
    }
  }
}

function advance(before: Needle | undefined, target: number, now: number): Needle {
  if (before === undefined) return { level: target, peak: target, peakAt: now };
  const fallen = before.level * FALL;
  const level = target > fallen ? target : fallen < 0.01 ? 0 : fallen;
  if (level >= before.peak) return { level, peak: level, peakAt: now };
  const held = now - before.peakAt < PEAK_HOLD_MS;
  return { level, peak: held ? before.peak : Math.max(level, before.peak * FALL), peakAt: before.peakAt };
}
