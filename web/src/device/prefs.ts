/** What this browser remembers of its person: name, theme, armed keys, microphone processing. */

const STORE = "soundmesh.prefs";

export type Theme = "dark" | "blackout";

export interface Prefs {
  readonly name: string;
  readonly theme: Theme;
  /** Echo cancellation, noise suppression and gain control of the browser. */
  readonly processing: boolean;
  /** Push-to-talk choices that differ from the show's, by `role/key`. */
  readonly armed: Readonly<Record<string, boolean>>;
}

const DEFAULTS: Prefs = { name: "", theme: "dark", processing: true, armed: {} };

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
