/** What to show and what to do, read from the panel's state. */

import type { CallLamp, KeyTally, PanelKey } from "../wire/messages.ts";
import { words } from "../words/language.ts";
import { shortReason } from "../words/said.ts";
import type { PanelState, TalkFace } from "./model.ts";

/** What the talk zone of a key shows. */
export function talkFace(state: PanelState, key: string): TalkFace {
  if (!state.live) return "off";
  const wish = state.talks[key];
  const tally = state.tally?.keys[key];
  if (wish !== undefined) {
    if (!wish.open) return "off";
    if (!wish.keeps) return "wanted";
  }
  if (tally === undefined || tally.talk === "off") return wish === undefined ? "off" : "wanted";
  if (tally.air === "no_sound" || tally.air === "silent") return tally.air;
  if (tally.air === "off") return "wanted";
  return tally.talk === "latched" ? "latched" : "on";
}

/** Whether the appliance confirms this key on air: what `aria-pressed` of a talk zone tells. */
export function onAir(face: TalkFace): boolean {
  return face === "on" || face === "latched";
}

/** Whether the microphone should deliver: an order to talk is under way or a talk is open. */
export function micWanted(state: PanelState): boolean {
  if (!state.live) return false;
  const wished = Object.values(state.talks).some((wish) => wish.open);
  return wished || openKeys(state).length > 0;
}

/** Keys whose talk stands open by the tally and not by an order to close it. */
export function openKeys(state: PanelState): string[] {
  if (!state.live) return [];
  return Object.entries(state.tally?.keys ?? {})
    .filter(([key, tally]) => tally.talk !== "off" && state.talks[key]?.open !== false)
    .map(([key]) => key);
}

/** Whether the talk of a key is latched, as far as this phone knows. */
export function isLatched(state: PanelState, key: string): boolean {
  return openKeys(state).includes(key) && state.tally?.keys[key]?.talk === "latched";
}

export function anyLatched(state: PanelState): boolean {
  return openKeys(state).some((key) => state.tally?.keys[key]?.talk === "latched");
}

/** Whether a release now would leave the talk open, by the key's latch rule; the appliance decides. */
export function staysOpen(state: PanelState, key: PanelKey, heldMs: number, tapMs: number): boolean {
  const wish = state.talks[key.id];
  const pressed = wish !== undefined ? wish.open : state.tally?.keys[key.id]?.talk === "held";
  if (!pressed) return false;
  if (key.latch === "momentary") return false;
  return key.latch === "latching" || heldMs <= tapMs;
}

export interface ListenFace {
  readonly shown: boolean;
  /** The appliance's word: what `aria-pressed` tells. */
  readonly confirmed: boolean;
  readonly pending: boolean;
}

export function listenFace(state: PanelState, key: string): ListenFace {
  const confirmed = state.tally?.keys[key]?.listen ?? false;
  const wish = state.listens[key];
  return { shown: wish?.on ?? confirmed, confirmed, pending: wish !== undefined };
}

export interface Volume {
  readonly db: number;
  readonly muted: boolean;
}

export function volumeOf(state: PanelState, key: string): Volume {
  const wish = state.volumes[key];
  if (wish !== undefined) return wish;
  const tally = state.tally?.keys[key];
  return { db: tally?.volume_db ?? 0, muted: tally?.muted ?? false };
}

export function masterDb(state: PanelState): number {
  return state.master?.db ?? state.tally?.master_db ?? 0;
}

/** Who speaks on a key now, as short names. */
export function speakersOf(state: PanelState, key: string): string {
  if (!state.live || state.tally === null) return "";
  const { keys, people } = state.tally;
  const label = state.panel?.keys.find((one) => one.id === key)?.label;
  return (keys[key]?.speakers ?? []).map((id) => shortName(people[id] ?? `${id}`, label)).join(", ");
}

/** `Director (Maria)` is only Maria on the key of the director. */
function shortName(person: string, label: string | undefined): string {
  const [place, name] = /^(.*) \((.*)\)$/.exec(person)?.slice(1) ?? [];
  return place !== undefined && name !== undefined && place === label ? name : person;
}

export type LineKind = "plain" | "live" | "warning" | "call";

export interface Line {
  readonly kind: LineKind;
  readonly text: string;
}

/** Everything one key shows but its meter; flat, so that a key redraws only when it differs. */
export interface KeyView {
  readonly id: string;
  readonly label: string;
  readonly color: string;
  readonly face: TalkFace;
  readonly denied: boolean;
  readonly mayListen: boolean;
  readonly forced: boolean;
  readonly listen: boolean;
  readonly listenConfirmed: boolean;
  readonly listenPending: boolean;
  readonly muted: boolean;
  readonly volumeDb: number;
  readonly armed: boolean;
  readonly lineKind: LineKind;
  readonly line: string;
  readonly also: string;
  readonly foot: string;
  readonly online: number;
  /** Somebody calls me here, or I call there. */
  readonly call: CallLamp;
  readonly live: boolean;
}

