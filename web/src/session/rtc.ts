/**
 * The media session of this phone, and while it is being repaired a second one beside it.
 *
 * `roam.ts` decides when; here it is done. A new session is swapped in when its first packet sounds, lane by lane
 * and faded over, so a talker is heard through it without a click; then the old one is closed.
 */

import type { ClientMessage } from "../wire/messages.ts";
import { Peer } from "./peer.ts";
import { CALM, failed, look, type Moved, type Roam, swapped } from "./roam.ts";
import type { RoamLog } from "./roamlog.ts";

/** A new session is swapped in after this even if nobody talks. */
const SILENT_SWAP_MS = 400;
const SWAP_LOOK_MS = 20;
/** Longer than the fade. */
const CLOSE_AFTER_MS = 300;
/** How long the appliance may take to tell that a session which is up here is up there. */
const TOLD_MS = 3000;
/** A shorter pause is nothing anybody hears of. */
const WORTH_LOGGING_MS = 500;

export interface RtcPorts {
  send(message: ClientMessage): boolean;
  /** Whether the control link is live. */
  linked(): boolean;
  /** Whether the appliance says that it has a connected session. */
  upThere(): boolean;
  now(): number;
  after(ms: number, act: () => void): void;
  mic(): MediaStreamTrack | null;
  /** A lane will sound from this track in a moment. */
  onNextLane(index: number, track: MediaStreamTrack): void;
  /** What lanes wait against gaps; null: the browser's choice. */
  bufferMs(): number | null;
  /** A lane sounds from this track now, in place of the one before. */
  onLane(index: number, track: MediaStreamTrack): void;
  onLanesGone(): void;
  /** Packets come again after a stall: the path is back. */
  onPath(): void;
  readonly log: RoamLog;
}

export class Rtc {
  readonly #ports: RtcPorts;
  #lanes = 0;
  #peer: Peer | null = null;
  #next: Peer | null = null;
  #roam: Roam = CALM;
  /** The appliance has the session of `#peer`, as far as it said. */
  #stands = false;
  #upAt: number | null = null;

  constructor(ports: RtcPorts) {
    this.#ports = ports;
  }

