import { useCallback, useEffect, useSyncExternalStore } from "react";
import type { Store } from "../store.ts";
import type { Words } from "../words/en.ts";
import { spoken } from "../words/language.ts";

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

/** The words of the language spoken now. */
export function useWords(): Words {
  return useStore(spoken).words;
}

/** The page's title names the seat while there is one. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === "" ? "SoundMesh" : `${title} · SoundMesh`;
  }, [title]);
}

/** Whether the window is as a media query says, now and whenever that changes. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (changed: () => void) => {
      const list = matchMedia(query);
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}
