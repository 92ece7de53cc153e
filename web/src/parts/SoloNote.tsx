import type { Station } from "../station/station.ts";
import { useStore, useWords } from "./hooks.ts";
import { Icon } from "./Icon.tsx";

/** Says as long as it lasts that other listens are silent, and ends it. */
export function SoloNote({ station }: { station: Station }) {
  const w = useWords().sound;
  const { solo } = useStore(station.sound.ear.choices);
  if (solo.size === 0) return null;
  const labels = [...solo].map((id) => station.orders.key(id)?.label ?? id).join(" + ");
  return (
    <div className="note" data-note="solo">
      <Icon glyph="speaker" className="text-[20px] text-info" />
      <p className="min-w-0 flex-1">{w.soloNow(labels)}</p>
      <button type="button" className="small-action" onClick={() => station.sound.ear.endSolo()}>
        {w.soloEnd}
      </button>
    </div>
  );
}
