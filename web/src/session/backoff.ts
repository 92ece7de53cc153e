/** Waits before each attempt to reconnect on one local network: at once, then up to a second, forever. */
const LADDER_MS = [0, 100, 250, 500, 1000] as const;
const JITTER = 0.2;

/** Milliseconds before attempt number `attempt` (from 0); `random` is in [0, 1). */
export function retryDelayMs(attempt: number, random: number): number {
  const base = LADDER_MS[Math.min(attempt, LADDER_MS.length - 1)] ?? 1000;
  return base * (1 + JITTER * (2 * random - 1));
}
