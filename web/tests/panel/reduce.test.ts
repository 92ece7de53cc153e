import { describe, expect, test } from "vitest";
import { type PanelEvent, reduce, WISH_MS } from "../../src/panel/reduce.ts";
import {
  anyLatched,
  isLatched,
  keyView,
  listenFace,
  micWanted,
  onAir,
  staysOpen,
  talkFace,
  volumeOf,
} from "../../src/panel/select.ts";
import { after, key, lamp, ON, panel, refused, talk, tally } from "./given.ts";

const LATCHED = { talk: "latched", air: "on" } as const;

describe("a press", () => {
  test("is wanted, not on air, until the appliance echoes its counter", () => {
    const pressed = after(talk(1, true));
    expect(talkFace(pressed, "a")).toBe("wanted");
    expect(onAir(talkFace(pressed, "a"))).toBe(false);
    const confirmed = reduce(pressed, tally({ a: lamp({ ...ON, talk_counter: 1 }) }));
    expect(talkFace(confirmed, "a")).toBe("on");
  });

  test("is not lit by the late confirmation of the press before it", () => {
    const again = after(talk(1, true), talk(2, false), talk(3, true));
    const late = reduce(again, tally({ a: lamp({ ...ON, talk_counter: 1 }) }));
    expect(talkFace(late, "a")).toBe("wanted");
  });

  test("opens the microphone at once and a release closes it at once", () => {
    const pressed = after(talk(1, true));
    expect(micWanted(pressed)).toBe(true);
    const open = reduce(pressed, tally({ a: lamp({ ...ON, talk_counter: 1 }) }));
    const released = reduce(open, talk(2, false));
    expect(micWanted(released)).toBe(false);
    expect(talkFace(released, "a")).toBe("off");
  });

  test("that is refused says why where the talker's name stands, for three seconds", () => {
    const state = reduce(after(talk(1, true)), refused(1));
    expect(talkFace(state, "a")).toBe("off");
    expect(micWanted(state)).toBe(false);
    expect(keyView(state, key("a"), false)).toMatchObject({ line: "listen only", lineKind: "warning" });
    expect(keyView(reduce(state, { kind: "tick", now: 3200 }), key("a"), false).line).toBe("");
  });

  test("is not touched by the refusal of an older one", () => {
    const state = reduce(after(talk(1, true), talk(2, false), talk(3, true)), refused(1));
    expect(talkFace(state, "a")).toBe("wanted");
  });

  test("without any echo is forgotten, and with it the open microphone", () => {
    const state = reduce(after(talk(1, true)), { kind: "tick", now: WISH_MS });
    expect(talkFace(state, "a")).toBe("off");
    expect(micWanted(state)).toBe(false);
  });
});

describe("a tap", () => {
  test("keeps the lamp solid and the microphone open while its latch is confirmed", () => {
    const open = after(talk(1, true), tally({ a: lamp({ ...ON, talk_counter: 1 }) }));
    const tapped = reduce(open, talk(2, true));
    expect(talkFace(tapped, "a")).toBe("on");
    expect(micWanted(tapped)).toBe(true);
    const latched = reduce(tapped, tally({ a: lamp({ ...LATCHED, talk_counter: 2 }) }));
    expect(talkFace(latched, "a")).toBe("latched");
    expect(anyLatched(latched)).toBe(true);
  });

  test("stays open by the key's own rule", () => {
    const down = after(talk(1, true));
    expect(staysOpen(down, key("a"), 150, 200)).toBe(true);
    expect(staysOpen(down, key("a"), 201, 200)).toBe(false);
    expect(staysOpen(down, key("a", { latch: "momentary" }), 150, 200)).toBe(false);
    expect(staysOpen(down, key("a", { latch: "latching" }), 900, 200)).toBe(true);
  });

  test("after a refusal does not open anything", () => {
    const state = reduce(after(talk(1, true)), refused(1, "killed"));
    expect(staysOpen(state, key("a"), 50, 200)).toBe(false);
  });
});

