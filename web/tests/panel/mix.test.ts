import { expect, test } from "vitest";
import { meterPosition } from "../../src/panel/meters.ts";
import { dbToGain, laneGain, talkerGains } from "../../src/panel/mix.ts";
import { columns } from "../../src/panel/select.ts";
import { after, lamp, tally } from "./given.ts";

const NONE = new Map<number, number>();

test("a talker over several keys is as loud as the loudest of them", () => {
  const state = after(
    tally({ a: lamp({ volume_db: -20 }), b: lamp({ volume_db: -6 }) }, { via: { 7: ["a", "b"] } }),
  );
  expect(talkerGains(state).get(7)).toBeCloseTo(dbToGain(-6));
});

test("a muted key is silent and does not silence another", () => {
  const keys = { a: lamp({ muted: true }), b: lamp({ volume_db: -12 }) };
  const state = after(tally(keys, { via: { 7: ["a"], 8: ["a", "b"] } }));
  expect(talkerGains(state).get(7)).toBe(0);
  expect(talkerGains(state).get(8)).toBeCloseTo(dbToGain(-12));
});

test("the master lowers everybody, a direct without a key by the master alone", () => {
  const state = after(tally({ a: lamp() }, { via: { 7: ["a"], 8: [] }, master_db: -6 }));
  expect(talkerGains(state).get(7)).toBeCloseTo(dbToGain(-6));
  expect(talkerGains(state).get(8)).toBeCloseTo(dbToGain(-6));
});

test("a hand on the fader counts before the tally knows", () => {
  const state = after(
    tally({ a: lamp() }, { via: { 7: ["a"] } }),
    { kind: "volume", key: "a", db: -30, muted: false, now: 0 },
    { kind: "master", db: -6, now: 0 },
  );
  expect(talkerGains(state).get(7)).toBeCloseTo(dbToGain(-36));
});

test("where packet and tally agree, the tally's gain counts", () => {
  expect(laneGain(7, 7, new Map([[7, 0.5]]), NONE, 1)).toBe(0.5);
});

test("a packet that overtook the tally plays at what is remembered of its talker", () => {
  const now = new Map([[7, 0.1]]);
  expect(laneGain(7, 8, now, new Map([[8, 0.25]]), 1)).toBe(0.25);
});

test("a stranger's packet plays at the master, never at the last talker's gain", () => {
  expect(laneGain(7, 8, new Map([[7, 0]]), NONE, 0.5)).toBe(0.5);
});

test("before the first packet the tally decides", () => {
  expect(laneGain(7, null, new Map([[7, 0.5]]), NONE, 1)).toBe(0.5);
  expect(laneGain(null, null, NONE, NONE, 0.7)).toBe(0.7);
});

test("a meter runs from -60 dBov to 0", () => {
  expect([-127, -60, -30, 0].map(meterPosition)).toEqual([0, 0, 0.5, 1]);
});

test("keys spread over the columns that leave the fewest gaps", () => {
  expect([1, 2, 4, 5, 6, 7, 8, 9, 12].map((keys) => columns(keys, 4))).toEqual([1, 2, 4, 3, 3, 4, 4, 3, 4]);
});
