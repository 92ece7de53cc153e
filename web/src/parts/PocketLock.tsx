import { type CSSProperties, type PointerEvent, useEffect, useRef, useState } from "react";
import type { PanelState } from "../panel/model.ts";
import { onAir, openKeys, speakersOf, talkFace } from "../panel/select.ts";
import { openSignals } from "../panel/signals.ts";
import type { Station } from "../station/station.ts";
import { useStore, useWords } from "./hooks.ts";
import { Icon } from "./Icon.tsx";
import { Push } from "./Push.tsx";
import "../look/lock.css";

interface PocketLockProps {
  readonly station: Station;
  readonly armed: readonly string[];
  readonly onClose: () => void;
}

/**
 * The panel in a pocket: over everything, with push-to-talk, all talk off and a slide to unlock.
 *
 * Whether this microphone is on air is always to be seen, and no touch but those three does anything.
 */
export function PocketLock({ station, armed, onClose }: PocketLockProps) {
  const w = useWords();
  const state = useStore(station.panel);
  const status = useStore(station.status);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const label = (id: string) => station.orders.key(id)?.label ?? id;
  const open = openKeys(state);
  const air = open.filter((id) => onAir(talkFace(state, id)));
  const speaking = (state.panel?.keys ?? []).filter((key) => speakersOf(state, key.id) !== "");
  const calls = callers(state);
  const asked = openSignals(state);
  return (
    <dialog
      ref={dialog}
      className="pocket"
      aria-label={w.lock.title}
      onCancel={(event) => event.preventDefault()}
      onClose={onClose}
      onContextMenu={(event) => event.preventDefault()}
    >
      <header>
        <Icon glyph="lock" />
        <h2>{w.lock.title}</h2>
        <p>{state.panel?.seat || state.panel?.role_name}</p>
      </header>
      <div className="air" data-on={air.length > 0} role="status">
        <Icon glyph={air.length > 0 ? "mic" : "no_mic"} />
        <b>{air.length > 0 ? w.lock.onAir : w.lock.closed}</b>
        {air.length > 0 && <span>{air.map(label).join(" + ")}</span>}
      </div>
      <ul className="speaking" aria-live="off">
        {asked.map((one) => (
          <li key={one.id} data-call>
            <Icon glyph="bell" />
            <b>{one.text || one.label}</b>
            <span>{w.signals[one.kind]}</span>
          </li>
        ))}
        {calls.map((caller) => (
          <li key={caller} data-call>
            <Icon glyph="bell" />
            <b>{caller}</b>
            <span>{w.reply.calls}</span>
          </li>
        ))}
        {speaking.length + calls.length + asked.length === 0 && (
          <li className="quiet-line">{w.lock.quiet}</li>
        )}
        {speaking.map((key) => (
          <li key={key.id}>
            <Icon glyph="wave" />
            <b>{speakersOf(state, key.id)}</b>
            <span>{key.label}</span>
          </li>
        ))}
      </ul>
      <div className="keysBelow">
        <button
          type="button"
          className="alloff"
          aria-disabled={open.length === 0}
          onClick={() => station.keys.allOff()}
        >
          <Icon glyph="no_talk" />
          {w.panel.allOff}
        </button>
        <Push state={state} status={status} station={station} armed={armed} />
      </div>
      <Slide onUnlock={() => dialog.current?.close()} />
    </dialog>
  );
}

/** Who wants this person now, on a key or on the reply key. */
function callers(state: PanelState): string[] {
  const { keys, reply } = state.tally ?? { keys: {}, reply: [] };
  const onKeys = Object.values(keys).filter((key) => key.call === "in");
  const onReply = reply.filter((entry) => entry.calling);
  return [...new Set([...onKeys.map((key) => key.caller), ...onReply.map((entry) => entry.label)])];
}

/** From the left all the way to the right, from the handle; or its activation by keyboard or screen reader. */
function Slide({ onUnlock }: { onUnlock: () => void }) {
  const w = useWords().lock;
  const track = useRef<HTMLDivElement>(null);
  const from = useRef<{ readonly id: number; readonly x: number } | null>(null);
  const [at, setAt] = useState(0);
  const along = (event: PointerEvent) => {
    const start = from.current;
    const handle = event.currentTarget.clientWidth;
    const way = (track.current?.clientWidth ?? 0) - handle;
    if (start === null || start.id !== event.pointerId || way <= 0) return 0;
    return Math.min(1, Math.max(0, (event.clientX - start.x) / way));
  };
  const stop = () => {
    from.current = null;
    setAt(0);
  };
  return (
    <div ref={track} className="slide" style={{ "--at": at } as CSSProperties}>
      <span aria-hidden="true">{w.slide}</span>
      <button
        type="button"
        aria-label={w.unlock}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = { id: event.pointerId, x: event.clientX };
        }}
        onPointerMove={(event) => from.current !== null && setAt(along(event))}
        onPointerUp={(event) => {
          const done = along(event) > 0.9;
          stop();
          if (done) onUnlock();
        }}
        onPointerCancel={stop}
        onClick={(event) => event.detail === 0 && onUnlock()}
      >
        <Icon glyph="lock" />
      </button>
    </div>
  );
}
