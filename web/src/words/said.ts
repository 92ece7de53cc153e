/** The appliance's sentences in the language spoken here, found by its code; an unknown code in its own. */

import type { Fault } from "../wire/messages.ts";
import { words } from "./language.ts";

/** A reason in at most three words; of what somebody did, who: `by`, empty for the box itself. */
export function shortReason(reason: string, text: string, by = ""): string {
  if (by !== "" && (reason === "killed" || reason === "unlatched")) return words().reasons.closedBy(by);
  return find(words().reasons, reason) ?? text;
}

/** Why the door refused. */
export function faultText(fault: Fault): string {
  return find(words().faults, fault.error) ?? fault.text;
}

function find(table: Readonly<Record<string, unknown>>, code: string): string | undefined {
  const found = Object.hasOwn(table, code) ? table[code] : undefined;
  return typeof found === "string" ? found : undefined;
}
