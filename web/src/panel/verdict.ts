/** What a sound check says of a microphone, from the levels of the last seconds. */

export type Verdict = "waiting" | "silent" | "quiet" | "good" | "clipping";

export interface Reading {
  readonly at: number;
  /** Loudest 5 ms, dBFS. */
  readonly burstDb: number;
  /** Largest sample, linear. */
  readonly peak: number;
}

/** What is older does not count any more. */
export const SPAN_MS = 2500;
/** At least this much must have been heard before silence is called so. */
const SILENT_MS = 1500;
/** Digital silence and the noise of a muted converter. */
const NOTHING_DB = -75;
const QUIET_DB = -46;
/** A spoken word at arm's length, in its loudest part. */
const GOOD_DB = -32;
const CLIP = 0.985;

export function within(readings: readonly Reading[], next: Reading): readonly Reading[] {
  return [...readings.filter((one) => next.at - one.at < SPAN_MS), next];
}

export function verdictOf(readings: readonly Reading[]): Verdict {
  const first = readings[0];
  const last = readings.at(-1);
  if (first === undefined || last === undefined) return "waiting";
  const loudest = Math.max(...readings.map((one) => one.burstDb));
  if (readings.some((one) => one.peak >= CLIP)) return "clipping";
  if (loudest >= GOOD_DB) return "good";
  if (loudest >= QUIET_DB) return "quiet";
  return loudest < NOTHING_DB && last.at - first.at >= SILENT_MS ? "silent" : "waiting";
}
