/**
 * The sound this phone plays: lanes, the phone's own tones and sidetone, into one stream that one element plays.
 *
 *   lane:  track -> gain -> pan ----\
 *                \-> analyser        +--> lanes [-> compressor] -> ceiling -> stream -> <audio>
 *   own:   tones, sidetone ----------------------------------------^
 *
 * Never straight to the context's destination: on iOS that path is outside echo cancellation and stops in the
 * background. Chromium delivers a remote stream into Web Audio only while some element plays it too, hence a
 * muted element per lane.
 */

import { ceilingCurve, HEADROOM } from "./ceiling.ts";
import { type Loudness, loudness, SILENCE_DB } from "./loudness.ts";
import type { ToneOutlet } from "./tones.ts";

/** As short as it can be without a click. */
const RAMP_MS = 15;
/** Long enough for two streams of the same voice, some milliseconds apart, to be one voice. */
const FADE_MS = 30;
/** A browser's new stream of sound lacks a piece of 10 ms in its first 40 ms: heard as a click, so not heard. */
const FADE_AFTER_MS = 80;
/** An equal-power panner takes 3 dB from a voice in the centre; it gets them back. */
const CENTRE = Math.SQRT2;
const WINDOW = 1024;
/** Source of the lift: Web Audio, DynamicsCompressorNode, makeup gain: 0.6 of what full scale would lose. */
const SQUEEZE = { threshold: -12, knee: 0, ratio: 12, attack: 0.003, release: 0.25 } as const;
const SQUEEZE_LIFT_DB = -0.6 * SQUEEZE.threshold * (1 - 1 / SQUEEZE.ratio);
const QUIET: Loudness = { rmsDb: SILENCE_DB, burstDb: SILENCE_DB, peak: 0 };

interface Lane {
  readonly track: MediaStreamTrack;
  readonly source: MediaStreamAudioSourceNode;
  readonly ear: AnalyserNode;
  readonly gain: GainNode;
  readonly pan: StereoPannerNode;
  readonly pump: HTMLAudioElement;
  gainSet: number;
  panSet: number;
}

export interface GraphPorts {
  /** The context started, stopped or was interrupted by a phone call. */
  onState(state: AudioContextState): void;
}

export class SoundGraph {
  readonly #context: AudioContext;
  readonly #bus: GainNode;
  readonly #own: GainNode;
  readonly #ceiling: AudioNode;
  /** Takes back what the compressor lifts by itself. */
  readonly #unlift: GainNode;
  readonly #player: HTMLAudioElement;
  readonly #meter: AnalyserNode;
  readonly #side: GainNode;
  readonly #samples = new Float32Array(WINDOW);
  #mic: MediaStreamAudioSourceNode | null = null;
  #squeeze: DynamicsCompressorNode | null = null;
  #lanes: (Lane | undefined)[] = [];
  #coming: (Lane | undefined)[] = [];

