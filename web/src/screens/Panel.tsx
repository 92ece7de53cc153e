import { type CSSProperties, useCallback, useState } from "react";
import { readPrefs } from "../device/prefs.ts";
import { bindings, capOf } from "../keys/shortcuts.ts";
import type { PanelState } from "../panel/model.ts";
import { anyLatched, columns, keyView } from "../panel/select.ts";
import { Beside } from "../parts/Beside.tsx";
import { useMedia, useStore, useTitle, useWords } from "../parts/hooks.ts";
import { Icon } from "../parts/Icon.tsx";
import { InstalledNote } from "../parts/InstalledNote.tsx";
import { Key } from "../parts/Key.tsx";
import { later } from "../parts/later.tsx";
import { useMore } from "../parts/more.ts";
import { Pill } from "../parts/Pill.tsx";
import { Push } from "../parts/Push.tsx";
import { usePageKeys } from "../parts/pageKeys.ts";
import { Reply } from "../parts/Reply.tsx";
import { directs } from "../parts/rights.ts";
import { SeatAsked } from "../parts/SeatAsked.tsx";
import { Signals } from "../parts/Signals.tsx";
import { SoloNote } from "../parts/SoloNote.tsx";
import type { StationStatus } from "../station/heart.ts";
import type { Station } from "../station/station.ts";

type Front =
  | { readonly kind: "menu" | "hands" | "line" | "lock" | "reply" | "crew" | "director" }
  | { readonly kind: "key"; readonly id: string }
  | null;

const ShortcutSheet = later(async () => (await import("../parts/ShortcutSheet.tsx")).ShortcutSheet);
const ConnectionSheet = later(async () => (await import("../parts/ConnectionSheet.tsx")).ConnectionSheet);
const PocketLock = later(async () => (await import("../parts/PocketLock.tsx")).PocketLock);

const KeySheet = later(async () => (await import("../parts/KeySheet.tsx")).KeySheet);
const Menu = later(async () => (await import("../parts/Menu.tsx")).Menu);
const ReplySheet = later(async () => (await import("../parts/ReplySheet.tsx")).ReplySheet);
const CrewSheet = later(async () => (await import("../parts/CrewSheet.tsx")).CrewSheet);
const DirectorSheet = later(async () => (await import("../parts/DirectorSheet.tsx")).DirectorSheet);

/** Room for the crew besides keys of full size: a desk, or a tablet upright. The style sheet has the same. */
const ROOMY = "(min-width: 1080px) and (min-height: 561px), (min-width: 720px) and (min-height: 1000px)";

export function PanelScreen({ station }: { station: Station }) {
  const w = useWords();
  const state = useStore(station.panel);
  const status = useStore(station.status);
  const [front, setFront] = useState<Front>(null);
  // The list of armed keys lives in this browser's storage; this redraws after a change of it.
  const [, redraw] = useState(0);
  const { panel } = state;
  useTitle(panel?.seat ?? "");
  // Locked, the panel's own keys still act: a pedal does, and Escape closes every talk.
  usePageKeys(station, front === null || front.kind === "lock");
  const keys = useMore();
  const roomy = useMedia(ROOMY);
  const close = useCallback(() => setFront(null), []);
  if (panel === null) return <Opening />;
  const armed = station.orders.armed();
  const { shortcuts } = readPrefs();
  const bound = bindings(shortcuts.strokes);
  const sheetKey = front?.kind === "key" ? station.orders.key(front.id) : undefined;
  return (
    <div className="panel" data-live={state.live} data-roomy={roomy || undefined}>
      <header className="head">
        <div className="min-w-0 flex-1">
          <h1 className="truncate text-[17px] leading-tight font-semibold">
            {panel.seat || panel.role_name}
          </h1>
          <p className="truncate text-[12.5px] text-ink-2">
            {panel.show} · {panel.person}
          </p>
        </div>
        <Pill status={status} media={state.tally?.media ?? false} onOpen={() => setFront({ kind: "line" })} />
        {directs(panel.rights) && (
          <button
            type="button"
            className="round"
            data-waiting={state.requests.length > 0 || undefined}
            aria-label={w.director.title}
            aria-haspopup="dialog"
            onClick={() => setFront({ kind: "director" })}
          >
            <Icon glyph="bell" />
          </button>
        )}
        <button
          type="button"
          className="round"
          aria-label={w.lock.open}
          aria-haspopup="dialog"
          onClick={() => setFront({ kind: "lock" })}
        >
          <Icon glyph="lock" />
        </button>
        <button
          type="button"
          className="round"
          aria-label={w.menu.open}
          aria-haspopup="dialog"
          onClick={() => setFront({ kind: "menu" })}
        >
          <Icon glyph="menu" />
        </button>
      </header>
      <Notes state={state} status={status} station={station} />
      <Announcer state={state} />
      <main ref={keys} className="keys" aria-label={w.panel.keys} style={gridOf(panel.keys.length)}>
        {panel.keys.length === 0 && <Nothing role={panel.role_name} />}
        {panel.keys.map((key, index) => (
          <Key
            key={key.id}
            view={keyView(state, key, armed.includes(key.id))}
            station={station}
            cap={capOf(bound, shortcuts.on, index)}
            onSheet={(id) => setFront({ kind: "key", id })}
          />
        ))}
      </main>
      {roomy && <Beside state={state} station={station} onCrew={() => setFront({ kind: "crew" })} />}
      <Bar
        state={state}
        status={status}
        station={station}
        armed={armed}
        onStack={() => setFront({ kind: "reply" })}
      />
      {front?.kind === "menu" && (
        <Menu
          state={state}
          status={status}
          station={station}
          onCrew={() => setFront({ kind: "crew" })}
          onDirector={() => setFront({ kind: "director" })}
          onHands={() => setFront({ kind: "hands" })}
          onClose={close}
        />
      )}
      {front?.kind === "reply" && <ReplySheet state={state} station={station} onClose={close} />}
      {front?.kind === "crew" && <CrewSheet state={state} station={station} onClose={close} />}
      {front?.kind === "director" && <DirectorSheet state={state} station={station} onClose={close} />}
      {front?.kind === "hands" && (
        <ShortcutSheet labels={panel.keys.map((key) => key.label)} onClose={close} />
      )}
      {front?.kind === "line" && <ConnectionSheet station={station} onClose={close} />}
      {front?.kind === "lock" && <PocketLock station={station} armed={armed} onClose={close} />}
      {sheetKey !== undefined && (
        <KeySheet
          keyOf={sheetKey}
          state={state}
          station={station}
          armed={armed.includes(sheetKey.id)}
          onArm={(on) => {
            station.orders.arm(sheetKey.id, on);
            redraw((n) => n + 1);
          }}
          onClose={close}
        />
      )}
    </div>
  );
}

