import { describe, expect, test } from "vitest";
import { ceiled, ceilingCurve, HEADROOM, KNEE } from "../../src/device/ceiling.ts";
import { idOf, looksBluetooth } from "../../src/device/devices.ts";
import { loudness } from "../../src/device/loudness.ts";
import { NOTES } from "../../src/device/tones.ts";

describe("the ceiling", () => {
  test("leaves everything up to -3 dBFS exactly as it is", () => {
    for (let x = -KNEE; x <= KNEE; x += 0.01) expect(ceiled(x)).toBe(x);
  });

  test("is never passed, grows with the sound, and has no corner", () => {
    let before = 0;
    for (let x = 0; x <= 8; x += 0.001) {
      const y = ceiled(x);
      expect(y).toBeGreaterThanOrEqual(before);
      expect(y).toBeLessThan(1);
      expect(y - before).toBeLessThan(0.00101);
      before = y;
    }
  });

  test("its curve is what a shaper of four times full scale needs, silence in the middle", () => {
    const curve = ceilingCurve();
    expect(curve.length % 2).toBe(1);
    expect(curve[(curve.length - 1) / 2]).toBe(0);
    const at = (x: number) => curve[Math.round(((x / HEADROOM + 1) * (curve.length - 1)) / 2)] ?? 0;
    expect(at(0.5)).toBeCloseTo(0.5, 6);
    expect(at(4)).toBeCloseTo(ceiled(4), 6);
    expect(at(-4)).toBeCloseTo(-ceiled(4), 6);
  });
});

describe("loudness", () => {
  const tone = (from: number, level: number) =>
    Float32Array.from({ length: 1024 }, (_, i) => (i < from ? 0 : level * Math.sin(i / 4)));

  test("of a full tone is 3 dB below its peak", () => {
    const { rmsDb, peak } = loudness(tone(0, 0.5));
    expect(rmsDb).toBeCloseTo(20 * Math.log10(0.5) - 3, 0);
    expect(peak).toBeCloseTo(0.5, 2);
  });

  test("finds a word that began 5 ms ago", () => {
    const { burstDb, rmsDb } = loudness(tone(768, 0.1));
    expect(burstDb).toBeCloseTo(-23, 0);
    expect(rmsDb).toBeLessThan(burstDb - 5);
  });

  test("of nothing is the floor", () => {
    expect(loudness(new Float32Array(1024))).toEqual({ rmsDb: -127, burstDb: -127, peak: 0 });
  });
});

test("a hands-free headset is known by its name or by its rate", () => {
  expect(looksBluetooth("AirPods von Jo", 48_000)).toBe(true);
  expect(looksBluetooth("Headset (WH-1000XM4 Hands-Free AG Audio)", undefined)).toBe(true);
  expect(looksBluetooth("Default", 16_000)).toBe(true);
  expect(looksBluetooth("USB-C Headset", 48_000)).toBe(false);
  expect(looksBluetooth("MacBook Pro Microphone", undefined)).toBe(false);
});

test("a device that is not there is the system's choice", () => {
  const devices = [{ id: "x", label: "USB headset" }];
  expect([idOf(devices, "USB headset"), idOf(devices, "Gone"), idOf(devices, "")]).toEqual(["x", "", ""]);
});

test("lost falls and back rises, so that they are told apart without counting", () => {
  const course = (tone: "lost" | "back") => NOTES[tone].map((note) => note.hz);
  expect(course("lost")).toEqual([...course("lost")].sort((a, b) => b - a));
  expect(course("back")).toEqual([...course("back")].sort((a, b) => a - b));
});
