import { beforeEach, expect, test } from "vitest";
import { Pads } from "../../src/keys/pads.ts";

let said: string[];
let usable: boolean;
let pads: Pads;

beforeEach(() => {
  said = [];
  usable = true;
  pads = new Pads({
    action: (button) => (usable ? (["push", "talk.2"] as const)[button] : undefined),
    down: (action, source) => said.push(`down ${action} ${source}`),
    up: (action, source) => said.push(`up ${action} ${source}`),
    cancel: (action, source) => said.push(`cancel ${action} ${source}`),
  });
});

const now = (...buttons: boolean[]) => pads.read([{ index: 0, buttons }]);

test("a pedal holds while it is down", () => {
  now(false, false);
  expect(now(true, false)).toBe(0);
  expect(now(true, false)).toBeNull();
  now(false, false);
  expect(said).toEqual(["down push pad:0:0", "up push pad:0:0"]);
});

test("a pedal that is down when it is plugged in opens nothing until it came up", () => {
  now(true, false);
  now(true, false);
  now(false, false);
  expect(said).toEqual([]);
  now(true, false);
  expect(said).toEqual(["down push pad:0:0"]);
});

test("a pad that is unplugged holds nothing any more", () => {
  now(false, false);
  now(true, true);
  pads.read([]);
  expect(said.slice(2)).toEqual(["cancel push pad:0:0", "cancel talk.2 pad:0:1"]);
});

test("after the page was left, what is still down must come up first", () => {
  now(false, false);
  now(true, false);
  pads.cancel();
  now(true, false);
  now(false, false);
  expect(said).toEqual(["down push pad:0:0", "cancel push pad:0:0"]);
});

test("a button pressed while the panel is not in front is reported and opens nothing later", () => {
  now(false, false);
  usable = false;
  expect(now(true, false)).toBe(0);
  usable = true;
  now(true, false);
  expect(said).toEqual([]);
});

test("a button without an action is only reported", () => {
  now(false, false, false);
  expect(now(false, false, true)).toBe(2);
  now(false, false, false);
  expect(said).toEqual([]);
});
