/** Microphones and outputs by the names the browser shows; ids of devices change from visit to visit. */

export interface Device {
  readonly id: string;
  readonly label: string;
}

export interface Devices {
  readonly inputs: readonly Device[];
  /** Empty where the browser lets no page choose. */
  readonly outputs: readonly Device[];
}

export const NO_DEVICES: Devices = { inputs: [], outputs: [] };

/** What there is; names are empty until the person has allowed the microphone once. Never rejects. */
export async function listDevices(): Promise<Devices> {
  try {
    const all = await navigator.mediaDevices.enumerateDevices();
    const named = (kind: MediaDeviceKind) =>
      all
        .filter((one) => one.kind === kind && one.label !== "")
        .map(({ deviceId, label }) => ({ id: deviceId, label }));
    return { inputs: named("audioinput"), outputs: canChooseOutput() ? named("audiooutput") : [] };
  } catch {
    return NO_DEVICES;
  }
}

/** The id of the device with this name; empty: the system's choice, also when the device is not there. */
export function idOf(devices: readonly Device[], label: string): string {
  return devices.find((one) => label !== "" && one.label === label)?.id ?? "";
}

export function canChooseOutput(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype;
}

/** Tells of devices that come and go. Call the result to stop. */
export function watchDevices(onChange: () => void): () => void {
  const devices = navigator.mediaDevices;
  devices?.addEventListener("devicechange", onChange);
  return () => devices?.removeEventListener("devicechange", onChange);
}

const BLUETOOTH = /bluetooth|airpods|hands-?free|headset \(.*(hf|hfp)|\bhfp\b|buds\b|\bbt\b/i;
/** What a hands-free profile gives at best; wired microphones start at 44.1 kHz. */
const HANDS_FREE_HZ = 24_000;

/** Whether this microphone makes the whole headset a hands-free one: dull, and late. */
export function looksBluetooth(label: string, sampleRate: number | undefined): boolean {
  return BLUETOOTH.test(label) || (sampleRate !== undefined && sampleRate <= HANDS_FREE_HZ);
}
