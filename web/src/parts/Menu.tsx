import { useState } from "react";
import { type Prefs, readPrefs, writePrefs } from "../device/prefs.ts";
import type { PanelState } from "../panel/model.ts";
import { masterDb } from "../panel/select.ts";
import type { StationStatus } from "../station/heart.ts";
import type { Station } from "../station/station.ts";
import { choose, LANGUAGES, type Language, spoken } from "../words/language.ts";
import { Fader } from "./Fader.tsx";
import { useStore, useWords } from "./hooks.ts";
import { dbText } from "./levels.ts";
import { directs } from "./rights.ts";
import { Sheet } from "./Sheet.tsx";
import { SoundDoor } from "./SoundDoor.tsx";
import { Switch } from "./Switch.tsx";
import { applyLook } from "./theme.ts";

interface MenuProps {
  readonly state: PanelState;
  readonly status: StationStatus;
  readonly station: Station;
  /** Keyboard, pedals, headset and vibration have a sheet of their own. */
  readonly onHands: () => void;
  readonly onCrew: () => void;
  readonly onDirector: () => void;
  readonly onClose: () => void;
}

/** What concerns the whole panel: master volume, theme, microphone, keyboard, leaving. */
export function Menu({ state, status, station, onHands, onCrew, onDirector, onClose }: MenuProps) {
  const w = useWords();
  const [look, setLook] = useState<Prefs>(readPrefs());
  const master = masterDb(state);
  const change = (change: Partial<Prefs>) => {
    const next = writePrefs(change);
    applyLook(next);
    setLook(next);
  };
  const panel = state.panel;
  return (
    <Sheet title={panel?.person ?? w.menu.title} onClose={onClose}>
      <p className="-mt-3 pb-4 text-[14px] text-ink-2">
        {panel?.role_name} · {panel?.show}
      </p>
      <div className="grid grid-flow-col auto-cols-fr gap-2 pb-4">
        <button type="button" className="side-action" onClick={onCrew}>
          {w.people.title}
        </button>
        {directs(panel?.rights ?? []) && (
          <button type="button" className="side-action" onClick={onDirector}>
            {w.director.title}
          </button>
        )}
      </div>
      <div className="flex items-baseline justify-between pb-1 text-ink-2">
        <span>{w.menu.master}</span>
        <span className="font-num tabular-nums text-ink">{dbText(master)}</span>
      </div>
      <Fader name={w.menu.master} db={master} onChange={(db) => station.orders.setMaster(db)} />
      <div className="pt-3">
        <Switch
          name={w.menu.blackout}
          hint={w.menu.blackoutHint}
          on={look.theme === "blackout"}
          onChange={(on) => change({ theme: on ? "blackout" : "dark" })}
        />
        <Switch name={w.menu.large} on={look.large} onChange={(large) => change({ large })} />
        <Switch
          name={w.menu.left}
          hint={w.menu.leftHint}
          on={look.left}
          onChange={(left) => change({ left })}
        />
        <Tongue />
        <SoundDoor state={state} status={status} station={station} />
        <div className="row">
          <div>
            {w.menu.microphone}
            <small>{w.mic[status.mic].short}</small>
          </div>
          {status.mic !== "live" && (
            <button type="button" className="small-action" onClick={() => void station.askMic()}>
              {w.mic.use}
            </button>
          )}
        </div>
        <div className="row">
          <div>
            {w.menu.hidden}
            <small>{panel?.latch_when_hidden ? w.menu.hiddenStays : w.menu.hiddenCloses}</small>
          </div>
        </div>
      </div>
      <button type="button" className="side-action mt-4 w-full" onClick={onHands}>
        {w.hands.title}
      </button>
      <button type="button" className="side-action mt-4 w-full" onClick={() => station.leave()}>
        {w.menu.leave}
      </button>
    </Sheet>
  );
}

function Tongue() {
  const w = useWords();
  const { language } = useStore(spoken);
  return (
    <label className="row">
      {w.menu.language}
      <select
        className="pick"
        value={language}
        onChange={(event) => void choose(event.target.value as Language)}
      >
        {Object.entries(LANGUAGES).map(([code, name]) => (
          <option key={code} value={code} lang={code}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
