/** How loud each lane is: volumes of the keys a talker is heard over, and who is on the lane right now. */

import type { PanelState } from "./model.ts";
import { masterDb, volumeOf } from "./select.ts";

export type Gains = ReadonlyMap<number, number>;

const SILENT = 0;

export function dbToGain(db: number): number {
  return 10 ** (db / 20);
}

/** Linear gain per talker in this ear, by the tally: the loudest of the keys it comes over, and the master. */
export function talkerGains(state: PanelState): Gains {
  const gains = new Map<number, number>();
  const master = dbToGain(masterDb(state));
  for (const [talker, keys] of Object.entries(state.tally?.via ?? {})) {
    gains.set(Number(talker), master * loudest(state, keys));
  }
  return gains;
}

function loudest(state: PanelState, keys: readonly string[]): number {
  // A direct without a key of mine has no volume of its own.
  if (keys.length === 0) return 1;
  return Math.max(...keys.map((key) => keyGain(state, key)));
}

function keyGain(state: PanelState, key: string): number {
  const volume = volumeOf(state, key);
  return volume.muted ? SILENT : dbToGain(volume.db);
}

/**
 * The gain of one lane.
 *
 * RTP may overtake the tally: the packets' own CSRC says whose sound this is. Where the two agree, or no packet
 * came yet, the tally's gain counts; otherwise what is remembered of that talker, else the master alone.
 */
export function laneGain(
  tallied: number | null,
  inPacket: number | null,
  now: Gains,
  remembered: Gains,
  master: number,
): number {
  const talker = inPacket ?? tallied;
  if (talker === null) return master;
  if (talker === tallied) {
    const gain = now.get(talker);
    if (gain !== undefined) return gain;
  }
  return remembered.get(talker) ?? master;
}
