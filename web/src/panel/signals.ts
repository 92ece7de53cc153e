/** Which cues and texts stand above the keys, and in which order. */

import type { SignalView } from "../wire/messages.ts";
import type { PanelState } from "./model.ts";

/** The moment itself before what prepares it, and both before what can be read later. */
const URGENCY: Readonly<Record<string, number>> = { go: 2, standby: 1 };

/** What this person has not acknowledged, the most urgent and then the newest first. Calls show on keys. */
export function openSignals(state: PanelState): readonly SignalView[] {
  if (!state.live) return [];
  const urgency = (one: SignalView) => URGENCY[one.kind] ?? 0;
  return (state.tally?.signals ?? [])
    .filter((one) => !one.acknowledged && one.kind !== "call")
    .toSorted((a, b) => urgency(b) - urgency(a) || b.id - a.id);
}
