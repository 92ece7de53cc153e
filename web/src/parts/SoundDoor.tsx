import { lazy, Suspense, useState } from "react";
import type { PanelState } from "../panel/model.ts";
import type { StationStatus } from "../station/heart.ts";
import type { Station } from "../station/station.ts";
import { useWords } from "./hooks.ts";

// Opened rarely, so fetched when it is.
const SoundSheet = lazy(async () => ({ default: (await import("./SoundSheet.tsx")).SoundSheet }));
const SoundCheck = lazy(async () => ({ default: (await import("../screens/SoundCheck.tsx")).SoundCheck }));

interface SoundDoorProps {
  readonly state: PanelState;
  readonly status: StationStatus;
  readonly station: Station;
}

/** The menu's way to everything about sound. */
export function SoundDoor({ state, status, station }: SoundDoorProps) {
  const w = useWords();
  const [open, setOpen] = useState<"sheet" | "check" | null>(null);
  return (
    <div className="row">
      <div>
        {w.sound.sheet}
        <small>{w.sound.sheetHint}</small>
      </div>
      <button type="button" className="small-action" aria-haspopup="dialog" onClick={() => setOpen("sheet")}>
        {w.sound.open}
      </button>
      <Suspense>
        {open === "sheet" && (
          <SoundSheet
            state={state}
            status={status}
            station={station}
            onCheck={() => setOpen("check")}
            onClose={() => setOpen((now) => (now === "sheet" ? null : now))}
          />
        )}
        {open === "check" && <SoundCheck station={station} onClose={() => setOpen(null)} />}
      </Suspense>
    </div>
  );
}

/** The quiet link to a sound check for who has no seat yet. */
export function CheckDoor({ station }: { station: Station }) {
  const w = useWords().sound;
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="quiet" onClick={() => setOpen(true)}>
        {w.checkFirst}
      </button>
      <Suspense>{open && <SoundCheck station={station} onClose={() => setOpen(false)} />}</Suspense>
    </>
  );
}
