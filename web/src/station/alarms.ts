/** Plays the phone's own tones when what the panel shows asks for them. */

import { readPrefs } from "../device/prefs.ts";
import type { Tone } from "../device/tones.ts";
import { CALM, type Seen, watch } from "../panel/alarms.ts";
import { felt } from "../panel/felt.ts";
import { EMPTY, type PanelState } from "../panel/model.ts";
import { isLatched, openKeys } from "../panel/select.ts";
import type { Heart } from "./heart.ts";

export class Alarms {
  readonly #heart: Heart;
  readonly #play: (tone: Tone) => void;
  #state = CALM;
  #before: PanelState = EMPTY;

  constructor(heart: Heart, play: (tone: Tone) => void) {
    this.#heart = heart;
    this.#play = play;
  }

  /** Call some twenty times a second. */
  tick(now: number): void {
    const panel = this.#heart.panel.get();
    // The appliance's word on the sound comes at once; this phone looks at its own only each second.
    const { link, lostAt } = this.#heart.status.get();
    const up = link === "live" && lostAt === null && panel.tally?.media === true;
    const [next, due] = watch(this.#state, seen(panel, up), now);
    this.#state = next;
    for (const alarm of due) this.#play(alarm);
    const feel = felt(this.#before, panel);
    this.#before = panel;
    if (feel !== null && feel !== "air") this.#play(feel === "refused" ? "denied" : feel);
  }

  /** The seat is given up: what comes next is a new beginning. */
  forget(): void {
    this.#state = CALM;
    this.#before = EMPTY;
  }
}

function seen(state: PanelState, up: boolean): Seen {
  const waiting = new Map<number, number>();
  for (const wish of Object.values(state.talks)) {
    if (wish.open && !wish.keeps) waiting.set(wish.n, wish.at);
  }
  const latched = openKeys(state).filter((key) => isLatched(state, key));
  const remindS = readPrefs().tones.remind ? (state.panel?.remind_s ?? 0) : 0;
  return { up, waiting, latched, remindS };
}
