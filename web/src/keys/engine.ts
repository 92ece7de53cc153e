/**
 * From fingers and keyboard keys to orders.
 *
 * Acts on down. Whatever ends a hold other than its own release (the finger left the screen's control, the
 * page lost focus, was hidden or closed, the link dropped) ends it as cancelled, and a cancelled hold never
 * latches.
 */

import type { PanelKey } from "../wire/messages.ts";
import { Holds, type Released } from "./holds.ts";

/** A hold by the push-to-talk bar is never a tap, however short it was. */
const BEYOND_TAP_MS = 1;

export interface KeyPorts {
  key(id: string): PanelKey | undefined;
  /** Keys that push-to-talk holds now. */
  armed(): readonly string[];
  isLatched(id: string): boolean;
  tapMs(): number;
  press(id: string): void;
  release(id: string, heldMs: number, cancel: boolean): void;
  allOff(): void;
  now(): number;
}

export class KeyEngine {
  readonly #ports: KeyPorts;
  readonly #holds = new Holds();
  #last: string | null = null;
  readonly #pushed = new Map<string, readonly string[]>();

  constructor(ports: KeyPorts) {
    this.#ports = ports;
  }

  /** The key that last went down by itself, not by push-to-talk; null before the first. */
  get lastUsed(): string | null {
    return this.#last;
  }

  /** Keys physically down. */
  held(): string[] {
    return this.#holds.keys();
  }

  down(id: string, source: string, at: number): void {
    this.#last = id;
    if (this.#holds.down(id, source, at)) this.#ports.press(id);
  }

  /** The source let go: `at` is the event's time stamp. */
  up(id: string, source: string, at: number): void {
    this.#end(id, this.#holds.up(id, source, at), false);
  }

  /** The source was taken away without letting go. */
  cancel(id: string, source: string, at: number): void {
    this.#end(id, this.#holds.up(id, source, at), true);
  }

  /** Push-to-talk: every armed key that is not latched. */
  push(source: string, at: number): void {
    if (this.#pushed.has(source)) return;
    const keys = this.#ports.armed().filter((id) => !this.#ports.isLatched(id));
    this.#pushed.set(source, keys);
    for (const id of keys) {
      if (this.#holds.down(id, source, at, true)) this.#ports.press(id);
    }
  }

  unpush(source: string, at: number, cancelled = false): void {
    const keys = this.#pushed.get(source) ?? [];
    this.#pushed.delete(source);
    for (const id of keys) this.#end(id, this.#holds.up(id, source, at), cancelled);
  }

  get pushing(): boolean {
    return this.#pushed.size > 0;
  }

  /** A press without a hold, as assistive technology gives it: latches or closes, like a tap. */
  tap(id: string): void {
    const at = this.#ports.now();
    this.down(id, "tap", at);
    this.up(id, "tap", at);
  }

  /** A source is gone for good, whatever it held. */
  lost(source: string, at: number): void {
    this.unpush(source, at, true);
    for (const id of this.#holds.by(source)) this.cancel(id, source, at);
  }

  /** Every hold ends; latches stay. */
  cancelAll(at: number): void {
    this.#pushed.clear();
    for (const [id, released] of this.#holds.clear(at)) this.#end(id, released, true);
  }

  /** Forgets every hold without a word: the link that carried them is gone. */
  forget(): void {
    this.#pushed.clear();
    this.#holds.clear(0);
  }

  /** Everything of mine closes, held or latched. */
  allOff(): void {
    this.forget();
    this.#ports.allOff();
  }

  #end(id: string, released: Released | null, cancelled: boolean): void {
    if (released === null) return;
    if (!released.pushed) {
      this.#ports.release(id, released.heldMs, cancelled);
      return;
    }
    const latching = this.#ports.key(id)?.latch === "latching";
    const heldMs = Math.max(released.heldMs, this.#ports.tapMs() + BEYOND_TAP_MS);
    this.#ports.release(id, heldMs, cancelled || latching);
  }
}
