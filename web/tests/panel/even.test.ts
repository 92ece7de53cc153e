import { expect, test } from "vitest";
import { AS_IS, type EvenState, evened, MOST_DB, TARGET_DB } from "../../src/panel/even.ts";

const STEP_MS = 20;

function hear(state: EvenState, seconds: number, levelAt: (ms: number) => number): EvenState {
  let now = state;
  for (let ms = 0; ms < seconds * 1000; ms += STEP_MS) now = evened(now, levelAt(ms), STEP_MS);
  return now;
}

test("a quiet voice and a loud one come to the same loudness", () => {
  for (const level of [-30, -12]) {
    const state = hear(AS_IS, 10, () => level);
    expect(level + state.gainDb).toBeCloseTo(TARGET_DB, 1);
  }
});

test("no voice is moved by more than 12 dB", () => {
  expect(hear(AS_IS, 20, () => -45).gainDb).toBeCloseTo(MOST_DB);
  expect(hear(AS_IS, 20, () => -2).gainDb).toBeCloseTo(-MOST_DB);
});

test("a voice that is right is left alone", () => {
  expect(Math.abs(hear(AS_IS, 10, () => TARGET_DB).gainDb)).toBeLessThan(0.1);
});

test("a pause changes nothing, however long and noisy it is", () => {
  const spoken = hear(AS_IS, 10, () => -26);
  expect(hear(spoken, 60, () => -70)).toEqual(spoken);
  // Noise of the room, 20 dB below the voice.
  expect(hear(spoken, 60, () => -46)).toEqual(spoken);
});

test("words and gaps do not pump: the gain wanders less than 1.5 dB once it is found", () => {
  const words = (ms: number) => (ms % 500 < 300 ? -26 : -55);
  let state = hear(AS_IS, 15, words);
  const gains: number[] = [];
  for (let ms = 0; ms < 10_000; ms += STEP_MS) {
    state = evened(state, words(ms), STEP_MS);
    gains.push(state.gainDb);
  }
  expect(Math.max(...gains) - Math.min(...gains)).toBeLessThan(1.5);
});

test("a shout is taken down faster than a whisper is lifted", () => {
  const start = hear(AS_IS, 10, () => -20);
  const shout = start.gainDb - hear(start, 0.5, () => -4).gainDb;
  const whisper = hear(start, 0.5, () => -36).gainDb - start.gainDb;
  expect(shout).toBeGreaterThan(whisper);
  expect(shout).toBeGreaterThan(3);
});
