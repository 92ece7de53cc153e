import { expect, test } from "vitest";
import { peopleOn, type Recent, withHeard } from "../../src/panel/people.ts";
import { after, lamp, panel, tally } from "./given.ts";

const heard = (seat: string, ...keys: string[]): Recent => ({
  address: `camera/${seat}`,
  label: `${seat} (Jo)`,
  keys,
});

const SAM = heard("Cam 4", "a");
const ANN = heard("Cam 2", "a", "b");

function onLine(address: string, place: string, state: "here" | "lost" = "here") {
  const flags = { talking: false, latched: false, killed: false, media: true };
  const keys = { on: ["a"], talks: [], hears: ["a"] };
  return { station: 1, address, place, person: "Bo", role_name: "Camera", state, ...keys, ...flags };
}

test("a key lists who was heard over it, and who speaks now, with this phone's volumes", () => {
  const state = after(tally({ a: lamp() }, { via: { 7: ["a"] }, addresses: { 7: SAM.address } }));
  const volumes = { [ANN.address]: { db: -6, muted: false } };
  expect(peopleOn("a", state, [ANN, SAM], volumes)).toEqual([
    { address: ANN.address, label: ANN.label, speaks: false, volume: { db: -6, muted: false } },
    { address: SAM.address, label: SAM.label, speaks: true, volume: { db: 0, muted: false } },
  ]);
  expect(peopleOn("b", state, [ANN, SAM], {}).map((one) => one.label)).toEqual([ANN.label]);
});

test("who is on the line and was not heard yet comes after; never oneself, nor the lost", () => {
  const own = panel();
  const people = [
    onLine(SAM.address, "Cam 4"),
    onLine("camera/Cam 5", "Cam 5"),
    onLine("camera/Cam 6", "Cam 6", "lost"),
    onLine(`${own.role}/${own.seat}`, own.seat),
  ];
  const state = after({ kind: "said", message: { t: "people", people, killed: [] }, now: 0 });
  expect(peopleOn("a", state, [SAM], {}).map((one) => one.label)).toEqual(["Cam 4 (Jo)", "Cam 5 (Bo)"]);
});

test("who is reached for keeps the place while others come, and the oldest give way", () => {
  expect(withHeard([ANN, SAM], [SAM], 9)).toEqual([ANN, SAM]);
  const more = heard("Cam 9", "a");
  expect(withHeard([ANN, SAM], [more, ANN], 9)).toEqual([more, ANN, SAM]);
  expect(withHeard([ANN, SAM], [more], 2)).toEqual([more, ANN]);
});

test("somebody heard over another key as well is listed at both", () => {
  expect(withHeard([SAM], [heard("Cam 4", "b")], 9)).toEqual([heard("Cam 4", "a", "b")]);
});

test("a tally that brings nothing new changes nothing", () => {
  const before = [ANN, SAM];
  expect(withHeard(before, [SAM], 9)).toBe(before);
  expect(withHeard(before, [], 9)).toBe(before);
});