describe("what only looks like talking", () => {
  test.each(["no_sound", "silent"] as const)("%s is not on air", (air) => {
    const state = after(tally({ a: lamp({ talk: "held", air }) }));
    expect(talkFace(state, "a")).toBe(air);
    expect(onAir(talkFace(state, "a"))).toBe(false);
  });

  test("no sound and silence each say so", () => {
    const lines = (["no_sound", "silent"] as const).map(
      (air) => keyView(after(tally({ a: lamp({ talk: "held", air }) })), key("a"), false).line,
    );
    expect(lines).toEqual(["no sound from this phone", "microphone is silent"]);
  });
});

describe("all talk off", () => {
  const open = after(tally({ a: lamp({ ...LATCHED, talk_counter: 3 }), b: lamp(ON) }));
  const off = reduce(open, { kind: "all_off", now: 0 });

  test("closes the microphone before the appliance answers", () => {
    expect(micWanted(open)).toBe(true);
    expect(micWanted(off)).toBe(false);
    expect(talkFace(off, "a")).toBe("off");
    expect(anyLatched(off)).toBe(false);
  });

  test("closes what was only asked for", () => {
    expect(micWanted(reduce(after(talk(1, true)), { kind: "all_off", now: 0 }))).toBe(false);
  });

  test("is not undone by a tally that was under way", () => {
    const late = reduce(off, tally({ a: lamp({ ...LATCHED, talk_counter: 4 }), b: lamp(ON) }));
    expect(micWanted(late)).toBe(false);
  });

  test("is over when the appliance has closed them, and a talk opens anew", () => {
    const closed = reduce(off, tally({ a: lamp({ talk_counter: 3 }), b: lamp() }));
    expect(closed.talks).toEqual({});
    expect(micWanted(reduce(closed, talk(4, true)))).toBe(true);
    expect(micWanted(reduce(off, talk(4, true)))).toBe(true);
  });
});

describe("a lost link", () => {
  const open = after(tally({ a: lamp(LATCHED) }), talk(5, true));
  const lost = reduce(open, { kind: "lost", now: 0 });

  test("ends every talk and closes the microphone", () => {
    expect(talkFace(lost, "a")).toBe("off");
    expect(micWanted(lost)).toBe(false);
    expect(isLatched(lost, "a")).toBe(false);
  });

  test("keeps the panel to look at, and nothing of it comes back as a talk", () => {
    const back = reduce(lost, { kind: "live", now: 0 });
    expect(back.panel).toEqual(open.panel);
    expect(back.tally).toBeNull();
    expect(micWanted(back)).toBe(false);
  });
});

describe("closing from outside", () => {
  test("ends the wish and says why", () => {
    const message = { t: "closed", key: "a", reason: "killed", text: "", by: "Director (Maria)" } as const;
    const state = reduce(after(talk(1, true)), { kind: "said", message, now: 0 });
    expect(micWanted(state)).toBe(false);
    expect(keyView(state, key("a"), false).line).toBe("closed by Director (Maria)");
  });

  test("says so when the appliance's own operator did it", () => {
    const message = { t: "closed", key: "a", reason: "unlatched", text: "" } as const;
    const state = reduce(after(talk(1, true)), { kind: "said", message, now: 0 });
    expect(keyView(state, key("a"), false).line).toBe("closed at the appliance");
  });

  test("a kill that stands hatches the key", () => {
    const state = after(tally({ a: lamp({ why: "killed", by: "Director (Maria)" }) }));
    expect(keyView(state, key("a"), false)).toMatchObject({
      denied: true,
      line: "closed by Director (Maria)",
    });
  });
});

