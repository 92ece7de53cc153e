/**
 * Which stroke of a keyboard means what on the panel.
 *
 * A stroke is a key by its position (`code`), so that layouts do not change it, with Shift if that is down.
 * Each action has at most one stroke and each stroke one action. All may be switched off (WCAG 2.1.4) but Escape,
 * which is no character and closes microphones.
 */

export const DIGITS = 9;

export type Action = "push" | "reply" | "all_off" | `talk.${number}` | `listen.${number}`;

/** What this person changed: a stroke, or null for none. */
export type Changes = Readonly<Partial<Record<Action, string | null>>>;

export type Bindings = ReadonlyMap<Action, string>;

export interface KeyStroke {
  readonly code: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

const positions = Array.from({ length: DIGITS }, (_, index) => index + 1);

/** In the order in which they are shown. */
export const DEFAULTS: Bindings = new Map<Action, string>([
  ["push", "Space"],
  ["reply", "KeyR"],
  ["all_off", "Escape"],
  ...positions.map((n): [Action, string] => [`talk.${n}`, `Digit${n}`]),
  ...positions.map((n): [Action, string] => [`listen.${n}`, `Shift+Digit${n}`]),
]);

export const ACTIONS: readonly Action[] = [...DEFAULTS.keys()];

const ALWAYS = "Escape";
/** The browser's and the keyboard user's own, and keys that only change others. */
const RESERVED = /^(Shift\+)?(Tab|Enter|NumpadEnter|Arrow.*|Page.*|Home|End|F5|F6|F11|F12|ContextMenu)$/;
const MODIFIER = /^(Shift|Control|Alt|Meta|OS|CapsLock|NumLock|ScrollLock|Fn)/;

/** The stroke of an event; null when it is the browser's or only a modifier. */
export function strokeOf(event: KeyStroke): string | null {
  if (event.ctrlKey || event.altKey || event.metaKey || MODIFIER.test(event.code) || event.code === "")
    return null;
  const code = event.code.replace(/^Numpad([0-9])$/, "Digit$1");
  return event.shiftKey ? `Shift+${code}` : code;
}

/** The bindings with this person's changes; a stroke that two want is the one's who changed it. */
export function bindings(changes: Changes): Bindings {
  const bound = new Map<Action, string>();
  const changed = ACTIONS.filter((action) => changes[action] !== undefined);
  const taken = new Set<string>();
  for (const action of [...changed, ...ACTIONS]) {
    if (bound.has(action) || changes[action] === null) continue;
    const stroke = changes[action] ?? DEFAULTS.get(action);
    if (stroke === undefined || taken.has(stroke)) continue;
    bound.set(action, stroke);
    taken.add(stroke);
  }
  return bound;
}

/** What a stroke means; null: nothing of the panel's. `on`: single-key shortcuts are wanted. */
export function meaning(bound: Bindings, on: boolean, event: KeyStroke): Action | null {
  const stroke = strokeOf(event);
  if (stroke === null || (!on && stroke !== ALWAYS)) return null;
  for (const [action, one] of bound) if (one === stroke) return action;
  return null;
}

export type Assigned =
  | { readonly ok: true; readonly changes: Changes; readonly lost: Action | null }
  | { readonly ok: false; readonly why: "reserved" };

/** Gives a stroke to an action; whoever had it loses it, and is named. */
export function assign(changes: Changes, action: Action, stroke: string): Assigned {
  if (RESERVED.test(stroke)) return { ok: false, why: "reserved" };
  const lost = [...bindings(changes)].find(([other, one]) => one === stroke && other !== action)?.[0] ?? null;
  const next = { ...changes, ...(lost === null ? {} : { [lost]: null }), [action]: stroke };
  return { ok: true, changes: next, lost };
}

export type Meant =
  | { readonly kind: "push" }
  | { readonly kind: "reply" }
  | { readonly kind: "all_off" }
  | { readonly kind: "talk" | "listen"; readonly index: number };

/** An action taken apart. */
export function meant(action: Action): Meant {
  const [kind, n] = action.split(".");
  if (kind === "talk" || kind === "listen") return { kind, index: Number(n) - 1 };
  return { kind: action } as Meant;
}

/** What is written on the key at a position of the panel; null: no stroke talks on it. */
export function capOf(bound: Bindings, on: boolean, index: number): string | null {
  const stroke = on ? bound.get(`talk.${index + 1}`) : undefined;
  return stroke === undefined ? null : strokeText(stroke);
}

/** A stroke as people read it. */
export function strokeText(stroke: string): string {
  return stroke
    .replace(/Digit|Key(?=[A-Z])/, "")
    .replace("Escape", "Esc")
    .replace("+", " ");
}
