/** The panel's state after something happened: an order of its person, or a message of the appliance. */

import type { KeyTally, ServerMessage, TallyState } from "../wire/messages.ts";
import { shortReason } from "../words/said.ts";
import { LATE_MS } from "./alarms.ts";
import { EMPTY, type PanelState, type TalkWish } from "./model.ts";
import { openKeys, talkFace } from "./select.ts";

const REMARK_MS = 3000;
const NOTICE_MS = 8000;
/** An order without an echo for this long is forgotten; the tally says what is. */
export const WISH_MS = 2500;
const VOLUME_MS = 1500;

export type PanelEvent =
  | { readonly kind: "live" | "lost" | "tick"; readonly now: number }
  | { readonly kind: "said"; readonly message: ServerMessage; readonly now: number }
  | {
      readonly kind: "talk";
      readonly key: string;
      readonly n: number;
      readonly open: boolean;
      readonly now: number;
    }
  | { readonly kind: "all_off"; readonly now: number }
  | {
      readonly kind: "hear";
      readonly key: string;
      readonly n: number;
      readonly on: boolean;
      readonly now: number;
    }
  | {
      readonly kind: "volume";
      readonly key: string;
      readonly db: number;
      readonly muted: boolean;
      readonly now: number;
    }
  | { readonly kind: "master"; readonly db: number; readonly now: number }
  | { readonly kind: "remark"; readonly key: string; readonly text: string; readonly now: number };

export function reduce(state: PanelState, event: PanelEvent): PanelState {
  switch (event.kind) {
    case "live":
      return { ...EMPTY, panel: state.panel, live: true };
    case "lost":
      return { ...state, live: false, talks: {}, listens: {}, volumes: {}, master: null };
    case "tick":
      return expire(state, event.now);
    case "said":
      return said(state, event.message, event.now);
    case "talk": {
      const face = talkFace(state, event.key);
      const keeps = event.open && (face === "on" || face === "latched");
      const wish: TalkWish = { n: event.n, open: event.open, keeps, at: event.now };
      return {
        ...state,
        talks: { ...state.talks, [event.key]: wish },
        remarks: event.open ? without(state.remarks, event.key) : state.remarks,
      };
    }
    case "all_off":
      return { ...state, talks: closing(state, event.now) };
    case "hear": {
      const wish = { n: event.n, on: event.on, at: event.now };
      return { ...state, listens: { ...state.listens, [event.key]: wish } };
    }
    case "volume": {
      const wish = { db: event.db, muted: event.muted, at: event.now };
      return { ...state, volumes: { ...state.volumes, [event.key]: wish } };
    }
    case "master":
      return { ...state, master: { db: event.db, muted: false, at: event.now } };
    case "remark":
      return remarked(state, event.key, event.text, event.now);
  }
}

function said(state: PanelState, message: ServerMessage, now: number): PanelState {
  switch (message.t) {
    case "panel":
      return { ...state, panel: message };
    case "people":
      return { ...state, people: message };
    case "requests":
      return { ...state, requests: message.requests };
    case "tally":
      return tallied(state, message.state);
    case "refused":
      return refused(
        state,
        message.key,
        message.n,
        shortReason(message.reason, message.text, message.by),
        now,
      );
    case "closed": {
      const closed = { ...state, talks: without(state.talks, message.key) };
      return remarked(closed, message.key, shortReason(message.reason, message.text, message.by), now);
    }
    case "notice":
      return { ...state, notice: { kind: message.kind, text: message.text, until: now + NOTICE_MS } };
    default:
      return state;
  }
}

/** Every talk that is open, or asked for, as one that is to close: the microphone does not wait for the answer. */
function closing(state: PanelState, now: number): Table<TalkWish> {
  const asked = Object.entries(state.talks).filter(([, wish]) => wish.open);
  const keys = new Set([...openKeys(state), ...asked.map(([key]) => key)]);
  const wish: TalkWish = { n: Number.POSITIVE_INFINITY, open: false, keeps: false, at: now };
  return Object.fromEntries([...keys].map((key) => [key, wish]));
}

/** A tally settles each wish it has caught up with; older tallies leave newer wishes alone. */
function tallied(state: PanelState, tally: TallyState): PanelState {
  return {
    ...state,
    tally,
    talks: keep(state.talks, (key, wish) => !isAnswered(wish, tally.keys[key])),
    listens: keep(state.listens, (key, wish) => (tally.keys[key]?.listen_counter ?? 0) < wish.n),
  };
}

function isAnswered(wish: TalkWish, lamp: KeyTally | undefined): boolean {
  // All talk off has no counter: what is closed has obeyed it.
  if (wish.n === Number.POSITIVE_INFINITY) return (lamp?.talk ?? "off") === "off";
  return (lamp?.talk_counter ?? 0) >= wish.n;
}

function refused(state: PanelState, key: string, n: number, text: string, now: number): PanelState {
  const talk = state.talks[key];
  const listen = state.listens[key];
  // A refusal of an older press says nothing of a newer one.
  if ((talk !== undefined && talk.n > n) || (listen !== undefined && listen.n > n)) return state;
  const settled = {
    ...state,
    talks: talk?.n === n ? without(state.talks, key) : state.talks,
    listens: listen?.n === n ? without(state.listens, key) : state.listens,
  };
  return remarked(settled, key, text, now);
}

function remarked(state: PanelState, key: string, text: string, now: number): PanelState {
  return { ...state, remarks: { ...state.remarks, [key]: { text, until: now + REMARK_MS } } };
}

function expire(state: PanelState, now: number): PanelState {
  const next = {
    ...state,
    talks: grownLate(
      keep(state.talks, (_, wish) => now - wish.at < WISH_MS),
      now,
    ),
    listens: keep(state.listens, (_, wish) => now - wish.at < WISH_MS),
    volumes: keep(state.volumes, (_, wish) => now - wish.at < VOLUME_MS),
    master: state.master !== null && now - state.master.at < VOLUME_MS ? state.master : null,
    remarks: keep(state.remarks, (_, remark) => now < remark.until),
    notice: state.notice !== null && now < state.notice.until ? state.notice : null,
  };
  const same = (Object.keys(next) as (keyof PanelState)[]).every((name) => next[name] === state[name]);
  return same ? state : next;
}

function grownLate(talks: Table<TalkWish>, now: number): Table<TalkWish> {
  const late = (wish: TalkWish) => wish.open && !wish.keeps && now - wish.at >= LATE_MS;
  const grown = Object.entries(talks).filter(([, wish]) => late(wish) && !wish.late);
  if (grown.length === 0) return talks;
  return { ...talks, ...Object.fromEntries(grown.map(([key, wish]) => [key, { ...wish, late: true }])) };
}

type Table<T> = Readonly<Record<string, T>>;

/** The entries that hold; the same object when all do. */
function keep<T>(table: Table<T>, holds: (key: string, value: T) => boolean): Table<T> {
  const all = Object.entries(table);
  const kept = all.filter(([key, value]) => holds(key, value));
  return kept.length === all.length ? table : Object.fromEntries(kept);
}

function without<T>(table: Table<T>, key: string): Table<T> {
  return keep(table, (one) => one !== key);
}
