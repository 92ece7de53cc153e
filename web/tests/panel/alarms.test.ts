import { expect, test } from "vitest";
import { type Alarm, CALM, type Seen, watch } from "../../src/panel/alarms.ts";

const UP: Seen = { up: true, waiting: new Map(), latched: [], remindS: 60 };
const DOWN: Seen = { ...UP, up: false };

/** The alarms and their times while `seen` says what is seen at each 50 ms. */
function run(ms: number, seen: (now: number) => Seen): [number, Alarm][] {
  let state = CALM;
  const told: [number, Alarm][] = [];
  for (let now = 0; now <= ms; now += 50) {
    const [next, due] = watch(state, seen(now), now);
    state = next;
    for (const alarm of due) told.push([now, alarm]);
  }
  return told;
}

test("a connection is not lost before it was there, and its first coming is not a return", () => {
  expect(run(3000, (now) => (now < 2000 ? DOWN : UP))).toEqual([]);
});

test("a loss shorter than half a second makes no sound, neither then nor after", () => {
  expect(run(3000, (now) => (now >= 1000 && now < 1450 ? DOWN : UP))).toEqual([]);
});

test("a longer loss is told once, and so is the return", () => {
  const told = run(9000, (now) => (now >= 1000 && now < 5000 ? DOWN : UP));
  expect(told).toEqual([
    [1500, "lost"],
    [5200, "back"],
  ]);
});

test("a connection that comes for a moment and goes again is not back", () => {
  const told = run(9000, (now) => (now >= 1000 && !(now >= 3000 && now < 3150) ? DOWN : UP));
  expect(told).toEqual([[1500, "lost"]]);
});

test("an order without an answer for 300 ms is late, once", () => {
  const waiting = new Map([[4, 100]]);
  expect(run(2000, (now) => ({ ...UP, waiting: now >= 100 ? waiting : new Map() }))).toEqual([[400, "late"]]);
});

test("an order answered in time is not late, and the next one is watched anew", () => {
  const told = run(3000, (now) => {
    if (now < 250) return { ...UP, waiting: new Map([[4, 0]]) };
    if (now < 1000) return UP;
    return { ...UP, waiting: new Map([[5, 1000]]) };
  });
  expect(told).toEqual([[1300, "late"]]);
});

test("a latched talk reminds each minute for as long as it stays", () => {
  const told = run(200_000, (now) => ({ ...UP, latched: now >= 1000 && now < 150_000 ? ["a"] : [] }));
  expect(told).toEqual([
    [61_000, "remind"],
    [121_000, "remind"],
  ]);
});

test("a talk that is latched again starts its minute anew", () => {
  const told = run(100_000, (now) => ({ ...UP, latched: now > 30_000 && now < 31_000 ? [] : ["a"] }));
  expect(told).toEqual([[91_000, "remind"]]);
});

test("two latched talks of the same age remind once", () => {
  expect(run(70_000, () => ({ ...UP, latched: ["a", "b"] }))).toEqual([[60_000, "remind"]]);
});

test("a show or a person that wants no reminder gets none", () => {
  expect(run(200_000, () => ({ ...UP, latched: ["a"], remindS: 0 }))).toEqual([]);
});
