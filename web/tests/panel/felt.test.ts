import { expect, test } from "vitest";
import { felt } from "../../src/panel/felt.ts";
import { reduce } from "../../src/panel/reduce.ts";
import { after, lamp, refused, talk, tally } from "./given.ts";

const CALM = after();

test("a press that is confirmed is felt once", () => {
  const pressed = after(talk(1, true));
  const up = reduce(pressed, tally({ a: lamp({ talk: "held", air: "on", talk_counter: 1 }), b: lamp() }));
  expect(felt(pressed, up)).toBe("air");
  expect(felt(up, reduce(up, tally({ a: lamp({ talk: "held", air: "on", talk_counter: 1 }) })))).toBeNull();
});

test("a talk that this phone did not press is not felt", () => {
  expect(felt(CALM, reduce(CALM, tally({ a: lamp({ talk: "latched", air: "on" }), b: lamp() })))).toBeNull();
});

test("a refusal is felt, and the same word again", () => {
  const pressed = after(talk(1, true));
  const no = reduce(pressed, refused(1));
  expect(felt(pressed, no)).toBe("refused");
  expect(felt(no, no)).toBeNull();
});

test("a call is felt when it comes, on a key or on the reply key, and a second one too", () => {
  const called = reduce(CALM, tally({ a: lamp({ call: "in", call_id: 3 }), b: lamp() }));
  expect(felt(CALM, called)).toBe("call");
  expect(felt(called, called)).toBeNull();
  const again = reduce(called, tally({ a: lamp({ call: "in", call_id: 4 }), b: lamp() }));
  expect(felt(called, again)).toBe("call");
  const reply = [{ station: 9, label: "Tom", calling: true, may_talk: true }];
  expect(felt(CALM, reduce(CALM, tally({ a: lamp(), b: lamp() }, { reply })))).toBe("call");
});

test("a go is felt until it is acknowledged, a standby is not", () => {
  const signal = { id: 1, sender: 2, label: "Director", text: "", acknowledged: false };
  const standby = tally({ a: lamp() }, { signals: [{ ...signal, kind: "standby" }] });
  expect(felt(CALM, reduce(CALM, standby))).toBeNull();
  const go = tally({ a: lamp() }, { signals: [{ ...signal, kind: "go" }] });
  expect(felt(CALM, reduce(CALM, go))).toBe("go");
});

test("nothing is felt of a panel whose link is gone", () => {
  const gone = reduce(CALM, { kind: "lost", now: 0 });
  expect(felt(CALM, gone)).toBeNull();
});
