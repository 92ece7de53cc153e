import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const CSS = readFileSync(new URL("../../src/look.css", import.meta.url), "utf8");

/** The colour tokens of a theme; blackout lays its own over the dark ones. */
function tokens(selector: string): Record<string, string> {
  const body = CSS.split(`${selector} {`)[1]?.split("\n}")[0] ?? "";
  return Object.fromEntries(
    [...body.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex]),
  );
}

type Rgb = readonly [number, number, number];

function rgb(hex: string): Rgb {
  const at = (start: number) => Number.parseInt(hex.slice(start, start + 2), 16) / 255;
  return [at(1), at(3), at(5)];
}

/** Relative luminance. Source: WCAG 2.2. */
function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [
    number,
    number,
    number,
  ];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Rgb, b: Rgb): number {
  const [dark, light] = [luminance(a), luminance(b)].toSorted((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** What `color-mix(in srgb, top share, under)` gives. */
function mix(top: Rgb, share: number, under: Rgb): Rgb {
  return top.map((c, i) => c * share + (under[i] ?? 0) * (1 - share)) as unknown as Rgb;
}

const DARK = tokens(":root");
const BLACKOUT = { ...DARK, ...tokens(':root[data-theme="blackout"]') };

describe.each([
  ["dark", DARK],
  ["blackout", BLACKOUT],
])("in the %s theme", (_, theme) => {
  const colour = (name: string): Rgb => rgb(theme[name] ?? "missing");
  const text = ["text", "text-2", "text-3"];
  const grounds = ["bg", "panel", "key", "key-up"];

  test.each(text.flatMap((ink) => grounds.map((ground) => [ink, ground] as const)))(
    "%s reads on %s",
    (ink, ground) => {
      expect(contrast(colour(ink), colour(ground))).toBeGreaterThanOrEqual(4.5);
    },
  );

  test.each([
    ["on-talk", "talk"],
    ["on-call", "call"],
    ["on-info", "info"],
    ["call", "key"],
    ["call", "key-up"],
    ["call", "bg"],
  ])("%s reads on %s", (ink, ground) => {
    expect(contrast(colour(ink), colour(ground))).toBeGreaterThanOrEqual(4.5);
  });

  test("a standby's word and text read on its own ground", () => {
    const ground = colour("call-ground");
    for (const ink of ["call", "text", "text-2"])
      expect([ink, contrast(colour(ink), ground) >= 4.5]).toEqual([ink, true]);
  });

  test("push-to-talk's names read on it", () => {
    const ground = mix(colour("talk"), 0.16, colour("key"));
    expect(contrast(colour("text-2"), ground)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(["listen", "call", "talk-edge", "latch"])("the %s lamp stands out from its key", (lamp) => {
    expect(contrast(colour(lamp), colour("key"))).toBeGreaterThanOrEqual(3);
  });
});
