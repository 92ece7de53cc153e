/**
 * Screens without an appliance, for looking at them: `npm run dev`, then `?fixture=panel`.
 *
 * Never part of a build.
 */

import type { ReactNode } from "react";
import type { MicState } from "../device/mic.ts";
import { EMPTY, type PanelState } from "../panel/model.ts";
import { Away, Insecure, Unsupported, App as Whole } from "../screens/App.tsx";
import { Back, EndedScreen, NoMic } from "../screens/Blocked.tsx";
import { JoinScreen } from "../screens/Join.tsx";
import { PanelScreen } from "../screens/Panel.tsx";
import type { StationStatus } from "../station/heart.ts";
import { Station } from "../station/station.ts";
import type { Door, KeyTally, PanelKey, People, Person, SignalKind } from "../wire/messages.ts";
import { metersPanel } from "./meters.tsx";

const nothing = () => {};

export function key(id: string, label: string, color: string, more: Partial<PanelKey> = {}): PanelKey {
  const base = { kind: "channel", latch: "auto", may_talk: true, may_listen: true } as const;
  return {
    id,
    label,
    color,
    ...base,
    forced: false,
    armed: false,
    may_call: true,
    dim_db: 0,
    address: id,
    ...more,
  };
}

const KEYS: readonly PanelKey[] = [
  key("director", "Director", "blue", { armed: true }),
  key("cams", "Cameras", "violet", { armed: true }),
  key("lights", "Lights", "teal"),
  key("stage", "Stage", "pink"),
  key("program", "Program", "sand", {
    kind: "port",
    may_talk: false,
    forced: true,
    may_call: false,
    dim_db: -14,
  }),
  key("sound", "Sound", "steel", { kind: "role", may_listen: false }),
];

/** Four times the keys, one of them with a name nobody would choose. */
const MANY = [0, 1, 2, 3].flatMap((n) =>
  KEYS.map((one) => ({
    ...one,
    id: n === 0 ? one.id : `${one.id}${n}`,
    label: n === 1 && one.id === "stage" ? "Donaudampfschifffahrtsgesellschaft left" : one.label,
  })),
);