  /** Call from a gesture, and `wake` in the same. */
  constructor(ports: GraphPorts = { onState: () => {} }) {
    const context = new AudioContext({ latencyHint: "interactive" });
    this.#context = context;
    const out = new MediaStreamAudioDestinationNode(context, { channelCount: 2 });
    this.#ceiling = makeCeiling(context, out);
    this.#bus = stereo(context);
    this.#bus.connect(this.#ceiling);
    this.#unlift = new GainNode(context, { gain: 10 ** (-SQUEEZE_LIFT_DB / 20) });
    this.#unlift.connect(this.#ceiling);
    this.#own = stereo(context);
    this.#own.connect(this.#ceiling);
    this.#player = new Audio();
    this.#player.srcObject = out.stream;
    this.#meter = new AnalyserNode(context, { fftSize: WINDOW });
    this.#side = new GainNode(context, { gain: 0 });
    this.#side.connect(this.#own);
    context.addEventListener("statechange", () => {
      ports.onState(context.state);
      // The element was paused with the context, by the same phone call.
      if (context.state === "running" && this.#player.paused) void this.#player.play().catch(() => {});
    });
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

  get state(): AudioContextState {
    return this.#context.state;
  }

  /** Where the phone's own sounds go in. */
  get outlet(): ToneOutlet {
    return { context: this.#context, input: this.#own };
  }

  /** Plays on this device; the empty id is the system's choice. False where the browser has no say in it. */
  async playOn(deviceId: string): Promise<boolean> {
    const player = this.#player as { setSinkId?: (id: string) => Promise<void> };
    if (player.setSinkId === undefined) return false;
    try {
      await player.setSinkId(deviceId);
      return true;
    } catch {
      return false;
    }
  }

  /** A lane is to sound from this track soon: it plays unheard, so that it flows when it is wanted. */
  prepareLane(index: number, track: MediaStreamTrack): void {
    this.#dropComing(index);
    this.#coming[index] = this.#makeLane(track, 0, this.#lanes[index]?.panSet ?? 0);
  }

  /** A lane sounds from this track; the one it had before is faded over. */
  setLane(index: number, track: MediaStreamTrack): void {
    const before = this.#lanes[index];
    if (this.#coming[index]?.track !== track) this.#dropComing(index);
    const coming = this.#coming[index];
    this.#coming[index] = undefined;
    const lane = coming ?? this.#makeLane(track, before === undefined ? CENTRE : 0, before?.panSet ?? 0);
    lane.gainSet = before?.gainSet ?? 1;
    this.#lanes[index] = lane;
    if (lane.gain.gain.value !== lane.gainSet * CENTRE) {
      this.#ramp(lane.gain.gain, lane.gainSet * CENTRE, FADE_MS, FADE_AFTER_MS);
    }
    if (before === undefined) return;
    this.#ramp(before.gain.gain, 0, FADE_MS, FADE_AFTER_MS);
    setTimeout(() => silence(before), FADE_AFTER_MS + 3 * FADE_MS);
  }

  #makeLane(track: MediaStreamTrack, level: number, panSet: number): Lane {
    const context = this.#context;
    const stream = new MediaStream([track]);
    const pump = new Audio();
    pump.muted = true;
    pump.srcObject = stream;
    void pump.play().catch(() => {});
    const source = context.createMediaStreamSource(stream);
    const ear = new AnalyserNode(context, { fftSize: WINDOW });
    const gain = new GainNode(context, { gain: level });
    // Lanes carry one channel; what a browser makes of it (one or two) must not change the level.
    const pan = new StereoPannerNode(context, { channelCount: 1, channelCountMode: "explicit", pan: panSet });
    source.connect(ear);
    source.connect(gain).connect(pan).connect(this.#bus);
    return { track, source, ear, gain, pan, pump, gainSet: 1, panSet };
  }

  /** Linear gain and side of a lane, reached without a click. */
  setMix(index: number, gain: number, pan: number, rampMs = RAMP_MS): void {
    const lane = this.#lanes[index];
    if (lane === undefined) return;
    if (lane.gainSet !== gain) this.#ramp(lane.gain.gain, gain * CENTRE, rampMs);
    if (lane.panSet !== pan) this.#ramp(lane.pan.pan, pan, rampMs);
    lane.gainSet = gain;
    lane.panSet = pan;
  }

  /** How loud a lane's sound is now, before any volume. */
  laneLoudness(index: number): Loudness {
    const lane = this.#lanes[index];
    if (lane === undefined) return QUIET;
    lane.ear.getFloatTimeDomainData(this.#samples);
    return loudness(this.#samples);
  }

  dropLanes(): void {
    for (const index of this.#lanes.keys()) this.#dropLane(index);
    for (const index of this.#coming.keys()) this.#dropComing(index);
    this.#lanes = [];
    this.#coming = [];
  }

  setMic(track: MediaStreamTrack | null): void {
    this.#mic?.disconnect();
    this.#mic = track === null ? null : this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#mic?.connect(this.#meter);
    this.#mic?.connect(this.#side);
  }

  /** How loud the own voice is in the own ear; 0: not at all. */
  setSidetone(gain: number): void {
    if (this.#side.gain.value !== gain) this.#ramp(this.#side.gain, gain, RAMP_MS);
  }

  /** Presses down what is loud, all lanes together; costs 6 ms of delay, so only when asked for. */
  setSqueeze(on: boolean): void {
    if (on === (this.#squeeze !== null)) return;
    this.#bus.disconnect();
    this.#squeeze?.disconnect();
    this.#squeeze = on ? new DynamicsCompressorNode(this.#context, SQUEEZE) : null;
    if (this.#squeeze === null) this.#bus.connect(this.#ceiling);
    else this.#bus.connect(this.#squeeze).connect(this.#unlift);
  }

  /** Loudness of the own microphone now, dBFS, -127 when closed. */
  micLevel(): number {
    if (this.#mic === null) return SILENCE_DB;
    this.#meter.getFloatTimeDomainData(this.#samples);
    return loudness(this.#samples).rmsDb;
  }

  close(): void {
    this.dropLanes();
    this.setMic(null);
    this.#player.pause();
    this.#player.srcObject = null;
    void this.#context.close();
  }

  #ramp(param: AudioParam, value: number, ms: number, afterMs = 0): void {
    const now = this.#context.currentTime;
    const start = now + afterMs / 1000;
    param.cancelScheduledValues(now);
    param.setValueAtTime(param.value, now);
    param.setValueAtTime(param.value, start);
    param.linearRampToValueAtTime(value, start + ms / 1000);
  }

  #dropLane(index: number): void {
    const lane = this.#lanes[index];
    if (lane === undefined) return;
    silence(lane);
    this.#lanes[index] = undefined;
  }

  #dropComing(index: number): void {
    const lane = this.#coming[index];
    if (lane !== undefined) silence(lane);
    this.#coming[index] = undefined;
  }
}

function silence(lane: Lane): void {
  lane.source.disconnect();
  lane.pan.disconnect();
  lane.pump.pause();
  lane.pump.srcObject = null;
}

/** A sum of two channels, whatever is put in. */
function stereo(context: AudioContext): GainNode {
  return new GainNode(context, { channelCount: 2, channelCountMode: "explicit" });
}

function makeCeiling(context: AudioContext, out: AudioNode): AudioNode {
  const entry = new GainNode(context, { gain: 1 / HEADROOM });
  entry.connect(new WaveShaperNode(context, { curve: ceilingCurve() })).connect(out);
  return entry;
}
