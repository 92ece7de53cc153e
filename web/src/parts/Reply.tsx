import type { PanelState } from "../panel/model.ts";
import { onAir, REPLY, talkFace } from "../panel/select.ts";
import type { Station } from "../station/station.ts";
import { Hold } from "./Hold.tsx";
import { useWords } from "./hooks.ts";
import { Icon } from "./Icon.tsx";

interface ReplyProps {
  readonly state: PanelState;
  readonly station: Station;
  readonly onStack: () => void;
}

/** Talks to who spoke or called last; held or tapped like any key. The count opens the whole stack. */
export function Reply({ state, station, onStack }: ReplyProps) {
  const w = useWords();
  const { keys } = station;
  const stack = state.live ? (state.tally?.reply ?? []) : [];
  const [top, ...others] = stack;
  const face = talkFace(state, REPLY);
  const remark = state.remarks[REPLY]?.text;
  const [name, place] = nameAndPlace(top?.label ?? "");
  const able = top?.may_talk ?? false;
  return (
    <div className="reply-zone">
      <Hold
        className="reply"
        aria-label={top === undefined ? w.reply.key : w.reply.to(top.label)}
        aria-pressed={onAir(face)}
        aria-disabled={!able}
        aria-describedby="reply-says"
        data-talk={face}
        data-call={top?.calling || undefined}
        holder={{
          down: (source, at) => keys.down(REPLY, source, at),
          up: (source, at) => keys.up(REPLY, source, at),
          cancel: (source, at) => keys.cancel(REPLY, source, at),
          tap: () => keys.tap(REPLY),
        }}
      >
        <Icon glyph={top?.calling ? "bell" : face === "latched" ? "lock" : "reply"} className="big" />
        <b>{top === undefined ? w.reply.key : name}</b>
        <small id="reply-says">
          {remark ??
            (top === undefined
              ? w.reply.nobody
              : onAir(face)
                ? w.key.onAir
                : top.calling
                  ? w.reply.calls
                  : place)}
        </small>
      </Hold>
      {others.length > 0 && (
        <button
          type="button"
          className="stack"
          aria-label={w.reply.more(others.length)}
          aria-haspopup="dialog"
          onClick={onStack}
        >
          <span>+{others.length}</span>
        </button>
      )}
    </div>
  );
}

/** `Stage (Tom)` is Tom at Stage; a label without a person is a place alone. */
export function nameAndPlace(label: string): [string, string] {
  const parts = /^(.*) \((.*)\)$/.exec(label);
  return parts === null ? [label, ""] : [parts[2] ?? label, parts[1] ?? ""];
}
