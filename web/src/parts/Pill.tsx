import { type ReactNode, useEffect, useState } from "react";
import type { StationStatus } from "../station/heart.ts";
import { useWords } from "./hooks.ts";

/** A link that is back within this was never worth a word. */
const CALM_MS = 500;
const LONG_MS = 10_000;

interface PillProps {
  readonly status: StationStatus;
  readonly media: boolean;
  readonly onOpen: () => void;
}

/** The state of the connection, and how far away the appliance is; more about it behind it. */
export function Pill({ status, media, onOpen }: PillProps) {
  const all = useWords();
  const w = all.connection;
  const pill = (state: "lost" | "half" | "live", text: string, face: ReactNode = text) => (
    <>
      <button
        type="button"
        className="pill"
        data-state={state}
        aria-label={all.line.open(text)}
        aria-haspopup="dialog"
        onClick={onOpen}
      >
        <i />
        {face}
      </button>
      <span role="status" className="sr-only">
        {state === "live" ? "" : text}
      </span>
    </>
  );
  const lost = useLostFor(status.lostAt);
  if (lost >= CALM_MS) return pill("lost", lost >= LONG_MS ? w.noAnswer : w.reconnecting);
  if (!media) return pill("half", w.connectingSound);
  const far = status.rttMs === null ? "–" : w.ms(Math.round(status.rttMs));
  const figure = <span className="font-num tabular-nums">{far}</span>;
  if (status.carrier !== "http") return pill("live", far, figure);
  const marked = (
    <>
      {figure}
      <span className="text-ink-2">{w.requests}</span>
    </>
  );
  return pill("live", `${far}. ${w.byRequests}`, marked);
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
