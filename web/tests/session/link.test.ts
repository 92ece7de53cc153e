import { beforeEach, describe, expect, test } from "vitest";
import { retryDelayMs } from "../../src/session/backoff.ts";
import { Counter } from "../../src/session/counter.ts";
import { inviteOf } from "../../src/session/door.ts";
import { Link, type LinkState, SILENCE_MS, type Socket } from "../../src/session/link.ts";
import type { ServerMessage } from "../../src/wire/messages.ts";

class FakeSocket implements Socket {
  sent: unknown[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const WELCOME = { t: "welcome", protocol: 1, station: 7, n: 3, beat_talking_ms: 250, beat_idle_ms: 1000 };

let sockets: FakeSocket[];
let timers: { ms: number; act: () => void }[];
let states: LinkState[];
let heard: ServerMessage[];
let failed: number[];
let now: number;
let link: Link;

function last(): FakeSocket {
  const socket = sockets.at(-1);
  if (socket === undefined) throw new Error("no socket");
  return socket;
}

/** Runs the newest timer. */
function ring(): void {
  timers.pop()?.act();
}

function goLive(): void {
  ring();
  last().onopen?.();
  last().say(WELCOME);
}

beforeEach(() => {
  sockets = [];
  timers = [];
  states = [];
  heard = [];
  failed = [];
  now = 0;
  link = new Link({
    tab: "page1",
    open: () => {
      sockets.push(new FakeSocket());
      return last();
    },
    now: () => now,
    random: () => 0.5,
    after: (ms, act) => {
      const timer = { ms, act };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    onMessage: (message) => heard.push(message),
    onState: (state) => states.push(state),
    onFailedAttempt: (attempt) => failed.push(attempt),
  });
  link.start();
});

test("says hello first and is live with the welcome", () => {
  goLive();
  expect(last().sent).toEqual([{ t: "hello", protocol: 1, tab: "page1" }]);
  expect(states).toEqual(["waiting", "connecting", "live"]);
});

test("sends only while it is live", () => {
  expect(link.send({ t: "leave" })).toBe(false);
  goLive();
  expect(link.send({ t: "leave" })).toBe(true);
});

test("comes back at once, then slower, forever", () => {
  goLive();
  const waits: number[] = [];
  for (let attempt = 0; attempt < 7; attempt += 1) {
    last().onclose?.();
    waits.push(timers.at(-1)?.ms ?? -1);
    ring();
  }
  expect(waits).toEqual([0, 100, 250, 500, 1000, 1000, 1000]);
});

test("counts again from the start after a welcome", () => {
  goLive();
  last().onclose?.();
  goLive();
  last().onclose?.();
  expect(timers.at(-1)?.ms).toBe(0);
});

test("tells of attempts that met no welcome, not of a live link that dropped", () => {
  goLive();
  last().onclose?.();
  expect(failed).toEqual([]);
  ring();
  last().onclose?.();
  expect(failed).toEqual([1]);
});

describe("a link that hangs open", () => {
  const beat = (at: number) => {
    now = at;
    link.check();
  };

  test("is given up after 2.5 s without an answer", () => {
    goLive();
    for (const at of [1000, 2000, SILENCE_MS]) beat(at);
    expect(link.state).toBe("live");
    beat(SILENCE_MS + 1);
    expect(link.state).toBe("waiting");
  });

  test("stays open, unheard, until the next one is welcomed: the appliance goes on sending sound", () => {
    goLive();
    const silent = last();
    for (const at of [1000, 2000, 2501]) beat(at);
    expect(silent.closed).toBe(false);
    ring();
    last().onopen?.();
    expect(silent.closed).toBe(false);
    last().say(WELCOME);
    expect(silent.closed).toBe(true);
    expect(last().closed).toBe(false);
  });

  test("is closed when the person leaves meanwhile", () => {
    goLive();
    const silent = last();
    for (const at of [1000, 2000, 2501]) beat(at);
    link.stop();
    expect(silent.closed).toBe(true);
  });

  test("is not blamed for a page that stood still itself", () => {
    goLive();
    beat(1000);
    beat(9000);
    expect(link.state).toBe("live");
    beat(9500);
    expect(link.state).toBe("waiting");
  });
});

test("an end for good stays ended; one that allows it comes back", () => {
  goLive();
  last().say({ t: "gone", reason: "link_lost", text: "", again: true });
  last().onclose?.();
  expect(link.state).toBe("waiting");
  goLive();
  last().say({ t: "gone", reason: "taken_over", text: "", again: false });
  expect(link.state).toBe("over");
  expect(timers).toEqual([]);
});

test("a dead socket's late words are not heard", () => {
  goLive();
  const old = last();
  const say = old.onmessage;
  last().onclose?.();
  say?.({ data: JSON.stringify({ t: "pong", at: 1 }) });
  expect(heard.some((message) => message.t === "pong")).toBe(false);
});

test("a network that came back ends the waiting", () => {
  goLive();
  last().onclose?.();
  link.hurry();
  expect(link.state).toBe("connecting");
});

describe("a live link in doubt", () => {
  test("is replaced when another socket opens first, and stays open until that one is welcomed", () => {
    goLive();
    const old = last();
    link.doubt();
    const probe = last();
    expect(link.state).toBe("live");
    probe.onopen?.();
    expect(link.state).toBe("connecting");
    expect(probe.sent).toEqual([{ t: "hello", protocol: 1, tab: "page1" }]);
    expect(old.closed).toBe(false);
    probe.say(WELCOME);
    expect(link.state).toBe("live");
    expect(old.closed).toBe(true);
    expect(link.send({ t: "leave" })).toBe(true);
    expect(probe.sent).toContainEqual({ t: "leave" });
  });

  test("goes on when it speaks first", () => {
    goLive();
    const old = last();
    link.doubt();
    const probe = last();
    old.say({ t: "pong", at: 1 });
    expect(probe.closed).toBe(true);
    expect(link.state).toBe("live");
    expect(states).toEqual(["waiting", "connecting", "live"]);
  });

  test("is tried beside once at a time, and not for ever", () => {
    goLive();
    link.doubt();
    link.doubt();
    expect(sockets.length).toBe(2);
    ring();
    expect(last().closed).toBe(true);
    link.doubt();
    expect(sockets.length).toBe(3);
    last().onclose?.();
    expect(link.state).toBe("live");
  });

  test("that is lost takes what was tried beside it along", () => {
    goLive();
    link.doubt();
    const probe = last();
    sockets[0]?.onclose?.();
    expect(probe.closed).toBe(true);
    expect(link.state).toBe("waiting");
  });
});

test("a hurry replaces an attempt that hangs, not one that has just begun", () => {
  ring();
  const hanging = last();
  now = 200;
  link.hurry();
  expect(last()).toBe(hanging);
  now = 301;
  link.hurry();
  expect(hanging.closed).toBe(true);
  expect(last()).not.toBe(hanging);
  expect(link.state).toBe("connecting");
});

test("an attempt that hangs has been waited for: the next follows at once", () => {
  const patience: number[] = [];
  const waits: number[] = [];
  for (let attempt = 0; attempt < 5; attempt += 1) {
    ring();
    const ms = timers.at(-1)?.ms ?? 0;
    patience.push(ms);
    now += ms;
    ring();
    waits.push(timers.at(-1)?.ms ?? -1);
  }
  expect(patience).toEqual([1200, 1200, 1200, 5000, 1200]);
  expect(waits).toEqual([0, 0, 0, 0, 0]);
});

test("a socket that never says welcome is given up", () => {
  ring();
  last().onopen?.();
  ring();
  expect(link.state).toBe("waiting");
  expect(last().closed).toBe(true);
});

test("waits vary by a fifth so that a crew does not come back in step", () => {
  expect(retryDelayMs(9, 0)).toBe(800);
  expect(retryDelayMs(9, 1)).toBe(1200);
});

test("counters go on from what the appliance remembers", () => {
  const counter = new Counter();
  counter.raise(40);
  expect(counter.next()).toBe(41);
  counter.raise(3);
  expect(counter.next()).toBe(42);
});

test("an invite is read from its address and from nothing else", () => {
  expect(inviteOf("/j/Ab_-9")).toBe("Ab_-9");
  expect(inviteOf("/j/")).toBeNull();
  expect(inviteOf("/j/a/b")).toBeNull();
  expect(inviteOf("/")).toBeNull();
});
