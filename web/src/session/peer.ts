/** One WebRTC session as a phone makes it: an uplink, K lanes, and the counters that tell whether packets come. */

export class Peer {
  /** What the appliance knows it by. */
  readonly name = newName();
  readonly startedAt: number;
  readonly lanes: readonly MediaStreamTrack[];
  readonly #pc: RTCPeerConnection;
  readonly #frame: HTMLIFrameElement | null;
  readonly #uplink: RTCRtpSender;
  readonly #receivers: readonly RTCRtpReceiver[];
  #heardAt: number;
  #played: readonly (number | null)[] = [];
  #bytes = -1;
  #asking = false;

  /** `afresh`: with the machine's addresses as they are now, see `openFrame`. */
  constructor(
    lanes: number,
    mic: MediaStreamTrack | null,
    now: number,
    onChange: () => void,
    afresh: boolean,
  ) {
    this.startedAt = now;
    this.#heardAt = now;
    this.#frame = afresh ? openFrame() : null;
    this.#pc = new (constructorIn(this.#frame))({ bundlePolicy: "max-bundle" });
    this.#uplink = this.#pc.addTransceiver(mic ?? "audio", { direction: "sendonly" }).sender;
    this.#receivers = Array.from(
      { length: lanes },
      () => this.#pc.addTransceiver("audio", { direction: "recvonly" }).receiver,
    );
    this.lanes = this.#receivers.map((receiver) => receiver.track);
    this.#pc.addEventListener("connectionstatechange", onChange);
  }

  /** The least delay lanes keep against gaps; null: the browser's choice. Without effect where it is not known. */
  setBuffer(ms: number | null): void {
    for (const receiver of this.#receivers) {
      (receiver as { jitterBufferTarget?: number | null }).jitterBufferTarget = ms;
    }
  }

  get state(): RTCPeerConnectionState {
    return this.#pc.connectionState;
  }

  /** When a packet came last, as far as `listen` saw. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** An offer or, with `restart`, one with new ICE credentials; null: it cannot be made now. */
  async offer(restart = false): Promise<string | null> {
    // An earlier offer may have gone with a link that died: this one takes its place.
    if (restart) this.#pc.restartIce();
    try {
      // Candidates are not waited for: the appliance learns this phone's address from its first check.
      await this.#pc.setLocalDescription();
    } catch {
      return null;
    }
    return this.#pc.localDescription?.sdp ?? null;
  }

  /** Whether the answer was of use. */
  async answered(sdp: string): Promise<boolean> {
    if (this.#pc.signalingState !== "have-local-offer") return true;
    try {
      await this.#pc.setRemoteDescription({ type: "answer", sdp });
    } catch {
      return false;
    }
    return true;
  }

  async setMic(track: MediaStreamTrack | null): Promise<void> {
    // Kept up with whatever track there is: taking it away makes the far jitter buffer grow by half a second.
    if (track !== null) await this.#uplink.replaceTrack(track);
  }

  /** Whose sound a lane plays now, by its packets; null before the first. */
  talkerOn(lane: number): number | null {
    return this.#receivers[lane]?.getContributingSources()[0]?.source ?? null;
  }

  /** Whether a lane has played a packet. */
  get sounds(): boolean {
    return this.#receivers.some((receiver) => receiver.getContributingSources().length > 0);
  }

  /**
   * Looks whether packets came since the last look.
   *
   * While somebody talks the lanes' own time stamps tell it, which costs nothing; else the transport's counters.
   */
  async listen(now: number): Promise<void> {
    const played = this.#receivers.map(
      (receiver) => receiver.getContributingSources()[0]?.rtpTimestamp ?? null,
    );
    // A browser forgets a source after 10 s, which is no sign of life.
    const moved = played.some((stamp, lane) => stamp !== null && stamp !== this.#played[lane]);
    this.#played = played;
    if (moved) {
      this.#heardAt = now;
      return;
    }
    if (this.#asking) return;
    this.#asking = true;
    const bytes = heardBytes(await this.#pc.getStats());
    this.#asking = false;
    // The sum shrinks when the browser forgets a path, which is no sign of life.
    if (bytes > this.#bytes) this.#heardAt = now;
    this.#bytes = bytes;
  }

  stats(): Promise<RTCStatsReport> {
    return this.#pc.getStats();
  }

  close(): void {
    this.#pc.close();
    this.#frame?.remove();
  }
}

/**
 * An empty frame for one session.
 *
 * Chromium lists the machine's addresses once for a document and learns of another one to two seconds late: until
 * then every session of the page tries to leave from the old address. A new document asks at once.
 */
function openFrame(): HTMLIFrameElement {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.tabIndex = -1;
  document.body.append(frame);
  return frame;
}

function constructorIn(frame: HTMLIFrameElement | null): typeof RTCPeerConnection {
  const inside = frame?.contentWindow as { RTCPeerConnection?: typeof RTCPeerConnection } | null | undefined;
  return inside?.RTCPeerConnection ?? RTCPeerConnection;
}

/** Bytes of sound and reports ever received. Answers to checks are none: a path alone carries nothing. */
function heardBytes(stats: RTCStatsReport): number {
  let bytes = 0;
  stats.forEach((entry: { type: string; bytesReceived?: number }) => {
    if (entry.type === "candidate-pair") bytes += entry.bytesReceived ?? 0;
  });
  return bytes;
}

/** A name nobody else has. */
export function newName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
