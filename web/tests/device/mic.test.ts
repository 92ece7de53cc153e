import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Mic, type MicState } from "../../src/device/mic.ts";

/** A track as far as a microphone is concerned. */
class Track extends EventTarget {
  enabled = true;
  muted = false;
  readyState: "live" | "ended" = "live";
  contentHint = "";
  readonly label: string;

  constructor(label: string) {
    super();
    this.label = label;
  }

  getSettings() {
    return { sampleRate: 48_000 };
  }

  /** By the page: no event follows. */
  stop() {
    this.readyState = "ended";
  }

  /** By the system, as when a headset is pulled out. */
  die() {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }

  mute(on: boolean) {
    this.muted = on;
    this.dispatchEvent(new Event(on ? "mute" : "unmute"));
  }
}

const asked: MediaTrackConstraints[] = [];
/** What the next asking gives; an error name refuses. */
let next: (Track | string)[] = [];
let page = { hidden: false };

function device() {
  const states: MicState[] = [];
  const tracks: (Track | null)[] = [];
  const switched: string[] = [];
  const mic = new Mic({
    processing: () => ({ echo: true, noise: false, gain: true }),
    wanted: () => "USB headset",
    onTrack: (track) => tracks.push(track as unknown as Track | null),
    onState: (state) => states.push(state),
    onSwitch: (label) => switched.push(label),
  });
  return { mic, states, tracks, switched };
}

beforeEach(() => {
  asked.length = 0;
  page = { hidden: false };
  vi.stubGlobal("window", { isSecureContext: true });
  vi.stubGlobal("document", page);
  vi.stubGlobal("HTMLMediaElement", class {});
  const mediaDevices = {
    enumerateDevices: async () => [{ kind: "audioinput", label: "USB headset", deviceId: "id7" }],
    getUserMedia: async ({ audio }: { audio: MediaTrackConstraints }) => {
      asked.push(audio);
      const given = next.shift();
      if (typeof given !== "object") throw new DOMException("no", given ?? "NotFoundError");
      return { getAudioTracks: () => [given] };
    },
  };
  vi.stubGlobal("navigator", { mediaDevices });
});

afterEach(() => vi.unstubAllGlobals());

/** Lets every promise that is due settle. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("it asks for the chosen device and the chosen processing, each by itself", async () => {
  next = [new Track("USB headset")];
  await device().mic.acquire();
  expect(asked[0]).toMatchObject({
    deviceId: "id7",
    echoCancellation: true,
    noiseSuppression: false,
    autoGainControl: true,
  });
});

test("a new microphone is closed until a talk is open", async () => {
  const track = new Track("Phone");
  next = [track];
  const { mic } = device();
  expect(await mic.acquire()).toBe("live");
  expect(track.enabled).toBe(false);
  mic.gate(true);
  expect(track.enabled).toBe(true);
});

test("a headset pulled out: it is said to be gone, so talks close, and the next one is told by name", async () => {
  const [headset, phone] = [new Track("USB headset"), new Track("Phone")];
  next = [headset, phone];
  const { mic, states, switched, tracks } = device();
  await mic.acquire();
  mic.gate(true);
  headset.die();
  // What the station does on hearing that it is gone.
  expect(states.slice(2)).toEqual(["busy", "asking"]);
  mic.gate(false);
  await settled();
  expect(mic.track).toBe(phone);
  expect(phone.enabled).toBe(false);
  expect(switched).toEqual(["Phone"]);
  expect(tracks.at(-1)).toBe(phone);
  expect(mic.state).toBe("live");
});

test("with no other microphone there is none, and it says so", async () => {
  const headset = new Track("USB headset");
  next = [headset, "NotFoundError"];
  const { mic, switched } = device();
  await mic.acquire();
  headset.die();
  await settled();
  expect(mic.state).toBe("missing");
  expect(switched).toEqual([]);
});

test("on a hidden page a microphone that died is asked for again only when the page is seen", async () => {
  const [first, second] = [new Track("Phone"), new Track("Phone")];
  next = [first, second];
  const { mic } = device();
  await mic.acquire();
  page.hidden = true;
  first.die();
  await settled();
  expect([mic.state, asked.length]).toEqual(["busy", 1]);
  page.hidden = false;
  await mic.revive();
  expect([mic.state, mic.track]).toEqual(["live", second]);
});

test("a phone call is told from a headset's mute, whichever of its two signs comes first", async () => {
  const track = new Track("Phone");
  next = [track];
  const { mic, states } = device();
  await mic.acquire();
  track.mute(true);
  mic.interrupt(true);
  mic.interrupt(false);
  track.mute(false);
  mic.interrupt(true);
  mic.interrupt(false);
  expect(states.slice(2)).toEqual(["muted", "interrupted", "muted", "live", "interrupted", "live"]);
});

test("an answer that comes after its person gave up is put back", async () => {
  const late = new Track("Phone");
  next = [late];
  const { mic } = device();
  const asking = mic.acquire();
  mic.release();
  await asking;
  expect([late.readyState, mic.state, mic.track]).toEqual(["ended", "off", null]);
});

test("of two askings at once the later one counts, and one microphone is open", async () => {
  const [first, second] = [new Track("Phone"), new Track("Phone")];
  next = [first, second];
  const { mic } = device();
  await Promise.all([mic.acquire(), mic.acquire()]);
  expect([first.readyState, second.readyState, mic.track]).toEqual(["ended", "live", second]);
});

test.each([
  ["NotAllowedError", "denied"],
  ["NotFoundError", "missing"],
  ["NotReadableError", "busy"],
])("%s is %s", async (name, state) => {
  next = [name];
  expect(await device().mic.acquire()).toBe(state);
});
