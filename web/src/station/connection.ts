/** Control link and media session as one: beats, their pace, and what is done when either falls silent. */

import { type Carrier, CarrierChoice } from "../session/carrier.ts";
import { look } from "../session/door.ts";
import { openHttp } from "../session/http.ts";
import { Link, type LinkState, type Socket } from "../session/link.ts";
import { newName } from "../session/peer.ts";
import { type ConnectionReport, read } from "../session/report.ts";
import type { Moved } from "../session/roam.ts";
import { type RoamEntry, RoamLog } from "../session/roamlog.ts";
import { Rtc } from "../session/rtc.ts";
import type { Ticker } from "../session/ticker.ts";
import type { ClientMessage, Panel, ServerMessage, Welcome } from "../wire/messages.ts";

const WATCH_MS = 100;
/** On a hidden page nobody looks at what is shown; what is repaired can wait this long. */
const HIDDEN_EVERY = 5;
/** While sound stalls the link is asked this often, and mistrusted when it says nothing for so long. */
const DOUBT_BEAT_MS = 250;
const DOUBT_MS = 700;
/** A stall is told after this. */
const CALM_MS = 500;
/** Failed attempts after which the door is asked whether there is still a session to come back to. */
const ASK_DOOR_AFTER = 3;

type StatsEntry = Readonly<Record<string, unknown>> & { readonly type: string };

export interface ConnectionPorts {
  /** Keys physically down. */
  held(): string[];
  /** Whether the appliance says that it has a connected session. */
  upThere(): boolean;
  track(): MediaStreamTrack | null;
  /** What lanes wait against gaps; null: the browser's choice. */
  bufferMs(): number | null;
  onMessage(message: ServerMessage): void;
  onLink(state: LinkState): void;
  onNextLane(lane: number, track: MediaStreamTrack): void;
  onLane(lane: number, track: MediaStreamTrack): void;
  onLanesGone(): void;
  /** The link does not come up and the door knows no session of this browser. */
  onSeatless(): void;
  /** Each tenth of a second. `stalledAt`: since when nothing comes to a session that was up; null: packets come. */
  onMedia(connected: boolean, stalledAt: number | null): void;
  /** What carries the link is another. */
  onCarrier(carrier: Carrier): void;
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
  #address = "";
  #moved: Moved = "no";
  /** When the network changed, until the appliance is heard again. */
  #changedAt: number | null = null;
  #lostAt: number | null = null;
  #ticks = 0;
  #beatAt = 0;
  #asking = false;
  readonly #log = new RoamLog();
  readonly #carriers = new CarrierChoice();
  /** Lanes of the session that was begun since the last welcome; null: none yet. */
  #lanes: number | null = null;

