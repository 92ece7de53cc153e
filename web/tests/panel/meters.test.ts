import { expect, test } from "vitest";
import { METER_STEPS, Meters, meterPosition, type Paint, personMeter } from "../../src/panel/meters.ts";

/** A painter that remembers what it was asked for, as parts of the whole bar. */
function meter() {
  const shown: { level: number; peak: number }[] = [];
  const paint: Paint = (level, peak) => shown.push({ level: level / METER_STEPS, peak: peak / METER_STEPS });
  return { paint, shown, last: () => shown.at(-1) };
}

const NONE = new Map<string, number>();

test("a meter runs from -60 dBov to 0", () => {
  expect([-127, -60, -30, 0].map(meterPosition)).toEqual([0, 0, 0.5, 1]);
});

test("a bar rises at once, falls slowly, and its peak stays for 1.5 s", () => {
  const [meters, a] = [new Meters(), meter()];
  meters.register("a", a.paint);
  meters.feed(new Map([["a", -30]]), 0);
  meters.draw(0, NONE);
  expect(a.last()).toEqual({ level: 0.5, peak: 0.5 });
  meters.feed(NONE, 100);
  meters.draw(100, NONE);
  expect(a.last()?.level).toBeGreaterThan(0.35);
  expect(a.last()?.peak).toBe(0.5);
  for (let now = 200; now <= 1400; now += 100) meters.draw(now, NONE);
  expect(a.last()?.peak).toBe(0.5);
  for (let now = 1500; now <= 6000; now += 100) meters.draw(now, NONE);
  expect(a.last()).toEqual({ level: 0, peak: 0 });
});

test("levels that stop coming let the bars fall", () => {
  const [meters, a] = [new Meters(), meter()];
  meters.register("a", a.paint);
  meters.feed(new Map([["a", 0]]), 0);
  for (let now = 0; now <= 4000; now += 100) meters.draw(now, NONE);
  expect(a.last()?.level).toBe(0);
});

test("a bar that does not move is not painted", () => {
  const [meters, a, b] = [new Meters(), meter(), meter()];
  meters.register("a", a.paint);
  meters.register("b", b.paint);
  meters.feed(new Map([["a", -20]]), 0);
  meters.draw(0, NONE);
  for (let now = 100; now <= 1000; now += 100) {
    meters.feed(new Map([["a", -20]]), now);
    meters.draw(now, NONE);
  }
  expect([a.shown.length, b.shown.length]).toEqual([1, 1]);
});

test("one level may be shown in two places, and each goes by itself", () => {
  const [meters, here, there] = [new Meters(), meter(), meter()];
  const name = personMeter("camera/Cam 4");
  const leave = meters.register(name, here.paint);
  meters.register(name, there.paint);
  leave();
  meters.feed(new Map([[name, -30]]), 0);
  meters.draw(0, NONE);
  expect(here.shown).toEqual([]);
  expect(there.last()?.level).toBe(0.5);
});

test("what the phone measured itself counts before what it was told", () => {
  const [meters, own] = [new Meters(), meter()];
  meters.register(":mic", own.paint);
  meters.feed(new Map([[":mic", 0]]), 0);
  meters.draw(0, new Map([[":mic", -30]]));
  expect(own.last()?.level).toBe(0.5);
});
