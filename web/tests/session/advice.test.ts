import { expect, test } from "vitest";
import { advise, plain } from "../../src/session/advice.ts";
import type { ConnectionReport } from "../../src/session/report.ts";

const GOOD: ConnectionReport = {
  rttMs: 8,
  lossDown: 0,
  lossUp: 0.01,
  jitterMs: 4,
  bufferMs: 42,
  codec: "opus 48000",
  local: "host",
  remote: "host",
  network: null,
  carrier: "websocket",
  sessionAgeS: 60,
  roams: [],
};

test("a good connection needs no advice, and one without figures none either", () => {
  expect(advise(GOOD, 0)).toEqual([]);
  expect(
    advise({ ...GOOD, rttMs: null, lossDown: null, lossUp: null, jitterMs: null, bufferMs: null }, 0),
  ).toEqual([]);
});

test("each weakness has its sentence, the most telling first", () => {
  const bad = { ...GOOD, lossUp: 0.1, lossDown: 0.2, jitterMs: 60, rttMs: 200, carrier: "http" } as const;
  expect(advise(bad, 0)).toEqual(["weakUp", "weakDown", "uneven", "slow", "http"]);
});

test("three cuts in five minutes are roaming, old ones and repairs are not", () => {
  const cuts = [1, 2, 3].map((n) => ({ at: n * 1000, what: "stall", ms: 400 }) as const);
  expect(advise({ ...GOOD, roams: cuts }, 10_000)).toEqual(["roaming"]);
  expect(advise({ ...GOOD, roams: cuts }, 1_000_000)).toEqual([]);
  const repairs = cuts.map((cut) => ({ ...cut, what: "restart" }) as const);
  expect(advise({ ...GOOD, roams: repairs }, 10_000)).toEqual([]);
});

test("the report is plain text: the figures and what happened", () => {
  const roams = [{ at: 0, what: "restart", ms: 120 } as const];
  const text = plain([["Way there and back", "8 ms"]], { ...GOOD, roams });
  expect(text).toContain("Way there and back: 8 ms");
  expect(text).toContain("1970-01-01T00:00:00.000Z restart 120 ms");
});
