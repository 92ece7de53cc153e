/**
 * How loud and on which side each talker is in this ear: volumes, mutes, solo, dim, people, pan.
 *
 * A talker heard over several keys is heard at the loudest of them, and on that one's side. Solo silences
 * every other key that is listened to; it never silences somebody who speaks to this person: a direct, or a
 * person on an ifb. A person's own mute likewise holds on party lines only.
 */

import type { PersonVolume } from "../device/prefs.ts";
import type { PanelKey } from "../wire/messages.ts";
import type { PanelState } from "./model.ts";
import { masterDb, volumeOf } from "./select.ts";

/** What this phone alone knows of hearing. */
export interface EarChoices {
  readonly solo: ReadonlySet<string>;
  /** -1 left to 1 right, by key; absent: the centre. */
  readonly pans: Readonly<Record<string, number>>;
  /** By `role/seat`. */
  readonly people: Readonly<Record<string, PersonVolume>>;
}

export const NO_CHOICES: EarChoices = { solo: new Set(), pans: {}, people: {} };

/** One talker in this ear. */
export interface Share {
  /** Linear. */
  readonly gain: number;
  readonly pan: number;
}

/** What a tally says of a talker: over which of the own keys, and whose voice it is. */
export interface Heard {
  readonly keys: readonly string[];
  /** `role/seat`; of a program the port's id; empty: unknown. */
  readonly address: string;
}

/** Linear gain of a key's dim for the talker that is mixed; 1: not dimmed. */
export type DimOf = (key: string) => number;

export const UNDIMMED: DimOf = () => 1;

const SILENT = 0;

export function dbToGain(db: number): number {
  return 10 ** (db / 20);
}

/** What the tally says of this talker now; undefined when it is not in this ear. */
export function heardNow(state: PanelState, talker: number): Heard | undefined {
  const keys = state.tally?.via[talker];
  return keys === undefined ? undefined : { keys, address: state.tally?.addresses[talker] ?? "" };
}

export function shareOf(state: PanelState, ear: EarChoices, heard: Heard, dim: DimOf = UNDIMMED): Share {
  const person = ear.people[heard.address] ?? { db: 0, muted: false };
  const level = dbToGain(masterDb(state) + person.db);
  // A direct without a key of mine has no volume of its own.
  if (heard.keys.length === 0) return { gain: level, pan: 0 };
  let best: Share = { gain: SILENT, pan: 0 };
  for (const key of heard.keys) {
    const personal = speaksToMe(state, key, heard.address);
    const silenced = !personal && (person.muted || (ear.solo.size > 0 && !ear.solo.has(key)));
    const gain = silenced ? SILENT : keyGain(state, key) * dim(key) * level;
    if (gain > best.gain) best = { gain, pan: ear.pans[key] ?? 0 };
  }
  return best;
}

/** A direct, or a person on an ifb: said to this person, not merely listened to. */
function speaksToMe(state: PanelState, key: string, address: string): boolean {
  const found = state.panel?.keys.find((one) => one.id === key);
  return isDirect(found) || (found?.kind === "ifb" && isPerson(address));
}

function isDirect(key: PanelKey | undefined): boolean {
  return key?.kind === "role" || key?.kind === "seat";
}

/** Whether a key's listen is silent because others are solo. */
export function isHushed(solo: ReadonlySet<string>, key: PanelKey | undefined): boolean {
  return solo.size > 0 && key !== undefined && key.may_listen && !solo.has(key.id) && !isDirect(key);
}

export function isPerson(address: string): boolean {
  return address.includes("/");
}

function keyGain(state: PanelState, key: string): number {
  const volume = volumeOf(state, key);
  return volume.muted ? SILENT : dbToGain(volume.db);
}

/**
 * Whose sound a lane plays: RTP may overtake the tally, so the packets' own CSRC counts where there is one.
 */
export function laneTalker(tallied: number | null, inPacket: number | null): number | null {
  return inPacket ?? tallied;
}

/** The share of a talker that no tally has named yet: the master alone, never the last talker's. */
export function strangerShare(state: PanelState): Share {
  return { gain: dbToGain(masterDb(state)), pan: 0 };
}
