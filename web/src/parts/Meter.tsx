import { useEffect, useRef } from "react";
import type { Meters } from "../panel/meters.ts";

/** A bar on the top edge, moved by `Meters` and never by React. */
export function Meter({ meters, name }: { meters: Meters; name: string }) {
  const bar = useRef<HTMLElement>(null);
  const peak = useRef<HTMLElement>(null);
  useEffect(() => {
    if (bar.current === null || peak.current === null) return;
    return meters.register(name, { bar: bar.current, peak: peak.current });
  }, [meters, name]);
  return (
    <div className="meter" aria-hidden="true">
      <u ref={bar} />
      <em ref={peak} />
    </div>
  );
}
