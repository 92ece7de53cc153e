/**
 * This phone as a station: the one place where link, media, keys, microphone, sound and panel meet.
 *
 * Owns all of them. Screens read `panel` and `status` and call the methods; nothing else changes anything.
 */

import { Awake, announceCall } from "./device/awake.ts";
import { SoundGraph } from "./device/graph.ts";
import { Mic, type MicState } from "./device/mic.ts";
import { readPrefs, writePrefs } from "./device/prefs.ts";
import { KeyEngine } from "./keys/engine.ts";
import { Meters } from "./panel/meters.ts";
import { dbToGain, laneGain, talkerGains } from "./panel/mix.ts";
import { EMPTY, type PanelState } from "./panel/model.ts";
import { type PanelEvent, reduce } from "./panel/reduce.ts";
import { isLatched, listenFace, masterDb, micWanted, openKeys, staysOpen, volumeOf } from "./panel/select.ts";
import { Counter } from "./session/counter.ts";
import { look } from "./session/door.ts";
import { Link, type LinkState, type Socket } from "./session/link.ts";
import { Rtc } from "./session/rtc.ts";
import { type Ticker, workerTicker } from "./session/ticker.ts";
import { Store } from "./store.ts";
import type { PanelKey, ServerMessage, Welcome } from "./wire/messages.ts";

const LANES_MS = 50;
const METERS_MS = 100;
const WATCH_MS = 1000;
/** Failed attempts after which the door is asked whether there is still a session to come back to. */
const ASK_DOOR_AFTER = 3;
export const OWN_METER = ":mic";

/** Why the panel is closed, for a screen of its own. */
export interface Ended {
  readonly reason: string;
  readonly text: string;
}

export interface StationStatus {
  readonly mic: MicState;
  readonly link: LinkState;
  /** When the link was lost; null while it is live. */
  readonly lostAt: number | null;
  readonly rttMs: number | null;
  readonly media: boolean;
  readonly ended: Ended | null;
  readonly pushing: boolean;
}

const FRESH: StationStatus = {
  mic: "off",
  link: "over",
  lostAt: null,
  rttMs: null,
  media: false,
  ended: null,
  pushing: false,
};

export class Station {
  readonly panel = new Store<PanelState>(EMPTY);
  readonly status = new Store<StationStatus>(FRESH);
  readonly meters = new Meters();
  readonly keys: KeyEngine;
  readonly #link: Link;
  readonly #rtc: Rtc;
  readonly #mic: Mic;
  readonly #awake = new Awake();
  readonly #counter = new Counter();
  readonly #closing = new Set<string>();
  #graph: SoundGraph | null = null;
  #ticker: Ticker | null = null;
  #stops: (() => void)[] = [];
  #stopBeats: () => void = () => {};
  #beatMs = 0;
  #welcome: Welcome | null = null;
  #remembered = new Map<number, number>();
  /** Lanes of the session that was begun since the last welcome; null: none yet. */
  #lanes: number | null = null;

