import { useState } from "react";
import { type Prefs, readPrefs } from "../device/prefs.ts";
import type { PanelState } from "../panel/model.ts";
import type { StationStatus } from "../station/heart.ts";
import type { Station } from "../station/station.ts";
import { DeviceChoices } from "./Choices.tsx";
import { Fader } from "./Fader.tsx";
import { useWords } from "./hooks.ts";
import { dbText } from "./levels.ts";
import { Sheet } from "./Sheet.tsx";
import { Switch } from "./Switch.tsx";

interface SoundSheetProps {
  readonly state: PanelState;
  readonly status: StationStatus;
  readonly station: Station;
  readonly onCheck: () => void;
  readonly onClose: () => void;
}

/** How this phone plays and records, for every key alike; remembered on this device. */
export function SoundSheet({ state, status, station, onCheck, onClose }: SoundSheetProps) {
  const w = useWords().sound;
  const { sound } = station;
  const [prefs, setPrefs] = useState(readPrefs);
  const choose = (change: Partial<Prefs>) => {
    sound.choose(change);
    setPrefs(readPrefs());
  };
  const { tones, sidetone } = prefs;
  const remindS = state.panel?.remind_s ?? 0;
  return (
    <Sheet title={w.sheet} onClose={onClose}>
      <button type="button" className="side-action mb-2 w-full" onClick={onCheck}>
        {w.check}
      </button>
      <Switch
        name={w.evenOut}
        hint={w.evenOutHint}
        on={prefs.evenOut}
        onChange={(evenOut) => choose({ evenOut })}
      />
      <Switch
        name={w.sidetone}
        hint={w.sidetoneHint}
        on={sidetone.on}
        onChange={(on) => choose({ sidetone: { ...sidetone, on } })}
      />
      {sidetone.on && (
        <Level
          name={w.sidetoneLevel}
          db={sidetone.db}
          onChange={(db) => choose({ sidetone: { ...sidetone, db } })}
        />
      )}
      <Switch
        name={w.tones}
        hint={w.tonesHint}
        on={tones.on}
        onChange={(on) => choose({ tones: { ...tones, on } })}
      />
      {tones.on && (
        <Level
          name={w.tonesLevel}
          db={tones.db}
          onChange={(db) => {
            choose({ tones: { ...tones, db } });
            sound.tones.play("back");
          }}
        />
      )}
      {tones.on && remindS > 0 && (
        <Switch
          name={w.remind}
          hint={w.remindHint(remindS)}
          on={tones.remind}
          onChange={(remind) => choose({ tones: { ...tones, remind } })}
        />
      )}
      <Switch
        name={w.robust}
        hint={w.robustHint}
        on={prefs.robust}
        onChange={(robust) => choose({ robust })}
      />
      <DeviceChoices sound={sound} mic={status.mic} onChange={() => setPrefs(readPrefs())} />
    </Sheet>
  );
}

interface LevelProps {
  readonly name: string;
  readonly db: number;
  readonly onChange: (db: number) => void;
}

function Level({ name, db, onChange }: LevelProps) {
  return (
    <div className="pb-3">
      <div className="flex items-baseline justify-between text-[14px] text-ink-2">
        <span>{name}</span>
        <span className="font-num tabular-nums text-ink">{dbText(db)}</span>
      </div>
      <Fader name={name} db={db} onChange={onChange} />
    </div>
  );
}
