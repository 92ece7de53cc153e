import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SoundGraph } from "../../src/device/graph.ts";

/** Everything that was done, in order. */
let deeds: string[] = [];
let context: FakeContext;

class FakeParam {
  value = 0;
  cancelScheduledValues() {}
  setValueAtTime() {}
  linearRampToValueAtTime(value: number) {
    this.value = value;
  }
}

class FakeNode {
  gain = new FakeParam();
  pan = new FakeParam();
  stream = {};
  connect(next: FakeNode) {
    return next;
  }
  disconnect() {}
}

class FakeContext extends EventTarget {
  state = "suspended";
  currentTime = 0;
  constructor() {
    super();
    context = this;
  }
  async resume() {
    deeds.push("resume");
    this.become("running");
  }
  become(state: string) {
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }
  async close() {}
}

class FakeAudio {
  paused = true;
  async play() {
    deeds.push("play");
    this.paused = false;
  }
  pause() {
    this.paused = true;
  }
}

let player: FakeAudio;

beforeEach(() => {
  deeds = [];
  vi.stubGlobal("AudioContext", FakeContext);
  const nodes = ["MediaStreamAudioDestinationNode", "GainNode", "AnalyserNode", "WaveShaperNode"];
  for (const name of nodes) vi.stubGlobal(name, FakeNode);
  vi.stubGlobal(
    "Audio",
    class extends FakeAudio {
      constructor() {
        super();
        player = this;
      }
    },
  );
});

afterEach(() => vi.unstubAllGlobals());

test("one tap starts the context before the element, and a second does nothing", async () => {
  const graph = new SoundGraph();
  await graph.wake();
  expect(deeds).toEqual(["resume", "play"]);
  await graph.wake();
  expect(deeds).toEqual(["resume", "play"]);
  expect(graph.running).toBe(true);
});

test("a context that a phone call interrupted is never resumed, and plays again when it runs by itself", async () => {
  const states: string[] = [];
  const graph = new SoundGraph({ onState: (state) => states.push(state) });
  await graph.wake();
  context.become("interrupted");
  player.pause();
  deeds = [];
  await graph.wake();
  expect(deeds).not.toContain("resume");
  player.pause();
  deeds = [];
  context.become("running");
  expect(deeds).toEqual(["play"]);
  expect(states).toEqual(["running", "interrupted", "running"]);
});

test("a context that the call left suspended is started by the next tap or look", async () => {
  const graph = new SoundGraph();
  await graph.wake();
  context.become("interrupted");
  context.become("suspended");
  deeds = [];
  await graph.wake();
  expect(deeds).toContain("resume");
});
