/** Ties the key engine to the page: keyboard, touches that are not meant, and every way a hold can be lost. */

import type { KeyEngine } from "./engine.ts";
import { shortcut } from "./shortcuts.ts";
import { Touches } from "./touches.ts";

export interface PageKeys {
  readonly engine: KeyEngine;
  /** The key at a position of the panel that may talk; undefined when there is none. */
  talkAt(index: number): string | undefined;
  listenAt(index: number): void;
  /** Whether the panel is in front: no sheet, no form. */
  inFront(): boolean;
}

/** The name of a pointer as a source of holds. */
export function pointerSource(id: number): string {
  return `pointer:${id}`;
}

/** Listens on the window until the returned function is called. */
export function bindPage(page: PageKeys): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const { engine } = page;
  const loseKeyboard = bindKeyboard(page, signal);
  const touches = bindTouches(engine, signal);

  const lose = () => {
    loseKeyboard();
    engine.cancelAll(performance.now());
  };
  window.addEventListener("blur", lose, { signal });
  window.addEventListener("pagehide", lose, { signal });
  window.addEventListener("pageshow", () => touches.shown(performance.now()), { signal });
  document.addEventListener("freeze", lose, { signal });
  document.addEventListener(
    "visibilitychange",
    () => (document.hidden ? lose() : touches.shown(performance.now())),
    { signal },
  );
  return () => {
    stop.abort();
    lose();
  };
}

/** Strokes as orders; returns how to forget the strokes that are down. */
function bindKeyboard(page: PageKeys, signal: AbortSignal): () => void {
  const { engine } = page;
  /** The talk key of each stroke that is down; null for push-to-talk. */
  const strokes = new Map<string, string | null>();

  const down = (event: KeyboardEvent) => {
    // While Cmd is down, macOS reports no release of any other key: a hold would never end.
    if (event.metaKey) for (const source of strokes.keys()) engine.lost(source, event.timeStamp);
    const meant = shortcut(event);
    if (meant === null || !page.inFront() || isTyping(event.target)) return;
    event.preventDefault();
    if (event.repeat) return;
    const source = `key:${event.code}`;
    if (meant.kind === "push") {
      strokes.set(source, null);
      engine.push(source, event.timeStamp);
    } else if (meant.kind === "all_off") engine.allOff();
    else if (meant.kind === "listen") page.listenAt(meant.index);
    else {
      const id = page.talkAt(meant.index);
      if (id === undefined) return;
      strokes.set(source, id);
      engine.down(id, source, event.timeStamp);
    }
  };
  const up = (event: KeyboardEvent) => {
    // Space must not also click the button that has the focus.
    if (event.code === "Space" && page.inFront() && !isTyping(event.target)) event.preventDefault();
    const source = `key:${event.code}`;
    const talk = strokes.get(source);
    strokes.delete(source);
    if (talk === null) engine.unpush(source, event.timeStamp);
    else if (talk !== undefined) engine.up(talk, source, event.timeStamp);
  };
  window.addEventListener("keydown", down, { signal });
  window.addEventListener("keyup", up, { signal });
  return () => strokes.clear();
}

/** Keeps touches that are not meant from every control, and ends the holds of pointers that are gone. */
function bindTouches(engine: KeyEngine, signal: AbortSignal): Touches {
  const touches = new Touches();
  const held = new Set<number>();
  let refused = false;
  // A second tap of whoever tapped "join" lands on the keys that have just come.
  touches.shown(performance.now());

  const down = (event: PointerEvent) => {
    if (event.pointerType !== "touch") return;
    const landing = touches.lands(event.pointerId, event.timeStamp, event.isPrimary);
    refused = landing !== "acts";
    if (!refused) held.add(event.pointerId);
    else event.stopImmediatePropagation();
    if (landing === "palm") for (const id of held) engine.lost(pointerSource(id), event.timeStamp);
  };
  // The touch event of the same contact follows; without its default there is no click either.
  const touch = (event: TouchEvent) => {
    if (!refused || !event.cancelable) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  // Its own control heard it before the window: what it still holds lost that control on the way.
  const gone = (event: PointerEvent) => {
    touches.lifts(event.pointerId);
    held.delete(event.pointerId);
    engine.lost(pointerSource(event.pointerId), event.timeStamp);
  };
  window.addEventListener("pointerdown", down, { signal, capture: true });
  window.addEventListener("touchstart", touch, { signal, capture: true, passive: false });
  window.addEventListener("pointerup", gone, { signal });
  window.addEventListener("pointercancel", gone, { signal });
  return touches;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}
