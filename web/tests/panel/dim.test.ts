import { describe, expect, test } from "vitest";
import { advance, dimGain, dimmable, OPEN, outranked, speaks, timingOf } from "../../src/panel/dim.ts";
import { after, key, lamp, panel, tally } from "./given.ts";

const TIMING = { attackMs: 50, holdMs: 700, releaseMs: 400 };

/** The depth at each time, when somebody speaks in these spans; looked at each 20 ms. */
function depths(spans: readonly [number, number][], times: readonly number[], timing = TIMING): number[] {
  let state = OPEN;
  const found = new Map<number, number>();
  for (let now = 0; now <= Math.max(...times); now += 20) {
    const speaking = spans.some(([from, to]) => now >= from && now < to);
    state = advance(state, speaking, now, timing);
    found.set(now, state.depth);
  }
  return times.map((time) => found.get(time) ?? Number.NaN);
}

describe("a dim", () => {
  test("goes down with the first word and stays for the hold after the last", () => {
    expect(depths([[100, 1100]], [80, 100, 500, 1100, 1780])).toEqual([0, 1, 1, 1, 1]);
  });

  test("lets go in the release, and then is over", () => {
    // The last word was seen at 1080.
    expect(depths([[100, 1100]], [1780, 1980, 2180, 2300])).toEqual([1, 0.5, 0, 0]);
  });

  test("does not breathe in the pauses of speech", () => {
    const words: [number, number][] = [
      [0, 400],
      [900, 1300],
      [1900, 2200],
    ];
    expect(depths(words, [600, 880, 1500, 1880, 2100])).toEqual([1, 1, 1, 1, 1]);
  });

  test("goes down again at once when speech comes back in the release", () => {
    const words: [number, number][] = [
      [0, 100],
      [1000, 1100],
    ];
    expect(depths(words, [980, 1000])).toEqual([0.5, 1]);
  });

  test("without a release lets go at once after the hold", () => {
    expect(depths([[0, 20]], [680, 720], { ...TIMING, releaseMs: 0 })).toEqual([1, 0]);
  });
});

test("a dim lowers by its decibels, -60 and below is silence, and a key without one stays", () => {
  expect(dimGain(1, -14)).toBeCloseTo(10 ** (-14 / 20));
  expect(dimGain(0.5, -14)).toBeCloseTo(10 ** (-7 / 20));
  expect(dimGain(1, -60)).toBe(0);
  expect(dimGain(1, -90)).toBe(0);
  expect(dimGain(0.5, -90)).toBeCloseTo(10 ** (-30 / 20));
  expect([dimGain(1, 0), dimGain(0, -14)]).toEqual([1, 1]);
});

test("speech begins above what a quiet room gives and ends below that", () => {
  expect(speaks(-40, false)).toBe(true);
  expect(speaks(-45, false)).toBe(false);
  expect(speaks(-45, true)).toBe(true);
  expect(speaks(-127, true)).toBe(false);
});

describe("who is lowered", () => {
  const keys = panel(key("program", { dim_db: -14 }), key("a"));
  const said = { kind: "said", message: keys, now: 0 } as const;
  const hears = tally(
    { program: lamp(), a: lamp() },
    { via: { 901: ["program"], 7: ["a"], 8: ["a"] }, priority: { 901: 0, 7: 2, 8: 0 } },
  );

  test("is who comes over a key that dims", () => {
    expect(dimmable(after(said, hears))).toEqual([901]);
    expect(dimmable(after(hears))).toEqual([]);
  });

  test("gives way to a higher priority that speaks, not to an equal one, not to itself", () => {
    const state = after(said, hears);
    expect(outranked(state, 901, [7])).toBe(true);
    expect(outranked(state, 901, [8])).toBe(false);
    expect(outranked(state, 901, [901])).toBe(false);
    expect(outranked(state, 901, [])).toBe(false);
    expect(outranked(state, 7, [901, 8])).toBe(false);
  });

  test("the show says how fast", () => {
    expect(timingOf(after(said))).toEqual(TIMING);
  });
});
