/**
 * Short signals of the phone itself, made with oscillators and played like everything else it plays.
 *
 * Two notes that fall: lost. Two that rise: back. Their pitches lie between the tones of program feeds and
 * stay clear of speech fundamentals, so that they are told apart from a voice at a low level.
 */

import { readPrefs } from "./prefs.ts";

export type Tone = "lost" | "back" | "late" | "call" | "remind" | "go" | "denied";

interface Note {
  readonly hz: number;
  readonly at_ms: number;
  readonly ms: number;
  /** Relative to the tone level. */
  readonly gain: number;
}

const note = (hz: number, at_ms: number, ms: number, gain = 1): Note => ({ hz, at_ms, ms, gain });

export const NOTES: Readonly<Record<Tone, readonly Note[]>> = {
  lost: [note(660, 0, 130), note(440, 150, 220)],
  back: [note(440, 0, 90), note(660, 110, 150)],
  late: [note(330, 0, 70), note(330, 110, 70), note(330, 220, 70)],
  call: [note(1320, 0, 110, 0.8), note(1050, 130, 110, 0.8), note(1320, 260, 160, 0.8)],
  remind: [note(880, 0, 60, 0.5), note(880, 120, 60, 0.5)],
  go: [note(990, 0, 80), note(1480, 90, 260)],
  denied: [note(220, 0, 160)],
};

/** Level of a tone at gain 1 and 0 dB of preference: well audible and far from the ceiling. */
const LEVEL_DB = -22;
const EDGE_S = 0.008;
/** The same tone again sooner than this is one tone to the ear. */
const APART_MS = 400;

export interface ToneOutlet {
  readonly context: AudioContext;
  /** Where the phone's own sounds go: past volumes and solo, before the ceiling. */
  readonly input: AudioNode;
}

export class Tones {
  readonly #outlet: () => ToneOutlet | null;
  readonly #last = new Map<Tone, number>();

  constructor(outlet: () => ToneOutlet | null) {
    this.#outlet = outlet;
  }

  /** Plays it now, unless its person switched tones off, there is no output yet, or it has just sounded. */
  play(tone: Tone): void {
    const { on, db } = readPrefs().tones;
    const outlet = this.#outlet();
    if (!on || outlet === null || outlet.context.state !== "running") return;
    const now = performance.now();
    if (now - (this.#last.get(tone) ?? Number.NEGATIVE_INFINITY) < APART_MS) return;
    this.#last.set(tone, now);
    for (const one of NOTES[tone]) sing(outlet, one, 10 ** ((LEVEL_DB + db) / 20));
  }
}

/** One note with soft edges; it frees itself when it has sounded. */
function sing({ context, input }: ToneOutlet, { hz, at_ms, ms, gain }: Note, level: number): void {
  const start = context.currentTime + 0.01 + at_ms / 1000;
  const end = start + ms / 1000;
  const source = new OscillatorNode(context, { frequency: hz });
  const shape = new GainNode(context, { gain: 0 });
  shape.gain.setValueAtTime(0, start);
  shape.gain.linearRampToValueAtTime(level * gain, start + EDGE_S);
  shape.gain.setValueAtTime(level * gain, end - EDGE_S);
  shape.gain.linearRampToValueAtTime(0, end);
  source.connect(shape).connect(input);
  source.addEventListener("ended", () => shape.disconnect());
  source.start(start);
  source.stop(end);
}
