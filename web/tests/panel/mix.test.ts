import { expect, test } from "vitest";
import {
  dbToGain,
  type EarChoices,
  type Heard,
  heardNow,
  isHushed,
  laneTalker,
  NO_CHOICES,
  shareOf,
  strangerShare,
} from "../../src/panel/mix.ts";
import { columns } from "../../src/panel/select.ts";
import { after, key, lamp, panel, tally } from "./given.ts";

const CAM = "camera/Cam 4";
const over = (...keys: string[]): Heard => ({ keys, address: CAM });
const ear = (more: Partial<EarChoices>): EarChoices => ({ ...NO_CHOICES, ...more });
const solo = (...keys: string[]) => ear({ solo: new Set(keys) });

/** A panel of two party lines, a direct, an ifb. */
function state(...lamps: Parameters<typeof tally>) {
  const keys = panel(key("a"), key("b"), key("d", { kind: "seat" }), key("i", { kind: "ifb" }));
  return after({ kind: "said", message: keys, now: 0 }, tally(...lamps));
}

test("a talker over several keys is as loud as the loudest of them", () => {
  const now = state({ a: lamp({ volume_db: -20 }), b: lamp({ volume_db: -6 }) });
  expect(shareOf(now, NO_CHOICES, over("a", "b")).gain).toBeCloseTo(dbToGain(-6));
});

test("a muted key is silent and does not silence another", () => {
  const now = state({ a: lamp({ muted: true }), b: lamp({ volume_db: -12 }) });
  expect(shareOf(now, NO_CHOICES, over("a")).gain).toBe(0);
  expect(shareOf(now, NO_CHOICES, over("a", "b")).gain).toBeCloseTo(dbToGain(-12));
});

test("the master lowers everybody, a direct without a key by the master alone", () => {
  const now = state({ a: lamp() }, { master_db: -6 });
  expect(shareOf(now, NO_CHOICES, over("a")).gain).toBeCloseTo(dbToGain(-6));
  expect(shareOf(now, NO_CHOICES, over())).toEqual({ gain: dbToGain(-6), pan: 0 });
});

test("a hand on the fader counts before the tally knows", () => {
  const now = after(
    tally({ a: lamp() }),
    { kind: "volume", key: "a", db: -30, muted: false, now: 0 },
    { kind: "master", db: -6, now: 0 },
  );
  expect(shareOf(now, NO_CHOICES, over("a")).gain).toBeCloseTo(dbToGain(-36));
});

test("a talker sits on the side of its loudest key", () => {
  const now = state({ a: lamp({ volume_db: -20 }), b: lamp() });
  const sides = ear({ pans: { a: -1, b: 0.5 } });
  expect(shareOf(now, sides, over("a", "b")).pan).toBe(0.5);
  expect(shareOf(now, sides, over("a")).pan).toBe(-1);
});

test("a person's own volume adds to the key's and holds for that person alone", () => {
  const now = state({ a: lamp({ volume_db: -6 }) });
  const choices = ear({ people: { [CAM]: { db: -9, muted: false } } });
  expect(shareOf(now, choices, over("a")).gain).toBeCloseTo(dbToGain(-15));
  expect(shareOf(now, choices, { keys: ["a"], address: "td/TD" }).gain).toBeCloseTo(dbToGain(-6));
});

test("a muted person is silent on party lines and still heard directly", () => {
  const now = state({ a: lamp(), d: lamp() });
  const choices = ear({ people: { [CAM]: { db: 0, muted: true } } });
  expect(shareOf(now, choices, over("a")).gain).toBe(0);
  expect(shareOf(now, choices, over("d")).gain).toBe(1);
  expect(shareOf(now, choices, over()).gain).toBe(1);
});

test("solo silences every other line and leaves its own as it is", () => {
  const now = state({ a: lamp({ volume_db: -6 }), b: lamp() });
  expect(shareOf(now, solo("a"), over("b")).gain).toBe(0);
  expect(shareOf(now, solo("a"), over("a", "b")).gain).toBeCloseTo(dbToGain(-6));
  expect(shareOf(now, solo("a", "b"), over("b")).gain).toBe(1);
});

test("solo never silences who speaks to this person: a direct, an interrupt on an ifb", () => {
  const now = state({ a: lamp(), d: lamp(), i: lamp() });
  expect(shareOf(now, solo("a"), over("d")).gain).toBe(1);
  expect(shareOf(now, solo("a"), over()).gain).toBe(1);
  expect(shareOf(now, solo("a"), over("i")).gain).toBe(1);
});

test("solo silences the program of an ifb", () => {
  const now = state({ a: lamp(), i: lamp() });
  expect(shareOf(now, solo("a"), { keys: ["i"], address: "program" }).gain).toBe(0);
});

test("a key shows that it is hushed only where solo silences it", () => {
  const solos = new Set(["a"]);
  expect(isHushed(solos, key("b"))).toBe(true);
  expect(isHushed(solos, key("a"))).toBe(false);
  expect(isHushed(solos, key("d", { kind: "seat" }))).toBe(false);
  expect(isHushed(solos, key("t", { may_listen: false }))).toBe(false);
  expect(isHushed(new Set(), key("b"))).toBe(false);
});

test("a dimmed key gives way to a key that is not dimmed", () => {
  const now = state({ a: lamp(), b: lamp({ volume_db: -3 }) });
  const dim = (one: string) => (one === "a" ? dbToGain(-14) : 1);
  expect(shareOf(now, NO_CHOICES, over("a"), dim).gain).toBeCloseTo(dbToGain(-14));
  expect(shareOf(now, NO_CHOICES, over("a", "b"), dim).gain).toBeCloseTo(dbToGain(-3));
});

test("packets that overtook the tally say whose sound a lane plays", () => {
  expect(laneTalker(7, 8)).toBe(8);
  expect(laneTalker(7, null)).toBe(7);
  expect(laneTalker(null, null)).toBeNull();
});

test("a talker that no tally has named plays at the master, never at the last talker's gain", () => {
  expect(strangerShare(state({}, { master_db: -6 }))).toEqual({ gain: dbToGain(-6), pan: 0 });
});

test("the tally says over which keys a talker is heard, and whose voice it is", () => {
  const now = state({}, { via: { 7: ["a"] }, addresses: { 7: CAM } });
  expect(heardNow(now, 7)).toEqual({ keys: ["a"], address: CAM });
  expect(heardNow(now, 8)).toBeUndefined();
});

test("keys spread over the columns that leave the fewest gaps", () => {
  expect([1, 2, 4, 5, 6, 7, 8, 9, 12].map((keys) => columns(keys, 4))).toEqual([1, 2, 4, 3, 3, 4, 4, 3, 4]);
});
