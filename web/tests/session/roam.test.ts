import { beforeEach, describe, expect, test } from "vitest";
import {
  type Act,
  CALM,
  CONNECT_MS,
  failed,
  look,
  PATIENCE_MS,
  RACE_MS,
  type Roam,
  type Sight,
  STALL_MS,
  swapped,
} from "../../src/session/roam.ts";

/** Plays a phone in tenths of a second, as the page looks at it. */
class Walk {
  roam: Roam = CALM;
  now = 10_000;
  done: [number, Act][] = [];
  sight: Omit<Sight, "now" | "heardAt"> = {
    state: "connected",
    up: true,
    linked: true,
    stands: true,
    nextUp: false,
  };
  packets = true;
  heardAt = 10_000;
  readonly #from = 10_000;

  look(): Act {
    if (this.packets) this.heardAt = this.now;
    const [roam, act] = look(this.roam, { ...this.sight, now: this.now, heardAt: this.heardAt });
    this.roam = roam;
    if (act !== "none") this.done.push([this.now - this.#from, act]);
    return act;
  }

  wait(ms: number): void {
    const until = this.now + ms;
    while (this.now < until) {
      this.now += 100;
      this.look();
    }
  }

  cut(): void {
    this.packets = false;
  }

  restore(): void {
    this.packets = true;
  }
}

let walk: Walk;

beforeEach(() => {
  walk = new Walk();
});

describe("a stall", () => {
  test("is seen within 0.3 s", () => {
    walk.cut();
    walk.wait(STALL_MS - 50);
    expect(walk.roam.stalledAt).toBeNull();
    walk.wait(100);
    expect(walk.roam.stalledAt).toBe(10_000);
    expect(walk.now - 10_000).toBeLessThanOrEqual(300);
  });

  test("is none while one packet in two tenths comes", () => {
    for (let round = 0; round < 50; round += 1) {
      walk.packets = round % 2 === 0;
      walk.wait(100);
      expect(walk.roam.stalledAt).toBeNull();
    }
    expect(walk.done).toEqual([]);
  });

  test.each([500, 1500, 2900])("of %i ms passes with nothing done", (ms) => {
    walk.cut();
    walk.wait(ms);
    walk.restore();
    walk.wait(3000);
    expect(walk.done).toEqual([]);
    expect(walk.roam).toEqual(CALM);
  });

  test("of 3 s with the control link up asks for an ICE restart, once", () => {
    walk.cut();
    walk.wait(PATIENCE_MS + RACE_MS - 100);
    expect(walk.done).toEqual([[PATIENCE_MS, "restart"]]);
  });

  test("without a control link waits for it, however long, and then is repaired at once", () => {
    walk.cut();
    walk.sight = { ...walk.sight, linked: false, state: "failed" };
    walk.wait(12_000);
    expect(walk.done).toEqual([]);
    walk.sight = { ...walk.sight, linked: true };
    expect(walk.look()).toBe("restart");
  });

  test("that ended before the control link came back needs nothing", () => {
    walk.cut();
    walk.sight = { ...walk.sight, linked: false };
    walk.wait(9_000);
    walk.restore();
    walk.wait(200);
    walk.sight = { ...walk.sight, linked: true };
    walk.wait(5000);
    expect(walk.done).toEqual([]);
  });
});

describe("an ICE restart", () => {
  test.each(["disconnected", "failed"] as const)("is asked for at once when the browser says %s", (state) => {
    walk.cut();
    walk.wait(400);
    walk.sight = { ...walk.sight, state };
    expect(walk.look()).toBe("restart");
  });

  test("is not asked for by `disconnected` while packets come", () => {
    walk.sight = { ...walk.sight, state: "disconnected" };
    walk.wait(3000);
    expect(walk.done).toEqual([]);
  });

  test("is asked for at once when the phone has moved, packets or not, and once", () => {
    walk.roam = { ...walk.roam, moved: "maybe" };
    walk.wait(3000);
    expect(walk.done).toEqual([[100, "restart"]]);
  });

  test("that brings packets is the end of it", () => {
    walk.cut();
    walk.wait(PATIENCE_MS + RACE_MS - 100);
    walk.restore();
    walk.wait(5000);
    expect(walk.done).toEqual([[PATIENCE_MS, "restart"]]);
    expect(walk.roam).toEqual(CALM);
  });

  test("that brings none in 0.2 s is raced by a second session beside the first", () => {
    walk.cut();
    walk.wait(PATIENCE_MS + RACE_MS + 200);
    expect(walk.done).toEqual([
      [PATIENCE_MS, "restart"],
      [PATIENCE_MS + RACE_MS, "make"],
    ]);
  });
});

describe("the race of a restart and a second session", () => {
  beforeEach(() => {
    walk.cut();
    walk.roam = { ...walk.roam, moved: "maybe" };
    walk.wait(100 + RACE_MS);
    expect(walk.done.map(([, act]) => act)).toEqual(["restart", "make"]);
    walk.done = [];
  });

  test("begins at once where the appliance sees the phone elsewhere", () => {
    walk = new Walk();
    walk.roam = { ...walk.roam, moved: "surely" };
    walk.wait(200);
    expect(walk.done).toEqual([
      [100, "restart"],
      [200, "make"],
    ]);
  });

  test("is not decided by what was under way when the restart was asked for", () => {
    walk = new Walk();
    walk.roam = { ...walk.roam, moved: "maybe" };
    walk.wait(200);
    walk.cut();
    walk.wait(100);
    expect(walk.done.map(([, act]) => act)).toEqual(["restart", "make"]);
  });

  test("is won by the first when its packets come before the second is connected", () => {
    walk.wait(300);
    walk.restore();
    walk.wait(3000);
    expect(walk.done.map(([, act]) => act)).toEqual(["drop"]);
    expect(walk.roam).toEqual(CALM);
  });

  test("is won by the second once it is connected, whatever the first brings then", () => {
    walk.sight = { ...walk.sight, nextUp: true };
    walk.restore();
    walk.wait(400);
    expect(walk.done).toEqual([]);
    walk.roam = swapped(walk.now);
    walk.sight = { ...walk.sight, nextUp: false };
    walk.wait(3000);
    expect(walk.done).toEqual([]);
  });

  test("goes on when the second is refused or does not connect, with one at a time", () => {
    walk.roam = failed(walk.roam, walk.now);
    walk.sight = { ...walk.sight, state: "disconnected" };
    walk.wait(CONNECT_MS);
    expect(walk.done.map(([, act]) => act)).toEqual(["restart", "make"]);
    walk.done = [];
    walk.wait(CONNECT_MS);
    expect(walk.done.map(([, act]) => act)).toEqual(["restart", "make"]);
  });

  test("ends with the control link and is begun anew with the next", () => {
    walk.sight = { ...walk.sight, linked: false, state: "disconnected" };
    walk.wait(1000);
    expect(walk.done).toEqual([]);
    walk.sight = { ...walk.sight, linked: true };
    walk.wait(100 + RACE_MS);
    expect(walk.done.map(([, act]) => act)).toEqual(["restart", "make"]);
  });
});

describe("another session", () => {
  test("is made at once when there is none, or the appliance has none", () => {
    walk.sight = { ...walk.sight, state: null, up: false };
    expect(walk.look()).toBe("make");
    walk = new Walk();
    walk.sight = { ...walk.sight, stands: false };
    expect(walk.look()).toBe("make");
  });

  test("is given 5 s to connect and then tried again, ever more slowly", () => {
    walk.sight = { ...walk.sight, state: "new", up: false };
    walk.wait(60_000);
    const at = walk.done.map(([ms]) => ms);
    const waits = at.slice(1).map((ms, index) => ms - (at[index] ?? 0) - CONNECT_MS - 100);
    expect(walk.done.every(([, act]) => act === "make")).toBe(true);
    expect(waits.slice(0, 6)).toEqual([0, 300, 500, 1000, 2000, 2000]);
  });

  test("that was refused is not asked for again in the same moment twice", () => {
    walk.sight = { ...walk.sight, state: null, up: false };
    for (let round = 0; round < 20; round += 1) {
      walk.wait(100);
      if (walk.roam.makingAt !== null) walk.roam = failed(walk.roam, walk.now);
    }
    expect(walk.done.length).toBeLessThanOrEqual(5);
  });

  test("is not made again when the one in use has come back meanwhile", () => {
    walk.cut();
    walk.wait(PATIENCE_MS + RACE_MS + 200);
    walk.restore();
    walk.wait(CONNECT_MS + 3000);
    expect(walk.done.map(([, act]) => act)).toEqual(["restart", "make", "drop"]);
  });

  test("is forgotten when the control link that carried its offer is gone", () => {
    walk.sight = { ...walk.sight, state: "new", up: false };
    walk.wait(300);
    walk.sight = { ...walk.sight, linked: false };
    walk.wait(1000);
    expect(walk.roam.makingAt).toBeNull();
    walk.sight = { ...walk.sight, linked: true };
    expect(walk.look()).toBe("make");
  });

  test("that is up and in use leaves nothing to do", () => {
    walk.roam = swapped(walk.now);
    walk.wait(5000);
    expect(walk.done).toEqual([]);
  });
});
