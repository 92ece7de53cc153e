/** What this ear hears of each lane: the person's choices, the tally, and who speaks right now, put together. */

import type { SoundGraph } from "../device/graph.ts";
import { SILENCE_DB } from "../device/loudness.ts";
import { type PersonVolume, readPrefs, writePrefs } from "../device/prefs.ts";
import {
  advance,
  type DimState,
  dimGain,
  dimKeys,
  dimmable,
  OPEN,
  outranked,
  speaks,
  timingOf,
} from "../panel/dim.ts";
import { AS_IS, type EvenState, evened } from "../panel/even.ts";
import {
  dbToGain,
  type EarChoices,
  type Heard,
  heardNow,
  isPerson,
  laneTalker,
  NO_CHOICES,
  type Share,
  shareOf,
  strangerShare,
} from "../panel/mix.ts";
import type { PanelState } from "../panel/model.ts";
import { type Recent, withHeard } from "../panel/people.ts";
import { Store } from "../store.ts";

/** How often speech is looked for while somebody waits for it. */
export const LISTEN_MS = 20;
/** A step of a dim that lets go is spread over a little more than the time to the next. */
const STEP_RAMP_MS = 25;
/** Part of the attack that is left when speech was found: looking for it takes up to `LISTEN_MS`. */
const ATTACK_RAMP = 0.4;
const REMEMBERED = 64;
const RECENT = 24;

export interface EarPorts {
  panel(): PanelState;
  /** Whose sound a lane plays now, by its packets. */
  talkerOn(lane: number): number | null;
  graph(): SoundGraph | null;
}

export class Ear {
  readonly choices = new Store<EarChoices>(NO_CHOICES);
  /** Who was heard lately, for setting their volumes. */
  readonly recent = new Store<readonly Recent[]>([]);
  /** Keys on which somebody is lowered now, because somebody with priority speaks. */
  readonly lowered = new Store<ReadonlySet<string>>(new Set());
  readonly #ports: EarPorts;
  /** Where each talker was last heard, for packets that overtake the tally. */
  readonly #heard = new Map<number, Heard>();
  readonly #dims = new Map<number, DimState>();
  readonly #evens = new Map<number, EvenState>();
  #speaking = new Set<number>();
  #evenOut = false;

  constructor(ports: EarPorts) {
    this.#ports = ports;
  }

  // What the person chooses.

  /** All other listens fall silent; gone with the page. */
  solo(key: string, on: boolean): void {
    const solo = new Set(this.choices.get().solo);
    if (on) solo.add(key);
    else solo.delete(key);
    this.#choose({ solo });
  }

  endSolo(): void {
    this.#choose({ solo: new Set() });
  }

  setPan(key: string, pan: number): void {
    writePrefs({ pans: put(readPrefs().pans, `${this.#role}/${key}`, pan === 0 ? null : pan) });
    this.adopt();
  }

  setPerson(address: string, volume: PersonVolume): void {
    const plain = volume.db === 0 && !volume.muted;
    writePrefs({ people: put(readPrefs().people, `${this.#role}|${address}`, plain ? null : volume) });
    this.adopt();
  }

  /** Takes what this browser remembers for the role its person has now. */
  adopt(): void {
    const prefs = readPrefs();
    this.#evenOut = prefs.evenOut;
    const pans = under(prefs.pans, `${this.#role}/`);
    const people = under(prefs.people, `${this.#role}|`);
    this.#choose({ pans, people });
  }

  // What the appliance says and the lanes do.

