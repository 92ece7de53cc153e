/** Who is heard over a key: those who speak now, those heard lately, and those this phone has set. */

import type { PersonVolume } from "../device/prefs.ts";
import type { PanelState } from "./model.ts";

/** Somebody heard not long ago. */
export interface Recent {
  /** `role/seat`. */
  readonly address: string;
  /** Such as `Cam 2 (Jo)`. */
  readonly label: string;
  readonly keys: readonly string[];
}

/** One person of a key, as this ear has them. */
export interface Listener {
  readonly address: string;
  readonly label: string;
  readonly speaks: boolean;
  readonly volume: PersonVolume;
}

const AS_IT_COMES: PersonVolume = { db: 0, muted: false };

/** Those heard lately first, in an order that stays while others come; then who else is on the line. */
export function peopleOn(
  key: string,
  state: PanelState,
  recent: readonly Recent[],
  volumes: Readonly<Record<string, PersonVolume>>,
): Listener[] {
  const speaking = speakersIn(state, key);
  const heard = recent.filter((one) => one.keys.includes(key));
  const known = new Set([...heard.map((one) => one.address), ownAddress(state)]);
  return [...heard, ...onLine(state, key).filter((one) => !known.has(one.address))].map(
    ({ address, label }) => ({
      address,
      label,
      speaks: speaking.has(address),
      volume: volumes[address] ?? AS_IT_COMES,
    }),
  );
}

/** The appliance's list, while it is watched. */
function onLine(state: PanelState, key: string): Pick<Recent, "address" | "label">[] {
  const here = (state.people?.people ?? []).filter((one) => one.on.includes(key) && one.state === "here");
  return here.map(({ address, place, person }) => ({ address, label: `${place} (${person})` }));
}

function ownAddress({ panel }: PanelState): string {
  return panel === null ? "" : `${panel.role}/${panel.seat}`;
}

function speakersIn(state: PanelState, key: string): ReadonlySet<string> {
  const { tally } = state;
  if (tally === null || !state.live) return new Set();
  const talkers = Object.entries(tally.via).filter(([, keys]) => keys.includes(key));
  return new Set(talkers.map(([talker]) => tally.addresses[talker] ?? ""));
}

/** The newest first when new; who is known already keeps the place. */
export function withHeard(
  recent: readonly Recent[],
  now: readonly Recent[],
  most: number,
): readonly Recent[] {
  const fresh = new Map(now.map((one) => [one.address, one]));
  const kept = recent.map((one) => {
    const again = fresh.get(one.address);
    fresh.delete(one.address);
    if (again === undefined) return one;
    const keys = [...new Set([...one.keys, ...again.keys])];
    return keys.length === one.keys.length && again.label === one.label ? one : { ...again, keys };
  });
  const same = fresh.size === 0 && kept.every((one, index) => one === recent[index]);
  return same ? recent : [...fresh.values(), ...kept].slice(0, most);
}
