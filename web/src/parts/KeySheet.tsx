import type { PanelState } from "../panel/model.ts";
import { listenFace, volumeOf } from "../panel/select.ts";
import type { Station } from "../station/station.ts";
import type { PanelKey } from "../wire/messages.ts";
import { Fader } from "./Fader.tsx";
import { useWords } from "./hooks.ts";
import { dbText } from "./levels.ts";
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
  const { id, label, may_listen: mayListen, may_talk: mayTalk, forced } = keyOf;
  const w = useWords().keySheet;
  const volume = volumeOf(state, id);
  const listen = listenFace(state, id);
  return (
    <Sheet title={label} onClose={onClose}>
      {mayListen && (
        <>
          <div className="flex items-baseline justify-between pb-1 text-ink-2">
            <span>{w.volume}</span>
            <span className="font-num tabular-nums text-ink">
              {volume.muted ? w.muted : dbText(volume.db)}
            </span>
          </div>
          <Fader
            name={w.volumeOf(label)}
            db={volume.db}
            onChange={(db) => station.orders.setVolume(id, db, false)}
          />
          <div className="pt-3">
            <Switch name={w.mute} on={volume.muted} onChange={() => station.orders.toggleMute(id)} />
            <Switch
              name={w.listen}
              {...(forced ? { hint: w.forced } : {})}
              on={listen.shown}
              disabled={forced}
              onChange={() => station.orders.toggleListen(id)}
            />
          </div>
        </>
      )}
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
