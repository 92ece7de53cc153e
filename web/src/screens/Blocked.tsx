import type { ReactNode } from "react";
import type { MicState } from "../device/mic.ts";
import { type Glyph, Icon } from "../parts/Icon.tsx";
import { MIC_WORDS } from "../parts/micWords.ts";
import type { Ended } from "../station/heart.ts";

interface BlockedProps {
  readonly glyph: Glyph;
  readonly title: string;
  readonly text: string;
  readonly children?: ReactNode;
}

/** A state in which the panel cannot be: one sentence, one action. */
export function Blocked({ glyph, title, text, children }: BlockedProps) {
  return (
    <main className="stage">
      <div className="card text-center" role="status">
        <Icon glyph={glyph} className="mx-auto text-[46px] text-ink-2" />
        <div>
          <h1 className="text-[23px] leading-tight font-semibold">{title}</h1>
          <p className="pt-2 text-[16px] leading-snug text-ink-2">{text}</p>
        </div>
        <div className="grid gap-3">{children}</div>
      </div>
    </main>
  );
}

interface BackProps {
  readonly show: string;
  readonly place: string;
  readonly person: string;
  readonly onJoin: () => void;
  readonly onOther: () => void;
}

/** This browser has a seat already: sound needs one tap, nothing else is asked. */
export function Back({ show, place, person, onJoin, onOther }: BackProps) {
  return (
    <Blocked glyph="seat" title={place} text={`${show}. Your seat is kept for you, ${person}.`}>
      <button type="button" className="main" onClick={onJoin}>
        <Icon glyph="speaker" className="text-[24px]" />
        Join with sound
      </button>
      <button type="button" className="quiet" onClick={onOther}>
        Join as somebody else
      </button>
    </Blocked>
  );
}

interface NoMicProps {
  readonly mic: MicState;
  readonly onAgain: () => void;
  readonly onListen: () => void;
}

export function NoMic({ mic, onAgain, onListen }: NoMicProps) {
  const words = MIC_WORDS[mic];
  return (
    <Blocked glyph={mic === "asking" ? "mic" : "no_mic"} title={words.title} text={words.text}>
      {mic !== "asking" && (
        <button type="button" className="main" onClick={onAgain}>
          Try again
        </button>
      )}
      <button type="button" className="side-action" onClick={onListen}>
        Listen without a microphone
      </button>
    </Blocked>
  );
}

interface EndedWords {
  readonly glyph: Glyph;
  readonly title: string;
  readonly action: string;
  /** Where the button leads: the same seat again, the join screen, or a fresh page. */
  readonly way: "again" | "join" | "reload";
}

const ENDINGS: Readonly<Record<string, EndedWords>> = {
  taken_over: { glyph: "swap", title: "Open in another tab", action: "Use it here", way: "again" },
  left: { glyph: "seat", title: "You left the show", action: "Join again", way: "join" },
  seat_yielded: { glyph: "seat", title: "Your seat was given away", action: "Choose a seat", way: "join" },
  no_seat: { glyph: "seat", title: "You have no seat", action: "Choose a seat", way: "join" },
  not_seated: { glyph: "seat", title: "You have no seat", action: "Choose a seat", way: "join" },
  unknown_role: { glyph: "seat", title: "Your role is gone", action: "Choose a role", way: "join" },
  unknown_seat: { glyph: "seat", title: "Your seat is gone", action: "Choose a seat", way: "join" },
  show_changed: { glyph: "seat", title: "The show changed", action: "Choose a role", way: "join" },
  reload: { glyph: "swap", title: "The panel is out of date", action: "Reload", way: "reload" },
};

const OTHERWISE: EndedWords = {
  glyph: "away",
  title: "The connection ended",
  action: "Connect again",
  way: "again",
};

interface EndedProps {
  readonly ended: Ended;
  readonly onAgain: () => void;
  readonly onJoin: () => void;
}

export function EndedScreen({ ended, onAgain, onJoin }: EndedProps) {
  const words = ENDINGS[ended.reason] ?? OTHERWISE;
  const act = { again: onAgain, join: onJoin, reload: () => location.reload() }[words.way];
  return (
    <Blocked glyph={words.glyph} title={words.title} text={ended.text}>
      <button type="button" className="main" onClick={act}>
        {words.action}
      </button>
    </Blocked>
  );
}
