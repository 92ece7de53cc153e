import { useEffect, useSyncExternalStore } from "react";
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
