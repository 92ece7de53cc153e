/** Keyboard keys of a desk: 1-9 hold talk, Shift+1-9 listen, Space push-to-talk, Escape all off. */

export type Shortcut =
  | { readonly kind: "talk"; readonly index: number }
  | { readonly kind: "listen"; readonly index: number }
  | { readonly kind: "push" }
  | { readonly kind: "all_off" };

export interface KeyStroke {
  readonly code: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** What a stroke means on the panel; by position (`code`), so that Shift and layouts do not change it. */
export function shortcut(stroke: KeyStroke): Shortcut | null {
  if (stroke.ctrlKey || stroke.altKey || stroke.metaKey) return null;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(stroke.code)?.[1];
  if (digit !== undefined) return { kind: stroke.shiftKey ? "listen" : "talk", index: Number(digit) - 1 };
  if (stroke.code === "Space") return { kind: "push" };
  if (stroke.code === "Escape") return { kind: "all_off" };
  return null;
}
