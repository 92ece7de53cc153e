import { useState } from "react";
import { readPrefs, rememberSaid } from "../device/prefs.ts";
import type { PanelState } from "../panel/model.ts";
import type { Station } from "../station/station.ts";
import type { SentView } from "../wire/messages.ts";
import { useWatch } from "./CrewSheet.tsx";
import { useWords } from "./hooks.ts";
import { Icon } from "./Icon.tsx";
import { Sheet } from "./Sheet.tsx";
import { Sure } from "./Sure.tsx";

interface DirectorSheetProps {
  readonly state: PanelState;
  readonly station: Station;
  readonly onClose: () => void;
}

/** The longest text a cue or message carries. */
const LONGEST = 80;
/** The address of the whole show, as the appliance's kill and unlatch know it. */
const EVERYBODY = "*";

/** Cues, texts and calls to others, who answered them, closing microphones, and who waits at the door. */
export function DirectorSheet({ state, station, onClose }: DirectorSheetProps) {
  const w = useWords().director;
  const rights = state.panel?.rights ?? [];
  const addresses = state.panel?.addresses ?? [];
  const [to, setTo] = useState(addresses[0]?.address ?? "");
  const label = addresses.find((one) => one.address === to)?.label ?? w.everybody;
  useWatch(station);
  return (
    <Sheet title={w.title} onClose={onClose}>
      {rights.includes("approve") && <AtTheDoor state={state} station={station} />}
      <label className="row">
        {w.to}
        <select className="pick" value={to} onChange={(event) => setTo(event.target.value)}>
          {addresses.map((one) => (
            <option key={one.address} value={one.address}>
              {one.label}
            </option>
          ))}
          {rights.includes("kill") && <option value={EVERYBODY}>{w.everybody}</option>}
        </select>
      </label>
      {rights.includes("calls") && to !== EVERYBODY && <Say to={to} station={station} />}
      {/* A question that is open belongs to the address it names. */}
      {rights.includes("kill") && <Close key={to} to={to} label={label} state={state} station={station} />}
      {rights.includes("calls") && <Given sent={state.tally?.sent ?? []} station={station} />}
    </Sheet>
  );
}

interface ToProps {
  readonly to: string;
  readonly state: PanelState;
  readonly station: Station;
}

function Say({ to, station }: Omit<ToProps, "state">) {
  const w = useWords().director;
  const { orders } = station;
  const [text, setText] = useState("");
  const [said, setSaid] = useState(readPrefs().said);
  const give = (sent: boolean) => {
    if (!sent) return;
    setSaid(rememberSaid(text));
    setText("");
  };
  return (
    <div className="grid gap-3 pb-4">
      <input
        className="input"
        aria-label={w.message}
        placeholder={w.message}
        value={text}
        maxLength={LONGEST}
        enterKeyHint="send"
        onChange={(event) => setText(event.target.value)}
      />
      {said.length > 0 && (
        <fieldset className="presets" aria-label={w.again}>
          {said.map((one) => (
            <button key={one} type="button" onClick={() => setText(one)}>
              {one}
            </button>
          ))}
        </fieldset>
      )}
      <div className="grid grid-cols-2 gap-2">
        <button
          type="button"
          className="cue"
          data-kind="standby"
          onClick={() => give(orders.cue("standby", to, text))}
        >
          {w.standby}
        </button>
        <button type="button" className="cue" data-kind="go" onClick={() => give(orders.cue("go", to, text))}>
          {w.go}
        </button>
        <button
          type="button"
          className="side-action"
          disabled={text.trim() === ""}
          onClick={() => give(orders.text(to, text))}
        >
          {w.send}
        </button>
        <button type="button" className="side-action" onClick={() => orders.call(to)}>
          {w.call}
        </button>
      </div>
    </div>
  );
}

function Close({ to, label, state, station }: ToProps & { readonly label: string }) {
  const w = useWords().director;
  const { orders } = station;
  const killed = state.people?.killed.includes(to) ?? false;
  return (
    <div className="grid gap-2 border-t border-line py-3">
      {killed ? (
        <button type="button" className="side-action" onClick={() => orders.kill(to, false)}>
          {w.allowAll}
        </button>
      ) : (
        <Sure name={w.killAll} asks={w.killAllSure(label)} onSure={() => orders.kill(to, true)} />
      )}
      <Sure name={w.unlatchAll} asks={w.unlatchAllSure(label)} onSure={() => orders.unlatch(to)} />
    </div>
  );
}

/** What was given, who acknowledged it and how fast. */
function Given({ sent, station }: { readonly sent: readonly SentView[]; readonly station: Station }) {
  const w = useWords();
  return (
    <section className="crew" aria-label={w.director.sent}>
      <h3>{w.director.sent}</h3>
      {sent.length === 0 && <p className="text-ink-2">{w.director.none}</p>}
      {sent.toReversed().map((one) => (
        <div key={one.id} className="row">
          <div className="min-w-0">
            <b>{w.signals[one.kind]}</b> {one.text}
            <small>{one.label}</small>
            {one.answers.map((answer) => (
              <small key={answer.label} className="tabular-nums">
                <Icon
                  glyph={answer.after_ms === null ? "more" : "check"}
                  className="inline-block align-[-0.15em]"
                />{" "}
                {answer.label} ·{" "}
                {answer.after_ms === null
                  ? w.director.waiting
                  : w.director.answered((answer.after_ms / 1000).toFixed(1))}
              </small>
            ))}
          </div>
          <button
            type="button"
            className="step"
            aria-label={w.director.withdrawOf(one.text || w.signals[one.kind])}
            onClick={() => station.orders.withdraw(one.id)}
          >
            <Icon glyph="close" />
          </button>
        </div>
      ))}
    </section>
  );
}

function AtTheDoor({ state, station }: { readonly state: PanelState; readonly station: Station }) {
  const { director: w, doors } = useWords();
  if (state.requests.length === 0) return null;
  return (
    <section className="crew" aria-label={w.asks}>
      <h3>{w.asks}</h3>
      {state.requests.map((one) => (
        <div key={one.id} className="grid gap-2 pb-3">
          <p>
            <b>{one.person}</b>{" "}
            {one.hand_over ? doors.wantsOf(one.holder ?? "", one.seat) : w.wants(one.role_name)}
          </p>
          <div className="grid grid-cols-2 gap-2">
            <button type="button" className="side-action" onClick={() => station.orders.decide(one.id, true)}>
              {w.admit}
            </button>
            <button
              type="button"
              className="side-action"
              onClick={() => station.orders.decide(one.id, false)}
            >
              {w.refuse}
            </button>
          </div>
        </div>
      ))}
    </section>
  );
}