  constructor() {
    this.#link = new Link({
      open: openSocket,
      now: () => performance.now(),
      random: Math.random,
      after: later,
      onMessage: (message) => this.#take(message),
      onState: (state) => this.#linkIs(state),
      onFailedAttempt: (attempt) => void this.#doubt(attempt),
    });
    this.#rtc = new Rtc({
      send: (message) => this.#link.send(message),
      now: () => performance.now(),
      mic: () => this.#mic.track,
      onLane: (lane, track) => this.#graph?.setLane(lane, track),
      onLanesGone: () => this.#graph?.dropLanes(),
    });
    this.#mic = new Mic({
      processing: () => readPrefs().processing,
      onTrack: (track) => {
        this.#graph?.setMic(track);
        void this.#rtc.setMic(track);
      },
      onState: (mic) => this.#micIs(mic),
    });
    this.keys = new KeyEngine({
      key: (id) => this.key(id),
      armed: () => this.armed(),
      isLatched: (id) => isLatched(this.panel.get(), id),
      tapMs: () => this.panel.get().panel?.tap_ms ?? 200,
      press: (id) => this.#press(id),
      release: (id, heldMs, cancel) => this.#release(id, heldMs, cancel),
      allOff: () => this.#allOff(),
      now: () => performance.now(),
    });
  }

  // Coming and going.

  /** First half of the join tap, before anything is awaited: sound may only start in a gesture. */
  unlock(): void {
    announceCall();
    this.#graph ??= new SoundGraph();
    void this.#graph.wake();
  }

  /** Asks for the microphone; the state it ends in. */
  askMic(): Promise<MicState> {
    return this.#mic.acquire();
  }

  /** Second half: the seat is ours, so go on the link. */
  async enter(): Promise<void> {
    this.#change({ ended: null });
    if (this.#ticker === null) this.#watchPage();
    await this.#graph?.wake();
    void this.#awake.hold();
    this.#link.start();
  }

  /** The person gives up the seat. */
  leave(): void {
    this.keys.forget();
    this.#link.send({ t: "leave" });
    this.#end({ reason: "left", text: "You left the show." });
  }

  /** Back at the door: why it ended is read. */
  reset(): void {
    this.#change({ ended: null });
  }

  // What the panel reads beside its state.

  key(id: string): PanelKey | undefined {
    return this.panel.get().panel?.keys.find((key) => key.id === id);
  }

  /** Keys push-to-talk holds: the show's, changed by this person's choices. */
  armed(): string[] {
    const panel = this.panel.get().panel;
    if (panel === null) return [];
    const mine = readPrefs().armed;
    return panel.keys
      .filter((key) => key.may_talk && (mine[`${panel.role}/${key.id}`] ?? key.armed))
      .map((key) => key.id);
  }

  arm(id: string, on: boolean): void {
    const role = this.panel.get().panel?.role ?? "";
    writePrefs({ armed: { ...readPrefs().armed, [`${role}/${id}`]: on } });
  }

  // Orders of the person.

  toggleListen(id: string): void {
    const state = this.panel.get();
    const key = this.key(id);
    if (key === undefined || !key.may_listen) return;
    if (key.forced) return this.#remark(id, "always open");
    const on = !listenFace(state, id).shown;
    const n = this.#counter.next();
    if (!this.#link.send({ t: "hear", key: id, n, on })) return this.#remark(id, "not connected");
    this.#did({ kind: "hear", key: id, n, on, now: performance.now() });
  }

  setVolume(id: string, db: number, muted: boolean): void {
    this.#link.send({ t: "volume", key: id, db, muted });
    this.#did({ kind: "volume", key: id, db, muted, now: performance.now() });
  }

  toggleMute(id: string): void {
    const { db, muted } = volumeOf(this.panel.get(), id);
    this.setVolume(id, db, !muted);
  }

  setMaster(db: number): void {
    this.#link.send({ t: "master", db });
    this.#did({ kind: "master", db, now: performance.now() });
  }

  #press(id: string): void {
    const key = this.key(id);
    const now = performance.now();
    if (key === undefined) return;
    if (!key.may_talk) return this.#remark(id, key.may_listen ? "listen only" : "no access");
    const { mic } = this.status.get();
    if (mic !== "live") return this.#remark(id, mic === "muted" ? "microphone muted" : "no microphone");
    const n = this.#counter.next();
    if (!this.#link.send({ t: "press", key: id, n })) return this.#remark(id, "not connected");
    const latched = isLatched(this.panel.get(), id);
    if (latched) this.#closing.add(id);
    this.#did({ kind: "talk", key: id, n, open: !latched || key.latch === "auto", now });
    this.#noticePushing();
  }

  #release(id: string, heldMs: number, cancel: boolean): void {
    const key = this.key(id);
    const closing = this.#closing.delete(id);
    this.#noticePushing();
    if (key === undefined) return;
    const state = this.panel.get();
    const tapMs = state.panel?.tap_ms ?? 0;
    const open = !cancel && !closing && staysOpen(state, key, heldMs, tapMs);
    const n = this.#counter.next();
    if (!this.#link.send({ t: "release", key: id, n, held_ms: heldMs, cancel })) return;
    this.#did({ kind: "talk", key: id, n, open, now: performance.now() });
  }

  #allOff(): void {
    this.#closing.clear();
    this.#link.send({ t: "all_off" });
    this.#did({ kind: "all_off" });
    this.#noticePushing();
  }

  #remark(key: string, text: string): void {
    this.#did({ kind: "remark", key, text, now: performance.now() });
  }

  #noticePushing(): void {
    this.#change({ pushing: this.keys.pushing });
  }

  // What happens to us.

  #take(message: ServerMessage): void {
    const now = performance.now();
    switch (message.t) {
      case "welcome":
        this.#welcome = message;
        this.#lanes = null;
        this.#counter.raise(message.n);
        this.#did({ kind: "live", now });
        this.#change({ lostAt: null });
        return this.#beat();
      case "panel":
        this.#did({ kind: "said", message, now });
        // A reload of the show sends its panel again; the session goes on untouched unless its shape changed.
        if (message.lanes !== this.#lanes) this.#rtc.resume(message.lanes);
        this.#lanes = message.lanes;
        return;
      case "answer":
        return void this.#rtc.answered(message.session, message.sdp);
      case "media_refused":
        return this.#rtc.refused(message.session);
      case "levels":
        return this.meters.feed(this.#keyLevels(message.of), now);
      case "pong":
        return this.#change({ rttMs: Math.max(0, now - message.at) });
      case "gone":
        if (!message.again) this.#end({ reason: message.reason, text: message.text });
        return;
      default:
        this.#did({ kind: "said", message, now });
        if (message.t === "tally") this.#rememberGains();
    }
  }

  #linkIs(link: LinkState): void {
    if (this.status.get().link === "live" && link !== "live") {
      this.#closing.clear();
      this.keys.forget();
      this.#did({ kind: "lost", now: performance.now() });
      this.#change({ lostAt: performance.now(), rttMs: null, pushing: false });
    }
    this.#change({ link });
  }

  /** The link does not come up: is there still a session, or only no network? */
  async #doubt(attempt: number): Promise<void> {
    if (attempt < ASK_DOOR_AFTER) return;
    const door = await look(null);
    if (!door.ok || door.body.me !== null || this.#link.state === "live" || this.#link.state === "over")
      return;
    this.#end({ reason: "no_seat", text: "Your seat is not yours any more." });
  }

  #micIs(mic: MicState): void {
    this.#change({ mic });
    // Muted by the headset or taken by a call: nothing may stay open that nobody can hear or close.
    if ((mic === "muted" || mic === "busy") && this.panel.get().live) this.keys.allOff();
  }

  #end(ended: Ended): void {
    this.#link.stop();
    this.#rtc.close();
    this.#mic.release();
    this.#awake.release();
    this.#stopBeats();
    this.#beatMs = 0;
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#ticker = null;
    this.#graph?.close();
    this.#graph = null;
    this.panel.set(EMPTY);
    this.status.set({ ...FRESH, ended });
  }

  // The page's clockwork.

  #watchPage(): void {
    const ticker = sharedTicker();
    this.#ticker = ticker;
    const stop = new AbortController();
    const options = { signal: stop.signal };
    document.addEventListener("visibilitychange", () => this.#seen(), options);
    window.addEventListener("online", () => this.#link.hurry(), options);
    this.#stops = [
      () => stop.abort(),
      ticker.every(LANES_MS, () => this.#mixLanes()),
      ticker.every(METERS_MS, () => this.#drawMeters()),
      ticker.every(WATCH_MS, () => this.#watch()),
    ];
  }

  #seen(): void {
    if (document.hidden) this.keys.cancelAll(performance.now());
    this.#beat();
    if (document.hidden) return;
    this.#link.hurry();
    void this.#awake.hold();
    void this.#graph?.wake();
    void this.#mic.revive();
  }

  #beat(): void {
    this.#link.check();
    const held = this.keys.held();
    this.#link.send({ t: "beat", at: performance.now(), held, hidden: document.hidden });
  }

  /** Beats fast while any talk is open, slowly otherwise; a change of pace beats at once. */
  #paceBeats(): void {
    const talking = this.keys.held().length > 0 || micWanted(this.panel.get());
    const ms = (talking ? this.#welcome?.beat_talking_ms : this.#welcome?.beat_idle_ms) ?? 1000;
    if (ms === this.#beatMs || this.#ticker === null) return;
    this.#stopBeats();
    this.#beatMs = ms;
    this.#stopBeats = this.#ticker.every(ms, () => this.#beat());
  }

  #watch(): void {
    this.#did({ kind: "tick", now: performance.now() });
    this.#change({ media: this.#rtc.connected });
    if (this.#link.state !== "live") return;
    void this.#rtc.watch(this.panel.get().tally?.media ?? true);
  }

  #drawMeters(): void {
    if (document.hidden) return;
    const now = performance.now();
    const open = micWanted(this.panel.get());
    const own = open ? (this.#graph?.micLevel() ?? -127) : -127;
    this.meters.draw(now, new Map([[OWN_METER, own]]));
    this.#did({ kind: "tick", now });
  }

  #keyLevels(of: Readonly<Record<string, number>>): Map<string, number> {
    const levels = new Map<string, number>();
    for (const [key, tally] of Object.entries(this.panel.get().tally?.keys ?? {})) {
      const loud = Math.max(...tally.speakers.map((id) => of[id] ?? -127), -127);
      if (loud > -127) levels.set(key, loud);
    }
    return levels;
  }

  // Sound.

  #rememberGains(): void {
    for (const [talker, gain] of talkerGains(this.panel.get())) this.#remembered.set(talker, gain);
  }

  #mixLanes(): void {
    const state = this.panel.get();
    const lanes = state.panel?.lanes ?? 0;
    const now = talkerGains(state);
    const master = dbToGain(masterDb(state));
    for (let lane = 0; lane < lanes; lane += 1) {
      const tallied = state.tally?.lanes[lane] ?? null;
      const talker = this.#rtc.talkerOn(lane);
      this.#graph?.setGain(lane, laneGain(tallied, talker, now, this.#remembered, master));
    }
  }

  // State.

  #did(event: PanelEvent): void {
    const before = this.panel.get();
    const after = reduce(before, event);
    if (after === before) return;
    this.#mic.gate(micWanted(after));
    this.panel.set(after);
    this.#paceBeats();
  }

  #change(change: Partial<StationStatus>): void {
    const before = this.status.get();
    const names = Object.keys(change) as (keyof StationStatus)[];
    if (names.some((name) => before[name] !== change[name])) this.status.set({ ...before, ...change });
  }

  /** Keys whose talk stands open. */
  open(): string[] {
    return openKeys(this.panel.get());
  }
}

let ticker: Ticker | null = null;

function sharedTicker(): Ticker {
  ticker ??= workerTicker();
  return ticker;
}

function openSocket(): Socket {
  return new WebSocket(`wss://${location.host}/api/v1/link`) as Socket;
}

function later(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
}