describe("listening", () => {
  const wished = after({ kind: "hear", key: "a", n: 4, on: false, now: 0 });

  test("shows the wish and tells only what is confirmed", () => {
    expect(listenFace(wished, "a")).toEqual({ shown: false, confirmed: true, pending: true });
    const settled = reduce(wished, tally({ a: lamp({ listen: false, listen_counter: 4 }) }));
    expect(listenFace(settled, "a")).toEqual({ shown: false, confirmed: false, pending: false });
  });

  test("a refused wish falls back to the appliance's word", () => {
    expect(listenFace(reduce(wished, refused(4, "forced")), "a").shown).toBe(true);
  });
});

describe("volume", () => {
  test("counts from the hand at once, and from the tally when that had time to come", () => {
    const set = after({ kind: "volume", key: "a", db: -12, muted: false, now: 0 });
    expect(volumeOf(set, "a").db).toBe(-12);
    const echoed = reduce(set, tally({ a: lamp({ volume_db: -12 }) }));
    expect(volumeOf(reduce(echoed, { kind: "tick", now: 1600 }), "a").db).toBe(-12);
  });
});

describe("a key's words", () => {
  const people = { 7: "Maria", 8: "Sam" };

  test("a program with nothing to play says so, and who speaks over it beside it", () => {
    const people = { 7: "Maria" };
    const quiet = after(tally({ a: lamp({ trouble: true }) }, { people }));
    expect(keyView(quiet, key("a"), false)).toMatchObject({ line: "nothing to play", lineKind: "warning" });
    const spoken = after(tally({ a: lamp({ trouble: true, speakers: [7] }) }, { people }));
    expect(keyView(spoken, key("a"), false)).toMatchObject({ line: "nothing to play", also: "Maria" });
  });

  test("name who speaks, also while talking oneself", () => {
    const speaking = after(tally({ a: lamp({ speakers: [7, 8] }) }, { people }));
    expect(keyView(speaking, key("a"), false)).toMatchObject({
      line: "Maria, Sam",
      lineKind: "live",
      also: "",
    });
    const both = after(tally({ a: lamp({ ...ON, open_to: 5, speakers: [7] }) }, { people }));
    expect(keyView(both, key("a"), false)).toMatchObject({ line: "open to 5", also: "Maria" });
  });

  test("say why a key cannot talk, and still who speaks there", () => {
    const listener = key("a", { may_talk: false });
    expect(keyView(after(), listener, false)).toMatchObject({ denied: true, line: "listen only" });
    const speaking = after(tally({ a: lamp({ speakers: [7] }) }, { people }));
    expect(keyView(speaking, listener, false)).toMatchObject({ denied: true, line: "Maria" });
  });

  test("count who is there", () => {
    expect(keyView(after(), key("a"), false).foot).toBe("3 on line");
    expect(keyView(after(tally({ a: lamp({ online: 0 }) })), key("a", { kind: "role" }), false).foot).toBe(
      "not here",
    );
  });
});

test("a tick that changes nothing is the same state", () => {
  const state = after();
  expect(reduce(state, { kind: "tick", now: 1 })).toBe(state);
});

test("a new panel replaces the old", () => {
  const message = panel(key("z"));
  expect(reduce(after(), { kind: "said", message, now: 0 }).panel?.keys.map((one) => one.id)).toEqual(["z"]);
});

test("an order to talk without an answer for 300 ms says that it was not sent, and its answer ends that", () => {
  const tick = (now: number): PanelEvent => ({ kind: "tick", now });
  const late = after(talk(1, true, 0), tick(250), tick(350));
  expect(after(talk(1, true, 0), tick(250)).talks["a"]?.late).toBeUndefined();
  expect(keyView(late, key("a"), false).line).toBe("not sent");
  expect(talkFace(late, "a")).toBe("wanted");
  const answered = reduce(late, tally({ a: lamp({ ...ON, talk_counter: 1, open_to: 2 }) }));
  expect(keyView(answered, key("a"), false).line).toBe("open to 2");
});
