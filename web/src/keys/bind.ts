/** Ties the key engine to the page: keyboard, and every way a hold can be lost. */

import type { KeyEngine } from "./engine.ts";
import { shortcut } from "./shortcuts.ts";

export interface PageKeys {
  readonly engine: KeyEngine;
  /** The key at a position of the panel that may talk; undefined when there is none. */
  talkAt(index: number): string | undefined;
  listenAt(index: number): void;
  /** Whether the panel is in front: no sheet, no form. */
  inFront(): boolean;
}

/** Listens on the window until the returned function is called. */
export function bindPage(page: PageKeys): () => void {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  const { engine } = page;
  const talking = new Map<string, string>();

  const release = (event: KeyboardEvent) => {
    const source = `key:${event.code}`;
    const talk = talking.get(source);
    talking.delete(source);
    if (talk !== undefined) engine.up(talk, source, event.timeStamp);
    else engine.unpush(source, event.timeStamp);
  };

  window.addEventListener(
    "keydown",
    (event) => {
      const meant = shortcut(event);
      if (meant === null || !page.inFront() || isTyping(event.target)) return;
      event.preventDefault();
      if (event.repeat) return;
      const source = `key:${event.code}`;
      if (meant.kind === "push") engine.push(source, event.timeStamp);
      else if (meant.kind === "all_off") engine.allOff();
      else if (meant.kind === "listen") page.listenAt(meant.index);
      else {
        const id = page.talkAt(meant.index);
        if (id === undefined) return;
        talking.set(source, id);
        engine.down(id, source, event.timeStamp);
      }
    },
    options,
  );
  window.addEventListener(
    "keyup",
    (event) => {
      // Space must not also click the button that has the focus.
      if (event.code === "Space" && page.inFront() && !isTyping(event.target)) event.preventDefault();
      release(event);
    },
    options,
  );

  const lose = () => {
    talking.clear();
    engine.cancelAll(performance.now());
  };
  window.addEventListener("blur", lose, options);
  window.addEventListener("pagehide", lose, options);
  document.addEventListener("visibilitychange", () => document.hidden && lose(), options);
  return () => {
    stop.abort();
    lose();
  };
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}
