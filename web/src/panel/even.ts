/**
 * Evens out voices: a slow gain per talker that brings its speech to one loudness.
 *
 * Learned from speech only: a pause, or anything far below what this voice is, changes nothing, so that noise is
 * not pulled up between words. Down is faster than up, because a shout hurts and a whisper waits.
 */

/** Loudness of speech it aims for, dBFS RMS: what a headset microphone with gain control gives. */
export const TARGET_DB = -20;
/** Most it lifts or lowers. */
export const MOST_DB = 12;
/** Below this it is no speech. */
const PAUSE_DB = -50;
/** So far below this voice's own loudness it is breath or a room, not a word. */
const ASIDE_DB = 18;
const LEARN_S = 0.8;
const UP_DB_S = 4;
const DOWN_DB_S = 12;

export interface EvenState {
  readonly gainDb: number;
  /** Loudness of this voice, dBFS RMS; null before its first word. */
  readonly voiceDb: number | null;
}

export const AS_IS: EvenState = { gainDb: 0, voiceDb: null };

/** After `dtMs` of sound of this loudness. */
export function evened(state: EvenState, rmsDb: number, dtMs: number): EvenState {
  if (rmsDb < PAUSE_DB) return state;
  if (state.voiceDb !== null && rmsDb < state.voiceDb - ASIDE_DB) return state;
  const dt = dtMs / 1000;
  const voiceDb = state.voiceDb === null ? rmsDb : smoothed(state.voiceDb, rmsDb, dt);
  const wanted = Math.max(-MOST_DB, Math.min(MOST_DB, TARGET_DB - voiceDb));
  const step = Math.max(-DOWN_DB_S * dt, Math.min(UP_DB_S * dt, wanted - state.gainDb));
  return { gainDb: state.gainDb + step, voiceDb };
}

/** Mean power over about `LEARN_S`. */
function smoothed(beforeDb: number, nowDb: number, dt: number): number {
  const part = 1 - Math.exp(-dt / LEARN_S);
  const power = (1 - part) * 10 ** (beforeDb / 10) + part * 10 ** (nowDb / 10);
  return 10 * Math.log10(power);
}
