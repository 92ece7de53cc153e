import { beforeEach, describe, expect, test } from "vitest";
import { KeyEngine } from "../../src/keys/engine.ts";
import { key } from "../panel/given.ts";

type Order = readonly unknown[];
let orders: Order[];
let latched: string[];
let engine: KeyEngine;

beforeEach(() => {
  orders = [];
  latched = [];
  const keys = [key("a"), key("b"), key("toggle", { latch: "latching" })];
  engine = new KeyEngine({
    key: (id) => keys.find((one) => one.id === id),
    armed: () => ["a", "b"],
    isLatched: (id) => latched.includes(id),
    tapMs: () => 200,
    press: (id) => orders.push(["press", id]),
    release: (id, heldMs, cancel) => orders.push(["release", id, heldMs, cancel]),
    allOff: () => orders.push(["all off"]),
    now: () => 5,
  });
});

describe("a finger", () => {
  test("acts on down and tells how long it held by the events' own time", () => {
    engine.down("a", "p1", 1000);
    expect(orders).toEqual([["press", "a"]]);
    engine.up("a", "p1", 1180);
    expect(orders.at(-1)).toEqual(["release", "a", 180, false]);
  });

  test("that is taken away cancels, and its late release says nothing more", () => {
    engine.down("a", "p1", 0);
    engine.cancel("a", "p1", 50);
    engine.up("a", "p1", 60);
    expect(orders).toEqual([
      ["press", "a"],
      ["release", "a", 50, true],
    ]);
  });

  test("keeps the key while another source still holds it", () => {
    engine.down("a", "p1", 0);
    engine.down("a", "key:Digit1", 10);
    engine.up("a", "p1", 100);
    expect(orders).toEqual([["press", "a"]]);
    engine.up("a", "key:Digit1", 900);
    expect(orders.at(-1)).toEqual(["release", "a", 900, false]);
  });

  test("may hold two keys at once", () => {
    engine.down("a", "p1", 0);
    engine.down("b", "p2", 5);
    expect(engine.held()).toEqual(["a", "b"]);
  });
});

describe("push to talk", () => {
  test("holds every armed key", () => {
    engine.push("p1", 0);
    expect(engine.held()).toEqual(["a", "b"]);
    engine.unpush("p1", 700);
    expect(orders.slice(2)).toEqual([
      ["release", "a", 700, false],
      ["release", "b", 700, false],
    ]);
  });

  test("never latches, however short", () => {
    engine.push("p1", 0);
    engine.unpush("p1", 30);
    expect(orders.slice(2).map((order) => order[2])).toEqual([201, 201]);
  });

  test("leaves a latched key alone, down and up", () => {
    latched = ["a"];
    engine.push("p1", 0);
    engine.unpush("p1", 700);
    expect(orders.filter((order) => order[1] === "a")).toEqual([]);
  });

  test("does not latch a latching key either", () => {
    const only = new KeyEngine({
      key: () => key("toggle", { latch: "latching" }),
      armed: () => ["toggle"],
      isLatched: () => false,
      tapMs: () => 200,
      press: () => {},
      release: (...order) => orders.push(order),
      allOff: () => {},
      now: () => 0,
    });
    only.push("p1", 0);
    only.unpush("p1", 600);
    expect(orders).toEqual([["toggle", 600, true]]);
  });

  test("a finger that lets go first does not close what the bar still holds", () => {
    engine.down("a", "p1", 0);
    engine.push("p2", 10);
    engine.up("a", "p1", 60);
    expect(orders.filter((order) => order[0] === "release")).toEqual([]);
  });
});

describe("loss of the page", () => {
  test("cancels every hold once", () => {
    engine.down("a", "p1", 0);
    engine.push("p2", 0);
    engine.cancelAll(90);
    engine.unpush("p2", 100);
    expect(orders.filter((order) => order[0] === "release")).toEqual([
      ["release", "a", 201, true],
      ["release", "b", 201, true],
    ]);
    expect(engine.held()).toEqual([]);
  });

  test("of the link forgets holds without a word, and the finger's release says nothing", () => {
    engine.down("a", "p1", 0);
    engine.forget();
    engine.up("a", "p1", 500);
    expect(orders).toEqual([["press", "a"]]);
  });
});

test("all off ends holds as well", () => {
  engine.down("a", "p1", 0);
  engine.allOff();
  engine.up("a", "p1", 500);
  expect(orders).toEqual([["press", "a"], ["all off"]]);
});

test("assistive technology's click is a tap", () => {
  engine.tap("a");
  expect(orders).toEqual([
    ["press", "a"],
    ["release", "a", 0, false],
  ]);
});
