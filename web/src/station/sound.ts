/** The sound of this phone: its microphone, what it plays, its own tones, and the meters. */

import { announceCall } from "../device/awake.ts";
import { idOf, listDevices, watchDevices } from "../device/devices.ts";
import { SoundGraph } from "../device/graph.ts";
import { SILENCE_DB } from "../device/loudness.ts";
import { Mic, type MicState } from "../device/mic.ts";
import { type Prefs, readPrefs, writePrefs } from "../device/prefs.ts";
import { Tones } from "../device/tones.ts";
import { Meters, personMeter } from "../panel/meters.ts";
import { dbToGain } from "../panel/mix.ts";
import type { PanelState } from "../panel/model.ts";
import { micWanted } from "../panel/select.ts";
import type { Ticker } from "../session/ticker.ts";
import { Ear, LISTEN_MS } from "./ear.ts";

export const OWN_METER = ":mic";
const LANES_MS = 50;
/** Some 60 ms more than browsers wait by themselves; bridges what a crowded Wi-Fi does to packets. */
const ROBUST_MS = 100;

export interface SoundPorts {
  panel(): PanelState;
  /** Whose sound a lane plays now, by its packets. */
  talkerOn(lane: number): number | null;
  onTrack(track: MediaStreamTrack | null): void;
  onMic(state: MicState): void;
  /** Lanes should wait longer against gaps, or no longer. */
  onBuffer(): void;
  /** Another microphone took over by itself. */
  onSwitch(label: string): void;
}

export class Sound {
  readonly meters = new Meters();
  readonly tones = new Tones(() => this.#graph?.outlet ?? null);
  readonly ear: Ear;
  readonly mic: Mic;
  readonly #ports: SoundPorts;
  #graph: SoundGraph | null = null;
  #ticker: Ticker | null = null;
  #stops: (() => void)[] = [];
  #stopListening: (() => void) | null = null;
  #sidetone = readPrefs().sidetone;
  /** The output is another than the system's choice. */
  #routed = false;

  constructor(ports: SoundPorts) {
    this.#ports = ports;
    this.ear = new Ear({ panel: ports.panel, talkerOn: ports.talkerOn, graph: () => this.#graph });
    this.mic = new Mic({
      processing: () => readPrefs().mic,
      wanted: () => readPrefs().input,
      onTrack: (track) => {
        this.#graph?.setMic(track);
        ports.onTrack(track);
      },
      onState: (state) => ports.onMic(state),
      onSwitch: (label) => ports.onSwitch(label),
    });
  }

  get track(): MediaStreamTrack | null {
    return this.mic.track;
  }

  /** There is a seat whose lanes are played. */
  get running(): boolean {
    return this.#ticker !== null;
  }

  /** What lanes wait against gaps; null: the browser's choice. */
  get bufferMs(): number | null {
    return readPrefs().robust ? ROBUST_MS : null;
  }

  get graph(): SoundGraph | null {
    return this.#graph;
  }

  /** Sound may only start in a gesture: to be called in it, before anything is awaited. */
  unlock(): void {
    announceCall();
    if (this.#graph === null) {
      this.#graph = new SoundGraph({ onState: (state) => this.mic.interrupt(state === "interrupted") });
      this.#graph.setMic(this.mic.track);
      this.adopt();
    }
    void this.#graph.wake();
  }

  /** Starts again what the browser stopped. */
  async wake(): Promise<void> {
    await this.#graph?.wake();
  }

  /** The seat is ours: lanes are mixed from now on. */
  run(ticker: Ticker): void {
    for (const stop of this.#stops) stop();
    this.#ticker = ticker;
    this.#stops = [
      ticker.every(LANES_MS, () => this.#mix()),
      watchDevices(() => void this.#route(readPrefs().output)),
    ];
  }

  askMic(): Promise<MicState> {
    return this.mic.acquire();
  }

  /** Asks again for a microphone that died while the page was away. */
  reviveMic(): Promise<void> {
    return this.mic.revive();
  }

  /** Opens or closes the microphone itself. */
  gate(open: boolean): void {
    this.mic.gate(open);
    this.#graph?.setSidetone(open && this.#sidetone.on ? dbToGain(this.#sidetone.db) : 0);
  }

  /** Remembers a choice of this device and follows it. */
  choose(change: Partial<Prefs>): void {
    writePrefs(change);
    this.adopt();
    if (change.robust !== undefined) this.#ports.onBuffer();
    if (change.mic !== undefined || change.input !== undefined) void this.mic.retake();
  }

  /** Follows what this browser remembers, such as after the show gave this person another role. */
  adopt(): void {
    const prefs = readPrefs();
    this.#sidetone = prefs.sidetone;
    this.#graph?.setSqueeze(prefs.evenOut);
    void this.#route(prefs.output);
    this.ear.adopt();
    this.#pace();
    this.gate(micWanted(this.#ports.panel()));
  }

  /** A track that a lane will sound from soon. */
  prepareLane(lane: number, track: MediaStreamTrack): void {
    this.#graph?.prepareLane(lane, track);
  }

  setLane(lane: number, track: MediaStreamTrack): void {
    this.#graph?.setLane(lane, track);
    this.ear.mix();
  }

  dropLanes(): void {
    this.#graph?.dropLanes();
  }

  /** A new tally. */
  tallied(): void {
    this.ear.remember();
    this.#pace();
  }

  /** Loudness per station, dBov, as the appliance measured it. */
  feedLevels(of: Readonly<Record<string, number>>, now: number): void {
    this.meters.feed(levelsBy(this.#ports.panel(), of), now);
  }

  drawMeters(now: number): void {
    const open = micWanted(this.#ports.panel());
    const own = open ? (this.#graph?.micLevel() ?? SILENCE_DB) : SILENCE_DB;
    this.meters.draw(now, new Map([[OWN_METER, own]]));
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#stopListening?.();
    this.#stopListening = null;
    this.#ticker = null;
    this.ear.forget();
    this.mic.release();
    this.#graph?.close();
    this.#graph = null;
  }

  #mix(): void {
    if (this.#stopListening === null) this.ear.mix();
  }

  /** Speech is looked for only while something waits for it. */
  #pace(): void {
    const wanted = this.#ticker !== null && this.ear.listens();
    if (wanted === (this.#stopListening !== null)) return;
    if (wanted) this.#stopListening = this.#ticker?.every(LISTEN_MS, () => this.#listen()) ?? null;
    else {
      this.#stopListening?.();
      this.#stopListening = null;
    }
  }

  #listen(): void {
    this.ear.listen(performance.now());
    this.#pace();
  }

  async #route(label: string): Promise<void> {
    const graph = this.#graph;
    if (graph === null || (label === "" && !this.#routed)) return;
    this.#routed = await graph.playOn(idOf((await listDevices()).outputs, label));
  }
}

/** Loudness per key, of the loudest who speaks on it, and per person in this ear. */
function levelsBy(state: PanelState, of: Readonly<Record<string, number>>): Map<string, number> {
  const levels = new Map<string, number>();
  for (const [key, { speakers }] of Object.entries(state.tally?.keys ?? {})) {
    let loudest = SILENCE_DB;
    for (const id of speakers) loudest = Math.max(loudest, of[id] ?? SILENCE_DB);
    if (loudest > SILENCE_DB) levels.set(key, loudest);
  }
  for (const [talker, address] of Object.entries(state.tally?.addresses ?? {})) {
    const level = of[talker];
    if (level !== undefined) levels.set(personMeter(address), level);
  }
  return levels;
}
