/** Orders by keyboard, pedal and gamepad: what an action does to the keys of the panel. */

import { REPLY } from "../panel/select.ts";
import type { KeyEngine } from "./engine.ts";
import { type Action, meant } from "./shortcuts.ts";

export interface PageKeys {
  readonly engine: KeyEngine;
  /** The key at a position of the panel; undefined when there is none. */
  keyAt(index: number): string | undefined;
  /** Whether this panel has a reply key. */
  hasReply(): boolean;
  listenAt(index: number): void;
  /** Whether the panel is in front: no sheet, no form. */
  inFront(): boolean;
}

/** Sources that are not pointers, each with the key it holds; null for push-to-talk. */
export class Strokes {
  readonly #page: PageKeys;
  readonly #down = new Map<string, string | null>();

  constructor(page: PageKeys) {
    this.#page = page;
  }

  down(action: Action, source: string, at: number): void {
    const { engine } = this.#page;
    const what = meant(action);
    if (what.kind === "all_off") return engine.allOff();
    if (what.kind === "listen") return this.#page.listenAt(what.index);
    if (what.kind === "push") {
      this.#down.set(source, null);
      return engine.push(source, at);
    }
    const key =
      what.kind === "talk" ? this.#page.keyAt(what.index) : this.#page.hasReply() ? REPLY : undefined;
    if (key === undefined) return;
    this.#down.set(source, key);
    engine.down(key, source, at);
  }

  up(source: string, at: number): void {
    const key = this.#down.get(source);
    this.#down.delete(source);
    if (key === null) this.#page.engine.unpush(source, at);
    else if (key !== undefined) this.#page.engine.up(key, source, at);
  }

  /** The source is gone or not to be trusted. */
  cancel(source: string, at: number): void {
    this.#down.delete(source);
    this.#page.engine.lost(source, at);
  }

  /** Every source of these is gone; whoever calls ends the holds. */
  clear(): void {
    this.#down.clear();
  }

  sources(): string[] {
    return [...this.#down.keys()];
  }
}
