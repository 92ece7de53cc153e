/**
 * Moves meter bars without React: elements register by name, levels arrive ten times a second.
 *
 * Fast up, 1.5 s of peak hold, and down when no levels come any more. What does not move is not written: on a
 * panel of many keys most bars rest most of the time, and each write costs a style and a paint.
 */

const FLOOR_DB = -60;
const STALE_MS = 350;
const PEAK_HOLD_MS = 1500;
const FALL = 0.82;
/** Finer than a pixel of any bar. */
const STEPS = 128;

export interface MeterParts {
  readonly bar: HTMLElement;
  readonly peak: HTMLElement;
}

interface Needle {
  readonly parts: MeterParts;
  level: number;
  peak: number;
  peakAt: number;
  /** What the elements show, in steps. */
  drawn: number;
  drawnPeak: number;
}

/** 0 to 1 along a meter for a loudness in dBov. */
export function meterPosition(db: number): number {
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}

/** The name a person's meter goes by, whichever key the person is heard over. */
export function personMeter(address: string): string {
  return `@${address}`;
}

export class Meters {
  /** By name; a key's level may be shown in several places. */
  readonly #needles = new Map<string, Needle[]>();
  #levels: ReadonlyMap<string, number> = new Map();
  #at = 0;

  register(name: string, parts: MeterParts): () => void {
    const needle: Needle = { parts, level: 0, peak: 0, peakAt: 0, drawn: -1, drawnPeak: -1 };
    this.#needles.set(name, [...(this.#needles.get(name) ?? []), needle]);
    return () => {
      const rest = (this.#needles.get(name) ?? []).filter((one) => one !== needle);
      if (rest.length === 0) this.#needles.delete(name);
      else this.#needles.set(name, rest);
    };
  }

  /** Loudness by name, dBov. */
  feed(levels: ReadonlyMap<string, number>, now: number): void {
    this.#levels = levels;
    this.#at = now;
  }

  /** Draws; call about ten times a second. `own`: loudness that this phone measured itself. */
  draw(now: number, own: ReadonlyMap<string, number>): void {
    const fresh = now - this.#at < STALE_MS;
    for (const [name, needles] of this.#needles) {
      const db = own.get(name) ?? (fresh ? this.#levels.get(name) : undefined) ?? FLOOR_DB;
      const target = meterPosition(db);
      for (const needle of needles) {
        move(needle, target, now);
        show(needle);
      }
    }
  }
}

function move(needle: Needle, target: number, now: number): void {
  const fallen = needle.level * FALL;
  needle.level = target > fallen ? target : fallen < 0.01 ? 0 : fallen;
  if (needle.level >= needle.peak) {
    needle.peak = needle.level;
    needle.peakAt = now;
  } else if (now - needle.peakAt >= PEAK_HOLD_MS) needle.peak = Math.max(needle.level, needle.peak * FALL);
}

function show(needle: Needle): void {
  const level = Math.round(needle.level * STEPS);
  const peak = Math.round(needle.peak * STEPS);
  if (level !== needle.drawn) {
    needle.drawn = level;
    needle.parts.bar.style.transform = `scaleX(${level / STEPS})`;
  }
  if (peak !== needle.drawnPeak) {
    const appears = peak > 2;
    if (needle.drawnPeak < 0 || appears !== needle.drawnPeak > 2)
      needle.parts.peak.style.opacity = appears ? "1" : "0";
    needle.drawnPeak = peak;
    needle.parts.peak.style.transform = `translateX(${(peak / STEPS) * 100}%)`;
  }
}
