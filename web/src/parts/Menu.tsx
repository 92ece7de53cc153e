import { useState } from "react";
import { readPrefs, type Theme, writePrefs } from "../device/prefs.ts";
import type { PanelState } from "../panel/model.ts";
import { masterDb } from "../panel/select.ts";
import type { StationStatus } from "../station/heart.ts";
import type { Station } from "../station/station.ts";
import { Fader } from "./Fader.tsx";
import { dbText } from "./levels.ts";
import { MIC_WORDS } from "./micWords.ts";
import { Sheet } from "./Sheet.tsx";
import { Switch } from "./Switch.tsx";
import { applyTheme } from "./theme.ts";

interface MenuProps {
  readonly state: PanelState;
  readonly status: StationStatus;
  readonly station: Station;
  readonly onClose: () => void;
}

/** What concerns the whole panel: master volume, theme, microphone, keyboard, leaving. */
export function Menu({ state, status, station, onClose }: MenuProps) {
  const [theme, setTheme] = useState<Theme>(readPrefs().theme);
  const master = masterDb(state);
  const change = (blackout: boolean) => {
    const next: Theme = blackout ? "blackout" : "dark";
    writePrefs({ theme: next });
    applyTheme(next);
    setTheme(next);
  };
  const panel = state.panel;
  return (
    <Sheet title={panel?.person ?? "Menu"} onClose={onClose}>
      <p className="-mt-3 pb-4 text-[14px] text-ink-2">
        {panel?.role_name} · {panel?.show}
      </p>
      <div className="flex items-baseline justify-between pb-1 text-ink-2">
        <span>Master volume</span>
        <span className="font-num tabular-nums text-ink">{dbText(master)}</span>
      </div>
      <Fader name="Master volume" db={master} onChange={(db) => station.orders.setMaster(db)} />
      <div className="pt-3">
        <Switch
          name="Blackout"
          hint="Near-black, for a dark room."
          on={theme === "blackout"}
          onChange={change}
        />
        <div className="row">
          <div>
            Microphone
            <small>{MIC_WORDS[status.mic].short}</small>
          </div>
          {status.mic !== "live" && (
            <button type="button" className="small-action" onClick={() => void station.askMic()}>
              Use microphone
            </button>
          )}
        </div>
        <div className="row">
          <div>
            Hidden page
            <small>
              {panel?.latch_when_hidden
                ? "A talk you left open stays open while this page is hidden."
                : "Every talk closes when this page is hidden."}
            </small>
          </div>
        </div>
      </div>
      <Shortcuts />
      <button type="button" className="side-action mt-4 w-full" onClick={() => station.leave()}>
        Leave the show
      </button>
    </Sheet>
  );
}

function Shortcuts() {
  const rows = [
    ["1 – 9", "hold to talk on that key"],
    ["Shift 1 – 9", "listen on or off"],
    ["Space", "push to talk"],
    ["Esc", "close every talk"],
  ] as const;
  return (
    <dl className="hidden grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 border-t border-line pt-3 text-[14px] text-ink-2 pointer-fine:grid">
      {rows.map(([stroke, meaning]) => (
        <div key={stroke} className="contents">
          <dt className="font-num text-ink">{stroke}</dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}
