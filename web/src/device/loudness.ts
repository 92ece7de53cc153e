/** How loud a piece of sound is. */

export const SILENCE_DB = -127;
const BLOCK = 256;

export interface Loudness {
  /** Over all of it, dBFS RMS. */
  readonly rmsDb: number;
  /** Of its loudest block of some 5 ms: finds a word that has only just begun. */
  readonly burstDb: number;
  /** Largest sample, linear. */
  readonly peak: number;
}

export function loudness(samples: Float32Array): Loudness {
  let whole = 0;
  let loudest = 0;
  let peak = 0;
  for (let start = 0; start < samples.length; start += BLOCK) {
    const end = Math.min(start + BLOCK, samples.length);
    let sum = 0;
    for (let i = start; i < end; i += 1) {
      const sample = samples[i] as number;
      sum += sample * sample;
      const size = sample < 0 ? -sample : sample;
      if (size > peak) peak = size;
    }
    whole += sum;
    loudest = Math.max(loudest, sum / (end - start));
  }
  return { rmsDb: powerDb(whole / Math.max(1, samples.length)), burstDb: powerDb(loudest), peak };
}

function powerDb(power: number): number {
  return power === 0 ? SILENCE_DB : Math.max(SILENCE_DB, 10 * Math.log10(power));
}
