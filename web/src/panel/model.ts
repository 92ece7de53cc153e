/** What the panel knows: the appliance's word (panel, tally) and this phone's wishes it has not answered yet. */

import type { Panel, People, Requests, TallyState } from "../wire/messages.ts";

/** A talk order that is on its way. Gone once a tally echoes its counter, or it is refused. */
export interface TalkWish {
  /** Of the order; infinite for all talk off, which has none. */
  readonly n: number;
  /** What the phone expects when it is applied. */
  readonly open: boolean;
  /** The talk was confirmed open when this was said and stays so meanwhile. */
  readonly keeps: boolean;
  readonly at: number;
  /** Unanswered for so long that it was probably not sent. */
  readonly late?: true;
}

export interface ListenWish {
  readonly n: number;
  readonly on: boolean;
  readonly at: number;
}

/** Volume set here; the phone's word counts until the appliance has had time to echo it. */
export interface VolumeWish {
  readonly db: number;
  readonly muted: boolean;
  readonly at: number;
}

export interface Remark {
  readonly text: string;
  readonly until: number;
}

export interface PanelState {
  /** The control link is up and welcomed. */
  readonly live: boolean;
  readonly panel: Panel | null;
  readonly tally: TallyState | null;
  readonly talks: Readonly<Record<string, TalkWish>>;
  readonly listens: Readonly<Record<string, ListenWish>>;
  readonly volumes: Readonly<Record<string, VolumeWish>>;
  readonly master: VolumeWish | null;
  /** Why a key was refused or closed, shown where the talker's name stands. */
  readonly remarks: Readonly<Record<string, Remark>>;
  /** The crew list, while it is watched. */
  readonly people: People | null;
  /** Who waits at the door, for a role that may answer. */
  readonly requests: Requests["requests"];
  readonly notice: (Remark & { readonly kind: "info" | "warning" }) | null;
}

export const EMPTY: PanelState = {
  live: false,
  panel: null,
  tally: null,
  talks: {},
  listens: {},
  volumes: {},
  master: null,
  remarks: {},
  people: null,
  requests: [],
  notice: null,
};

/** What a talk zone shows. Only `on` and `latched` are the appliance's "on air". */
export type TalkFace = "off" | "wanted" | "on" | "latched" | "no_sound" | "silent";
