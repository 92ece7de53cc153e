import { useState } from "react";
import { isIosApp } from "../device/shell.ts";
import { useWords } from "./hooks.ts";
import { Icon } from "./Icon.tsx";

/** Said once a visit to whoever opened the panel from an iPhone's home screen. */
export function InstalledNote() {
  const w = useWords();
  const [read, setRead] = useState(false);
  if (read || !isIosApp()) return null;
  return (
    <div className="note">
      <Icon glyph="alert" className="text-[20px]" />
      <p className="min-w-0 flex-1">{w.installed.ios}</p>
      <button type="button" className="small-action" onClick={() => setRead(true)}>
        {w.sheet.close}
      </button>
    </div>
  );
}
