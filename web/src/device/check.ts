/**
 * The sound check: this phone's microphone measured and played back to its own ear, and nowhere else.
 *
 * It works on a copy of the track with a switch of its own, so the one that goes to the appliance stays closed.
 *
 *   copy -> analyser
 *      \--> (open for 3 s) -> delay of 3 s -> output
 *       \-> (monitor) ----------------------> output
 */

import { type Loudness, loudness } from "./loudness.ts";
import type { ToneOutlet } from "./tones.ts";

export const RECORD_S = 3;
const GAP_S = 0.3;
const TEST_HZ = 440;
const TEST_S = 0.8;
const TEST_GAIN = 0.1;

export class Check {
  readonly #outlet: ToneOutlet;
  readonly #track: MediaStreamTrack;
  readonly #source: MediaStreamAudioSourceNode;
  readonly #meter: AnalyserNode;
  readonly #record: GainNode;
  readonly #delay: DelayNode;
  readonly #monitor: GainNode;
  readonly #samples = new Float32Array(2048);

  constructor(outlet: ToneOutlet, track: MediaStreamTrack) {
    const { context, input } = outlet;
    this.#outlet = outlet;
    this.#track = track.clone();
    this.#track.enabled = true;
    this.#source = context.createMediaStreamSource(new MediaStream([this.#track]));
    this.#meter = new AnalyserNode(context, { fftSize: this.#samples.length });
    this.#record = new GainNode(context, { gain: 0 });
    this.#delay = new DelayNode(context, { maxDelayTime: RECORD_S + 1, delayTime: RECORD_S + GAP_S });
    this.#monitor = new GainNode(context, { gain: 0 });
    this.#source.connect(this.#meter);
    this.#source.connect(this.#record).connect(this.#delay).connect(input);
    this.#source.connect(this.#monitor).connect(input);
  }

  read(): Loudness {
    this.#meter.getFloatTimeDomainData(this.#samples);
    return loudness(this.#samples);
  }

  /** Takes what is said in the next 3 s and plays it after that; `onPlay` when it begins to. Resolves when done. */
  async hearYourself(onPlay: () => void): Promise<void> {
    const now = this.#outlet.context.currentTime;
    this.monitor(false);
    this.#record.gain.setValueAtTime(1, now);
    this.#record.gain.setValueAtTime(0, now + RECORD_S);
    await seconds(RECORD_S);
    onPlay();
    await seconds(RECORD_S + GAP_S);
  }

  monitor(on: boolean): void {
    this.#monitor.gain.setTargetAtTime(on ? 1 : 0, this.#outlet.context.currentTime, 0.01);
  }

  /** A tone on one side; -1 left, 1 right. */
  test(side: -1 | 1): void {
    const { context, input } = this.#outlet;
    const end = context.currentTime + TEST_S;
    const source = new OscillatorNode(context, { frequency: TEST_HZ });
    const shape = new GainNode(context, { gain: 0 });
    const pan = new StereoPannerNode(context, { pan: side });
    shape.gain.setTargetAtTime(TEST_GAIN, context.currentTime, 0.01);
    shape.gain.setTargetAtTime(0, end - 0.06, 0.01);
    source.connect(shape).connect(pan).connect(input);
    source.addEventListener("ended", () => pan.disconnect());
    source.start();
    source.stop(end);
  }

  close(): void {
    this.#source.disconnect();
    this.#delay.disconnect();
    this.#monitor.disconnect();
    this.#track.stop();
  }
}

function seconds(s: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, s * 1000));
}
