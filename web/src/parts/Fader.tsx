import type { CSSProperties } from "react";
import { useWords } from "./hooks.ts";
import { Icon } from "./Icon.tsx";
import { dbText, HIGHEST_DB, LOWEST_DB, stepped } from "./levels.ts";

interface FaderProps {
  readonly name: string;
  readonly db: number;
  readonly onChange: (db: number) => void;
}

/** A level by drag, by steps, and by arrow keys. */
export function Fader({ name, db, onChange }: FaderProps) {
  const w = useWords();
  const at = (100 * (db - LOWEST_DB)) / (HIGHEST_DB - LOWEST_DB);
  return (
    <div className="flex items-center gap-3">
      <button
        type="button"
        className="step"
        aria-label={w.sheet.down(name)}
        onClick={() => onChange(stepped(db, -1))}
      >
        <Icon glyph="minus" />
      </button>
      <input
        type="range"
        className="fader"
        aria-label={name}
        aria-valuetext={dbText(db)}
        min={LOWEST_DB}
        max={HIGHEST_DB}
        step={1}
        value={Math.max(LOWEST_DB, db)}
        style={{ "--at": `${at}%` } as CSSProperties}
        onChange={(event) => onChange(Number(event.target.value))}
      />
      <button
        type="button"
        className="step"
        aria-label={w.sheet.up(name)}
        onClick={() => onChange(stepped(db, 1))}
      >
        <Icon glyph="plus" />
      </button>
    </div>
  );
}
