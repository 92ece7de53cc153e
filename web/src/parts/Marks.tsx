import { CUT_DB } from "../panel/dim.ts";
import { isHushed } from "../panel/mix.ts";
import type { KeyView } from "../panel/select.ts";
import type { Station } from "../station/station.ts";
import type { Words } from "../words/en.ts";
import { useStore, useWords } from "./hooks.ts";
import { type Glyph, Icon } from "./Icon.tsx";

/** What this ear does to one key's sound. */
export interface Heard {
  readonly solo: boolean;
  /** Silent because another key is solo. */
  readonly hushed: boolean;
  /** -1 left to 1 right. */
  readonly pan: number;
  /** dB somebody is lowered by right now; 0: nobody is. */
  readonly loweredDb: number;
}

export function useHeard(station: Station, id: string): Heard {
  const { solo, pans } = useStore(station.sound.ear.choices);
  const lowered = useStore(station.sound.ear.lowered).has(id);
  const key = station.orders.key(id);
  return {
    solo: solo.has(id),
    hushed: isHushed(solo, key),
    pan: pans[id] ?? 0,
    loweredDb: lowered ? Math.abs(key?.dim_db ?? 0) : 0,
  };
}

/** What fits between speaker and volume of a low key; a screen reader says all. */
const MOST = 2;

interface Mark {
  readonly name: string;
  readonly glyph?: Glyph;
  readonly text: string;
  /** Said by a screen reader. */
  readonly says: string;
}

function marksOf(all: Words, view: KeyView, heard: Heard): Mark[] {
  const [w, s] = [all.key, all.sound];
  const marks: Mark[] = [];
  if (heard.solo) marks.push({ name: "solo", text: w.solo, says: s.solo });
  if (view.muted) marks.push({ name: "mute", text: w.mute, says: all.keySheet.muted });
  if (heard.loweredDb > 0) {
    const says = heard.loweredDb >= -CUT_DB ? w.cutNow : w.lowered(heard.loweredDb);
    marks.push({ name: "lowered", glyph: "lower", text: `${heard.loweredDb}`, says });
  }
  const percent = Math.round(Math.abs(heard.pan) * 100);
  if (heard.pan < 0) marks.push({ name: "pan", glyph: "left", text: w.left, says: s.leftBy(percent) });
  if (heard.pan > 0) marks.push({ name: "pan", glyph: "right", text: w.right, says: s.rightBy(percent) });
  return marks;
}

/** Between speaker and volume: why this key sounds otherwise than its bars say. A low key has room for two. */
export function Marks({ view, heard, id }: { view: KeyView; heard: Heard; id: string }) {
  const marks = marksOf(useWords(), view, heard);
  if (!view.mayListen || marks.length === 0) return null;
  return (
    <span className="marks">
      <span id={id} className="sr-only">
        {marks.map((one) => one.says).join(", ")}
      </span>
      {marks.slice(0, MOST).map((one) => (
        <i key={one.name} data-mark={one.name} aria-hidden="true">
          {one.glyph !== undefined && <Icon glyph={one.glyph} />}
          {one.text}
        </i>
      ))}
    </span>
  );
}
