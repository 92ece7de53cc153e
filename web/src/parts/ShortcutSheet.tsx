import { useEffect, useState } from "react";
import { readPrefs, writePrefs } from "../device/prefs.ts";
import { PAD_PRESSED } from "../keys/bind.ts";
import {
  ACTIONS,
  type Action,
  assign,
  bindings,
  type Changes,
  meant,
  strokeOf,
  strokeText,
} from "../keys/shortcuts.ts";
import type { Words } from "../words/en.ts";
import { useWords } from "./hooks.ts";
import { Sheet } from "./Sheet.tsx";
import { Switch } from "./Switch.tsx";

interface ShortcutSheetProps {
  /** Of the panel's keys, in order. */
  readonly labels: readonly string[];
  readonly onClose: () => void;
}

/** What keyboard, pedals, headset and vibration do on this device. */
export function ShortcutSheet({ labels, onClose }: ShortcutSheetProps) {
  const w = useWords().hands;
  const [prefs, setPrefs] = useState(readPrefs);
  const change = (more: Parameters<typeof writePrefs>[0]) => setPrefs(writePrefs(more));
  const { shortcuts } = prefs;
  return (
    <Sheet title={w.title} onClose={onClose}>
      <Switch
        name={w.on}
        hint={w.onHint}
        on={shortcuts.on}
        onChange={(on) => change({ shortcuts: { ...shortcuts, on } })}
      />
      <Strokes
        labels={labels}
        changes={shortcuts.strokes}
        on={shortcuts.on}
        onChange={(strokes) => change({ shortcuts: { ...shortcuts, strokes } })}
      />
      <Buttons labels={labels} pads={prefs.pads} onChange={(pads) => change({ pads })} />
      <div className="pt-4">
        {"mediaSession" in navigator && (
          <Switch
            name={w.headset}
            hint={w.headsetHint}
            on={prefs.headsetButton}
            onChange={(headsetButton) => change({ headsetButton })}
          />
        )}
        {"vibrate" in navigator && (
          <Switch
            name={w.vibration}
            hint={w.vibrationHint}
            on={prefs.haptics}
            onChange={(haptics) => change({ haptics })}
          />
        )}
      </div>
    </Sheet>
  );
}

interface StrokesProps {
  readonly labels: readonly string[];
  readonly changes: Changes;
  readonly on: boolean;
  readonly onChange: (changes: Changes) => void;
}

function Strokes({ labels, changes, on, onChange }: StrokesProps) {
  const all = useWords();
  const w = all.hands;
  const [asking, setAsking] = useState<Action | null>(null);
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (asking === null) return;
    const stop = new AbortController();
    const down = (event: KeyboardEvent) => {
      // Tab and Escape stay ways out of the question.
      if (event.code === "Tab") return setAsking(null);
      const stroke = strokeOf(event);
      if (stroke === null) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      setAsking(null);
      if (stroke === "Escape" && asking !== "all_off") return;
      const given = assign(changes, asking, stroke);
      if (!given.ok) return setSaid(w.reserved);
      setSaid(given.lost === null ? "" : w.moved(actionText(all, labels, given.lost)));
      onChange(given.changes);
    };
    window.addEventListener("keydown", down, { capture: true, signal: stop.signal });
    return () => stop.abort();
  }, [asking, changes, onChange, all, labels, w]);
  const bound = bindings(changes);
  return (
    <>
      <p role="status" className="min-h-6 text-[14px] text-ink-2">
        {said}
      </p>
      <ul className={on ? "" : "opacity-60"}>
        {ACTIONS.filter((action) => there(labels, action)).map((action) => {
          const stroke = bound.get(action);
          const name = actionText(all, labels, action);
          return (
            <li key={action} className="row">
              <span>{name}</span>
              <span className="flex items-center gap-2">
                {asking === action && (
                  <button
                    type="button"
                    className="small-action"
                    onClick={() => {
                      setAsking(null);
                      setSaid("");
                      onChange({ ...changes, [action]: null });
                    }}
                  >
                    {w.clear}
                  </button>
                )}
                <button
                  type="button"
                  className="small-action min-w-22 font-num"
                  aria-label={`${name}: ${stroke === undefined ? w.none : strokeText(stroke)}. ${w.change}`}
                  onClick={() => {
                    setSaid("");
                    setAsking(asking === action ? null : action);
                  }}
                >
                  {asking === action ? w.press : stroke === undefined ? w.none : strokeText(stroke)}
                </button>
              </span>
            </li>
          );
        })}
      </ul>
      {Object.keys(changes).length > 0 && (
        <button
          type="button"
          className="quiet"
          onClick={() => {
            setSaid("");
            onChange({});
          }}
        >
          {w.defaults}
        </button>
      )}
    </>
  );
}

interface ButtonsProps {
  readonly labels: readonly string[];
  readonly pads: Readonly<Record<number, Action>>;
  readonly onChange: (pads: Readonly<Record<number, Action>>) => void;
}

/** The buttons of a gamepad or pedal, known once each was pressed. */
function Buttons({ labels, pads, onChange }: ButtonsProps) {
  const all = useWords();
  const w = all.hands;
  const [seen, setSeen] = useState<readonly number[]>([]);
  const [last, setLast] = useState<number | null>(null);
  useEffect(() => {
    const pressed = (event: Event) => {
      const button = (event as CustomEvent<number>).detail;
      setLast(button);
      setSeen((before) => (before.includes(button) ? before : [...before, button]));
    };
    window.addEventListener(PAD_PRESSED, pressed);
    return () => window.removeEventListener(PAD_PRESSED, pressed);
  }, []);
  const shown = [...new Set([...Object.keys(pads).map(Number), ...seen])].sort((a, b) => a - b);
  return (
    <section className="pt-4" aria-label={w.pads}>
      <h3 className="font-semibold">{w.pads}</h3>
      <p role="status" className="text-[14px] text-ink-2">
        {last === null ? w.noPad : `${w.button(last)}: ${w.pressed}`}
      </p>
      {shown.map((button) => (
        <label key={button} className="row">
          {w.button(button)}
          <select
            className="pick"
            value={pads[button] ?? ""}
            onChange={(event) => {
              const { [button]: _, ...others } = pads;
              const action = event.target.value as Action | "";
              onChange(action === "" ? others : { ...others, [button]: action });
            }}
          >
            <option value="">{w.nothing}</option>
            {ACTIONS.filter((action) => there(labels, action) || pads[button] === action).map((action) => (
              <option key={action} value={action}>
                {actionText(all, labels, action)}
              </option>
            ))}
          </select>
        </label>
      ))}
    </section>
  );
}

/** Whether this panel has what the action is for. */
function there(labels: readonly string[], action: Action): boolean {
  const what = meant(action);
  return (what.kind !== "talk" && what.kind !== "listen") || what.index < labels.length;
}

function actionText(w: Words, labels: readonly string[], action: Action): string {
  const what = meant(action);
  if (what.kind === "push") return w.panel.push;
  if (what.kind === "all_off") return w.panel.allOff;
  if (what.kind === "reply") return w.hands.reply;
  const label = labels[what.index] ?? `${what.index + 1}`;
  return what.kind === "talk" ? w.key.talk(label) : w.key.listen(label);
}
