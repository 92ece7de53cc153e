import { useEffect, useRef } from "react";
import { METER_STEPS, type Meters, type Paint } from "../panel/meters.ts";

/** Of the peak's mark, in steps of the meter. */
const MARK = 3;

/**
 * A bar moved by `Meters` and never by React.
 *
 * One row of pixels, stretched: a small canvas costs a fraction of the style, paint and frames that moving
 * elements do (`tests/bench/bench_meters.py`).
 */
export function Meter({ meters, name }: { meters: Meters; name: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const row = canvas.current?.getContext("2d");
    if (canvas.current === null || row === null || row === undefined) return;
    const [paint, forget] = painter(row, canvas.current);
    const leave = meters.register(name, paint);
    return () => {
      leave();
      forget();
    };
  }, [meters, name]);
  return (
    <div className="meter" aria-hidden="true">
      <canvas ref={canvas} width={METER_STEPS} height={1} />
    </div>
  );
}

/**
 * Draws level and peak, in steps; and what ends it.
 *
 * Colours are the style sheet's: looked up again when the theme or the lamp around the bar changes, because
 * asking at each draw costs as much as drawing.
 */
function painter(row: CanvasRenderingContext2D, canvas: HTMLElement): [Paint, () => void] {
  let colors: { bar: string; mark: string } | null = null;
  const observer = new MutationObserver(() => {
    colors = null;
  });
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const lamp = canvas.closest("[data-state]");
  if (lamp !== null) observer.observe(lamp, { attributeFilter: ["data-state"] });
  const paint: Paint = (level, peak) => {
    colors ??= colorsOf(canvas);
    row.clearRect(0, 0, METER_STEPS, 1);
    row.fillStyle = colors.bar;
    row.fillRect(0, 0, level, 1);
    if (peak <= level) return;
    row.fillStyle = colors.mark;
    row.fillRect(Math.max(level, peak - MARK), 0, MARK, 1);
  };
  return [paint, () => observer.disconnect()];
}

function colorsOf(canvas: HTMLElement): { bar: string; mark: string } {
  const style = getComputedStyle(canvas);
  return { bar: style.color, mark: style.getPropertyValue("--text") };
}
