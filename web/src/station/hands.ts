/** What hands feel and reach beside the screen: vibration, the headset's button, the system's media card. */

import { buzz } from "../device/haptics.ts";
import { Headset } from "../device/headset.ts";
import type { KeyEngine } from "../keys/engine.ts";
import { felt } from "../panel/felt.ts";
import type { PanelState } from "../panel/model.ts";
import { onAir, openKeys, talkFace } from "../panel/select.ts";
import { words } from "../words/language.ts";

export interface HandsPorts {
  readonly keys: KeyEngine;
  armed(): readonly string[];
}

export class Hands {
  readonly #headset: Headset;

  constructor({ keys, armed }: HandsPorts) {
    this.#headset = new Headset({
      toggle: () => {
        const key = keys.lastUsed ?? armed()[0];
        if (key !== undefined) keys.tap(key);
      },
      close: () => keys.allOff(),
    });
  }

  start(): void {
    this.#headset.hold();
  }

  /** The panel is about to show this. */
  panelIs(before: PanelState, after: PanelState): void {
    const feel = felt(before, after);
    if (feel !== null) buzz(feel);
    const { panel } = after;
    if (panel === null) return;
    const air = openKeys(after).filter((key) => onAir(talkFace(after, key)));
    const label = (id: string) => panel.keys.find((key) => key.id === id)?.label ?? words().reply.key;
    const seat = panel.seat || panel.role_name;
    this.#headset.show({
      title: air.length > 0 ? `${words().lock.onAir}: ${air.map(label).join(" + ")}` : seat,
      artist: panel.show,
      onAir: air.length > 0,
    });
  }

  stop(): void {
    this.#headset.release();
  }
}
