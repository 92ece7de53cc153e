/** The sound of this phone: its microphone, the lanes it plays, and the meters. */

import { announceCall } from "../device/awake.ts";
import { SoundGraph } from "../device/graph.ts";
import { Mic, type MicState } from "../device/mic.ts";
import { readPrefs } from "../device/prefs.ts";
import { Tones } from "../device/tones.ts";
import { Meters } from "../panel/meters.ts";
import { dbToGain, laneGain, talkerGains } from "../panel/mix.ts";
import type { PanelState } from "../panel/model.ts";
import { masterDb, micWanted } from "../panel/select.ts";

export const OWN_METER = ":mic";
const SILENT_DB = -127;

export interface SoundPorts {
  panel(): PanelState;
  /** Whose sound a lane plays now, by its packets. */
  talkerOn(lane: number): number | null;
  onTrack(track: MediaStreamTrack | null): void;
  onMic(state: MicState): void;
}

export class Sound {
  readonly meters = new Meters();
  readonly tones = new Tones(() => this.#graph?.outlet ?? null);
  readonly #ports: SoundPorts;
  readonly #mic: Mic;
  #graph: SoundGraph | null = null;
  /** Gain per talker as a tally last said it. */
  #remembered = new Map<number, number>();

  constructor(ports: SoundPorts) {
    this.#ports = ports;
    this.#mic = new Mic({
      processing: () => readPrefs().mic,
      onTrack: (track) => {
        this.#graph?.setMic(track);
        ports.onTrack(track);
      },
      onState: (state) => ports.onMic(state),
    });
  }

  get track(): MediaStreamTrack | null {
    return this.#mic.track;
  }

  /** Sound may only start in a gesture: to be called in it, before anything is awaited. */
  unlock(): void {
    announceCall();
    this.#graph ??= new SoundGraph();
    void this.#graph.wake();
  }

  /** Starts again what the browser stopped. */
  async wake(): Promise<void> {
    await this.#graph?.wake();
  }

  askMic(): Promise<MicState> {
    return this.#mic.acquire();
  }

  /** Asks again for a microphone that died while the page was away. */
  reviveMic(): Promise<void> {
    return this.#mic.revive();
  }

  /** Opens or closes the microphone itself. */
  gate(open: boolean): void {
    this.#mic.gate(open);
  }

  setLane(lane: number, track: MediaStreamTrack): void {
    this.#graph?.setLane(lane, track);
  }

  dropLanes(): void {
    this.#graph?.dropLanes();
  }

  /** A new tally: what it says of gains is kept for packets that overtake the next. */
  remember(): void {
    for (const [talker, gain] of talkerGains(this.#ports.panel())) this.#remembered.set(talker, gain);
  }

  mixLanes(): void {
    const state = this.#ports.panel();
    const lanes = state.panel?.lanes ?? 0;
    const now = talkerGains(state);
    const master = dbToGain(masterDb(state));
    for (let lane = 0; lane < lanes; lane += 1) {
      const tallied = state.tally?.lanes[lane] ?? null;
      const talker = this.#ports.talkerOn(lane);
      this.#graph?.setGain(lane, laneGain(tallied, talker, now, this.#remembered, master));
    }
  }

  /** Loudness per station, dBov, as the appliance measured it. */
  feedLevels(of: Readonly<Record<string, number>>, now: number): void {
    const levels = new Map<string, number>();
    for (const [key, tally] of Object.entries(this.#ports.panel().tally?.keys ?? {})) {
      const loud = Math.max(...tally.speakers.map((id) => of[id] ?? SILENT_DB), SILENT_DB);
      if (loud > SILENT_DB) levels.set(key, loud);
    }
    this.meters.feed(levels, now);
  }

  drawMeters(now: number): void {
    const open = micWanted(this.#ports.panel());
    const own = open ? (this.#graph?.micLevel() ?? SILENT_DB) : SILENT_DB;
    this.meters.draw(now, new Map([[OWN_METER, own]]));
  }

  close(): void {
    this.#mic.release();
    this.#graph?.close();
    this.#graph = null;
  }
}
