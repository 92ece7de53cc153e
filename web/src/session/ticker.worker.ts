/** The other half of ticker.ts: starts and stops intervals by number. */

interface Order {
  id: number;
  /** 0 stops. */
  ms: number;
}

const running = new Map<number, ReturnType<typeof setInterval>>();

self.addEventListener("message", (event: MessageEvent<Order>) => {
  const { id, ms } = event.data;
  clearInterval(running.get(id));
  running.delete(id);
  if (ms > 0)
    running.set(
      id,
      setInterval(() => self.postMessage(id), ms),
    );
});
