import { describe, expect, test } from "vitest";
import {
  ACTIONS,
  assign,
  bindings,
  type Changes,
  capOf,
  type KeyStroke,
  meaning,
  strokeOf,
  strokeText,
} from "../../src/keys/shortcuts.ts";

const stroke = (code: string, more: Partial<KeyStroke> = {}): KeyStroke => ({
  code,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  ...more,
});
const means = (code: string, more: Partial<KeyStroke> = {}, changes: Changes = {}, on = true) =>
  meaning(bindings(changes), on, stroke(code, more));

describe("as they come", () => {
  test("digits talk, with Shift they listen, by position and on the number pad too", () => {
    expect(means("Digit1")).toBe("talk.1");
    expect(means("Numpad9")).toBe("talk.9");
    expect(means("Digit3", { shiftKey: true })).toBe("listen.3");
    expect(means("Digit0")).toBeNull();
  });

  test("Space pushes, R replies, Escape closes everything", () => {
    expect(means("Space")).toBe("push");
    expect(means("KeyR")).toBe("reply");
    expect(means("Escape")).toBe("all_off");
  });

  test("the browser's own shortcuts and lone modifiers stay its own", () => {
    expect(means("Digit1", { ctrlKey: true })).toBeNull();
    expect(means("Digit1", { metaKey: true })).toBeNull();
    expect(strokeOf(stroke("ShiftLeft", { shiftKey: true }))).toBeNull();
    expect(strokeOf(stroke(""))).toBeNull();
  });
});

describe("switched off", () => {
  test("no character does anything, and Escape still closes every microphone", () => {
    expect(means("Digit1", {}, {}, false)).toBeNull();
    expect(means("Space", {}, {}, false)).toBeNull();
    expect(means("Escape", {}, {}, false)).toBe("all_off");
  });
});

describe("changed", () => {
  test("a free stroke is given, the old one means nothing any more", () => {
    const given = assign({}, "push", "F13");
    if (!given.ok) throw new Error("refused");
    expect(given.lost).toBeNull();
    expect(means("F13", {}, given.changes)).toBe("push");
    expect(means("Space", {}, given.changes)).toBeNull();
  });

  test("a stroke that is taken moves, and who loses it is told", () => {
    const given = assign({}, "push", "Digit1");
    if (!given.ok) throw new Error("refused");
    expect(given.lost).toBe("talk.1");
    expect(means("Digit1", {}, given.changes)).toBe("push");
    expect(bindings(given.changes).has("talk.1")).toBe(false);
  });

  test("the keys of the browser and of people without a mouse are not to be had", () => {
    for (const taken of ["Tab", "Shift+Tab", "Enter", "ArrowUp", "F5"])
      expect(assign({}, "push", taken)).toEqual({ ok: false, why: "reserved" });
  });

  test("the same stroke again changes nothing for anybody", () => {
    expect(assign({}, "push", "Space")).toEqual({ ok: true, changes: { push: "Space" }, lost: null });
  });

  test("after any order of changes no stroke means two things", () => {
    let changes: Changes = {};
    const strokes = ["Space", "KeyR", "Digit1", "Digit2", "F13"];
    for (let turn = 0; turn < 60; turn += 1) {
      const given = assign(
        changes,
        ACTIONS[(turn * 7) % ACTIONS.length] ?? "push",
        strokes[(turn * 3) % 5] ?? "F14",
      );
      if (given.ok) changes = given.changes;
      const used = [...bindings(changes).values()];
      expect(new Set(used).size).toBe(used.length);
    }
  });
});

test("a key wears the stroke that talks on it, and none when it has none", () => {
  expect(capOf(bindings({}), true, 2)).toBe("3");
  expect(capOf(bindings({ "talk.3": "F13" }), true, 2)).toBe("F13");
  expect(capOf(bindings({}), true, 9)).toBeNull();
  expect(capOf(bindings({}), false, 0)).toBeNull();
});

test("a stroke reads as it is written on the key", () => {
  expect(["Digit1", "Shift+Digit2", "KeyR", "Escape", "F13"].map(strokeText)).toEqual([
    "1",
    "Shift 2",
    "R",
    "Esc",
    "F13",
  ]);
});
