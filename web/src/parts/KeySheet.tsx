import type { PanelState } from "../panel/model.ts";
import type { Station } from "../station/station.ts";
import type { PanelKey } from "../wire/messages.ts";
import { Hearing } from "./Hearing.tsx";
import { useWords } from "./hooks.ts";
import { Sheet } from "./Sheet.tsx";
import { Switch } from "./Switch.tsx";

interface KeySheetProps {
  readonly keyOf: PanelKey;
  readonly state: PanelState;
  readonly station: Station;
  readonly armed: boolean;
  readonly onArm: (on: boolean) => void;
  readonly onClose: () => void;
}

/** Everything about one key that is not pressed in a hurry: volume, mute, listen, push-to-talk. */
export function KeySheet({ keyOf, state, station, armed, onArm, onClose }: KeySheetProps) {
  const { label, may_listen: mayListen, may_talk: mayTalk } = keyOf;
  const w = useWords().keySheet;
  return (
    <Sheet title={label} onClose={onClose}>
      {mayListen && <Hearing keyOf={keyOf} state={state} station={station} />}
      {mayTalk && (
        <div className={mayListen ? "border-t border-line" : ""}>
          <Switch name={w.armed} on={armed} onChange={onArm} />
          <p className="pt-2 text-[14px] leading-snug text-ink-2">{w.latch[keyOf.latch]}</p>
        </div>
      )}
      {!mayTalk && <p className="pt-3 text-[14px] text-ink-2">{w.listenOnly}</p>}
    </Sheet>
  );
}