export function keyView(state: PanelState, key: PanelKey, armed: boolean): KeyView {
  const face = talkFace(state, key.id);
  const listen = listenFace(state, key.id);
  const volume = volumeOf(state, key.id);
  const tally = state.tally?.keys[key.id];
  const line = mainLine(state, key, face);
  const speakers = speakersOf(state, key.id);
  return {
    id: key.id,
    label: key.label,
    color: key.color,
    face,
    denied: deniedWhy(key, tally) !== null,
    mayListen: key.may_listen,
    forced: key.forced,
    listen: listen.shown,
    listenConfirmed: listen.confirmed,
    listenPending: listen.pending,
    muted: volume.muted,
    volumeDb: volume.db,
    armed,
    lineKind: line.kind,
    line: line.text,
    also: line.kind === "live" ? "" : speakers,
    foot: footText(key, tally),
    online: tally?.online ?? 0,
    call: state.live ? (tally?.call ?? "off") : "off",
    live: state.live,
  };
}

/** Columns that leave the fewest gaps, at most `most`. */
export function columns(keys: number, most: number): number {
  if (keys <= most) return Math.max(1, keys);
  const rows = Math.ceil(keys / most);
  return Math.ceil(keys / rows);
}

/** Why this key cannot talk, in a word or two; null when it can. */
export function deniedWhy(key: PanelKey, tally: KeyTally | undefined): string | null {
  if (!key.may_talk) return key.may_listen ? words().key.listenOnly : words().key.noAccess;
  if (tally?.why) return shortReason(tally.why, tally.why, tally.by);
  return null;
}

function mainLine(state: PanelState, key: PanelKey, face: TalkFace): Line {
  const w = words().key;
  const tally = state.tally?.keys[key.id];
  const remark = state.remarks[key.id];
  const speakers = speakersOf(state, key.id);
  if (remark !== undefined) return { kind: "warning", text: remark.text };
  if (state.talks[key.id]?.late) return { kind: "warning", text: w.late };
  if (face === "wanted") return { kind: "plain", text: w.opening };
  if (face === "no_sound") return { kind: "warning", text: w.noSound };
  if (face === "silent") return { kind: "warning", text: w.silent };
  if (onAir(face)) return { kind: "plain", text: w.openTo(tally?.open_to ?? 0) };
  if (state.live && tally?.call === "in") return { kind: "call", text: w.calls(tally.caller) };
  if (state.live && tally?.trouble) return { kind: "warning", text: w.nothingToPlay };
  if (speakers !== "") return { kind: "live", text: speakers };
  return { kind: "plain", text: deniedWhy(key, tally) ?? quietLine(key, tally) };
}

/** What an idle key says under its label. */
function quietLine(key: PanelKey, tally: KeyTally | undefined): string {
  const w = words().key;
  if (tally?.call === "out") return w.calling;
  if (tally?.in_use) return w.inUse;
  return isDirect(key) ? w.direct : "";
}

function isDirect(key: PanelKey): boolean {
  return key.kind === "role" || key.kind === "seat";
}

/** Each kind of key tells in its foot what it is about: who is there, or how it sounds. */
function footText(key: PanelKey, tally: KeyTally | undefined): string {
  if (tally === undefined) return "";
  const w = words().key;
  const { online } = tally;
  if (key.may_listen && key.dim_db !== 0) return w.dim(Math.abs(key.dim_db));
  if (key.kind === "port") return w.program;
  if (online === 0) return isDirect(key) ? w.notHere : w.nobodyHere;
  if (key.kind === "group") return w.group(online);
  if (key.kind === "ifb") return w.ifb(online);
  return isDirect(key) ? w.here(online) : w.onLine(online);
}

/** The key that talks to who spoke or called last. */
export const REPLY = "reply";

/** It as a key like the others, aimed at the top of the stack; undefined where the show has none. */
export function replyKey(state: PanelState): PanelKey | undefined {
  if (state.panel?.reply !== true) return undefined;
  const top = state.tally?.reply[0];
  return {
    id: REPLY,
    label: top?.label ?? "",
    color: "",
    kind: "seat",
    latch: "auto",
    may_talk: top?.may_talk ?? false,
    may_listen: true,
    forced: true,
    armed: false,
    may_call: false,
    dim_db: 0,
    address: "",
  };
}