/** Columns on phones, tablets and desks; the rest is the style sheet's. */
function gridOf(keys: number): CSSProperties {
  const across = { "--narrow": columns(keys, 2), "--wide": columns(keys, 3), "--desk": columns(keys, 4) };
  return across as CSSProperties;
}

/** What stands between the header and the keys: at most the most urgent two. */
function Notes({ state, status, station }: { state: PanelState; status: StationStatus; station: Station }) {
  const w = useWords();
  const noMic = status.mic !== "live" && status.mic !== "asking";
  return (
    <div className="notes" aria-live="polite">
      <Signals state={state} station={station} />
      <SeatAsked state={state} station={station} />
      {state.live && state.tally?.killed && (
        <div className="note" data-note="killed">
          <Icon glyph="no_mic" className="text-[20px]" />
          <p className="min-w-0 flex-1">{w.signals.killed(state.tally.killed_by)}</p>
        </div>
      )}
      <SoloNote station={station} />
      {status.mic === "asking" && (
        <div className="note">
          <Icon glyph="mic" className="text-[20px]" />
          <p className="min-w-0 flex-1">{w.mic.asking.text}</p>
        </div>
      )}
      {noMic && (
        <div className="note">
          <Icon glyph="no_mic" className="text-[20px]" />
          <p className="min-w-0 flex-1">
            <b>{w.mic[status.mic].title}.</b> {w.mic[status.mic].text}
          </p>
          {status.mic !== "muted" && (
            <button type="button" className="small-action" onClick={() => void station.askMic()}>
              {status.mic === "off" ? w.mic.use : w.mic.again}
            </button>
          )}
        </div>
      )}
      {state.notice !== null && (
        <div className="note">
          {state.notice.kind === "warning" && <Icon glyph="alert" className="text-[20px]" />}
          <p className="min-w-0 flex-1">{state.notice.text}</p>
        </div>
      )}
      <InstalledNote />
    </div>
  );
}

interface BarProps {
  readonly state: PanelState;
  readonly status: StationStatus;
  readonly station: Station;
  readonly armed: readonly string[];
  readonly onStack: () => void;
}

function Bar({ state, status, station, armed, onStack }: BarProps) {
  const w = useWords().panel;
  return (
    <footer className="bar">
      {state.panel?.reply && <Reply state={state} station={station} onStack={onStack} />}
      {anyLatched(state) && (
        <button type="button" className="alloff" onClick={() => station.keys.allOff()}>
          <Icon glyph="no_talk" />
          {w.allOff}
        </button>
      )}
      <Push state={state} status={status} station={station} armed={armed} />
    </footer>
  );
}

/** Says to a screen reader who calls; once a call, and nothing of who merely speaks. */
function Announcer({ state }: { state: PanelState }) {
  const w = useWords();
  const onKeys = Object.values(state.tally?.keys ?? {}).filter((one) => one.call === "in");
  const onReply = (state.tally?.reply ?? []).filter((one) => one.calling);
  const callers = new Set([...onKeys.map((one) => one.caller), ...onReply.map((one) => one.label)]);
  return (
    <p className="sr-only" role="status">
      {state.live ? [...callers].map((name) => w.key.calls(name)).join(". ") : ""}
    </p>
  );
}

function Opening() {
  const w = useWords().panel;
  return (
    <div className="stage" aria-busy="true">
      <p className="text-ink-2">{w.opening}</p>
    </div>
  );
}

function Nothing({ role }: { role: string }) {
  const w = useWords().panel;
  return <p className="col-span-full self-center px-6 text-center text-ink-2">{w.noKeys(role)}</p>;
}
