/**
 * The ceiling of everything this phone plays: what adds up too loud is rounded, what is below passes unchanged.
 *
 * A wave shaper, not a compressor: it adds no delay and cannot pump. Exactly linear up to the knee.
 */

/** -3 dBFS. */
export const KNEE = 10 ** (-3 / 20);
/** Never reached: -0.3 dBFS. */
const TOP = 10 ** (-0.3 / 20);
/** The shaper sees the sound scaled down by this, so that sums above full scale are still on its curve. */
export const HEADROOM = 4;
const POINTS = 8193;

/** What leaves for a sample that enters. */
export function ceiled(x: number): number {
  const size = Math.abs(x);
  if (size <= KNEE) return x;
  const room = TOP - KNEE;
  return Math.sign(x) * (KNEE + room * Math.tanh((size - KNEE) / room));
}

export function ceilingCurve(): Float32Array<ArrayBuffer> {
  const middle = (POINTS - 1) / 2;
  return Float32Array.from({ length: POINTS }, (_, i) => ceiled(((i - middle) / middle) * HEADROOM));
}
