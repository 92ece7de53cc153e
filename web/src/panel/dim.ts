/**
 * Lowers a listen while somebody of higher priority speaks.
 *
 *   open --speech--> down --no speech for hold_ms--> rising --release_ms--> open
 *                      ^----------- speech ------------|
 *
 * One state per talker that can be dimmed. The depth jumps to 1 at once; the gain reaches it within the attack
 * because it is asked for at once. Speech is what the lane's sound says, not an open key: see `speaks`.
 */

import type { PanelState } from "./model.ts";

export interface DimTiming {
  readonly attackMs: number;
  readonly holdMs: number;
  readonly releaseMs: number;
}

export interface DimState {
  /** 0 not lowered, 1 fully, on a scale of decibels. */
  readonly depth: number;
  /** When somebody was last heard to speak; null: never, or all is over. */
  readonly spokeAt: number | null;
}

export const OPEN: DimState = { depth: 0, spokeAt: null };

/** At and below this a dim is a cut. */
export const CUT_DB = -60;

export function advance(state: DimState, speaking: boolean, now: number, timing: DimTiming): DimState {
  if (speaking) return { depth: 1, spokeAt: now };
  if (state.spokeAt === null) return OPEN;
  const rising = now - state.spokeAt - timing.holdMs;
  if (rising <= 0) return { depth: 1, spokeAt: state.spokeAt };
  const depth = timing.releaseMs <= 0 ? 0 : 1 - rising / timing.releaseMs;
  return depth <= 0 ? OPEN : { depth, spokeAt: state.spokeAt };
}

/** Linear gain at a depth. */
export function dimGain(depth: number, dimDb: number): number {
  if (depth <= 0 || dimDb >= 0) return 1;
  if (depth >= 1 && dimDb <= CUT_DB) return 0;
  return 10 ** ((Math.max(dimDb, CUT_DB) * depth) / 20);
}

/** Loud enough to be speech: above what a microphone left open in a quiet room gives. dBFS over 5 ms. */
const SPEAKS_DB = -42;
/** Stays speech down to here, or the ends of syllables would chatter. */
const STILL_DB = -48;

export function speaks(levelDb: number, before: boolean): boolean {
  return levelDb > (before ? STILL_DB : SPEAKS_DB);
}

export function timingOf(state: PanelState): DimTiming {
  const { panel } = state;
  return {
    attackMs: panel?.dim_attack_ms ?? 50,
    holdMs: panel?.dim_hold_ms ?? 700,
    releaseMs: panel?.dim_release_ms ?? 400,
  };
}

/** Keys that dim, by how much; dB below 0. */
export function dimKeys(state: PanelState): ReadonlyMap<string, number> {
  const dims = (state.panel?.keys ?? []).filter((key) => key.dim_db < 0);
  return new Map(dims.map((key) => [key.id, key.dim_db]));
}

/** Talkers in this ear that can be lowered now: each comes over a key that dims. */
export function dimmable(state: PanelState): number[] {
  const dims = dimKeys(state);
  if (dims.size === 0) return [];
  const heard = Object.entries(state.tally?.via ?? {});
  return heard.filter(([, keys]) => keys.some((key) => dims.has(key))).map(([talker]) => Number(talker));
}

/** Whether one of those who speak now goes before this talker. */
export function outranked(state: PanelState, talker: number, speaking: Iterable<number>): boolean {
  const priority = state.tally?.priority ?? {};
  const own = priority[talker] ?? 0;
  for (const other of speaking) {
    if (other !== talker && (priority[other] ?? 0) > own) return true;
  }
  return false;
}
