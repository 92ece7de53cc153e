import { type ReactNode, useEffect, useReducer, useRef, useState } from "react";
import { Check } from "../device/check.ts";
import type { MicState } from "../device/mic.ts";
import { Meters } from "../panel/meters.ts";
import { type Reading, type Verdict, verdictOf, within } from "../panel/verdict.ts";
import { DeviceChoices } from "../parts/Choices.tsx";
import { useStore, useWords } from "../parts/hooks.ts";
import { Icon } from "../parts/Icon.tsx";
import { Meter } from "../parts/Meter.tsx";
import { Sheet } from "../parts/Sheet.tsx";
import { Switch } from "../parts/Switch.tsx";
import type { Sound } from "../station/sound.ts";
import type { Station } from "../station/station.ts";

const READ_MS = 50;
const METER = "check";

interface SoundCheckProps {
  readonly station: Station;
  readonly onClose: () => void;
}

/** Is this phone heard, and does it hear? Nobody else takes part. */
export function SoundCheck({ station, onClose }: SoundCheckProps) {
  const w = useWords();
  const { sound } = station;
  const { mic } = useStore(station.status);
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const wasOff = useRef(mic !== "live");
  const end = () => {
    // A check before joining leaves no microphone in use behind it.
    if (wasOff.current && !sound.running) sound.mic.release();
    onClose();
  };
  return (
    <Sheet title={w.sound.check} onClose={end}>
      <p className="-mt-3 pb-3 text-[14px] text-ink-2">{w.sound.checkHint}</p>
      {mic === "live" ? <Running sound={sound} /> : <Start mic={mic} station={station} />}
      <DeviceChoices sound={sound} mic={mic} onChange={redraw} />
    </Sheet>
  );
}

/** Sound and microphone need a tap, so the check begins with one. */
function Start({ mic, station }: { mic: MicState; station: Station }) {
  const w = useWords();
  const begin = () => {
    station.unlock();
    void station.askMic();
  };
  if (mic === "asking") return <p className="py-4 text-ink-2">{w.sound.starting}</p>;
  return (
    <div className="pb-4">
      {mic !== "off" && (
        <p className="pb-3 text-[15px]">
          <b>{w.mic[mic].title}.</b> {w.mic[mic].text}
        </p>
      )}
      <button type="button" className="main w-full" onClick={begin}>
        <Icon glyph="mic" className="text-[24px]" />
        {mic === "off" ? w.sound.start : w.mic.again}
      </button>
    </div>
  );
}

type Doing = "nothing" | "speak" | "plays";

function Running({ sound }: { sound: Sound }) {
  const w = useWords().sound;
  const { check, meters, verdict } = useCheck(sound);
  const [doing, setDoing] = useState<Doing>("nothing");
  const [monitored, setMonitored] = useState(false);
  const hear = async () => {
    if (check === null) return;
    setMonitored(false);
    setDoing("speak");
    await check.hearYourself(() => setDoing("plays"));
    setDoing("nothing");
  };
  return (
    <>
      <div className="checkmeter" role="img" aria-label={w.inputLevel}>
        <Meter meters={meters} name={METER} />
      </div>
      <Says verdict={verdict} />
      <button
        type="button"
        className="main w-full"
        disabled={doing !== "nothing"}
        data-doing={doing}
        onClick={() => void hear()}
      >
        <Icon glyph={doing === "speak" ? "mic" : "speaker"} className="text-[24px]" />
        {{ nothing: w.hear, speak: w.hearSpeak, plays: w.hearPlays }[doing]}
      </button>
      <div className="flex items-center justify-between gap-3 pt-4 pb-2">
        <span>{w.test}</span>
        <fieldset className="segments w-[62%]" aria-label={w.test}>
          <button type="button" onClick={() => check?.test(-1)}>
            {w.left}
          </button>
          <button type="button" onClick={() => check?.test(1)}>
            {w.right}
          </button>
        </fieldset>
      </div>
      <Switch
        name={w.monitor}
        hint={w.sidetoneHint}
        on={monitored}
        disabled={doing !== "nothing"}
        onChange={(on) => {
          check?.monitor(on);
          setMonitored(on);
        }}
      />
    </>
  );
}

function Says({ verdict }: { verdict: Verdict }): ReactNode {
  const w = useWords().sound;
  return (
    <p className="verdict" role="status" data-verdict={verdict}>
      <Icon glyph={verdict === "good" ? "speaker" : verdict === "waiting" ? "mic" : "alert"} />
      <span>{w.verdict[verdict]}</span>
    </p>
  );
}

/** The check of the microphone there is now, its levels drawn outside React. */
function useCheck(sound: Sound): { check: Check | null; meters: Meters; verdict: Verdict } {
  const [check, setCheck] = useState<Check | null>(null);
  const [verdict, setVerdict] = useState<Verdict>("waiting");
  const [meters] = useState(() => new Meters());
  const { graph, track } = sound;
  useEffect(() => {
    if (graph === null || track === null) return;
    const made = new Check(graph.outlet, track);
    setCheck(made);
    let readings: readonly Reading[] = [];
    const timer = setInterval(() => {
      const now = performance.now();
      const { burstDb, peak } = made.read();
      readings = within(readings, { at: now, burstDb, peak });
      meters.draw(now, new Map([[METER, burstDb]]));
      setVerdict(verdictOf(readings));
    }, READ_MS);
    return () => {
      clearInterval(timer);
      made.close();
      setCheck(null);
    };
  }, [graph, track, meters]);
  return { check, meters, verdict };
}