  constructor(ports: ConnectionPorts) {
    this.#ports = ports;
    this.#link = new Link({
      // The page's own name: new with each load, as its media sessions are.
      tab: newName(),
      open: () => (this.#carriers.now === "http" ? openHttp() : openSocket()),
      now: () => performance.now(),
      random: Math.random,
      after: later,
      onMessage: (message) => ports.onMessage(message),
      onState: (state) => this.#linkIs(state),
      onFailedAttempt: (attempt) => void this.#doubt(attempt),
    });
    this.#rtc = new Rtc({
      send: (message) => this.#link.send(message),
      linked: () => this.#link.state === "live",
      upThere: () => ports.upThere(),
      now: () => performance.now(),
      after: later,
      mic: () => ports.track(),
      bufferMs: () => ports.bufferMs(),
      onNextLane: (lane, track) => ports.onNextLane(lane, track),
      onLane: (lane, track) => ports.onLane(lane, track),
      onLanesGone: () => ports.onLanesGone(),
      onPath: () => this.#link.hurry(),
      log: this.#log,
    });
  }

  /** What carries the control link. */
  get carrier(): Carrier {
    return this.#carriers.now;
  }

  /** What happened to the connection lately, the newest last. */
  get roams(): readonly RoamEntry[] {
    return this.#log.entries;
  }

  /** The state of the connection in figures; null while there is no media session. */
  async report(): Promise<ConnectionReport | null> {
    const peer = this.#rtc.peer;
    if (peer === null) return null;
    const stats = await peer.stats();
    return {
      ...read((stats as unknown as ReadonlyMap<string, StatsEntry>).values()),
      carrier: this.carrier,
      sessionAgeS: Math.round((performance.now() - peer.startedAt) / 1000),
      roams: this.roams,
    };
  }

  start(ticker: Ticker): void {
    if (this.#ticker === null) {
      this.#ticker = ticker;
      this.#stopWatch = ticker.every(WATCH_MS, () => void this.#watch());
    }
    this.#ports.onCarrier(this.carrier);
    this.#link.start();
  }

  stop(): void {
    this.#link.stop();
    this.#rtc.close();
    this.#stopBeats();
    this.#stopWatch();
    this.#beatMs = 0;
    this.#ticker = null;
    this.#welcome = null;
    this.#address = "";
    this.#changedAt = null;
    this.#lostAt = null;
  }

  /** Says a message; false while the link is not live. */
  send(message: ClientMessage): boolean {
    return this.#link.send(message);
  }

  /** The page is back: do not wait any longer. */
  hurry(): void {
    this.#link.hurry();
  }

  /** The network under this phone changed, or came back: nothing is asked for by a link that may be dead. */
  networkChanged(): void {
    this.#changedAt = performance.now();
    if (this.#link.state === "live") {
      this.beat();
      this.#link.doubt();
    } else this.#link.hurry();
  }

  /** Whose sound a lane plays now, by its packets; null before the first. */
  talkerOn(lane: number): number | null {
    return this.#rtc.talkerOn(lane);
  }

  /** `bufferMs` says something else now. */
  rebuffer(): void {
    this.#rtc.rebuffer();
  }

  setMic(track: MediaStreamTrack | null): void {
    void this.#rtc.setMic(track);
  }

  welcomed(welcome: Welcome): void {
    const address = welcome.address ?? "";
    const elsewhere = this.#address !== "" && address !== this.#address;
    this.#moved = elsewhere ? "surely" : this.#changedAt !== null ? "maybe" : "no";
    this.#changedAt = null;
    this.#address = address;
    this.#carriers.welcomed();
    this.#welcome = welcome;
    this.#lanes = null;
  }

  /** A reload of the show sends its panel again; the session goes on untouched unless its shape changed. */
  panelCame(panel: Panel): void {
    // A session whose number of lanes changes is made anew, whatever the appliance kept.
    const first = this.#lanes === null;
    if (panel.lanes === this.#lanes) return;
    this.#lanes = panel.lanes;
    this.#rtc.resume(panel.lanes, first ? (this.#welcome?.media ?? "") : "", first ? this.#moved : "no");
  }

  answered(session: string, sdp: string): void {
    void this.#rtc.answered(session, sdp);
  }

  refused(session: string): void {
    this.#rtc.refused(session);
  }

  beat(): void {
    this.#link.check();
    this.#beatAt = performance.now();
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

  async #watch(): Promise<void> {
    this.#ticks += 1;
    if (document.hidden && this.#ticks % HIDDEN_EVERY !== 0) return;
    await this.#rtc.tick();
    if (this.#ticker === null) return;
    const { connected, stalledAt } = this.#rtc;
    if (stalledAt !== null) this.#doubtLink(stalledAt);
    if (this.#changedAt !== null && this.#link.state === "live" && this.#link.heardAt > this.#changedAt) {
      this.#changedAt = null;
      this.#rtc.moved();
    }
    const calm = stalledAt === null || performance.now() - stalledAt < CALM_MS;
    this.#ports.onMedia(connected && calm, stalledAt);
  }

  /** Sound does not come: asks the control link whether it is the whole network, and does not ask for long. */
  #doubtLink(stalledAt: number): void {
    const now = performance.now();
    if (now - this.#beatAt >= DOUBT_BEAT_MS) this.beat();
    if (now - Math.max(stalledAt, this.#link.heardAt) >= DOUBT_MS) this.#link.doubt();
  }

  #linkIs(state: LinkState): void {
    const now = performance.now();
    if (state === "live" && this.#lostAt !== null) {
      this.#log.add("link", now - this.#lostAt);
      this.#lostAt = null;
    }
    if (state === "waiting" && this.#welcome !== null) this.#lostAt ??= now;
    this.#ports.onLink(state);
  }

  /** The link does not come up: is there still a session, only no network, or is it the carrier that is refused? */
  async #doubt(attempt: number): Promise<void> {
    const refused = this.#carriers.refused();
    if (this.#asking || !(refused || attempt >= ASK_DOOR_AFTER)) return;
    this.#asking = true;
    const door = await look(null);
    this.#asking = false;
    if (!door.ok || this.#link.state === "live" || this.#link.state === "over") return;
    if (door.body.me === null) return this.#ports.onSeatless();
    const before = this.carrier;
    this.#carriers.doorAnswered();
    if (this.carrier === before) return;
    this.#log.add("carrier");
    this.#ports.onCarrier(this.carrier);
    this.#link.hurry();
  }
}

function openSocket(): Socket {
  try {
    return new WebSocket(`wss://${location.host}/api/v1/link`) as Socket;
  } catch {
    // Some browsers throw where others close: the link knows only the latter.
    const refused: Socket = { send() {}, close() {}, onopen: null, onmessage: null, onclose: null };
    setTimeout(() => refused.onclose?.(), 0);
    return refused;
  }
}

function later(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
}
