import { useCallback, useState } from "react";
import type { PanelState } from "../panel/model.ts";
import type { StationStatus } from "../station/heart.ts";
import type { Station } from "../station/station.ts";
import { useWords } from "./hooks.ts";
import { later } from "./later.tsx";

const SoundSheet = later(async () => (await import("./SoundSheet.tsx")).SoundSheet);
const SoundCheck = later(async () => (await import("../screens/SoundCheck.tsx")).SoundCheck);

interface SoundDoorProps {
  readonly state: PanelState;
  readonly status: StationStatus;
  readonly station: Station;
}

/** The menu's way to everything about sound. */
export function SoundDoor({ state, status, station }: SoundDoorProps) {
  const w = useWords();
  const [open, setOpen] = useState<"sheet" | "check" | null>(null);
  const close = useCallback(() => setOpen(null), []);
  // The sheet closes itself when it gives way to the check.
  const closeSheet = useCallback(() => setOpen((now) => (now === "sheet" ? null : now)), []);
  return (
    <div className="row">
      <div>
        {w.sound.sheet}
        <small>{w.sound.sheetHint}</small>
      </div>
      <button type="button" className="small-action" aria-haspopup="dialog" onClick={() => setOpen("sheet")}>
        {w.sound.open}
      </button>
      {open === "sheet" && (
        <SoundSheet
          state={state}
          status={status}
          station={station}
          onCheck={() => setOpen("check")}
          onClose={closeSheet}
        />
      )}
      {open === "check" && <SoundCheck station={station} onClose={close} />}
    </div>
  );
}

/** The quiet link to a sound check for who has no seat yet. */
export function CheckDoor({ station }: { station: Station }) {
  const w = useWords().sound;
  const [open, setOpen] = useState(false);
  const close = useCallback(() => setOpen(false), []);
  return (
    <>
      <button type="button" className="quiet" onClick={() => setOpen(true)}>
        {w.checkFirst}
      </button>
      {open && <SoundCheck station={station} onClose={close} />}
    </>
  );
}
