import type { PersonVolume } from "../device/prefs.ts";
import { CUT_DB } from "../panel/dim.ts";
import { personMeter } from "../panel/meters.ts";
import type { PanelState } from "../panel/model.ts";
import { type Listener, peopleOn } from "../panel/people.ts";
import { listenFace, volumeOf } from "../panel/select.ts";
import type { Station } from "../station/station.ts";
import type { PanelKey } from "../wire/messages.ts";
import { Fader } from "./Fader.tsx";
import { useStore, useWords } from "./hooks.ts";
import { Icon } from "./Icon.tsx";
import { dbText, stepped } from "./levels.ts";
import { Meter } from "./Meter.tsx";
import { Switch } from "./Switch.tsx";

interface HearingProps {
  readonly keyOf: PanelKey;
  readonly state: PanelState;
  readonly station: Station;
}

/** How one key is heard on this phone: volume, mute, solo, side, dim, and each of its people. */
export function Hearing({ keyOf, state, station }: HearingProps) {
  const { id, label, forced } = keyOf;
  const words = useWords();
  const [w, s] = [words.keySheet, words.sound];
  const { solo } = useStore(station.sound.ear.choices);
  const volume = volumeOf(state, id);
  const listen = listenFace(state, id);
  return (
    <>
      <div className="flex items-baseline justify-between pb-1 text-ink-2">
        <span>{w.volume}</span>
        <span className="font-num tabular-nums text-ink">{volume.muted ? w.muted : dbText(volume.db)}</span>
      </div>
      <Fader
        name={w.volumeOf(label)}
        db={volume.db}
        onChange={(db) => station.orders.setVolume(id, db, false)}
      />
      <Dims db={keyOf.dim_db} />
      <div className="pt-2">
        <Switch name={w.mute} on={volume.muted} onChange={() => station.orders.toggleMute(id)} />
        <Switch
          name={s.solo}
          hint={s.soloHint}
          on={solo.has(id)}
          onChange={(on) => station.sound.ear.solo(id, on)}
        />
        <Switch
          name={w.listen}
          {...(forced ? { hint: w.forced } : {})}
          on={listen.shown}
          disabled={forced}
          onChange={() => station.orders.toggleListen(id)}
        />
      </div>
      <Side keyOf={keyOf} station={station} />
      <People keyOf={keyOf} state={state} station={station} />
    </>
  );
}

function Dims({ db }: { db: number }) {
  const w = useWords().sound;
  if (db >= 0) return null;
  return <p className="pt-2 text-[14px] text-ink-2">{db <= CUT_DB ? w.cuts : w.dims(-db)}</p>;
}

const SIDES = [-1, 0, 1] as const;
const PAN_STEP = 0.25;

/** Which ear: three places to tap, and the way between them. */
function Side({ keyOf, station }: Pick<HearingProps, "keyOf" | "station">) {
  const w = useWords().sound;
  const { pans } = useStore(station.sound.ear.choices);
  const pan = pans[keyOf.id] ?? 0;
  const percent = Math.round(Math.abs(pan) * 100);
  const where = pan === 0 ? w.centre : pan < 0 ? w.leftBy(percent) : w.rightBy(percent);
  const names = { [-1]: w.left, 0: w.centre, 1: w.right };
  return (
    <div className="border-t border-line pt-3 pb-3">
      <div className="flex items-baseline justify-between pb-2 text-ink-2">
        <span>{w.side}</span>
        <span className="font-num tabular-nums text-ink">{where}</span>
      </div>
      <fieldset className="segments" aria-label={w.sideOf(keyOf.label)}>
        {SIDES.map((side) => (
          <button
            key={side}
            type="button"
            aria-pressed={pan === side}
            onClick={() => station.sound.ear.setPan(keyOf.id, side)}
          >
            {names[side]}
          </button>
        ))}
      </fieldset>
      <input
        type="range"
        className="fader w-full middle"
        aria-label={w.sideOf(keyOf.label)}
        aria-valuetext={where}
        min={-1}
        max={1}
        step={PAN_STEP}
        value={pan}
        onChange={(event) => station.sound.ear.setPan(keyOf.id, Number(event.target.value))}
      />
    </div>
  );
}

function People({ keyOf, state, station }: HearingProps) {
  const w = useWords().sound;
  const recent = useStore(station.sound.ear.recent);
  const choices = useStore(station.sound.ear.choices);
  const here = peopleOn(keyOf.id, state, recent, choices.people);
  return (
    <section className="border-t border-line pt-3 pb-2" aria-label={w.people}>
      <h3 className="text-[14px] text-ink-2">{w.people}</h3>
      {here.length === 0 && <p className="pt-1 text-[14px] text-ink-3">{w.nobodyYet}</p>}
      {here.map((one) => (
        <PersonRow
          key={one.address}
          one={one}
          station={station}
          onSet={(volume) => station.sound.ear.setPerson(one.address, volume)}
        />
      ))}
    </section>
  );
}

interface PersonRowProps {
  readonly one: Listener;
  readonly station: Station;
  readonly onSet: (volume: PersonVolume) => void;
}

function PersonRow({ one, station, onSet }: PersonRowProps) {
  const words = useWords();
  const { volume } = one;
  const name = words.sound.personVolume(one.label);
  const step = (steps: 1 | -1) => onSet({ db: stepped(volume.db, steps), muted: false });
  return (
    <div className="person">
      <div className="who">
        <span data-speaks={one.speaks || undefined}>
          {one.speaks && <Icon glyph="wave" />}
          {one.label}
        </span>
        <Meter meters={station.sound.meters} name={personMeter(one.address)} />
      </div>
      <button type="button" className="step" aria-label={words.sheet.down(name)} onClick={() => step(-1)}>
        <Icon glyph="minus" />
      </button>
      <output className="font-num tabular-nums" aria-label={name}>
        {volume.muted ? words.sound.personMuted : dbText(volume.db)}
      </output>
      <button type="button" className="step" aria-label={words.sheet.up(name)} onClick={() => step(1)}>
        <Icon glyph="plus" />
      </button>
      <button
        type="button"
        className="step"
        aria-label={words.sound.mutePerson(one.label)}
        aria-pressed={volume.muted}
        onClick={() => onSet({ db: volume.db, muted: !volume.muted })}
      >
        <Icon glyph={volume.muted ? "no_speaker" : "speaker"} />
      </button>
    </div>
  );
}
