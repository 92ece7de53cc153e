/** Short vibrations, where the phone has them: Android's browsers do, iPhones never. */

import type { Feel } from "../panel/felt.ts";
import { readPrefs } from "./prefs.ts";

/** Milliseconds on, off, on. Source of the call: the trade's double ring; the others are as short as can be felt. */
const PATTERNS: Readonly<Record<Feel, readonly number[]>> = {
  call: [200, 80, 200],
  go: [90, 50, 90],
  refused: [35, 60, 35],
  air: [18],
};

export function buzz(feel: Feel): void {
  if ("vibrate" in navigator && readPrefs().haptics) navigator.vibrate([...PATTERNS[feel]]);
}
