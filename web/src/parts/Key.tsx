import { type CSSProperties, memo } from "react";
import { isHushed } from "../panel/mix.ts";
import { type KeyView, onAir } from "../panel/select.ts";
import type { Station } from "../station/station.ts";
import { Hold } from "./Hold.tsx";
import { useStore, useWords } from "./hooks.ts";
import { Icon } from "./Icon.tsx";
import { bars } from "./levels.ts";
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
  const w = useWords().sound;
  const { solo } = useStore(station.sound.ear.choices);
  const hushed = isHushed(solo, station.orders.key(view.id));
  return (
    <section
      className="key"
      aria-label={view.label}
      data-key={view.id}
      data-talk={view.face}
      data-air={onAir(view.face) ? "on" : view.face === "wanted" ? "off" : view.face}
      data-listen={listen}
      data-call={view.call === "in" || undefined}
      data-solo={hushed ? "hushed" : solo.has(view.id) ? "on" : undefined}
      data-pending={view.listenPending || undefined}
      data-denied={view.denied || undefined}
    >
      <Meter meters={station.sound.meters} name={view.id} />
      {solo.has(view.id) && <span className="solo">{w.solo}</span>}
      <Side view={view} station={station} hushed={hushed} onSheet={onSheet} />
      <Talk view={view} station={station} cap={cap} />
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
  /** Silent because another key is solo. */
  readonly hushed: boolean;
}

function Side({ view, station, hushed, onSheet }: SideProps) {
  const w = useWords().key;
  const lit = bars(view.volumeDb, view.muted);
  return (
    <div className="side">
      <button
        type="button"
        className="listen"
        aria-label={w.listen(view.label)}
        aria-pressed={view.listenConfirmed}
        aria-disabled={!view.mayListen || view.forced}
        onClick={() => station.orders.toggleListen(view.id)}
      >
        <Icon glyph={view.listen && !view.muted && !hushed ? "speaker" : "no_speaker"} />
      </button>
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

function Talk({ view, station, cap }: Pick<KeyProps, "view" | "station" | "cap">) {
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
        {view.face === "latched" && <span className="sr-only">{w.latched}</span>}
        {air ? <span className="word">{w.onAir}</span> : <People view={view} />}
        <span className="end">
          {cap !== null && !view.denied && <span className="cap">{cap}</span>}
          <Icon glyph={view.denied ? "no_mic" : "mic"} />
        </span>
      </span>
    </Hold>
  );
}

/** Who else is on the line; narrow keys have room for the number alone. */
function People({ view }: { view: KeyView }) {
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
