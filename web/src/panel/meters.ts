/**
 * Moves meter bars without React: painters register by name, levels arrive ten times a second.
 *
 * Fast up, 1.5 s of peak hold, and down when no levels come any more. What does not move is not painted: on a
 * panel of many keys most bars rest most of the time.
 */

const FLOOR_DB = -60;
const STALE_MS = 350;
const PEAK_HOLD_MS = 1500;
const FALL = 0.82;
/** Pixels of a bar, whatever width it is shown at. */
export const METER_STEPS = 192;

/** Shows a level and a peak, in steps. */
export type Paint = (level: number, peak: number) => void;

interface Needle {
  readonly paint: Paint;
  level: number;
  peak: number;
  peakAt: number;
  /** What is shown, in steps; -1: nothing yet. */
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

  register(name: string, paint: Paint): () => void {
    const needle: Needle = { paint, level: 0, peak: 0, peakAt: 0, drawn: -1, drawnPeak: -1 };
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
  const level = Math.round(needle.level * METER_STEPS);
  const peak = Math.round(needle.peak * METER_STEPS);
  if (level === needle.drawn && peak === needle.drawnPeak) return;
  needle.drawn = level;
  needle.drawnPeak = peak;
  needle.paint(level, peak);
}
