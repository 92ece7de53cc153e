/**
 * This phone as a station: the one place where connection, keys, sound, orders and panel meet.
 *
 * Owns all of them. Screens read `panel` and `status` and call the methods; nothing else changes anything.
 */

import { Awake } from "../device/awake.ts";
import type { MicState } from "../device/mic.ts";
import { writePrefs } from "../device/prefs.ts";
import { isReload } from "../device/shell.ts";
import { KeyEngine } from "../keys/engine.ts";
import type { PanelState } from "../panel/model.ts";
import { isLatched, micWanted, openKeys } from "../panel/select.ts";
import type { LinkState } from "../session/link.ts";
import type { ConnectionReport } from "../session/report.ts";
import { type Ticker, workerTicker } from "../session/ticker.ts";
import type { ServerMessage } from "../wire/messages.ts";
import { words } from "../words/language.ts";
import { Alarms } from "./alarms.ts";
import { Connection } from "./connection.ts";
import { Hands } from "./hands.ts";
import { type Ended, Heart } from "./heart.ts";
import { Orders } from "./orders.ts";
import { Sound } from "./sound.ts";

const ALARMS_MS = 50;
const METERS_MS = 100;

export class Station {
  readonly heart = new Heart((after) => this.#panelIs(after));
  readonly panel = this.heart.panel;
  readonly status = this.heart.status;
  readonly keys: KeyEngine;
  readonly orders: Orders;
  readonly sound: Sound;
  readonly #connection: Connection;
  readonly #awake = new Awake();
  readonly #alarms: Alarms;
  readonly #hands: Hands;
  readonly #lost: { link: number | null; sound: number | null } = { link: null, sound: null };
  #stops: (() => void)[] = [];

  constructor() {
    this.#connection = new Connection({
      held: () => this.keys.held(),
      upThere: () => this.panel.get().tally?.media ?? true,
      track: () => this.sound.track,
      bufferMs: () => this.sound.bufferMs,
      onMessage: (message) => this.#take(message),
      onLink: (state) => this.#linkIs(state),
      onNextLane: (lane, track) => this.sound.prepareLane(lane, track),
      onLane: (lane, track) => this.sound.setLane(lane, track),
      onLanesGone: () => this.sound.dropLanes(),
      onSeatless: () => this.#end({ reason: "no_seat", text: "" }),
      onMedia: (media, stalledAt) => this.#mediaIs(media, stalledAt),
      onCarrier: (carrier) => this.heart.change({ carrier }),
    });
    this.sound = new Sound({
      panel: () => this.panel.get(),
      talkerOn: (lane) => this.#connection.talkerOn(lane),
      onTrack: (track) => this.#connection.setMic(track),
      onMic: (mic) => this.#micIs(mic),
      onBuffer: () => this.#connection.rebuffer(),
      onSwitch: (label) => this.heart.note("info", words().sound.switched(label)),
    });
    this.#alarms = new Alarms(this.heart, (tone) => this.sound.tones.play(tone));
    this.orders = new Orders({
      heart: this.heart,
      send: (message) => this.#connection.send(message),
      mic: () => this.status.get().mic,
    });
    this.keys = new KeyEngine({
      key: (id) => this.orders.key(id),
      armed: () => this.orders.armed(),
      isLatched: (id) => isLatched(this.panel.get(), id),
      tapMs: () => this.panel.get().panel?.tap_ms ?? 200,
      press: (id) => {
        this.orders.press(id);
        this.#noticePushing();
      },
      release: (id, heldMs, cancel) => {
        this.orders.release(id, heldMs, cancel);
        this.#noticePushing();
      },
      allOff: () => {
        this.orders.allOff();
        this.#noticePushing();
      },
      now: () => performance.now(),
    });
    this.#hands = new Hands({ keys: this.keys, armed: () => this.orders.armed() });
  }

  // Coming and going.

  /** First half of the join tap, before anything is awaited: sound may only start in a gesture. */
  unlock(): void {
    this.sound.unlock();
  }

  /** Asks for the microphone; the state it ends in. */
  askMic(): Promise<MicState> {
    return this.sound.askMic();
  }

  /** Second half: the seat is ours, so go on the link. */
  async enter(): Promise<void> {
    this.heart.change({ ended: null });
    if (this.#stops.length === 0) this.#watchPage();
    // Not waited for: without any way out for sound (a desk without a loudspeaker) it never comes.
    void this.sound.wake();
    this.sound.run(sharedTicker());
    void this.#awake.hold();
    this.#hands.start();
    this.#connection.start(sharedTicker());
  }

  /** The person gives up the seat. */
  leave(): void {
    this.keys.forget();
    this.#connection.send({ t: "leave" });
    // What was written to others is not a preference: it stays no longer than its person.
    writePrefs({ said: [] });
    this.#end({ reason: "left", text: "" });
  }

  /** Back at the door: why it ended is read. */
  reset(): void {
    this.heart.change({ ended: null });
  }

  /** A clock that keeps its pace on a hidden page. */
  get ticker(): Ticker {
    return sharedTicker();
  }

  /** The connection in figures; null while there is no media session. */
  report(): Promise<ConnectionReport | null> {
    return this.#connection.report();
  }

  /** Keys whose talk stands open. */
  open(): string[] {
    return openKeys(this.panel.get());
  }

  // What happens to us.

  #take(message: ServerMessage): void {
    const now = performance.now();
    switch (message.t) {
      case "welcome":
        this.#connection.welcomed(message);
        this.orders.welcomed(message.n);
        this.heart.did({ kind: "live", now });
        this.#showLost({ link: null });
        return this.#connection.beat();
      case "panel":
        this.heart.did({ kind: "said", message, now });
        this.sound.ear.adopt();
        return this.#connection.panelCame(message);
      case "answer":
        return this.#connection.answered(message.session, message.sdp);
      case "media_refused":
        return this.#connection.refused(message.session);
      case "levels":
        return this.sound.feedLevels(message.of, now);
      case "pong":
        return this.heart.change({ rttMs: Math.max(0, now - message.at) });
      case "gone":
        // An appliance newer than this page: its own page is a reload away.
        if (message.reason === "reload" && !isReload()) return location.reload();
        if (!message.again) {
          const { reason, text, by, why } = message;
          this.#end({ reason, text, by: by ?? "", why: why ?? "" });
        }
        return;
      default:
        this.heart.did({ kind: "said", message, now });
        if (message.t === "tally") this.sound.tallied();
    }
  }

  /** Told before the state is shown: the microphone opens and closes with it. */
  #panelIs(after: PanelState): void {
    this.#hands.panelIs(this.panel.get(), after);
    this.sound.gate(micWanted(after));
    this.#connection.pace(this.keys.held().length > 0 || micWanted(after));
  }

  #linkIs(link: LinkState): void {
    if (this.status.get().link === "live" && link !== "live") {
      const held = this.keys.held();
      this.orders.forget();
      this.keys.forget();
      this.heart.did({ kind: "lost", now: performance.now() });
      // A finger that is still down talks to nobody from here on, also when the link is back: its key says so.
      for (const key of held) this.heart.remark(key, words().reasons.hold_lost);
      this.heart.change({ rttMs: null, pushing: false });
      this.#showLost({ link: performance.now() });
    }
    this.heart.change({ link });
  }

  #mediaIs(media: boolean, stalledAt: number | null): void {
    this.heart.did({ kind: "tick", now: performance.now() });
    this.heart.change({ media });
    this.#showLost({ sound: stalledAt });
  }

  /** The connection is as lost as the worse of link and sound, since the earlier of both. */
  #showLost(change: { link?: number | null; sound?: number | null }): void {
    Object.assign(this.#lost, change);
    const { link, sound } = this.#lost;
    const since = [link, sound].filter((at) => at !== null);
    this.heart.change({ lostAt: since.length === 0 ? null : Math.min(...since) });
  }

  #micIs(mic: MicState): void {
    this.heart.change({ mic });
    // Muted by the headset, taken by a call or pulled out: nothing may stay open that nobody can hear or close, nor
    // go on over the room's microphone. While its person changes the microphone a talk stays.
    if (mic !== "live" && mic !== "asking" && this.panel.get().live) this.keys.allOff();
  }

  #noticePushing(): void {
    this.heart.change({ pushing: this.keys.pushing });
  }

  #end(ended: Ended): void {
    this.keys.forget();
    this.#connection.stop();
    this.#awake.release();
    this.#hands.stop();
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.sound.close();
    this.#alarms.forget();
    this.#showLost({ link: null, sound: null });
    this.heart.end(ended);
  }

  // The page's clockwork.

  #watchPage(): void {
    const ticker = sharedTicker();
    const stop = new AbortController();
    const options = { signal: stop.signal };
    document.addEventListener("visibilitychange", () => this.#seen(), options);
    window.addEventListener("online", () => this.#connection.networkChanged(), options);
    networkInformation()?.addEventListener("change", () => this.#connection.networkChanged(), options);
    this.#stops = [
      () => stop.abort(),
      ticker.every(ALARMS_MS, () => this.#alarms.tick(performance.now())),
      ticker.every(METERS_MS, () => this.#drawMeters()),
    ];
  }

  #seen(): void {
    if (document.hidden) this.keys.cancelAll(performance.now());
    this.#connection.beat();
    if (document.hidden) return;
    this.#connection.hurry();
    void this.#awake.hold();
    void this.sound.wake();
    void this.sound.reviveMic();
  }

  #drawMeters(): void {
    if (document.hidden) return;
    const now = performance.now();
    this.sound.drawMeters(now);
    this.heart.did({ kind: "tick", now });
  }
}

/** Android's browsers tell of a change from Wi-Fi to the mobile network; others do not. */
function networkInformation(): EventTarget | undefined {
  return (navigator as Navigator & { readonly connection?: EventTarget }).connection;
}

let ticker: Ticker | null = null;

function sharedTicker(): Ticker {
  ticker ??= workerTicker();
  return ticker;
}
