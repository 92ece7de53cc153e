/** Volumes as people set them: steps of 3 dB between off and twice as loud. */

export const LOWEST_DB = -36;
export const HIGHEST_DB = 6;
export const STEP_DB = 3;
const BARS = 5;

export function clampDb(db: number): number {
  return Math.min(HIGHEST_DB, Math.max(LOWEST_DB, db));
}

/** One step up or down, onto the grid of steps. */
export function stepped(db: number, steps: 1 | -1): number {
  const grid = steps > 0 ? Math.floor(db / STEP_DB) : Math.ceil(db / STEP_DB);
  return clampDb((grid + steps) * STEP_DB);
}

/** How many of five bars a volume lights; 0 dB lights four. */
export function bars(db: number, muted: boolean): number {
  if (muted) return 0;
  if (db > 0) return BARS;
  return Math.max(1, Math.ceil(4 + db / 9));
}

/** `0 dB`, `+3 dB`, `−6 dB`. */
export function dbText(db: number): string {
  const whole = Math.round(db);
  if (whole === 0) return "0 dB";
  return whole > 0 ? `+${whole} dB` : `−${-whole} dB`;
}
