import { type CSSProperties, memo } from "react";
import { CUT_DB } from "../panel/dim.ts";
import { type KeyView, onAir } from "../panel/select.ts";
import type { Station } from "../station/station.ts";
import { Hold } from "./Hold.tsx";
import { useWords } from "./hooks.ts";
import { Icon } from "./Icon.tsx";
import { bars } from "./levels.ts";
import { type Heard, Marks, useHeard } from "./Marks.tsx";
import { Meter } from "./Meter.tsx";

interface KeyProps {
  readonly view: KeyView;
  readonly station: Station;
  /** The keyboard's key that talks on it; null: none does. */
  readonly cap: string | null;
  readonly onSheet: (key: string) => void;
}

/** One key: listen and volume on the left, talk on the right, who speaks on its top edge. */
export const Key = memo(function Key({ view, station, cap, onSheet }: KeyProps) {
  const listen = view.mayListen ? (view.listen ? "on" : "off") : "none";
  const heard = useHeard(station, view.id);
  return (
    <section
      className="key"
      aria-label={view.label}
      data-key={view.id}
      data-talk={view.face}
      data-air={onAir(view.face) ? "on" : view.face === "wanted" ? "off" : view.face}
      data-listen={listen}
      data-call={view.call === "in" || undefined}
      data-solo={heard.hushed ? "hushed" : heard.solo ? "on" : undefined}
      data-pending={view.listenPending || undefined}
      data-denied={view.denied || undefined}
    >
      <Meter meters={station.sound.meters} name={view.id} />
      <Side view={view} station={station} heard={heard} onSheet={onSheet} />
      <Talk view={view} station={station} cap={cap} loweredDb={heard.loweredDb} />
    </section>
  );
}, sameKey);

/** A view is made anew by each tally; only what it says matters. */
function sameKey(before: KeyProps, after: KeyProps): boolean {
  if (before.station !== after.station || before.cap !== after.cap) return false;
  const names = Object.keys(after.view) as (keyof KeyView)[];
  return names.every((name) => before.view[name] === after.view[name]);
}

interface SideProps extends Pick<KeyProps, "view" | "station" | "onSheet"> {
  readonly heard: Heard;
}

function Side({ view, station, heard, onSheet }: SideProps) {
  const w = useWords().key;
  const marks = `marks-${view.id}`;
  const lit = bars(view.volumeDb, view.muted);
  return (
    <div className="side">
      <button
        type="button"
        className="listen"
        aria-label={w.listen(view.label)}
        aria-pressed={view.listenConfirmed}
        aria-describedby={marks}
        aria-disabled={!view.mayListen || view.forced}
        onClick={() => station.orders.toggleListen(view.id)}
      >
        <Icon glyph={view.listen && !view.muted && !heard.hushed ? "speaker" : "no_speaker"} />
      </button>
      <Marks view={view} heard={heard} id={marks} />
      <button
        type="button"
        className="volume"
        aria-label={view.mayListen ? w.volume(view.label) : w.more(view.label)}
        aria-haspopup="dialog"
        onClick={() => onSheet(view.id)}
      >
        {view.mayListen ? (
          [1, 2, 3, 4, 5].map((bar) => <s key={bar} className={bar <= lit ? "full" : undefined} />)
        ) : (
          <Icon glyph="more" className="text-[20px] text-ink-3" />
        )}
      </button>
    </div>
  );
}

interface TalkProps extends Pick<KeyProps, "view" | "station" | "cap"> {
  readonly loweredDb: number;
}

function Talk({ view, station, cap, loweredDb }: TalkProps) {
  const w = useWords().key;
  const { keys } = station;
  const lines = `line-${view.id}`;
  const air = onAir(view.face);
  return (
    <Hold
      className="talk"
      aria-label={w.talk(view.label)}
      aria-pressed={air}
      aria-disabled={view.denied || !view.live}
      aria-describedby={lines}
      holder={{
        down: (source, at) => keys.down(view.id, source, at),
        up: (source, at) => keys.up(view.id, source, at),
        cancel: (source, at) => keys.cancel(view.id, source, at),
        tap: () => keys.tap(view.id),
      }}
    >
      <span className="label">
        <i className="chip" style={{ "--chip": chip(view.color) } as CSSProperties} />
        <b>{view.label}</b>
      </span>
      <span id={lines} className="lines">
        {view.face === "latched" && <span className="sr-only">{w.latched}.</span>}
        <span className={`line ${view.lineKind}`}>
          {view.lineKind === "live" && <Icon glyph="wave" />}
          {view.lineKind === "warning" && <Icon glyph="alert" />}
          {view.lineKind === "call" && <Icon glyph="bell" />}
          <span>{view.line}</span>
        </span>
        {view.also !== "" && (
          <span className="line live">
            <Icon glyph="wave" />
            <span>{view.also}</span>
          </span>
        )}
      </span>
      {view.armed && <span className="mark">{w.ptt}</span>}
      <span className="foot" title={view.foot}>
        {view.face === "latched" && <Icon glyph="lock" className="text-[16px]" />}
        {air ? <span className="word">{w.onAir}</span> : <Foot view={view} loweredDb={loweredDb} />}
        <span className="end">
          {cap !== null && !view.denied && <span className="cap">{cap}</span>}
          <Icon glyph={view.denied ? "no_mic" : "mic"} />
        </span>
      </span>
    </Hold>
  );
}

/** Who else is on the line, or that somebody is lowered now; narrow keys have room for a number alone. */
function Foot({ view, loweredDb }: { view: KeyView; loweredDb: number }) {
  const w = useWords().key;
  if (loweredDb > 0) {
    return (
      <span className="words font-semibold text-ink">{loweredDb >= -CUT_DB ? w.cutNow : w.loweredNow}</span>
    );
  }
  return (
    <>
      <span className="words">{view.foot}</span>
      <span className="count">
        <Icon glyph="people" />
        {view.online}
      </span>
    </>
  );
}

/** The show's word for a colour as a token; an unknown word is grey. */
function chip(color: string): string {
  return `var(--chip-${color}, var(--chip-grey))`;
}
