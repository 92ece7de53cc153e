import type { PanelState } from "../panel/model.ts";
import type { Station } from "../station/station.ts";
import type { PanelKey } from "../wire/messages.ts";
import { Hearing } from "./Hearing.tsx";
import { useWords } from "./hooks.ts";
import { Icon } from "./Icon.tsx";
import { OnLine } from "./OnLine.tsx";
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
  const words = useWords();
  const w = words.keySheet;
  const call = state.tally?.keys[keyOf.id];
  return (
    <Sheet title={label} onClose={onClose}>
      {keyOf.may_call && (
        <div className="grid gap-2 pb-4">
          {call?.call === "out" ? (
            <button
              type="button"
              className="side-action"
              onClick={() => station.orders.withdraw(call.call_id)}
            >
              {words.signals.callEnd}
            </button>
          ) : (
            <button type="button" className="side-action" onClick={() => station.orders.call(keyOf.address)}>
              <Icon glyph="bell" className="inline-block align-[-0.15em] text-[20px]" />{" "}
              {words.signals.callKey}
            </button>
          )}
          <p className="text-[13px] text-ink-2">{words.signals.callHint}</p>
        </div>
      )}
      {mayListen && <Hearing keyOf={keyOf} state={state} station={station} />}
      {mayTalk && (
        <div className={mayListen ? "border-t border-line" : ""}>
          <Switch name={w.armed} on={armed} onChange={onArm} />
          <p className="pt-2 text-[14px] leading-snug text-ink-2">{w.latch[keyOf.latch]}</p>
        </div>
      )}
      <OnLine keyOf={keyOf} state={state} station={station} />
      {!mayTalk && <p className="pt-3 text-[14px] text-ink-2">{w.listenOnly}</p>}
    </Sheet>
  );
}
