import { useId } from "react";
import type { PanelState } from "../panel/model.ts";
import { onAir, talkFace } from "../panel/select.ts";
import type { StationStatus } from "../station/heart.ts";
import { OWN_METER } from "../station/sound.ts";
import type { Station } from "../station/station.ts";
import { Hold } from "./Hold.tsx";
import { useWords } from "./hooks.ts";
import { Icon } from "./Icon.tsx";
import { Meter } from "./Meter.tsx";

interface PushProps {
  readonly state: PanelState;
  readonly status: StationStatus;
  readonly station: Station;
  readonly armed: readonly string[];
}

/** Push-to-talk: one large key that holds every armed one. */
export function Push({ state, status, station, armed }: PushProps) {
  const w = useWords().panel;
  const { keys } = station;
  const describes = useId();
  const names = armed.map((id) => station.orders.key(id)?.label ?? id).join(" + ");
  const faces = armed.map((id) => talkFace(state, id));
  const on = status.pushing && faces.some(onAir);
  const able = armed.length > 0 && status.mic === "live";
  const face = !able ? "none" : on ? "on" : status.pushing ? "wanted" : "idle";
  return (
    <Hold
      className="push"
      aria-label={w.push}
      aria-pressed={on}
      aria-disabled={!able || !state.live}
      aria-describedby={describes}
      data-state={face}
      holder={{
        down: (source, at) => keys.push(source, at),
        up: (source, at) => keys.unpush(source, at),
        cancel: (source, at) => keys.unpush(source, at, true),
        // A push without a hold would close in the same moment.
        tap: () => {},
      }}
    >
      <Meter meters={station.sound.meters} name={OWN_METER} />
      <Icon glyph={able ? "mic" : "no_mic"} className="big" />
      <b className="text-[17px] font-semibold">{w.push}</b>
      <small id={describes}>{names || w.pushNone}</small>
    </Hold>
  );
}
