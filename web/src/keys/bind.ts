/** Ties the key engine to the page: keyboard, gamepads, touches that are not meant, every way to lose a hold. */

import { readPrefs } from "../device/prefs.ts";
import type { Ticker } from "../session/ticker.ts";
import type { KeyEngine } from "./engine.ts";
import { type PadNow, Pads } from "./pads.ts";
import { bindings, meaning } from "./shortcuts.ts";
import { type PageKeys, Strokes } from "./strokes.ts";
import { Touches } from "./touches.ts";

/** An event of the window with the number of a gamepad's button that went down, for the sheet that assigns it. */
export const PAD_PRESSED = "soundmesh:pad";
const PAD_MS = 16;

/** The name of a pointer as a source of holds. */
export function pointerSource(id: number): string {
  return `pointer:${id}`;
}

/** Listens on the window until the returned function is called. */
export function bindPage(page: PageKeys, ticker: Ticker): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const { engine } = page;
  const loseKeyboard = bindKeyboard(page, signal);
  const losePads = bindPads(page, ticker, signal);
  const touches = bindTouches(engine, signal);

  const lose = () => {
    loseKeyboard();
    losePads();
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

/** The pads there are; a browser may hand out holes, and may refuse. */
export function padsNow(): PadNow[] {
  try {
    const pads = navigator.getGamepads?.() ?? [];
    return pads
      .filter((pad) => pad?.connected)
      .map((pad) => ({ index: pad?.index ?? 0, buttons: pad?.buttons.map((one) => one.pressed) ?? [] }));
  } catch {
    return [];
  }
}

/** The keyboard as the person set it; returns how to forget the strokes that are down. */
function bindKeyboard(page: PageKeys, signal: AbortSignal): () => void {
  const strokes = new Strokes(page);

  const down = (event: KeyboardEvent) => {
    // While Cmd is down, macOS reports no release of any other key: a hold would never end.
    if (event.metaKey) for (const source of strokes.sources()) strokes.cancel(source, event.timeStamp);
    const { on, strokes: changes } = readPrefs().shortcuts;
    const action = meaning(bindings(changes), on, event);
    if (action === null || !page.inFront() || isTyping(event.target)) return;
    event.preventDefault();
    if (!event.repeat) strokes.down(action, keySource(event), event.timeStamp);
  };
  const up = (event: KeyboardEvent) => {
    const source = keySource(event);
    // Space must not also click the button that has the focus.
    if (strokes.sources().includes(source)) event.preventDefault();
    strokes.up(source, event.timeStamp);
  };
  window.addEventListener("keydown", down, { signal });
  window.addEventListener("keyup", up, { signal });
  return () => strokes.clear();
}

function keySource(event: KeyboardEvent): string {
  return `key:${event.code}`;
}

/** Gamepads, looked at only while there is one; returns how to end what their buttons hold. */
function bindPads(page: PageKeys, ticker: Ticker, signal: AbortSignal): () => void {
  const strokes = new Strokes(page);
  const pads = new Pads({
    action: (button) => {
      const usable = page.inFront() && document.hasFocus() && !document.hidden;
      return usable ? readPrefs().pads[button] : undefined;
    },
    down: (action, source) => strokes.down(action, source, performance.now()),
    up: (_, source) => strokes.up(source, performance.now()),
    cancel: (_, source) => strokes.cancel(source, performance.now()),
  });
  let stop: (() => void) | null = null;
  const look = () => {
    const now = padsNow();
    const pressed = pads.read(now);
    if (pressed !== null) window.dispatchEvent(new CustomEvent(PAD_PRESSED, { detail: pressed }));
    if (now.length > 0) return;
    stop?.();
    stop = null;
  };
  const watch = () => {
    stop ??= ticker.every(PAD_MS, look);
  };
  window.addEventListener("gamepadconnected", watch, { signal });
  window.addEventListener("gamepaddisconnected", look, { signal });
  signal.addEventListener("abort", () => stop?.());
  if (padsNow().length > 0) watch();
  return () => pads.cancel();
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
