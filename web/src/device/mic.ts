/** This phone's microphone: asked for once, open only while a talk is, back by itself when it can be. */

import type { MicPrefs } from "./prefs.ts";

export type MicState = "off" | "asking" | "live" | "muted" | "denied" | "missing" | "busy" | "insecure";

export interface MicPorts {
  processing(): MicPrefs;
  onTrack(track: MediaStreamTrack | null): void;
  onState(state: MicState): void;
}

export class Mic {
  readonly #ports: MicPorts;
  #track: MediaStreamTrack | null = null;
  #state: MicState = "off";
  #open = false;

  constructor(ports: MicPorts) {
    this.#ports = ports;
  }

  get state(): MicState {
    return this.#state;
  }

  get track(): MediaStreamTrack | null {
    return this.#track;
  }

  /** Asks for the microphone; what came of it. Never rejects. */
  async acquire(): Promise<MicState> {
    // Safari ends a new track when the old one is stopped after it.
    this.#drop();
    if (!window.isSecureContext || navigator.mediaDevices === undefined) return this.#enter("insecure");
    this.#enter("asking");
    try {
      const { echo, noise, gain } = this.#ports.processing();
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: echo, noiseSuppression: noise, autoGainControl: gain, channelCount: 1 },
      });
      const track = stream.getAudioTracks()[0];
      return track === undefined ? this.#enter("missing") : this.#take(track);
    } catch (error) {
      return this.#enter(refusal(error));
    }
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

  release(): void {
    this.#drop();
    this.#enter("off");
  }

  #take(track: MediaStreamTrack): MicState {
    this.#track = track;
    track.enabled = this.#open;
    track.contentHint = "speech";
    track.addEventListener("mute", () => this.#track === track && this.#enter("muted"));
    track.addEventListener("unmute", () => this.#track === track && this.#enter("live"));
    track.addEventListener("ended", () => {
      if (this.#track !== track) return;
      this.#enter("busy");
      if (!document.hidden) void this.acquire();
    });
    this.#ports.onTrack(track);
    return this.#enter(track.muted ? "muted" : "live");
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
