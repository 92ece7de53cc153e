import { useEffect, useState } from "react";
import { type Device, type Devices, listDevices, NO_DEVICES, watchDevices } from "../device/devices.ts";
import { type MicPrefs, readPrefs } from "../device/prefs.ts";
import type { Sound } from "../station/sound.ts";
import { useWords } from "./hooks.ts";
import { Switch } from "./Switch.tsx";

/** The microphones and outputs there are, followed as they come and go. */
export function useDevices(mic: string): Devices {
  const [devices, setDevices] = useState(NO_DEVICES);
  // Names are told once the microphone was allowed, so a new state of it is a reason to look again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    let current = true;
    const look = async () => {
      const found = await listDevices();
      if (current) setDevices(found);
    };
    void look();
    const stop = watchDevices(() => void look());
    return () => {
      current = false;
      stop();
    };
  }, [mic]);
  return devices;
}

interface MicChoicesProps {
  readonly sound: Sound;
  /** State of the microphone: what is shown depends on it. */
  readonly mic: string;
  readonly onChange: () => void;
}

/** Which microphone, which output, and what the browser does to the voice; remembered on this device. */
export function DeviceChoices({ sound, mic, onChange }: MicChoicesProps) {
  const w = useWords().sound;
  const devices = useDevices(mic);
  const prefs = readPrefs();
  const choose = (change: Parameters<Sound["choose"]>[0]) => {
    sound.choose(change);
    onChange();
  };
  return (
    <>
      <Pick
        name={w.microphone}
        devices={devices.inputs}
        chosen={prefs.input}
        {...(sound.mic.bluetooth ? { hint: w.bluetooth } : {})}
        onChoose={(input) => choose({ input })}
      />
      {devices.outputs.length > 0 ? (
        <Pick
          name={w.output}
          devices={devices.outputs}
          chosen={prefs.output}
          onChoose={(output) => choose({ output })}
        />
      ) : (
        <div className="row">
          <div>
            {w.output}
            <small>{w.systemOutput}</small>
          </div>
        </div>
      )}
      <Processing mic={prefs.mic} onChange={(one) => choose({ mic: { ...prefs.mic, ...one } })} />
    </>
  );
}

interface PickProps {
  readonly name: string;
  readonly hint?: string;
  readonly devices: readonly Device[];
  readonly chosen: string;
  readonly onChoose: (label: string) => void;
}

function Pick({ name, hint, devices, chosen, onChoose }: PickProps) {
  const w = useWords().sound;
  const there = devices.some((one) => one.label === chosen);
  return (
    <label className="row">
      <span className="min-w-0">
        {name}
        {hint !== undefined && <small>{hint}</small>}
      </span>
      <select className="pick" value={there ? chosen : ""} onChange={(event) => onChoose(event.target.value)}>
        <option value="">{w.systemChoice}</option>
        {devices.map((one) => (
          <option key={one.id} value={one.label}>
            {one.label}
          </option>
        ))}
      </select>
    </label>
  );
}

interface ProcessingProps {
  readonly mic: MicPrefs;
  readonly onChange: (change: Partial<MicPrefs>) => void;
}

function Processing({ mic, onChange }: ProcessingProps) {
  const w = useWords().sound;
  return (
    <>
      <Switch name={w.echo} hint={w.echoHint} on={mic.echo} onChange={(echo) => onChange({ echo })} />
      <Switch name={w.noise} hint={w.noiseHint} on={mic.noise} onChange={(noise) => onChange({ noise })} />
      <Switch name={w.gain} hint={w.gainHint} on={mic.gain} onChange={(gain) => onChange({ gain })} />
    </>
  );
}
