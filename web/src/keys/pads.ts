/**
 * Gamepads and foot pedals that are gamepads: their buttons as sources of holds.
 *
 *   plugged in, button down    nothing: it opens only after it has been seen up
 *   down                       press
 *   up                         release
 *   unplugged, page not in use cancelled
 */

import type { Action } from "./shortcuts.ts";

/** What a browser tells of one pad now. */
export interface PadNow {
  readonly index: number;
  readonly buttons: readonly boolean[];
}

export interface PadPorts {
  /** What a button does; undefined: nothing. */
  action(button: number): Action | undefined;
  down(action: Action, source: string): void;
  up(action: Action, source: string): void;
  cancel(action: Action, source: string): void;
}

type Button = "rest" | "stuck" | Action;

export class Pads {
  readonly #ports: PadPorts;
  readonly #pads = new Map<number, Button[]>();

  constructor(ports: PadPorts) {
    this.#ports = ports;
  }

  /** To be called often with every pad there is; the button that went down now, if one did. */
  read(now: readonly PadNow[]): number | null {
    let pressed: number | null = null;
    for (const index of [...this.#pads.keys()])
      if (!now.some((pad) => pad.index === index)) this.#unplugged(index);
    for (const pad of now) {
      const before = this.#pads.get(pad.index);
      this.#pads.set(
        pad.index,
        pad.buttons.map((down, button) => {
          if (before === undefined) return down ? "stuck" : "rest";
          const was = before[button] ?? "rest";
          if (down && was === "rest") pressed = button;
          return this.#next(was, down, button, sourceOf(pad.index, button));
        }),
      );
    }
    return pressed;
  }

  /** Nothing is held any more; what is down now must come up first. */
  cancel(): void {
    for (const [index, buttons] of this.#pads) {
      this.#lose(index, buttons);
      this.#pads.set(
        index,
        buttons.map((was) => (was === "rest" ? "rest" : "stuck")),
      );
    }
  }

  #next(was: Button, down: boolean, button: number, source: string): Button {
    if (was === "rest") {
      const action = down ? this.#ports.action(button) : undefined;
      if (action === undefined) return down ? "stuck" : "rest";
      this.#ports.down(action, source);
      return action;
    }
    if (down) return was;
    if (was !== "stuck") this.#ports.up(was, source);
    return "rest";
  }

  #unplugged(index: number): void {
    this.#lose(index, this.#pads.get(index) ?? []);
    this.#pads.delete(index);
  }

  #lose(index: number, buttons: readonly Button[]): void {
    buttons.forEach((was, button) => {
      if (was !== "rest" && was !== "stuck") this.#ports.cancel(was, sourceOf(index, button));
    });
  }
}

function sourceOf(pad: number, button: number): string {
  return `pad:${pad}:${button}`;
}
