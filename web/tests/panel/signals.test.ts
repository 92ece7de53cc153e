import { expect, test } from "vitest";
import { openSignals } from "../../src/panel/signals.ts";
import type { SignalKind } from "../../src/wire/messages.ts";
import { after, lamp, tally } from "./given.ts";

function said(id: number, kind: SignalKind, acknowledged = false) {
  return { id, kind, sender: 3, label: "Director (Maria)", text: "", acknowledged };
}

test("a go stands above standbys and both above texts, the newest of a kind first", () => {
  const signals = [said(1, "go"), said(2, "standby"), said(3, "text"), said(4, "standby"), said(5, "text")];
  const state = after(tally({ a: lamp() }, { signals }));
  expect(openSignals(state).map((one) => one.id)).toEqual([1, 4, 2, 5, 3]);
});

test("what was acknowledged, calls, and anything of a lost link are not shown", () => {
  const signals = [said(1, "go", true), said(2, "call")];
  const state = after(tally({ a: lamp() }, { signals }));
  expect(openSignals(state)).toEqual([]);
  expect(openSignals({ ...after(tally({}, { signals: [said(1, "go")] })), live: false })).toEqual([]);
});
