import { beforeEach, expect, test, vi } from "vitest";
import { readPrefs, rememberSaid } from "../../src/device/prefs.ts";

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  });
});

test("the last ten texts are remembered, the newest first and each once", () => {
  for (let n = 1; n <= 12; n += 1) rememberSaid(`Cue ${n}`);
  rememberSaid(" Cue 7 ");
  expect(readPrefs().said).toEqual([7, 12, 11, 10, 9, 8, 6, 5, 4, 3].map((n) => `Cue ${n}`));
});

test("a cue without words leaves the list as it was", () => {
  rememberSaid("Ten minutes");
  expect(rememberSaid("  ")).toEqual(["Ten minutes"]);
});
