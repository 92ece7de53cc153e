/**
 * Every word a person reads or hears from the panel, in English: the complete language and the shape of the
 * others.
 *
 * Sections go by area of the screen. A word with insertions is a plain function, so a language may order,
 * bend and count as it must. Short, calm, exact; what happened, then what to do.
 */

const people = (n: number): string => (n === 1 ? "1 person" : `${n} people`);

export const en = {
  panel: {
    opening: "Taking your seat…",
    noKeys: (role: string) =>
      `The show gives ${role} no keys. Ask the director to add one; it appears here by itself.`,
    keys: "Keys",
    allOff: "All talk off",
    push: "Push to talk",
    pushNone: "No key chosen. Choose one in its volume sheet.",
    morePages: (page: number, pages: number) => `Keys, page ${page} of ${pages}`,
  },
  key: {
    talk: (label: string) => `Talk, ${label}`,
    listen: (label: string) => `Listen, ${label}`,
    volume: (label: string) => `Volume, ${label}`,
    more: (label: string) => `More, ${label}`,
    /** The lamp's own word, in capitals. */
    onAir: "TALK",
    ptt: "PTT",
    opening: "opening…",
    late: "not sent",
    noSound: "no sound from this phone",
    silent: "microphone is silent",
    openTo: (ears: number) => (ears === 0 ? "nobody hears you" : `open to ${ears}`),
    listenOnly: "listen only",
    noAccess: "no access",
    direct: "direct",
    notHere: "not here",
    nobodyHere: "nobody here",
    here: (n: number) => `${n} here`,
    onLine: (n: number) => `${n} on line`,
  },
  keySheet: {
    volume: "Volume",
    volumeOf: (label: string) => `Volume of ${label}`,
    muted: "muted",
    mute: "Mute",
    listen: "Listen",
    forced: "The show keeps this open.",
    armed: "Push to talk holds this key",
    listenOnly: "Your role may only listen here.",
    latch: {
      auto: "Tap to keep talk open, hold to talk while held.",
      latching: "Each press opens or closes talk.",
      momentary: "Talk is open while held.",
    },
  },
  /** Why a key does not do it, in the few words a key has room for. */
  reasons: {
    unknown_key: "not on your panel",
    listen_only: "listen only",
    not_allowed: "no access",
    forced: "always open",
    killed: "closed by director",
    not_seated: "no seat",
    unknown_role: "role is gone",
    unknown_seat: "seat is gone",
    seat_taken: "seat is taken",
    role_full: "role is full",
    taken_over: "open elsewhere",
    show_changed: "show changed",
    left: "you left",
    seat_yielded: "seat given away",
    no_beat: "phone stalled",
    link_lost: "connection lost",
    media_lost: "audio lost",
    /** This phone's own reasons. */
    not_connected: "not connected",
    mic_muted: "microphone muted",
    no_mic: "no microphone",
  },
  mic: {
    use: "Use microphone",
    again: "Try again",
    listenOnly: "Listen without a microphone",
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
    interrupted: {
      short: "Taken by a phone call.",
      title: "Interrupted",
      text: "A phone call or an assistant has the sound. End it, then come back here; every talk was closed.",
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
  },
  /** What this phone plays and records. */
  sound: {
    switched: (name: string) => `The microphone is now ${name || "another one"}.`,
  },
  menu: {
    open: "Menu",
    title: "Menu",
    master: "Master volume",
    blackout: "Blackout",
    blackoutHint: "Near-black, for a dark room.",
    language: "Language",
    microphone: "Microphone",
    hidden: "Hidden page",
    hiddenStays: "A talk you left open stays open while this page is hidden.",
    hiddenCloses: "Every talk closes when this page is hidden.",
    shortcuts: [
      ["1 – 9", "hold to talk on that key"],
      ["Shift 1 – 9", "listen on or off"],
      ["Space", "push to talk"],
      ["Esc", "close every talk"],
    ],
    leave: "Leave the show",
  },
  sheet: {
    close: "Close",
    down: (name: string) => `${name} down`,
    up: (name: string) => `${name} up`,
  },
  connection: {
    noAnswer: "No answer. Check the Wi-Fi",
    reconnecting: "Reconnecting",
    connectingSound: "Connecting sound",
    roundTrip: "Time to the appliance and back",
    ms: (n: number) => (n < 1 ? "<1 ms" : `${n} ms`),
  },
  join: {
    spent: "This invite was used up or has run out. Ask for a new one, or join with a PIN.",
    invitedAs: (role: string) => `You are invited as ${role}.`,
    whatDo: "What do you do?",
    role: "Role",
    whereSit: "Where do you sit?",
    seat: "Seat",
    name: "Your name",
    namePlaceholder: "As the crew calls you",
    pin: "PIN",
    pinOf: (role: string) => `PIN of ${role}`,
    join: "Join with sound",
    joining: "Joining…",
    micHint: "The browser then asks for the microphone. It is open only while you talk.",
    chooseRole: "Choose what you do on this show.",
    typeName: "Type your name.",
    typePin: (role: string) => `Type the PIN of ${role}.`,
    byInvite: "by invite",
    open: "open",
    full: "full",
    free: "free",
    freeSeats: (n: number) => `${n} free`,
    back: (show: string, person: string) => `${show}. Your seat is kept for you, ${person}.`,
    other: "Join as somebody else",
  },
  blocked: {
    noAnswer: "No answer",
    tryingAgain: (text: string) => `${text} Trying again by itself.`,
    tryNow: "Try now",
    insecureTitle: "This page is not secure",
    insecureText: "Browsers give the microphone to https pages only. Open the secure address instead.",
    openSecure: (address: string) => `Open ${address}`,
  },
  /** Why the panel closed, by the appliance's code: title, sentence, and what the button does. */
  ended: {
    taken_over: {
      title: "Open in another tab",
      text: "Another tab or device took over your panel.",
      action: "Use it here",
    },
    left: { title: "You left the show", text: "Your seat is free again.", action: "Join again" },
    seat_yielded: {
      title: "Your seat was given away",
      text: "Somebody else took it while you were away.",
      action: "Choose a seat",
    },
    no_seat: { title: "You have no seat", text: "Your seat is not yours any more.", action: "Choose a seat" },
    not_seated: { title: "You have no seat", text: "Join the show again.", action: "Choose a seat" },
    unknown_role: {
      title: "Your role is gone",
      text: "The show does not have it any more.",
      action: "Choose a role",
    },
    unknown_seat: {
      title: "Your seat is gone",
      text: "The show does not have it any more.",
      action: "Choose a seat",
    },
    show_changed: {
      title: "The show changed",
      text: "Your place is no longer part of it.",
      action: "Choose a role",
    },
    reload: { title: "The panel is out of date", text: "The appliance is newer.", action: "Reload" },
    otherwise: { title: "The connection ended", text: "", action: "Connect again" },
  },
  /** What the door refuses, by its code. */
  faults: {
    away: "The appliance does not answer. Check that this phone is on the show's network.",
    garbled: "Something other than SoundMesh answered. Check the address.",
    wrong_pin: "This PIN is not right. Check it and try again.",
    name_needed: "Type your name.",
    failed: "Something went wrong in the appliance. Try again.",
  },
  count: { people },
};

export type Words = typeof en;
