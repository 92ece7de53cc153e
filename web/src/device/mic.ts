/**
 * This phone's microphone: asked for once, open only while a talk is, back by itself when it can be.
 *
 * One track for the whole time, opened and closed by `enabled`. A track that ended is replaced, closed; one that
 * only fell silent is not.
 */

import { idOf, listDevices, looksBluetooth } from "./devices.ts";
import type { MicPrefs } from "./prefs.ts";

export type MicState =
  | "off"
  | "asking"
  | "live"
  /** By the headset or the system. */
  | "muted"
  /** By a phone call or an assistant: over when that is. */
  | "interrupted"
  | "denied"
  | "missing"
  | "busy"
  | "insecure";

export interface MicPorts {
  processing(): MicPrefs;
  /** Name of the microphone its person chose; empty: the system's choice. */
  wanted(): string;
  onTrack(track: MediaStreamTrack | null): void;
  onState(state: MicState): void;
  /** Another microphone took over by itself. */
  onSwitch(label: string): void;
}

export class Mic {
  readonly #ports: MicPorts;
  #track: MediaStreamTrack | null = null;
  #state: MicState = "off";
  #open = false;
  #interrupted = false;
  /** Grows with each asking: the answer to an older one is put back. */
  #asked = 0;

  constructor(ports: MicPorts) {
    this.#ports = ports;
  }

  get state(): MicState {
    return this.#state;
  }

  get track(): MediaStreamTrack | null {
    return this.#track;
  }

  get label(): string {
    return this.#track?.label ?? "";
  }

  get bluetooth(): boolean {
    const track = this.#track;
    return track !== null && looksBluetooth(track.label, track.getSettings().sampleRate);
  }

  /** Asks for the microphone; what came of it. Never rejects. */
  async acquire(): Promise<MicState> {
    this.#asked += 1;
    const asked = this.#asked;
    // Safari ends a new track when the old one is stopped after it.
    this.#drop();
    if (!window.isSecureContext || navigator.mediaDevices === undefined) return this.#enter("insecure");
    this.#enter("asking");
    try {
      const track = await this.#ask();
      if (asked !== this.#asked) {
        track?.stop();
        return this.#state;
      }
      return track === undefined ? this.#enter("missing") : this.#take(track);
    } catch (error) {
      return asked === this.#asked ? this.#enter(refusal(error)) : this.#state;
    }
  }

  /** With other processing or another device, if there is a microphone at all. */
  async retake(): Promise<void> {
    if (this.#track !== null) await this.acquire();
  }

  /** Opens or closes the microphone: the privacy half of the talk gate; the appliance has the other. */
  gate(open: boolean): void {
    this.#open = open;
    if (this.#track !== null) this.#track.enabled = open;
  }

  /** Asks again for a microphone that died while the page was away. */
  async revive(): Promise<void> {
    if (this.#track?.readyState === "ended") await this.acquire();
  }

  /** A phone call took the sound of this page, or gave it back. */
  interrupt(on: boolean): void {
    this.#interrupted = on;
    if (this.#track?.readyState === "live") this.#enter(this.#quality(this.#track));
  }

  release(): void {
    this.#asked += 1;
    this.#drop();
    this.#enter("off");
  }

  async #ask(): Promise<MediaStreamTrack | undefined> {
    const { echo, noise, gain } = this.#ports.processing();
    const label = this.#ports.wanted();
    const id = label === "" ? "" : idOf((await listDevices()).inputs, label);
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: {
        echoCancellation: echo,
        noiseSuppression: noise,
        autoGainControl: gain,
        channelCount: 1,
        // Not exact: a device that has just gone leaves the system's choice.
        ...(id === "" ? {} : { deviceId: id }),
      },
    });
    return stream.getAudioTracks()[0];
  }

  #take(track: MediaStreamTrack): MicState {
    this.#track = track;
    track.enabled = this.#open;
    track.contentHint = "speech";
    for (const event of ["mute", "unmute"]) {
      track.addEventListener(event, () => this.#track === track && this.#enter(this.#quality(track)));
    }
    track.addEventListener("ended", () => this.#track === track && void this.#replace(track.label));
    this.#ports.onTrack(track);
    return this.#enter(this.#quality(track));
  }

  /**
   * The microphone is gone: no talk goes on over another one that its person did not choose, such as the room's
   * when a headset is pulled out. A hidden page is not given one; it asks when it is seen again.
   */
  async #replace(before: string): Promise<void> {
    this.#enter("busy");
    if (document.hidden) return;
    const state = await this.acquire();
    if (state === "live" && this.label !== before) this.#ports.onSwitch(this.label);
  }

  #quality(track: MediaStreamTrack): MicState {
    if (this.#interrupted) return "interrupted";
    return track.muted ? "muted" : "live";
  }

  #drop(): void {
    const track = this.#track;
    this.#track = null;
    if (track === null) return;
    track.stop();
    this.#ports.onTrack(null);
  }

  #enter(state: MicState): MicState {
    if (state !== this.#state) {
      this.#state = state;
      this.#ports.onState(state);
    }
    return state;
  }
}

function refusal(error: unknown): MicState {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return "busy";
}
