/** The appliance's sentences in the language spoken here, found by its code; an unknown code in its own. */

import type { Fault } from "../wire/messages.ts";
import { words } from "./language.ts";

/** A reason in at most three words. */
export function shortReason(reason: string, text: string): string {
  return find(words().reasons, reason) ?? text;
}

/** Why the door refused. */
export function faultText(fault: Fault): string {
  return find(words().faults, fault.error) ?? fault.text;
}

function find(table: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined;
}