  /** A new tally. */
  remember(): void {
    const { tally } = this.#ports.panel();
    const now: Recent[] = [];
    for (const talker of Object.keys(tally?.via ?? {}).map(Number)) {
      const heard = heardNow(this.#ports.panel(), talker);
      if (heard === undefined) continue;
      this.#heard.set(talker, heard);
      if (isPerson(heard.address)) now.push({ ...heard, label: tally?.people[talker] ?? heard.address });
    }
    bound(this.#heard, REMEMBERED);
    this.recent.set(withHeard(this.recent.get(), now, RECENT));
  }

  /** Whether speech must be looked for each `LISTEN_MS`. */
  listens(): boolean {
    const state = this.#ports.panel();
    const talkers = Object.keys(state.tally?.via ?? {}).length;
    if (this.#evenOut && talkers > 0) return true;
    return this.#dims.size > 0 || (talkers > 1 && dimmable(state).length > 0);
  }

  /** Looks for speech, moves dims and evens voices; then mixes. */
  listen(now: number): void {
    const state = this.#ports.panel();
    this.#hear(state);
    const timing = timingOf(state);
    const sunk = new Set<number>();
    for (const talker of new Set([...dimmable(state), ...this.#dims.keys()])) {
      const before = this.#dims.get(talker) ?? OPEN;
      const after = advance(before, outranked(state, talker, this.#speaking), now, timing);
      if (after.depth > before.depth) sunk.add(talker);
      if (after === OPEN) this.#dims.delete(talker);
      else this.#dims.set(talker, after);
    }
    this.#showLowered(state);
    this.mix((talker) => (sunk.has(talker) ? timing.attackMs * ATTACK_RAMP : STEP_RAMP_MS));
  }

  mix(rampMs?: (talker: number) => number): void {
    const state = this.#ports.panel();
    const dims = dimKeys(state);
    const lanes = state.panel?.lanes ?? 0;
    for (let lane = 0; lane < lanes; lane += 1) {
      const talker = this.#talkerOn(state, lane);
      const { gain, pan } = talker === null ? strangerShare(state) : this.#share(state, talker, dims);
      this.#ports.graph()?.setMix(lane, gain, pan, talker === null ? undefined : rampMs?.(talker));
    }
  }

  /** The seat is given up. */
  forget(): void {
    for (const kept of [this.#heard, this.#dims, this.#evens]) kept.clear();
    this.#speaking.clear();
    this.lowered.set(new Set());
    this.recent.set([]);
    this.endSolo();
  }

  #share(state: PanelState, talker: number, dims: ReadonlyMap<string, number>): Share {
    const heard = heardNow(state, talker) ?? this.#heard.get(talker);
    if (heard === undefined) return strangerShare(state);
    const depth = this.#dims.get(talker)?.depth ?? 0;
    const share = shareOf(state, this.choices.get(), heard, (key) => dimGain(depth, dims.get(key) ?? 0));
    const lift = this.#evenOut && isPerson(heard.address) ? (this.#evens.get(talker)?.gainDb ?? 0) : 0;
    return lift === 0 ? share : { ...share, gain: share.gain * dbToGain(lift) };
  }

  /** Reads every lane once: who speaks, and how loud each voice is. */
  #hear(state: PanelState): void {
    const speaking = new Set<number>();
    const lanes = state.panel?.lanes ?? 0;
    for (let lane = 0; lane < lanes; lane += 1) {
      const talker = this.#talkerOn(state, lane);
      const heard = talker === null ? undefined : heardNow(state, talker);
      if (talker === null || heard === undefined) continue;
      const { rmsDb, burstDb } = this.#ports.graph()?.laneLoudness(lane) ?? NOTHING;
      if (this.#evenOut) this.#evens.set(talker, evened(this.#evens.get(talker) ?? AS_IS, rmsDb, LISTEN_MS));
      // Somebody I turned off does not speak in this ear.
      if (shareOf(state, this.choices.get(), heard).gain === 0) continue;
      if (speaks(burstDb, this.#speaking.has(talker))) speaking.add(talker);
    }
    this.#speaking = speaking;
    bound(this.#evens, REMEMBERED);
  }

  #showLowered(state: PanelState): void {
    const dims = dimKeys(state);
    const over = [...this.#dims.keys()].flatMap((talker) => heardNow(state, talker)?.keys ?? []);
    const lowered = new Set(over.filter((key) => dims.has(key)));
    const before = this.lowered.get();
    if (lowered.size !== before.size || [...lowered].some((key) => !before.has(key)))
      this.lowered.set(lowered);
  }

  #talkerOn(state: PanelState, lane: number): number | null {
    return laneTalker(state.tally?.lanes[lane] ?? null, this.#ports.talkerOn(lane));
  }

  #choose(change: Partial<EarChoices>): void {
    this.choices.set({ ...this.choices.get(), ...change });
    this.mix();
  }

  get #role(): string {
    return this.#ports.panel().panel?.role ?? "";
  }
}

const NOTHING = { rmsDb: SILENCE_DB, burstDb: SILENCE_DB } as const;

type Table<T> = Readonly<Record<string, T>>;

/** With one entry changed (null: gone) and the oldest dropped beyond a bound. */
function put<T>(table: Table<T>, name: string, value: T | null): Table<T> {
  const rest = Object.entries(table).filter(([one]) => one !== name);
  const all = value === null ? rest : [...rest, [name, value] as const];
  return Object.fromEntries(all.slice(-REMEMBERED));
}

/** The entries below a prefix, without it. */
function under<T>(table: Table<T>, prefix: string): Table<T> {
  const mine = Object.entries(table).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(mine.map(([name, value]) => [name.slice(prefix.length), value]));
}

function bound<V>(map: Map<number, V>, most: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}
