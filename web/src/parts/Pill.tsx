import { useEffect, useState } from "react";
import type { StationStatus } from "../station/heart.ts";
import { useWords } from "./hooks.ts";

/** A link that is back within this was never worth a word. */
const CALM_MS = 500;
const LONG_MS = 10_000;

/** The state of the connection, and how far away the appliance is. */
export function Pill({ status, media }: { status: StationStatus; media: boolean }) {
  const w = useWords().connection;
  const lost = useLostFor(status.lostAt);
  if (lost >= CALM_MS) {
    const text = lost >= LONG_MS ? w.noAnswer : w.reconnecting;
    return (
      <div className="pill" data-state="lost" role="status">
        <i />
        {text}
      </div>
    );
  }
  if (!media) {
    return (
      <div className="pill" data-state="half" role="status">
        <i />
        {w.connectingSound}
      </div>
    );
  }
  return (
    <div className="pill" data-state="live" title={w.roundTrip}>
      <i />
      <span className="font-num tabular-nums">
        {status.rttMs === null ? "–" : w.ms(Math.round(status.rttMs))}
      </span>
    </div>
  );
}

/** Milliseconds since the link was lost, in the two steps that change what is said; 0 while it is live. */
function useLostFor(lostAt: number | null): number {
  const [for_, setFor] = useState(0);
  useEffect(() => {
    setFor(0);
    if (lostAt === null) return;
    const timers = [CALM_MS, LONG_MS].map((ms) =>
      setTimeout(() => setFor(ms), lostAt + ms - performance.now()),
    );
    return () => timers.forEach(clearTimeout);
  }, [lostAt]);
  return for_;
}
