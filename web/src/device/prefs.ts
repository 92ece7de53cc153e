/** What this browser remembers of its person: name, theme, armed keys, how it hears and speaks. */

import type { Action, Changes } from "../keys/shortcuts.ts";
import type { Language } from "../words/language.ts";

const STORE = "soundmesh.prefs";

export type Theme = "dark" | "blackout";

export interface MicPrefs {
  readonly echo: boolean;
  readonly noise: boolean;
  readonly gain: boolean;
}

export interface TonePrefs {
  readonly on: boolean;
  /** Against the level they are made for. */
  readonly db: number;
  /** Told of a talk that stays latched. */
  readonly remind: boolean;
}

export interface PersonVolume {
  readonly db: number;
  readonly muted: boolean;
}

export interface Prefs {
  readonly name: string;
  readonly theme: Theme;
  /** Talk at the left, for a left thumb. */
  readonly left: boolean;
  /** Taller keys, fewer of them at once. */
  readonly large: boolean;
  /** Null: the browser's. */
  readonly language: Language | null;
  /** What the browser does to the microphone's sound. */
  readonly mic: MicPrefs;
  /** Chosen devices by the names the browser shows; ids change with each visit. Empty: the system's choice. */
  readonly input: string;
  readonly output: string;
  readonly tones: TonePrefs;
  /** Own voice in the own ear while a talk is open. */
  readonly sidetone: { readonly on: boolean; readonly db: number };
  /** Loud and quiet voices made alike. */
  readonly evenOut: boolean;
  /** A longer jitter buffer: fewer gaps on a bad network, 60 ms later. */
  readonly robust: boolean;
  /** -1 left to 1 right, by `role/key`. */
  readonly pans: Readonly<Record<string, number>>;
  /** Volumes of single people, by `my role|their address`. */
  readonly people: Readonly<Record<string, PersonVolume>>;
  /** Single-key shortcuts, and what this person changed of them. */
  readonly shortcuts: { readonly on: boolean; readonly strokes: Changes };
  /** What the buttons of a gamepad or pedal do, by number. */
  readonly pads: Readonly<Record<number, Action>>;
  /** Short vibrations where the phone has them. */
  readonly haptics: boolean;
  /** A headset's play button opens and closes the last used talk. */
  readonly headsetButton: boolean;
  /** What this person said to others in writing, the newest first. */
  readonly said: readonly string[];
  /** Push-to-talk choices that differ from the show's, by `role/key`. */
  readonly armed: Readonly<Record<string, boolean>>;
}

const DEFAULTS: Prefs = {
  name: "",
  theme: "dark",
  left: false,
  large: false,
  language: null,
  mic: { echo: true, noise: true, gain: true },
  input: "",
  output: "",
  tones: { on: true, db: 0, remind: true },
  sidetone: { on: false, db: -12 },
  evenOut: false,
  robust: false,
  shortcuts: { on: true, strokes: {} },
  pads: { 0: "push" },
  haptics: true,
  headsetButton: false,
  said: [],
  pans: {},
  people: {},
  armed: {},
};

/** Storage may be forbidden (private windows): then nothing is remembered, and nothing breaks. */
export function readPrefs(): Prefs {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(STORE) ?? "{}");
    return typeof found === "object" && found !== null ? { ...DEFAULTS, ...found } : DEFAULTS;
  } catch {
    return DEFAULTS;
  }
}

export function writePrefs(change: Partial<Prefs>): Prefs {
  const next = { ...readPrefs(), ...change };
  try {
    localStorage.setItem(STORE, JSON.stringify(next));
  } catch {
    // Not remembered; see readPrefs.
  }
  return next;
}

/** Texts kept to be said again. */
const MOST_SAID = 10;

/** Keeps a text for the next time; all that are kept now. */
export function rememberSaid(text: string): readonly string[] {
  const { said } = readPrefs();
  const now = text.trim();
  if (now === "") return said;
  return writePrefs({ said: [now, ...said.filter((one) => one !== now)].slice(0, MOST_SAID) }).said;
}
