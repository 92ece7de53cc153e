/** Panels and tallies for tests, as the appliance would send them. */

import { EMPTY, type PanelState } from "../../src/panel/model.ts";
import { type PanelEvent, reduce } from "../../src/panel/reduce.ts";
import type { KeyTally, Panel, PanelKey, TallyState } from "../../src/wire/messages.ts";

export function key(id: string, more: Partial<PanelKey> = {}): PanelKey {
  return {
    id,
    label: id,
    color: "blue",
    kind: "channel",
    latch: "auto",
    may_talk: true,
    may_listen: true,
    forced: false,
    armed: false,
    may_call: true,
    dim_db: 0,
    address: id,
    ...more,
  };
}

export function panel(...keys: PanelKey[]): Panel {
  const seat = { show: "Show", role: "camera", role_name: "Camera", seat: "Cam 1", person: "Jo" };
  const dim = { dim_attack_ms: 50, dim_hold_ms: 700, dim_release_ms: 400 };
  const talk = { tap_ms: 200, latch_when_hidden: false, remind_s: 60, reply: true };
  return { t: "panel", ...seat, ...dim, ...talk, lanes: 8, rights: [], keys, addresses: [] };
}

export function lamp(more: Partial<KeyTally> = {}): KeyTally {
  return {
    talk: "off",
    air: "off",
    listen: true,
    volume_db: 0,
    muted: false,
    talk_counter: 0,
    listen_counter: 0,
    open_to: 0,
    online: 3,
    speakers: [],
    why: null,
    call: "off",
    caller: "",
    call_id: 0,
    in_use: false,
    by: "",
    trouble: false,
    ...more,
  };
}

export function tallyState(keys: Record<string, KeyTally>, more: Partial<TallyState> = {}): TallyState {
  const said = { signals: [], sent: [], reply: [], killed: false, killed_by: "" };
  const ears = { lanes: [], via: {}, people: {}, addresses: {}, priority: {}, master_db: 0, media: true };
  return { seat: "Cam 1", keys, ...ears, ...said, ...more };
}

export function tally(keys: Record<string, KeyTally>, more: Partial<TallyState> = {}): PanelEvent {
  return { kind: "said", message: { t: "tally", state: tallyState(keys, more) }, now: 0 };
}

/** A live panel with one key `a`, after these events. */
export function after(...events: PanelEvent[]): PanelState {
  const start: PanelEvent[] = [
    { kind: "live", now: 0 },
    { kind: "said", message: panel(key("a"), key("b")), now: 0 },
    tally({ a: lamp(), b: lamp() }),
  ];
  return [...start, ...events].reduce(reduce, EMPTY);
}

export function talk(n: number, open: boolean, now = 0): PanelEvent {
  return { kind: "talk", key: "a", n, open, now };
}

export function refused(n: number, reason = "listen_only"): PanelEvent {
  return { kind: "said", message: { t: "refused", key: "a", n, reason, text: "No." }, now: 100 };
}

export const ON = { talk: "held", air: "on" } as const;
