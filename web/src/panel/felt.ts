/** What a hand should feel of a change of the panel: at most one thing, the most urgent. */

import type { PanelState } from "./model.ts";
import { onAir, talkFace } from "./select.ts";

export type Feel = "call" | "go" | "refused" | "air";

export function felt(before: PanelState, after: PanelState): Feel | null {
  if (!after.live) return null;
  if (fresh(calls(before), calls(after))) return "call";
  if (fresh(gos(before), gos(after))) return "go";
  if (refused(before, after)) return "refused";
  return ownTalkCameUp(before, after) ? "air" : null;
}

function calls(state: PanelState): string[] {
  const onKeys = Object.values(state.tally?.keys ?? {}).filter((key) => key.call === "in");
  const onReply = (state.tally?.reply ?? []).filter((entry) => entry.calling);
  return [...onKeys.map((key) => `key ${key.call_id}`), ...onReply.map((entry) => `reply ${entry.station}`)];
}

function gos(state: PanelState): string[] {
  const asked = (state.tally?.signals ?? []).filter((one) => one.kind === "go" && !one.acknowledged);
  return asked.map((one) => `${one.id}`);
}

function fresh(before: readonly string[], after: readonly string[]): boolean {
  return after.some((one) => !before.includes(one));
}

function refused(before: PanelState, after: PanelState): boolean {
  return Object.entries(after.remarks).some(([key, remark]) => before.remarks[key]?.until !== remark.until);
}

/** A press of this phone, now confirmed. */
function ownTalkCameUp(before: PanelState, after: PanelState): boolean {
  return Object.keys(before.talks).some(
    (key) => !onAir(talkFace(before, key)) && onAir(talkFace(after, key)),
  );
}
