/**
 * Timers that keep their pace on a hidden page.
 *
 * Browsers slow a hidden page's own timers to one a second or less; a worker's run on. Beats depend on it.
 */

type Tick = () => void;

export interface Ticker {
  /** Calls `tick` each `ms` until the returned function is called. */
  every(ms: number, tick: Tick): () => void;
}

export function workerTicker(): Ticker {
  const worker = new Worker(new URL("./ticker.worker.ts", import.meta.url), { type: "module" });
  const ticks = new Map<number, Tick>();
  let last = 0;
  worker.addEventListener("message", (event: MessageEvent<number>) => ticks.get(event.data)?.());
  return {
    every(ms, tick) {
      last += 1;
      const id = last;
      ticks.set(id, tick);
      worker.postMessage({ id, ms });
      return () => {
        ticks.delete(id);
        worker.postMessage({ id, ms: 0 });
      };
    },
  };
}
