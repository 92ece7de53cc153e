/** What the person orders: said to the appliance and noted as a wish until it answers. */

import type { MicState } from "../device/mic.ts";
import { readPrefs, writePrefs } from "../device/prefs.ts";
import { isLatched, listenFace, REPLY, replyKey, staysOpen, volumeOf } from "../panel/select.ts";
import { Counter } from "../session/counter.ts";
import type { ClientMessage, PanelKey } from "../wire/messages.ts";
import { words } from "../words/language.ts";
import type { Heart } from "./heart.ts";

export interface OrderPorts {
  readonly heart: Heart;
  /** Says a message; false while the link is not live. */
  send(message: ClientMessage): boolean;
  mic(): MicState;
}

export class Orders {
  readonly #ports: OrderPorts;
  readonly #counter = new Counter();
  /** Latched keys that are pressed to close. */
  readonly #closing = new Set<string>();
  /** Places that show the crew list. */
  #watching = 0;

  constructor(ports: OrderPorts) {
    this.#ports = ports;
  }

  key(id: string): PanelKey | undefined {
    return id === REPLY ? replyKey(this.#state) : this.#state.panel?.keys.find((key) => key.id === id);
  }

  /** The appliance remembers counters up to `n` from before. */
  welcomed(n: number): void {
    this.#counter.raise(n);
  }

  /** The link that carried the orders is gone. */
  forget(): void {
    this.#closing.clear();
  }

  /** Keys push-to-talk holds: the show's, changed by this person's choices. */
  armed(): string[] {
    const { panel } = this.#state;
    if (panel === null) return [];
    const mine = readPrefs().armed;
    return panel.keys
      .filter((key) => key.may_talk && (mine[`${panel.role}/${key.id}`] ?? key.armed))
      .map((key) => key.id);
  }

  arm(id: string, on: boolean): void {
    const role = this.#state.panel?.role ?? "";
    writePrefs({ armed: { ...readPrefs().armed, [`${role}/${id}`]: on } });
  }

  toggleListen(id: string): void {
    const { heart } = this.#ports;
    const key = this.key(id);
    if (key === undefined || !key.may_listen) return;
    if (key.forced) return heart.remark(id, words().reasons.forced);
    const on = !listenFace(this.#state, id).shown;
    const n = this.#counter.next();
    if (!this.#ports.send({ t: "hear", key: id, n, on }))
      return heart.remark(id, words().reasons.not_connected);
    heart.did({ kind: "hear", key: id, n, on, now: performance.now() });
  }

  setVolume(id: string, db: number, muted: boolean): void {
    this.#ports.send({ t: "volume", key: id, db, muted });
    this.#ports.heart.did({ kind: "volume", key: id, db, muted, now: performance.now() });
  }

  toggleMute(id: string): void {
    const { db, muted } = volumeOf(this.#state, id);
    this.setVolume(id, db, !muted);
  }

  setMaster(db: number): void {
    this.#ports.send({ t: "master", db });
    this.#ports.heart.did({ kind: "master", db, now: performance.now() });
  }

  press(id: string): void {
    const { heart } = this.#ports;
    const key = this.key(id);
    const now = performance.now();
    if (key === undefined) return;
    if (!key.may_talk)
      return heart.remark(id, key.may_listen ? words().reasons.listen_only : words().reasons.not_allowed);
    const mic = this.#ports.mic();
    if (mic !== "live")
      return heart.remark(id, mic === "muted" ? words().reasons.mic_muted : words().reasons.no_mic);
    const n = this.#counter.next();
    // Whom the reply key shows now: a call that comes in the same moment must not get these words.
    const shown = id === REPLY ? (this.#state.tally?.reply[0]?.station ?? 0) : 0;
    if (!this.#ports.send({ t: "press", key: id, n, station: shown }))
      return heart.remark(id, words().reasons.not_connected);
    const latched = isLatched(this.#state, id);
    if (latched) this.#closing.add(id);
    heart.did({ kind: "talk", key: id, n, open: !latched || key.latch === "auto", now });
  }

  release(id: string, heldMs: number, cancel: boolean): void {
    const key = this.key(id);
    const closing = this.#closing.delete(id);
    if (key === undefined) return;
    const state = this.#state;
    const tapMs = state.panel?.tap_ms ?? 0;
    const open = !cancel && !closing && staysOpen(state, key, heldMs, tapMs);
    const n = this.#counter.next();
    if (!this.#ports.send({ t: "release", key: id, n, held_ms: heldMs, cancel })) return;
    this.#ports.heart.did({ kind: "talk", key: id, n, open, now: performance.now() });
  }

  allOff(): void {
    this.#closing.clear();
    this.#ports.send({ t: "all_off" });
    this.#ports.heart.did({ kind: "all_off", now: performance.now() });
  }

  // Signals and what is done for others. The appliance checks the rights; the tally shows what came of it.

  /** Ask for attention without voice; false: not connected. */
  call(to: string): boolean {
    return this.#ports.send({ t: "signal", kind: "call", to });
  }

  cue(kind: "standby" | "go", to: string, text: string): boolean {
    return this.#ports.send({ t: "signal", kind, to, text });
  }

  text(to: string, text: string): boolean {
    return this.#ports.send({ t: "signal", kind: "text", to, text });
  }

  acknowledge(signal: number): void {
    this.#ports.send({ t: "acknowledge", signal });
  }

  withdraw(signal: number): void {
    this.#ports.send({ t: "withdraw", signal });
  }

  /** Put somebody on top of the reply stack. */
  aim(station: number): void {
    this.#ports.send({ t: "aim", station });
  }

  dismiss(station: number): void {
    this.#ports.send({ t: "dismiss", station });
  }

  kill(address: string, on: boolean): void {
    this.#ports.send({ t: "kill", address, on });
  }

  unlatch(address: string): void {
    this.#ports.send({ t: "unlatch", address });
  }

  decide(request: string, admit: boolean): void {
    this.#ports.send({ t: "decide", request, admit });
  }

  /** Sends somebody away: no seat, no session. */
  kick(station: number, why: string): void {
    this.#ports.send({ t: "kick", station, why });
  }

  /** One more place shows the crew list, or one less; it is sent while there is any. */
  watch(people: boolean): void {
    const before = this.#watching;
    this.#watching += people ? 1 : -1;
    if (before > 0 !== this.#watching > 0) this.#ports.send({ t: "watch", people });
  }

  get #state() {
    return this.#ports.heart.panel.get();
  }
}
