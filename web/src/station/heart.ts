/** What the panel shows and how this phone is doing, and the only two ways to change them. */

import type { MicState } from "../device/mic.ts";
import { EMPTY, type PanelState } from "../panel/model.ts";
import { type PanelEvent, reduce } from "../panel/reduce.ts";
import type { Carrier } from "../session/carrier.ts";
import type { LinkState } from "../session/link.ts";
import { Store } from "../store.ts";

/** Why the panel is closed, for a screen of its own. */
export interface Ended {
  readonly reason: string;
  readonly text: string;
  /** Who decided it, or who has the seat now. */
  readonly by?: string;
  /** What that person wrote. */
  readonly why?: string;
}

export interface StationStatus {
  readonly mic: MicState;
  readonly link: LinkState;
  /** Since when nothing comes, by the control link or by the sound's packets; null while both come. */
  readonly lostAt: number | null;
  readonly rttMs: number | null;
  readonly carrier: Carrier;
  readonly media: boolean;
  readonly ended: Ended | null;
  readonly pushing: boolean;
}

export const FRESH: StationStatus = {
  mic: "off",
  link: "over",
  lostAt: null,
  rttMs: null,
  carrier: "websocket",
  media: false,
  ended: null,
  pushing: false,
};

export class Heart {
  readonly panel = new Store<PanelState>(EMPTY);
  readonly status = new Store<StationStatus>(FRESH);
  readonly #onPanel: (after: PanelState) => void;

  /** `onPanel`: told of each new panel state just before it is shown. */
  constructor(onPanel: (after: PanelState) => void) {
    this.#onPanel = onPanel;
  }

  /** Something happened to the panel. */
  did(event: PanelEvent): void {
    const before = this.panel.get();
    const after = reduce(before, event);
    if (after === before) return;
    this.#onPanel(after);
    this.panel.set(after);
  }

  /** A word on a key, for some seconds. */
  remark(key: string, text: string): void {
    this.did({ kind: "remark", key, text, now: performance.now() });
  }

  /** A sentence over the keys, for some seconds. */
  note(kind: "info" | "warning", text: string): void {
    this.did({ kind: "said", message: { t: "notice", kind, text }, now: performance.now() });
  }

  change(change: Partial<StationStatus>): void {
    const before = this.status.get();
    const names = Object.keys(change) as (keyof StationStatus)[];
    if (names.some((name) => before[name] !== change[name])) this.status.set({ ...before, ...change });
  }

  /** Nothing is left but why it ended. */
  end(ended: Ended): void {
    this.panel.set(EMPTY);
    this.status.set({ ...FRESH, ended });
  }
}
