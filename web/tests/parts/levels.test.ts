import { expect, test } from "vitest";
import { bars, clampDb, dbText, stepped } from "../../src/parts/levels.ts";

test("steps land on the grid of 3 dB and stop at both ends", () => {
  expect([stepped(0, 1), stepped(-4, 1), stepped(-4, -1), stepped(6, 1), stepped(-36, -1)]).toEqual([
    3, -3, -6, 6, -36,
  ]);
});

test("bars: none when muted, one when faint, four at 0 dB, five above", () => {
  expect([bars(0, true), bars(-120, false), bars(-20, false), bars(0, false), bars(3, false)]).toEqual([
    0, 1, 2, 4, 5,
  ]);
});

test("levels read with a true minus and a sign", () => {
  expect([dbText(0), dbText(3), dbText(-6.4)]).toEqual(["0 dB", "+3 dB", "−6 dB"]);
  expect(clampDb(-120)).toBe(-36);
});
