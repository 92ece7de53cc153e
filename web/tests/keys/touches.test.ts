import { beforeEach, expect, test } from "vitest";
import { Touches } from "../../src/keys/touches.ts";

let touches: Touches;

beforeEach(() => {
  touches = new Touches();
});

test("a touch of a page that has been in view acts", () => {
  touches.shown(1000);
  expect(touches.lands(1, 1300, true)).toBe("acts");
});

test("the hand that wakes the screen is ignored for 300 ms", () => {
  touches.shown(1000);
  expect(touches.lands(1, 990, true)).toBe("ignored");
  expect(touches.lands(2, 1299, false)).toBe("ignored");
});

test("four fingers hold four keys, the fifth makes a palm of all", () => {
  expect([1, 2, 3, 4].map((id) => touches.lands(id, id, id === 1))).toEqual(["acts", "acts", "acts", "acts"]);
  expect(touches.lands(5, 5, false)).toBe("palm");
});

test("a palm lasts until its last contact is gone", () => {
  for (const id of [1, 2, 3, 4, 5]) touches.lands(id, id, id === 1);
  for (const id of [1, 2, 3, 4]) touches.lifts(id);
  expect(touches.lands(6, 20, false)).toBe("palm");
  touches.lifts(5);
  touches.lifts(6);
  expect(touches.lands(7, 30, true)).toBe("acts");
});

test("contacts whose end was never told do not lock the glass", () => {
  for (const id of [1, 2, 3, 4, 5]) touches.lands(id, id, id === 1);
  expect(touches.lands(9, 900, true)).toBe("acts");
});

test("the end of an unknown pointer, as of a mouse, changes nothing", () => {
  touches.lifts(99);
  expect(touches.lands(1, 0, true)).toBe("acts");
});
