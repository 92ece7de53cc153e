import { useEffect, useSyncExternalStore } from "react";
import type { Store } from "../store.ts";

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

/** The page's title names the seat while there is one. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === "" ? "SoundMesh" : `${title} · SoundMesh`;
  }, [title]);
}
