import type { ReactNode } from "react";
import { browserKind } from "../device/browser.ts";
import type { MicState } from "../device/mic.ts";
import { useWords } from "../parts/hooks.ts";
import { type Glyph, Icon } from "../parts/Icon.tsx";
import type { Ended } from "../station/heart.ts";
import type { Words } from "../words/en.ts";

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
  readonly aside?: ReactNode;
}

/** This browser has a seat already: sound needs one tap, nothing else is asked. */
export function Back({ show, place, person, onJoin, onOther, aside }: BackProps) {
  const w = useWords().join;
  return (
    <Blocked glyph="seat" title={place} text={w.back(show, person)}>
      <button type="button" className="main" onClick={onJoin}>
        <Icon glyph="speaker" className="text-[24px]" />
        {w.join}
      </button>
      <button type="button" className="quiet" onClick={onOther}>
        {w.other}
      </button>
      {aside}
    </Blocked>
  );
}

interface NoMicProps {
  readonly mic: MicState;
  readonly onAgain: () => void;
  readonly onListen: () => void;
}

export function NoMic({ mic, onAgain, onListen }: NoMicProps) {
  const { mic: w, doors } = useWords();
  const words = w[mic];
  const text = mic === "denied" ? doors.denied[browserKind(navigator.userAgent)] : words.text;
  return (
    <Blocked glyph={mic === "asking" ? "mic" : "no_mic"} title={words.title} text={text}>
      {mic !== "asking" && (
        <button type="button" className="main" onClick={onAgain}>
          {w.again}
        </button>
      )}
      <button type="button" className="side-action" onClick={onListen}>
        {w.listenOnly}
      </button>
    </Blocked>
  );
}

interface Ending {
  readonly glyph: Glyph;
  /** Where the button leads: the same seat again, the join screen, or a fresh page. */
  readonly way: "again" | "join" | "reload";
}

const ENDINGS: Readonly<Record<keyof Words["ended"], Ending>> = {
  taken_over: { glyph: "swap", way: "again" },
  handed_over: { glyph: "swap", way: "join" },
  seat_given: { glyph: "seat", way: "join" },
  kicked: { glyph: "seat", way: "join" },
  left: { glyph: "seat", way: "join" },
  seat_yielded: { glyph: "seat", way: "join" },
  no_seat: { glyph: "seat", way: "join" },
  not_seated: { glyph: "seat", way: "join" },
  unknown_role: { glyph: "seat", way: "join" },
  unknown_seat: { glyph: "seat", way: "join" },
  show_changed: { glyph: "seat", way: "join" },
  reload: { glyph: "swap", way: "reload" },
  otherwise: { glyph: "away", way: "again" },
};

interface EndedProps {
  readonly ended: Ended;
  readonly onAgain: () => void;
  readonly onJoin: () => void;
}

export function EndedScreen({ ended, onAgain, onJoin }: EndedProps) {
  const { ended: w, doors } = useWords();
  const by = ended.by ?? "";
  const known = Object.hasOwn(w, ended.reason) ? (ended.reason as keyof Words["ended"]) : "otherwise";
  const { glyph, way } = ENDINGS[known];
  const act = { again: onAgain, join: onJoin, reload: () => location.reload() }[way];
  return (
    <Blocked
      glyph={glyph}
      title={by !== "" && known === "handed_over" ? doors.handedOver(by) : w[known].title}
      text={[named(doors, known, by), ended.why, w[known].text || ended.text].filter(Boolean).join(" ")}
    >
      <button type="button" className="main" onClick={act}>
        {w[known].action}
      </button>
    </Blocked>
  );
}

/** The sentence that says who decided it. */
function named(w: Words["doors"], reason: string, by: string): string {
  if (by === "") return "";
  if (reason === "seat_given") return w.given(by);
  return reason === "kicked" ? w.kicked(by) : "";
}
