import { expect, test } from "vitest";
import { type Reading, SPAN_MS, verdictOf, within } from "../../src/panel/verdict.ts";

function readings(seconds: number, burstDb: number, peak = 0.1): readonly Reading[] {
  let all: readonly Reading[] = [];
  for (let at = 0; at <= seconds * 1000; at += 50) all = within(all, { at, burstDb, peak });
  return all;
}

test("a check says what to do about each level", () => {
  expect(verdictOf(readings(2, -18))).toBe("good");
  expect(verdictOf(readings(2, -40))).toBe("quiet");
  expect(verdictOf(readings(2, -18, 1))).toBe("clipping");
  expect(verdictOf(readings(2, -120, 0))).toBe("silent");
});

test("before a word, or in a quiet room, it waits and blames nobody", () => {
  expect(verdictOf([])).toBe("waiting");
  expect(verdictOf(readings(0.5, -120, 0))).toBe("waiting");
  expect(verdictOf(readings(5, -60))).toBe("waiting");
});

test("one word counts for some seconds, then is forgotten", () => {
  let all: readonly Reading[] = [{ at: 0, burstDb: -15, peak: 0.4 }];
  const quiet = (at: number) => ({ at, burstDb: -60, peak: 0 });
  all = within(all, quiet(SPAN_MS - 100));
  expect(verdictOf(all)).toBe("good");
  all = within(all, quiet(SPAN_MS + 100));
  expect(verdictOf(all)).toBe("waiting");
});
