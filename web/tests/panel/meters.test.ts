import { expect, test } from "vitest";
import { type MeterParts, Meters, meterPosition, personMeter } from "../../src/panel/meters.ts";

/** An element that counts what is written to its style. */
function element(): { element: HTMLElement; style: Record<string, string>; writes: () => number } {
  let writes = 0;
  const values: Record<string, string> = {};
  const style = new Proxy(values, {
    set(target, name, value) {
      writes += 1;
      target[String(name)] = String(value);
      return true;
    },
  });
  return { element: { style } as unknown as HTMLElement, style: values, writes: () => writes };
}

function meter() {
  const [bar, peak] = [element(), element()];
  const parts: MeterParts = { bar: bar.element, peak: peak.element };
  return { parts, bar, peak, writes: () => bar.writes() + peak.writes() };
}

const NONE = new Map<string, number>();

test("a meter runs from -60 dBov to 0", () => {
  expect([-127, -60, -30, 0].map(meterPosition)).toEqual([0, 0, 0.5, 1]);
});

test("a bar rises at once, falls slowly, and its peak stays for 1.5 s", () => {
  const [meters, a] = [new Meters(), meter()];
  meters.register("a", a.parts);
  meters.feed(new Map([["a", -30]]), 0);
  meters.draw(0, NONE);
  expect(a.bar.style["transform"]).toBe("scaleX(0.5)");
  meters.feed(NONE, 100);
  meters.draw(100, NONE);
  expect(Number(a.bar.style["transform"]?.slice(7, -1))).toBeGreaterThan(0.35);
  expect(a.peak.style).toEqual({ transform: "translateX(50%)", opacity: "1" });
  for (let now = 200; now <= 5000; now += 100) meters.draw(now, NONE);
  expect(a.bar.style["transform"]).toBe("scaleX(0)");
  expect(a.peak.style["opacity"]).toBe("0");
});

test("levels that stop coming let the bars fall", () => {
  const [meters, a] = [new Meters(), meter()];
  meters.register("a", a.parts);
  meters.feed(new Map([["a", 0]]), 0);
  for (let now = 0; now <= 4000; now += 100) meters.draw(now, NONE);
  expect(a.bar.style["transform"]).toBe("scaleX(0)");
});

test("a bar that does not move is not written", () => {
  const [meters, a, b] = [new Meters(), meter(), meter()];
  meters.register("a", a.parts);
  meters.register("b", b.parts);
  meters.feed(new Map([["a", -20]]), 0);
  meters.draw(0, NONE);
  const [moving, resting] = [a.writes(), b.writes()];
  for (let now = 100; now <= 1000; now += 100) {
    meters.feed(new Map([["a", -20]]), now);
    meters.draw(now, NONE);
  }
  expect([a.writes(), b.writes()]).toEqual([moving, resting]);
});

test("one level may be shown in two places, and each goes by itself", () => {
  const [meters, here, there] = [new Meters(), meter(), meter()];
  const name = personMeter("camera/Cam 4");
  const leave = meters.register(name, here.parts);
  meters.register(name, there.parts);
  leave();
  meters.feed(new Map([[name, -30]]), 0);
  meters.draw(0, NONE);
  expect(here.writes()).toBe(0);
  expect(there.bar.style["transform"]).toBe("scaleX(0.5)");
});

test("what the phone measured itself counts before what it was told", () => {
  const [meters, own] = [new Meters(), meter()];
  meters.register(":mic", own.parts);
  meters.feed(new Map([[":mic", 0]]), 0);
  meters.draw(0, new Map([[":mic", -30]]));
  expect(own.bar.style["transform"]).toBe("scaleX(0.5)");
});
