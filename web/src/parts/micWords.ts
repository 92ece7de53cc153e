import type { MicState } from "../device/mic.ts";

interface MicWords {
  /** One line in the menu. */
  readonly short: string;
  /** What happened, then what to do; for a screen or a note. */
  readonly title: string;
  readonly text: string;
}

export const MIC_WORDS: Readonly<Record<MicState, MicWords>> = {
  live: { short: "Ready. It is open only while you talk.", title: "", text: "" },
  off: { short: "Not in use.", title: "No microphone", text: "You hear everybody. Nobody hears you." },
  asking: {
    short: "Waiting for your permission.",
    title: "Allow the microphone",
    text: "The browser asks whether this page may use the microphone.",
  },
  muted: {
    short: "Muted by the headset or the system.",
    title: "Microphone muted",
    text: "The headset or the system muted it. Unmute it there; every talk was closed.",
  },
  denied: {
    short: "Blocked in the browser.",
    title: "Microphone blocked",
    text: "Allow it in the address bar, then tap Try again.",
  },
  missing: {
    short: "None found.",
    title: "No microphone found",
    text: "Plug in a headset or a microphone, then tap Try again.",
  },
  busy: {
    short: "Another program uses it.",
    title: "Microphone in use",
    text: "Another program or a call holds it. End that, then tap Try again.",
  },
  insecure: {
    short: "Not on an insecure page.",
    title: "This page is not secure",
    text: "Browsers give the microphone to https pages only. Open the address that starts with https.",
  },
};
