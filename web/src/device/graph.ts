/**
 * The sound this phone plays: one gain per lane into one stream, played by one element.
 *
 * Never straight to the context's destination: on iOS that path is outside echo cancellation and stops in the
 * background. Chromium delivers a remote stream into Web Audio only while some element plays it too, hence a
 * muted element per lane.
 */

import type { ToneOutlet } from "./tones.ts";

const RAMP_S = 0.015;

interface Lane {
  readonly source: MediaStreamAudioSourceNode;
  readonly gain: GainNode;
  readonly pump: HTMLAudioElement;
  set: number;
}

export class SoundGraph {
  readonly #context: AudioContext;
  readonly #out: MediaStreamAudioDestinationNode;
  readonly #player: HTMLAudioElement;
  readonly #meter: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;
  #mic: MediaStreamAudioSourceNode | null = null;
  #lanes: (Lane | undefined)[] = [];

  /** Call from a gesture, and `wake` in the same. */
  constructor() {
    this.#context = new AudioContext({ latencyHint: "interactive" });
    this.#out = this.#context.createMediaStreamDestination();
    this.#player = new Audio();
    this.#player.srcObject = this.#out.stream;
    this.#meter = this.#context.createAnalyser();
    this.#meter.fftSize = 1024;
    this.#samples = new Float32Array(this.#meter.fftSize);
  }

  /** Starts what the browser stopped. Resuming an `interrupted` context freezes its clock on iOS: never. */
  async wake(): Promise<void> {
    const waits: Promise<unknown>[] = [];
    if (this.#context.state === "suspended") waits.push(this.#context.resume());
    if (this.#player.paused) waits.push(this.#player.play());
    await Promise.allSettled(waits);
  }

  get running(): boolean {
    return this.#context.state === "running" && !this.#player.paused;
  }

  /** Where the phone's own sounds go in. */
  get outlet(): ToneOutlet {
    return { context: this.#context, input: this.#out };
  }

  setLane(index: number, track: MediaStreamTrack): void {
    this.#dropLane(index);
    const stream = new MediaStream([track]);
    const pump = new Audio();
    pump.muted = true;
    pump.srcObject = stream;
    void pump.play().catch(() => {});
    const source = this.#context.createMediaStreamSource(stream);
    const gain = this.#context.createGain();
    source.connect(gain).connect(this.#out);
    this.#lanes[index] = { source, gain, pump, set: 1 };
  }

  /** Linear gain of a lane, reached without a click. */
  setGain(index: number, gain: number): void {
    const lane = this.#lanes[index];
    if (lane === undefined || lane.set === gain) return;
    lane.set = gain;
    const now = this.#context.currentTime;
    const param = lane.gain.gain;
    param.cancelScheduledValues(now);
    param.setValueAtTime(param.value, now);
    param.linearRampToValueAtTime(gain, now + RAMP_S);
  }

  dropLanes(): void {
    for (const index of this.#lanes.keys()) this.#dropLane(index);
    this.#lanes = [];
  }

  setMic(track: MediaStreamTrack | null): void {
    this.#mic?.disconnect();
    this.#mic = track === null ? null : this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#mic?.connect(this.#meter);
  }

  /** Loudness of the own microphone now, dBFS, -127 when closed. */
  micLevel(): number {
    if (this.#mic === null) return -127;
    this.#meter.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    return sum === 0 ? -127 : Math.max(-127, 10 * Math.log10(sum / this.#samples.length));
  }

  close(): void {
    this.dropLanes();
    this.setMic(null);
    this.#player.pause();
    this.#player.srcObject = null;
    void this.#context.close();
  }

  #dropLane(index: number): void {
    const lane = this.#lanes[index];
    if (lane === undefined) return;
    lane.source.disconnect();
    lane.gain.disconnect();
    lane.pump.pause();
    lane.pump.srcObject = null;
    this.#lanes[index] = undefined;
  }
}