  /** `bufferMs` says something else now. */
  rebuffer(): void {
    for (const peer of [this.#peer, this.#next]) peer?.setBuffer(this.#ports.bufferMs());
  }

  get connected(): boolean {
    return this.#peer?.state === "connected";
  }

  /** When the last packet before the present stall came; null: packets come, or never did. */
  get stalledAt(): number | null {
    return this.#upAt === null ? null : this.#roam.stalledAt;
  }

  get peer(): Peer | null {
    return this.#peer;
  }

  /**
   * The control link is up (again): go on with what runs, or begin.
   *
   * `media`: the session that the appliance kept for this page, or ""; `moved`: whether this phone's address is another.
   */
  resume(lanes: number, media: string, moved: Moved): void {
    if (lanes !== this.#lanes) this.#drop();
    this.#lanes = lanes;
    if (media !== "" && this.#next?.name === media) this.#swap();
    else this.#dropNext();
    this.#stands = media !== "" && this.#peer?.name === media;
    // What was asked for by the link before this one may have gone with it.
    this.#roam = { ...this.#roam, restartAt: null, makingAt: null };
    if (moved !== "no") this.moved(moved);
    this.#decide();
  }

  /** The network under this phone is, or may be, another. */
  moved(how: Exclude<Moved, "no"> = "maybe"): void {
    if (this.#peer === null) return;
    this.#ports.log.add("moved");
    this.#roam = { ...this.#roam, moved: how };
    this.#decide();
  }

  close(): void {
    this.#drop();
    this.#roam = CALM;
  }

  async setMic(track: MediaStreamTrack | null): Promise<void> {
    await Promise.all([this.#peer?.setMic(track), this.#next?.setMic(track)]);
  }

  async answered(name: string, sdp: string): Promise<void> {
    const peer = this.#called(name);
    if (peer !== null && !(await peer.answered(sdp))) this.refused(name);
  }

  /** The appliance does not take the session, or does not know it. */
  refused(name: string): void {
    if (this.#next?.name === name) this.#dropNext();
    else if (this.#peer?.name === name) this.#stands = false;
    else return;
    this.#roam = failed(this.#roam, this.#ports.now());
    this.#decide();
  }

  /** Whose sound a lane plays now, by its packets; null before the first. */
  talkerOn(lane: number): number | null {
    return this.#peer?.talkerOn(lane) ?? null;
  }

  /** To be called ten times a second: looks for packets and does what is due. */
  async tick(): Promise<void> {
    await this.#peer?.listen(this.#ports.now());
    this.#decide();
  }

  #called(name: string): Peer | null {
    return [this.#peer, this.#next].find((peer) => peer?.name === name) ?? null;
  }

  #decide(): void {
    const now = this.#ports.now();
    const peer = this.#peer;
    const untold = this.#upAt !== null && now - this.#upAt > TOLD_MS && !this.#ports.upThere();
    const before = this.#roam;
    const [after, act] = look(before, {
      now,
      heardAt: peer?.heardAt ?? now,
      state: peer?.state ?? null,
      up: this.#upAt !== null,
      linked: this.#ports.linked(),
      stands: this.#stands && !untold,
      nextUp: this.#next?.state === "connected",
    });
    this.#roam = after;
    if (before.stalledAt !== null && after.stalledAt === null) this.#stallOver(before.stalledAt);
    if (before.restartAt !== null && after.restartAt === null && this.#ports.linked()) {
      this.#ports.log.add("restart", act === "make" ? null : now - before.restartAt);
    }
    if (act === "restart") void this.#restart();
    if (act === "drop") this.#dropNext();
    if (act === "make") {
      if (untold) this.#stands = false;
      if (before.makingAt !== null) this.#ports.log.add("session", null);
      void this.#make();
    }
  }

  #stallOver(since: number): void {
    const lasted = (this.#peer?.heardAt ?? since) - since;
    if (lasted >= WORTH_LOGGING_MS) this.#ports.log.add("stall", lasted);
    this.#ports.onPath();
  }

  async #restart(): Promise<void> {
    const peer = this.#peer;
    if (peer === null) return;
    this.#ports.after(this.#roam.raceMs, () => void this.tick());
    const sdp = await peer.offer(true);
    if (peer !== this.#peer) return;
    if (sdp !== null) this.#ports.send({ t: "restart", session: peer.name, sdp });
    else this.refused(peer.name);
  }

  /** A session in place of one that is of no use any more, or beside one that may yet be. */
  async #make(): Promise<void> {
    const beside = this.#upAt !== null && this.#stands;
    this.#dropNext();
    const changed = () => this.#changed(peer);
    const peer: Peer = new Peer(this.#lanes, this.#ports.mic(), this.#ports.now(), changed, beside);
    peer.setBuffer(this.#ports.bufferMs());
    if (beside) this.#next = peer;
    else {
      this.#drop();
      this.#peer = peer;
      this.#stands = true;
      this.#showLanes(peer);
    }
    const sdp = await peer.offer();
    if (this.#called(peer.name) === null) return;
    if (sdp !== null) this.#ports.send({ t: "offer", session: peer.name, sdp });
    else this.refused(peer.name);
  }

  #changed(peer: Peer): void {
    if (peer.state === "connected") {
      if (peer === this.#next) {
        for (const [index, track] of peer.lanes.entries()) this.#ports.onNextLane(index, track);
        this.#swapWhenItSounds(peer, this.#ports.now());
      }
      if (peer === this.#peer && this.#upAt === null) this.#isUp(peer);
    }
    if (peer === this.#peer) this.#decide();
  }

  #swapWhenItSounds(peer: Peer, since: number): void {
    if (peer !== this.#next) return;
    if (peer.sounds || this.#ports.now() - since >= SILENT_SWAP_MS) this.#swap();
    else this.#ports.after(SWAP_LOOK_MS, () => this.#swapWhenItSounds(peer, since));
  }

  #swap(): void {
    const old = this.#peer;
    const peer = this.#next;
    if (peer === null) return;
    if (this.#roam.restartAt !== null) this.#ports.log.add("restart", null);
    this.#next = null;
    this.#peer = peer;
    this.#stands = true;
    this.#showLanes(peer);
    this.#isUp(peer);
    if (old !== null) this.#ports.after(CLOSE_AFTER_MS, () => old.close());
  }

  #isUp(peer: Peer): void {
    const now = this.#ports.now();
    this.#upAt = now;
    this.#roam = swapped(now);
    this.#ports.log.add("session", now - peer.startedAt);
  }

  #showLanes(peer: Peer): void {
    for (const [index, track] of peer.lanes.entries()) this.#ports.onLane(index, track);
  }

  #dropNext(): void {
    this.#next?.close();
    this.#next = null;
  }

  #drop(): void {
    this.#dropNext();
    this.#upAt = null;
    this.#stands = false;
    if (this.#peer === null) return;
    this.#peer.close();
    this.#peer = null;
    this.#ports.onLanesGone();
  }
}
