// A microphone with a known signal and an ear at the page's output. Runs before the page's own scripts.
//
// The microphone is a looped buffer: a steady tone (who) and, when asked for, a 60 ms chirp every 500 ms
// (when). The ear reads every stream that a media element renders, and counts it only while a person
// would hear it: not muted, not paused, volume above 0. Sample times are on the wall clock.
(() => {
  const RATE = 48000;
  const KEEP_S = 60;
  const LOOP_S = 4;
  const CHIRP_S = 0.06;
  const CHIRP_EVERY_S = 0.5;
  const given = Object.assign({ hz: 500, level: 0.1, chirp: false, microphone: "tone" }, window.__given ?? {});
  delete window.__given;

  // A ring of samples with the wall-clock time of each, by the running median of the blocks' stamps.
  class Tape {
    constructor() {
      this.rate = RATE; // what the machine's output has, known with the first block
      this.samples = new Float32Array(RATE * KEEP_S);
      this.written = 0;
      this.offsets = [];
      this.blocks = 0;
    }

    append(block, rate, stampMs) {
      this.rate = rate;
      this.blocks += 1;
      const expected = this.clock();
      const offset = stampMs - (this.written * 1000) / rate;
      if (expected !== null && offset - expected > 30) {
        this.put(new Float32Array(Math.round(((offset - expected) * rate) / 1000)));
      }
      this.offsets.push(stampMs - (this.written * 1000) / rate);
      if (this.offsets.length > 51) this.offsets.shift();
      this.put(block);
    }

    put(block) {
      const start = Math.max(0, block.length - this.samples.length);
      for (let i = start; i < block.length; i++) {
        this.samples[(this.written + i) % this.samples.length] = block[i];
      }
      this.written += block.length;
    }

    clock() {
      if (this.offsets.length === 0) return null;
      return [...this.offsets].sort((a, b) => a - b)[this.offsets.length >> 1];
    }

    // Adds the samples from wall time `fromMs` on into `out`, at 48 kHz.
    mixInto(out, fromMs) {
      const clock = this.clock();
      if (clock === null) return;
      const first = ((fromMs - clock) * this.rate) / 1000;
      const oldest = Math.max(0, this.written - this.samples.length);
      const size = this.samples.length;
      for (let i = 0; i < out.length; i++) {
        const at = first + (i * this.rate) / RATE;
        const whole = Math.floor(at);
        if (whole < oldest || whole + 1 >= this.written) continue;
        const part = at - whole;
        out[i] += this.samples[whole % size] * (1 - part) + this.samples[(whole + 1) % size] * part;
      }
    }

    endMs() {
      return this.clock() === null ? null : this.clock() + (this.written * 1000) / this.rate;
    }
  }

  const ears = new Map(); // track id -> { left, right }: a Tape each
  const mouth = new Tape();
  const asked = [];
  const handed = [];
  const presses = [];
  const problems = [];

  async function record(track, left, right, audible) {
    const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 200 }).readable.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const stamp = performance.timeOrigin + value.timestamp / 1000;
      for (const [plane, tape] of [left, right].entries()) {
        if (tape === null) continue;
        const block = new Float32Array(value.numberOfFrames);
        const planeIndex = Math.min(plane, value.numberOfChannels - 1); // one channel is heard on both sides
        if (audible()) value.copyTo(block, { planeIndex, format: "f32-planar" });
        tape.append(block, value.sampleRate, stamp);
      }
      value.close();
    }
  }

  function listenTo(stream, audible) {
    for (const track of stream.getAudioTracks()) {
      if (ears.has(track.id)) continue;
      const sides = { left: new Tape(), right: new Tape() };
      ears.set(track.id, sides);
      record(track.clone(), sides.left, sides.right, audible).catch((error) => problems.push(String(error)));
    }
  }

  const source = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "srcObject");
  Object.defineProperty(HTMLMediaElement.prototype, "srcObject", {
    ...source,
    set(stream) {
      source.set.call(this, stream);
      if (!(stream instanceof MediaStream)) return;
      const current = () => source.get.call(this) === stream;
      const audible = () => current() && !this.muted && !this.paused && this.volume > 0;
      // A muted element is looked at again when it becomes audible.
      const look = () => audible() && listenTo(stream, audible);
      for (const event of ["playing", "play", "volumechange"]) this.addEventListener(event, look);
      stream.addEventListener("addtrack", look);
      look();
    },
  });

  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {
    const result = connect.call(this, target, ...rest);
    if (target instanceof AudioDestinationNode) {
      const copy = this.context.createMediaStreamDestination();
      connect.call(this, copy);
      listenTo(copy.stream, () => this.context.state === "running");
    }
    return result;
  };

  function loop(context) {
    const buffer = context.createBuffer(1, RATE * LOOP_S, RATE);
    const data = buffer.getChannelData(0);
    for (let i = 0; i < data.length; i++) {
      data[i] = given.level * Math.sin((2 * Math.PI * given.hz * i) / RATE);
    }
    if (given.chirp) {
      for (let start = 0; start < LOOP_S; start += CHIRP_EVERY_S) {
        chirp().forEach((value, i) => {
          data[Math.round(start * RATE) + i] += value;
        });
      }
    }
    return buffer;
  }

  function chirp() {
    const count = Math.round(CHIRP_S * RATE);
    return Float32Array.from({ length: count }, (_, i) => {
      const t = i / RATE;
      const phase = 2 * Math.PI * (2700 * t + ((5850 - 2700) * t * t) / (2 * CHIRP_S));
      return 0.15 * Math.sin((Math.PI * i) / count) ** 2 * Math.sin(phase);
    });
  }

  let microphone = null;
  async function openMicrophone() {
    if (microphone === null) {
      const context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
      await context.resume();
      const player = new AudioBufferSourceNode(context, { buffer: loop(context), loop: true });
      const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
      connect.call(player, out);
      player.start();
      microphone = out.stream;
      record(microphone.getAudioTracks()[0].clone(), mouth, null, () => true).catch((e) => problems.push(String(e)));
    }
    const given = microphone.clone();
    handed.push(...given.getAudioTracks());
    return given;
  }

  // What a headset's button or the system does to the tracks that the page holds.
  function takeMicrophone(event) {
    for (const track of [...handed]) {
      if (event === "ended") track.stop();
      else Object.defineProperty(track, "muted", { configurable: true, value: event === "mute" });
      track.dispatchEvent(new Event(event));
    }
  }

  if (navigator.mediaDevices && given.microphone !== "real") {
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      asked.push(constraints);
      if (given.microphone === "denied") throw new DOMException("Permission denied", "NotAllowedError");
      if (given.microphone === "missing") throw new DOMException("Requested device not found", "NotFoundError");
      const stream = await openMicrophone();
      opened.push(...stream.getAudioTracks());
      return stream;
    };
  }

  // Tracks of the microphone that the page holds open.
  const opened = [];
  const cloneOf = MediaStreamTrack.prototype.clone;
  MediaStreamTrack.prototype.clone = function () {
    const copy = cloneOf.call(this);
    if (opened.includes(this)) opened.push(copy);
    return copy;
  };

  // A session made in a frame of the page is the page's.
  const calls = window.parent?.__lab?.calls ?? [];
  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(...given) {
      super(...given);
      calls.push(this);
    }
  };

  // Bytes of sound that have reached this page, whether or not it plays them.
  async function received() {
    let bytes = 0;
    for (const call of calls) {
      for (const stat of (await call.getStats()).values()) {
        if (stat.type === "inbound-rtp") bytes += stat.bytesReceived;
      }
    }
    return bytes;
  }

  for (const type of ["pointerdown", "pointerup"]) {
    window.addEventListener(type, (e) => presses.push({ type, at: performance.timeOrigin + e.timeStamp }), true);
  }

  function base64(floats) {
    const bytes = new Uint8Array(floats.buffer);
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return btoa(text);
  }

  // "ear" is the left one.
  const tapes = (which) =>
    which === "mouth" ? [mouth] : [...ears.values()].map((sides) => (which === "right" ? sides.right : sides.left));
  const covered = (which) => Math.max(0, ...tapes(which).map((tape) => tape.endMs() ?? 0));

  // Samples of the wall-clock span: what the output rendered, or what the microphone gave.
  async function read(which, fromMs, seconds) {
    for (let tries = 0; tries < 40 && covered(which) < fromMs + seconds * 1000; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const out = new Float32Array(Math.round(seconds * RATE));
    for (const tape of tapes(which)) tape.mixInto(out, fromMs);
    return base64(out);
  }

  window.__lab = {
    read,
    received,
    takeMicrophone,
    calls,
    sessions: () => calls.map((call) => call.connectionState),
    asked,
    presses,
    problems,
    open: () => opened.filter((track) => track.readyState === "live").length,
    sending: () => calls.some((call) => call.getSenders().some((sender) => sender.track?.enabled)),
    now: () => performance.timeOrigin + performance.now(),
    ears: () => tapes("ear").map((t) => ({ blocks: t.blocks, end_ms: t.endMs() })),
  };
})();
