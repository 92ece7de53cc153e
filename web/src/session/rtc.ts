/**
 * The media session: one uplink and K lanes, negotiated once.
 *
 *   offer --answer--> connected --stall or disconnected--> restart --no help in 3 s--> offer again
 *   refused, failed ------------------------------------------------------------------> offer again
 *
 * An ICE restart with nothing wrong loses no packet, so a link that had to come back asks for one at once: the
 * phone's address may be new. An appliance that restarted refuses it, and a new offer follows.
 */

import type { ClientMessage } from "../wire/messages.ts";

const STALL_MS = 3000;
const CONNECT_MS = 5000;
const RETRY_MS = [0, 250, 500, 1000, 2000] as const;

export interface RtcPorts {
  send(message: ClientMessage): boolean;
  now(): number;
  mic(): MediaStreamTrack | null;
  onLane(index: number, track: MediaStreamTrack): void;
  onLanesGone(): void;
}

export class Rtc {
  readonly #ports: RtcPorts;
  #lanes = 0;
  #session = "";
  #peer: RTCPeerConnection | null = null;
  #uplink: RTCRtpSender | null = null;
  #receivers: RTCRtpReceiver[] = [];
  #restartAt: number | null = null;
  #startedAt = 0;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #heard = { bytes: -1, at: 0 };

  constructor(ports: RtcPorts) {
    this.#ports = ports;
  }

  get connected(): boolean {
    return this.#peer?.connectionState === "connected";
  }

  /** The control link is up (again): go on with what runs, or begin. */
  resume(lanes: number): void {
    if (this.#peer === null || this.#lanes !== lanes || !this.connected) {
      this.#lanes = lanes;
      this.#begin();
    } else void this.#restart();
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#drop();
  }

  async setMic(track: MediaStreamTrack | null): Promise<void> {
    // Kept up with whatever track there is: taking it away makes the far jitter buffer grow by half a second.
    if (track !== null) await this.#uplink?.replaceTrack(track);
  }

  async answered(session: string, sdp: string): Promise<void> {
    const peer = this.#peer;
    if (session !== this.#session || peer === null || peer.signalingState !== "have-local-offer") return;
    try {
      await peer.setRemoteDescription({ type: "answer", sdp });
    } catch {
      if (this.#peer === peer) this.#again();
    }
  }

  refused(session: string): void {
    if (session === this.#session) this.#again();
  }

  /** Whose sound a lane plays now, by its packets; null before the first. */
  talkerOn(lane: number): number | null {
    const newest = this.#receivers[lane]?.getContributingSources()[0];
    return newest?.source ?? null;
  }

  /** To be called about once a second while the link is live; `upThere`: the appliance has a connected session. */
  async watch(upThere: boolean): Promise<void> {
    const peer = this.#peer;
    if (peer === null) return;
    const now = this.#ports.now();
    const state = peer.connectionState;
    if (state === "failed" || state === "closed") return this.#again();
    if (state !== "connected" && now - this.#startedAt > CONNECT_MS) return this.#again();
    const bytes = await heardBytes(peer);
    if (peer !== this.#peer) return;
    if (bytes !== this.#heard.bytes) this.#heard = { bytes, at: now };
    const stalled = now - this.#heard.at > STALL_MS || peer.connectionState === "disconnected" || !upThere;
    if (!stalled) {
      this.#restartAt = null;
      if (state === "connected") this.#failures = 0;
      return;
    }
    if (now - this.#startedAt < STALL_MS) return;
    if (this.#restartAt === null) await this.#restart();
    else if (now - this.#restartAt > STALL_MS) this.#again();
  }

  #begin(): void {
    this.#drop();
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.#peer = peer;
    this.#session = newName();
    this.#startedAt = this.#ports.now();
    this.#heard = { bytes: -1, at: this.#startedAt };
    this.#restartAt = null;
    const up = peer.addTransceiver(this.#ports.mic() ?? "audio", { direction: "sendonly" });
    this.#uplink = up.sender;
    for (let lane = 0; lane < this.#lanes; lane += 1) {
      const { receiver } = peer.addTransceiver("audio", { direction: "recvonly" });
      this.#receivers.push(receiver);
      this.#ports.onLane(lane, receiver.track);
    }
    peer.addEventListener("connectionstatechange", () => {
      if (peer === this.#peer && peer.connectionState === "failed") this.#again();
    });
    void this.#offer(peer, "offer");
  }

  async #restart(): Promise<void> {
    const peer = this.#peer;
    if (peer === null) return;
    // An earlier offer went unanswered: its link is gone, and so is this session's use.
    if (peer.signalingState !== "stable") return this.#again();
    this.#restartAt = this.#ports.now();
    peer.restartIce();
    await this.#offer(peer, "restart");
  }

  /** Candidates are not waited for: the appliance learns this phone's address from its first check. */
  async #offer(peer: RTCPeerConnection, t: "offer" | "restart"): Promise<void> {
    try {
      await peer.setLocalDescription();
    } catch {
      if (peer === this.#peer) this.#again();
      return;
    }
    const sdp = peer.localDescription?.sdp;
    if (peer === this.#peer && sdp !== undefined) this.#ports.send({ t, session: this.#session, sdp });
  }

  #again(): void {
    this.#drop();
    const delay = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] ?? 0;
    this.#failures += 1;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#begin(), delay);
  }

  #drop(): void {
    this.#peer?.close();
    this.#peer = null;
    this.#uplink = null;
    this.#session = "";
    this.#receivers = [];
    this.#ports.onLanesGone();
  }
}

/** Bytes the transport ever received: reports of the appliance come each second even when nobody talks. */
async function heardBytes(peer: RTCPeerConnection): Promise<number> {
  let bytes = 0;
  const stats = await peer.getStats();
  stats.forEach((entry: { type: string; bytesReceived?: number; responsesReceived?: number }) => {
    if (entry.type !== "candidate-pair") return;
    bytes += (entry.bytesReceived ?? 0) + (entry.responsesReceived ?? 0);
  });
  return bytes;
}

function newName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
