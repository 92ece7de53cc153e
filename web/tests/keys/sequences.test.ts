/** Any order of fingers, keys, losses and cuts: what must hold after every step, and when all sources are gone. */

import { describe, expect, test } from "vitest";
import { KeyEngine } from "../../src/keys/engine.ts";
import type { PanelKey } from "../../src/wire/messages.ts";
import { key } from "../panel/given.ts";

const KEYS = [key("a"), key("b", { latch: "momentary" }), key("c", { latch: "latching" })];
const FINGERS = ["pointer:1", "pointer:2", "key:Digit1", "pad:0:3"];
const BARS = ["pointer:3", "key:Space", "pad:0:0"];
const RUNS = 400;
const STEPS = 60;

/** A small generator with a seed, so that a failing run can be run again. */
function dice(seed: number): (sides: number) => number {
  let state = seed * 2654435761 + 1;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

/** The appliance's rule for one key, from the messages alone: what stands open there. */
class Gate {
  readonly pressed = new Set<string>();
  readonly latched = new Set<string>();
  presses = 0;
  releases = 0;

  press(id: string): void {
    this.presses += 1;
    this.pressed.add(id);
  }

  release(id: string, heldMs: number, cancel: boolean, latch: PanelKey["latch"]): void {
    this.releases += 1;
    const closing = this.latched.delete(id);
    if (!this.pressed.delete(id) || cancel || closing || latch === "momentary") return;
    if (latch === "latching" || heldMs <= 200) this.latched.add(id);
  }

  clear(): void {
    this.pressed.clear();
    this.latched.clear();
  }
}

function play(seed: number) {
  const roll = dice(seed);
  const gate = new Gate();
  const log: string[] = [];
  let now = 0;
  const engine = new KeyEngine({
    key: (id) => KEYS.find((one) => one.id === id),
    armed: () => ["a", "b", "c"].filter(() => roll(3) > 0),
    isLatched: (id) => gate.latched.has(id),
    tapMs: () => 200,
    press: (id) => gate.press(id),
    release: (id, heldMs, cancel) => {
      expect(heldMs).toBeGreaterThanOrEqual(0);
      expect(gate.pressed, `a release of ${id} without its press`).toContain(id);
      gate.release(id, heldMs, cancel, KEYS.find((one) => one.id === id)?.latch ?? "auto");
    },
    allOff: () => gate.clear(),
    now: () => now,
  });
  const pick = <T>(from: readonly T[]): T => from[roll(from.length)] as T;
  const steps: Record<string, () => void> = {
    down: () => engine.down(pick(KEYS).id, pick(FINGERS), now),
    up: () => engine.up(pick(KEYS).id, pick(FINGERS), now),
    cancel: () => engine.cancel(pick(KEYS).id, pick(FINGERS), now),
    push: () => engine.push(pick(BARS), now),
    unpush: () => engine.unpush(pick(BARS), now, roll(2) === 0),
    lost: () => engine.lost(pick([...FINGERS, ...BARS]), now),
    tap: () => engine.tap(pick(KEYS).id),
    blur: () => roll(4) === 0 && engine.cancelAll(now),
    off: () => roll(4) === 0 && engine.allOff(),
    cut: () => {
      if (roll(4) > 0) return;
      engine.forget();
      gate.clear(); // a lost link holds nothing at the other end either
    },
  };
  const names = Object.keys(steps);
  for (let step = 0; step < STEPS; step += 1) {
    const name = pick(names);
    now += roll(400);
    log.push(`${now} ${name}`);
    steps[name]?.();
    expect([...gate.pressed].sort(), log.join("\n")).toEqual(engine.held().sort());
    expect(gate.releases).toBeLessThanOrEqual(gate.presses);
  }
  return { engine, gate, now };
}

describe("any sequence", () => {
  test("ends with nothing held when every source is gone", () => {
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const { engine, gate, now } = play(seed);
      for (const source of [...FINGERS, ...BARS]) engine.lost(source, now + 10);
      expect(engine.held(), `seed ${seed}`).toEqual([]);
      expect([...gate.pressed], `seed ${seed}`).toEqual([]);
      expect(engine.pushing, `seed ${seed}`).toBe(false);
    }
  });

  test("ends with nothing held when the page goes, and that latches nothing", () => {
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const { engine, gate, now } = play(seed);
      const before = [...gate.latched].sort();
      engine.cancelAll(now + 10);
      expect([...gate.pressed], `seed ${seed}`).toEqual([]);
      for (const id of gate.latched) expect(before, `seed ${seed}`).toContain(id);
    }
  });
});
