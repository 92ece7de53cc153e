/** Control link and media session as one: beats, their pace, and what is done when either falls silent. */

import { look } from "../session/door.ts";
import { Link, type LinkState, type Socket } from "../session/link.ts";
import { Rtc } from "../session/rtc.ts";
import type { Ticker } from "../session/ticker.ts";
import type { ClientMessage, Panel, ServerMessage, Welcome } from "../wire/messages.ts";

const WATCH_MS = 1000;
/** Failed attempts after which the door is asked whether there is still a session to come back to. */
const ASK_DOOR_AFTER = 3;

export interface ConnectionPorts {
  /** Keys physically down. */
  held(): string[];
  /** Whether the appliance says that it has a connected session. */
  upThere(): boolean;
  track(): MediaStreamTrack | null;
  onMessage(message: ServerMessage): void;
  onLink(state: LinkState): void;
  onLane(lane: number, track: MediaStreamTrack): void;
  onLanesGone(): void;
  /** The link does not come up and the door knows no session of this browser. */
  onSeatless(): void;
  onMedia(connected: boolean): void;
}

export class Connection {
  readonly #ports: ConnectionPorts;
  readonly #link: Link;
  readonly #rtc: Rtc;
  #ticker: Ticker | null = null;
  #stopWatch: () => void = () => {};
  #stopBeats: () => void = () => {};
  #beatMs = 0;
  #welcome: Welcome | null = null;
  /** Lanes of the session that was begun since the last welcome; null: none yet. */
  #lanes: number | null = null;

  constructor(ports: ConnectionPorts) {
    this.#ports = ports;
    this.#link = new Link({
      open: openSocket,
      now: () => performance.now(),
      random: Math.random,
      after: later,
      onMessage: (message) => ports.onMessage(message),
      onState: (state) => ports.onLink(state),
      onFailedAttempt: (attempt) => void this.#doubt(attempt),
    });
    this.#rtc = new Rtc({
      send: (message) => this.#link.send(message),
      now: () => performance.now(),
      mic: () => ports.track(),
      onLane: (lane, track) => ports.onLane(lane, track),
      onLanesGone: () => ports.onLanesGone(),
    });
  }

  start(ticker: Ticker): void {
    if (this.#ticker === null) {
      this.#ticker = ticker;
      this.#stopWatch = ticker.every(WATCH_MS, () => this.#watch());
    }
    this.#link.start();
  }

  stop(): void {
    this.#link.stop();
    this.#rtc.close();
    this.#stopBeats();
    this.#stopWatch();
    this.#beatMs = 0;
    this.#ticker = null;
  }

  /** Says a message; false while the link is not live. */
  send(message: ClientMessage): boolean {
    return this.#link.send(message);
  }

  /** The network changed or the page is back: do not wait any longer. */
  hurry(): void {
    this.#link.hurry();
  }

  /** Whose sound a lane plays now, by its packets; null before the first. */
  talkerOn(lane: number): number | null {
    return this.#rtc.talkerOn(lane);
  }

  setMic(track: MediaStreamTrack | null): void {
    void this.#rtc.setMic(track);
  }

  welcomed(welcome: Welcome): void {
    this.#welcome = welcome;
    this.#lanes = null;
  }

  /** A reload of the show sends its panel again; the session goes on untouched unless its shape changed. */
  panelCame(panel: Panel): void {
    if (panel.lanes !== this.#lanes) this.#rtc.resume(panel.lanes);
    this.#lanes = panel.lanes;
  }

  answered(session: string, sdp: string): void {
    void this.#rtc.answered(session, sdp);
  }

  refused(session: string): void {
    this.#rtc.refused(session);
  }

  beat(): void {
    this.#link.check();
    const held = this.#ports.held();
    this.#link.send({ t: "beat", at: performance.now(), held, hidden: document.hidden });
  }

  /** Beats fast while any talk is open, slowly otherwise. */
  pace(talking: boolean): void {
    const ms = (talking ? this.#welcome?.beat_talking_ms : this.#welcome?.beat_idle_ms) ?? 1000;
    if (ms === this.#beatMs || this.#ticker === null) return;
    this.#stopBeats();
    this.#beatMs = ms;
    this.#stopBeats = this.#ticker.every(ms, () => this.beat());
  }

  #watch(): void {
    this.#ports.onMedia(this.#rtc.connected);
    if (this.#link.state !== "live") return;
    void this.#rtc.watch(this.#ports.upThere());
  }

  /** The link does not come up: is there still a session, or only no network? */
  async #doubt(attempt: number): Promise<void> {
    if (attempt < ASK_DOOR_AFTER) return;
    const door = await look(null);
    if (!door.ok || door.body.me !== null || this.#link.state === "live" || this.#link.state === "over")
      return;
    this.#ports.onSeatless();
  }
}

function openSocket(): Socket {
  return new WebSocket(`wss://${location.host}/api/v1/link`) as Socket;
}

function later(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
}
