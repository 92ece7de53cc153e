/** Which language the panel speaks: the person's choice, else the first of the browser's that it knows. */

import { readPrefs, writePrefs } from "../device/prefs.ts";
import { Store } from "../store.ts";
import { en, type Words } from "./en.ts";

export type Language = "en" | "de" | "es";

/** In their own names, as people look for them. */
export const LANGUAGES: Readonly<Record<Language, string>> = { en: "English", de: "Deutsch", es: "Español" };

interface Spoken {
  readonly language: Language;
  readonly words: Words;
}

const LOAD: Readonly<Record<Language, () => Promise<Words>>> = {
  en: () => Promise.resolve(en),
  de: async () => (await import("./de.ts")).de,
  es: async () => (await import("./es.ts")).es,
};

export const spoken = new Store<Spoken>({ language: "en", words: en });

/** The words now; in a component, `useWords` also follows a change of them. */
export function words(): Words {
  return spoken.get().words;
}

/** The first wanted language the panel speaks, by its first part: `de-AT` is German. */
export function pick(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split("-")[0] ?? "";
    if (Object.hasOwn(LANGUAGES, language)) return language as Language;
  }
  return "en";
}

/** Before the first screen: speaks the remembered language or the browser's. */
export function speakFirst(): Promise<void> {
  return speak(readPrefs().language ?? pick(navigator.languages ?? []));
}

/** The person chose a language: speak it, and remember. */
export function choose(language: Language): Promise<void> {
  writePrefs({ language });
  return speak(language);
}

/** Speaks it once its words are here; a language that does not load leaves the one before. */
async function speak(language: Language): Promise<void> {
  try {
    spoken.set({ language, words: await LOAD[language]() });
  } catch {
    // The appliance is away: better understood in English than blank.
  }
  const root = document.documentElement;
  root.lang = spoken.get().language;
  root.dir = "ltr";
}