export function tally(more: Partial<KeyTally> = {}): KeyTally {
  const talk = { talk: "off", air: "off", talk_counter: 0, listen_counter: 0 } as const;
  const ears = { listen: true, volume_db: 0, muted: false, open_to: 0, online: 4, speakers: [] };
  return {
    ...talk,
    ...ears,
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

function panelState(name: string): PanelState {
  const hour = performance.now() + 3_600_000;
  const state: PanelState = {
    ...EMPTY,
    live: true,
    panel: {
      t: "panel",
      show: "Sunday 10:30",
      role: "camera",
      role_name: "Camera",
      seat: "Camera 2",
      person: "Jo",
      lanes: 8,
      tap_ms: 200,
      latch_when_hidden: false,
      remind_s: 60,
      dim_attack_ms: 50,
      dim_hold_ms: 700,
      dim_release_ms: 400,
      rights: [],
      reply: true,
      addresses: [],
      keys: name === "many" ? MANY : KEYS,
    },
    tally: {
      seat: "Camera 2",
      keys: {
        director: tally({ speakers: [3], volume_db: -3 }),
        cams: tally({ talk: "latched", air: "on", open_to: 5, volume_db: -9, speakers: [5] }),
        lights: tally({ online: 2, volume_db: 6 }),
        stage: tally({ listen: false, online: 3 }),
        program: tally({ online: 9, volume_db: -24, speakers: [] }),
        sound: tally({ online: 1, listen: false }),
      },
      lanes: [3, 5, null, null, null, null, null, null],
      via: { 3: ["director"], 5: ["cams"] },
      people: { 3: "Director (Maria)", 5: "Cam 4 (Sam)" },
      addresses: { 3: "director/Director", 5: "camera/Cam 4" },
      priority: {},
      signals: [],
      sent: [],
      reply: [],
      killed: false,
      killed_by: "",
      master_db: 0,
      media: name !== "connecting",
    },
    talks: { lights: { n: 9, open: true, keeps: false, at: hour } },
    people: crew(),
  };
  if (name === "panel-rest") return { ...state, talks: {}, tally: restTally(state) };
  if (name === "trouble") return trouble(state, hour);
  if (name === "signals") return signalled(state);
  if (name === "director") return directing(state);
  if (name === "asked") {
    const one = { person: "Sam", role_name: "Camera", seat: "Camera 2", hand_over: true, holder: "Jo" };
    return { ...state, requests: [{ id: "r", mine: true, ...one }] };
  }
  if (name === "none" && state.panel) return { ...state, talks: {}, panel: { ...state.panel, keys: [] } };
  if (name === "one" && state.panel)
    return { ...state, talks: {}, panel: { ...state.panel, keys: KEYS.slice(0, 1) } };
  if (name === "day") return day(state);
  if (name === "ears") return ears(state, hour);
  if (name === "lost") return { ...state, live: false, talks: {} };
  return state;
}

const REPLY = [
  { station: 7, label: "Stage (Tom)", calling: false, may_talk: true },
  { station: 3, label: "Director (Maria)", calling: false, may_talk: true },
  { station: 5, label: "Cam 4 (Sam)", calling: true, may_talk: false },
] as const;

/** A show in full swing, as the crew mostly sees it. */
function day(state: PanelState): PanelState {
  if (state.tally === null) return state;
  const signals = [
    {
      id: 41,
      kind: "standby",
      sender: 3,
      label: "Director (Maria)",
      text: "Cue 42, pan to choir",
      acknowledged: false,
    },
  ] as const;
  const { keys } = state.tally;
  const stage = tally({ listen: false, online: 3, call: "in", caller: "Tom", call_id: 4 });
  return { ...state, tally: { ...state.tally, signals, reply: REPLY, keys: { ...keys, stage } } };
}

function signalled(state: PanelState): PanelState {
  if (state.tally === null || state.panel === null) return state;
  const said = (id: number, kind: SignalKind, text: string) => ({
    id,
    kind,
    text,
    sender: 3,
    label: "Director (Maria)",
    acknowledged: false,
  });
  const signals = [
    said(41, "standby", "Cue 42, pan to choir"),
    said(42, "go", "Cue 41"),
    said(43, "text", "Ten minutes to the interval, everybody stays at their place"),
  ];
  const reply = [{ station: 7, label: "Stage (Tom)", calling: true, may_talk: true }];
  const keys = {
    ...state.tally.keys,
    director: tally({ call: "out" }),
    stage: tally({ call: "in", caller: "Tom", call_id: 4, listen: false }),
    lights: tally({ why: "killed", by: "Director (Maria)" }),
    sound: tally({ in_use: true, listen: false, online: 1 }),
  };
  return {
    ...state,
    talks: {},
    tally: { ...state.tally, signals, reply, keys, killed: true, killed_by: "Director (Maria)" },
  };
}

function person(
  station: number,
  role_name: string,
  place: string,
  name: string,
  more: Partial<Person> = {},
): Person {
  const still = { talking: false, latched: false, killed: false, media: true, state: "here" } as const;
  return {
    station,
    address: place,
    place,
    person: name,
    role_name,
    on: ["director"],
    talks: [],
    hears: ["director"],
    ...still,
    ...more,
  };
}

function crew(): People {
  return {
    t: "people",
    killed: [],
    people: [
      person(3, "Camera", "Cam 1", "Ann", { talking: true }),
      person(4, "Camera", "Cam 2", "Bo", { latched: true, talking: true }),
      person(5, "Camera", "Cam 3", "Cy", { state: "lost" }),
      person(6, "Lights", "Lights", "Di", { killed: true }),
      person(7, "Stage", "Stage", "Tom"),
    ],
  };
}

function directing(state: PanelState): PanelState {
  if (state.tally === null || state.panel === null) return state;
  const sent = [
    {
      id: 9,
      kind: "standby",
      to: "camera",
      label: "Camera",
      text: "Cue 42, pan to choir",
      answers: [
        { label: "Cam 1 (Ann)", after_ms: 820 },
        { label: "Cam 2 (Bo)", after_ms: null },
      ],
    },
  ] as const;
  const addresses = [
    { address: "camera", label: "Camera", kind: "role" },
    { address: "cams", label: "Cameras", kind: "channel" },
    { address: "stage", label: "Stage", kind: "role" },
  ] as const;
  const requests = [
    { id: "r", person: "Eva", role_name: "Guest", seat: "", hand_over: false, holder: "", mine: false },
  ];
  const rights = ["calls", "kill", "approve"];
  return {
    ...state,
    talks: {},
    requests,
    panel: { ...state.panel, rights, addresses, seat: "Director", person: "Maria" },
    tally: { ...state.tally, sent, reply: REPLY },
  };
}

function restTally(state: PanelState): PanelState["tally"] {
  if (state.tally === null) return null;
  return { ...state.tally, keys: { ...state.tally.keys, cams: tally({ volume_db: -9 }) } };
}

function trouble(state: PanelState, hour: number): PanelState {
  if (state.tally === null) return state;
  const keys = {
    ...state.tally.keys,
    director: tally({ talk: "held", air: "no_sound", open_to: 4 }),
    cams: tally({ talk: "latched", air: "silent", open_to: 5 }),
    lights: tally({ why: "killed", by: "Director (Maria)" }),
    program: tally({ speakers: [3, 5] }),
  };
  return {
    ...state,
    talks: {},
    tally: { ...state.tally, keys },
    remarks: { stage: { text: "closed by Director (Maria)", until: hour } },
    notice: { kind: "info", text: "The show was reloaded: you lost talk to Lights.", until: hour },
  };
}

/** Everything an ear does to a key, and an order that was not sent. */
function ears(state: PanelState, hour: number): PanelState {
  if (state.tally === null || state.panel === null) return state;
  const keys = {
    ...state.tally.keys,
    cams: tally({ speakers: [5] }),
    lights: tally({ muted: true, volume_db: 6, online: 2 }),
    stage: tally({ online: 3, muted: true }),
    sound: tally({ listen: false, online: 1 }),
  };
  return {
    ...state,
    talks: { sound: { n: 9, open: true, keeps: false, at: hour, late: true } },
    tally: { ...state.tally, keys },
  };
}

function hearing(station: Station): void {
  const { choices, lowered } = station.sound.ear;
  choices.set({ ...choices.get(), pans: { director: -1, stage: 0.5, program: 1 } });
  station.sound.ear.solo("director", true);
  lowered.set(new Set(["program"]));
}

function panel(name: string, change: Partial<StationStatus> = {}): ReactNode {
  const station = new Station();
  station.panel.set(panelState(name));
  const status = { ...station.status.get(), mic: "live", link: "live", rttMs: 11.6, media: true } as const;
  station.status.set({ ...status, ...change });
  station.sound.tallied();
  if (name === "ears") hearing(station);
  const levels = new Map([
    ["director", -22],
    ["cams", -38],
    ["@director/Director", -22],
  ]);
  setInterval(() => {
    station.sound.meters.feed(levels, performance.now());
    station.sound.meters.draw(performance.now(), new Map());
  }, 100);
  return <PanelScreen station={station} />;
}

const DOOR: Door = {
  show: "Sunday 10:30",
  time_s: 0,
  me: null,
  invite: null,
  roles: [
    { id: "td", name: "Technical director", seats: [], free: 0, pin: true, ask: false },
    {
      id: "camera",
      name: "Camera",
      seats: [
        { name: "Cam 1", holder: "Ann" },
        { name: "Cam 2", holder: null },
        { name: "Cam 3", holder: "Bo" },
        { name: "Cam 4", holder: null },
      ],
      free: 2,
      pin: true,
      ask: false,
    },
    { id: "lights", name: "Lights", seats: [], free: 1, pin: true, ask: false },
    { id: "guest", name: "Guest", seats: [], free: null, pin: false, ask: true },
  ],
};

const INVITED: Door = { ...DOOR, invite: { role: "camera", role_name: "Camera" } };

const STATIC: Readonly<Record<string, () => ReactNode>> = {
  app: () => <Whole station={new Station()} />,
  join: () => <JoinScreen door={DOOR} invite={null} onTap={nothing} onJoined={nothing} />,
  invite: () => <JoinScreen door={INVITED} invite="t" onTap={nothing} onJoined={nothing} />,
  spent: () => <JoinScreen door={DOOR} invite="t" onTap={nothing} onJoined={nothing} />,
  away: () => <Away text="The appliance does not answer." onAgain={nothing} />,
  back: () => <Back show="Sunday 10:30" place="Cam 2" person="Jo" onJoin={nothing} onOther={nothing} />,
  lost: () => panel("lost", { lostAt: performance.now() - 900, link: "waiting" }),
  meters: () => metersPanel(panelState("panel")),
  insecure: () => <Insecure />,
  unsupported: () => <Unsupported />,
  interrupted: () => panel("panel-rest", { mic: "interrupted" }),
  muted: () => panel("panel-rest", { mic: "muted" }),
  listener: () => panel("panel-rest", { mic: "denied" }),
};

/** `&theme=blackout&hand=left&keys=large&dir=rtl` dress the page for the look. */
function dress(): void {
  const asked = new URLSearchParams(location.search);
  const root = document.documentElement;
  for (const name of ["theme", "hand", "keys"]) {
    const value = asked.get(name);
    if (value !== null) root.dataset[name] = value;
  }
  root.dir = asked.get("dir") ?? root.dir;
}

/** The screen of a fixture's name; any other name is a panel in that state. */
export function fixture(name: string): ReactNode {
  dress();
  const [kind, detail] = name.split(":") as [string, string | undefined];
  if (kind === "mic")
    return <NoMic mic={(detail ?? "denied") as MicState} onAgain={nothing} onListen={nothing} />;
  if (kind === "ended") {
    const ended = {
      reason: detail ?? "",
      text: "",
      by: detail === "handed_over" ? "Sam" : "Maria (Director)",
    };
    return <EndedScreen ended={ended} onAgain={nothing} onJoin={nothing} />;
  }
  return STATIC[kind]?.() ?? panel(kind);
}
