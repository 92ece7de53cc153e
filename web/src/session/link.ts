/**
 * The control link: one socket that comes back by itself, forever.
 *
 *   connecting --welcome--> live --lost--> waiting --delay--> connecting
 *   any --gone{again: false}--> over
 *
 * A phone's socket can hang open across a change of network without any event, so a link whose beats are not
 * answered for 2.5 s is dead to us. It is closed only when the next one is welcomed: the appliance goes on sending
 * sound to a phone that it does not know to be gone, so that a short hole ends with the first packet that passes.
 */

import { type ClientMessage, PROTOCOL, type ServerMessage } from "../wire/messages.ts";
import { retryDelayMs } from "./backoff.ts";

export const SILENCE_MS = 2500;
const STANDSTILL_MS = 2000;
const WELCOME_MS = 5000;
/** How long an attempt may take to open, in turn: a lost first packet costs a second, a busy appliance has time. */
const OPEN_MS = [1200, 1200, 1200, 5000] as const;
/** An attempt that is hurried is given this long before another replaces it. */
const FRESH_MS = 300;

export type LinkState = "connecting" | "live" | "waiting" | "over";

/** The part of WebSocket that a link uses; `http.ts` has another. */
export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
}

export interface LinkPorts {
  /** This page's name for itself. */
  readonly tab: string;
  open(): Socket;
  now(): number;
  random(): number;
  /** Runs `act` after `ms`; returns how to call it off. */
  after(ms: number, act: () => void): () => void;
  onMessage(message: ServerMessage): void;
  onState(state: LinkState): void;
  /** An attempt ended before any welcome: the session may be over, or the appliance away. */
  onFailedAttempt(attempt: number): void;
}

export class Link {
  readonly #ports: LinkPorts;
  #state: LinkState = "over";
  #socket: Socket | null = null;
  /** Fell silent; kept open until the next welcome. */
  #silent: Socket | null = null;
  /** Tried beside a live link that may be dead. */
  #probe: Socket | null = null;
  #attempt = 0;
  #heardAt = 0;
  #checkedAt = 0;
  #triedAt = 0;
  #cancelTimer: () => void = () => {};

  constructor(ports: LinkPorts) {
    this.#ports = ports;
  }

  get state(): LinkState {
    return this.#state;
  }

  start(): void {
    if (this.#state !== "over") return;
    this.#attempt = 0;
    this.#triedAt = this.#ports.now();
    this.#wait();
  }

  /** Ends the link for good, until `start`. */
  stop(): void {
    this.#cancelTimer();
    this.#drop();
    this.#dropSilent();
    this.#enter("over");
  }

  /** Says a message; false while the link is not live. */
  send(message: ClientMessage): boolean {
    if (this.#state !== "live" || this.#socket === null) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** To be called with each beat: gives up a link that fell silent. */
  check(): void {
    const now = this.#ports.now();
    // A page that itself stood still has answers waiting to be read: judge at the next beat.
    const stoodStill = now - this.#checkedAt > STANDSTILL_MS;
    this.#checkedAt = now;
    if (this.#state !== "live" || stoodStill || now - this.#heardAt <= SILENCE_MS) return;
    this.#dropSilent();
    this.#silent = this.#letGo();
    this.#lost();
  }

  /** When the appliance spoke last. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /**
   * This link and the sound both are still: tries another socket beside it, and changes over if that one opens
   * before this one speaks. So a phone that moved is back in a second, and one in a short hole loses nothing.
   */
  doubt(): void {
    if (this.#state !== "live" || this.#probe !== null) return;
    const probe = this.#ports.open();
    this.#probe = probe;
    const cancel = this.#ports.after(OPEN_MS[0], () => {
      if (this.#probe === probe) this.#dropProbe();
    });
    probe.onopen = () => {
      cancel();
      this.#probe = null;
      this.#dropSilent();
      this.#silent = this.#letGo();
      this.#enter("waiting");
      this.#adopt(probe);
      probe.onopen?.();
    };
    probe.onclose = () => {
      cancel();
      this.#probe = null;
    };
  }

  /** The network changed, packets come again or the page is back: do not wait any longer. */
  hurry(): void {
    const stuck = this.#state === "connecting" && this.#ports.now() - this.#triedAt > FRESH_MS;
    if (this.#state !== "waiting" && !stuck) return;
    this.#cancelTimer();
    this.#drop();
    this.#connect();
  }

  #wait(): void {
    this.#enter("waiting");
    // An attempt that took long has been waited for already.
    const took = this.#ports.now() - this.#triedAt;
    const delay = Math.max(0, retryDelayMs(this.#attempt, this.#ports.random()) - took);
    this.#attempt += 1;
    this.#cancelTimer = this.#ports.after(delay, () => this.#connect());
  }

  #connect(): void {
    const socket = this.#ports.open();
    this.#adopt(socket);
    const patience = OPEN_MS[(this.#attempt - 1) % OPEN_MS.length] ?? WELCOME_MS;
    this.#cancelTimer = this.#ports.after(patience, () => this.#lost());
  }

  #adopt(socket: Socket): void {
    this.#enter("connecting");
    this.#triedAt = this.#ports.now();
    this.#socket = socket;
    socket.onopen = () => {
      if (this.#socket !== socket) return;
      this.#cancelTimer();
      this.#cancelTimer = this.#ports.after(WELCOME_MS, () => this.#lost());
      socket.send(
        JSON.stringify({ t: "hello", protocol: PROTOCOL, tab: this.#ports.tab } satisfies ClientMessage),
      );
    };
    socket.onmessage = (event) => {
      if (this.#socket === socket) this.#take(event.data);
    };
    socket.onclose = () => {
      if (this.#socket === socket) this.#lost();
    };
  }

  #take(data: unknown): void {
    if (typeof data !== "string") return;
    this.#heardAt = this.#ports.now();
    this.#dropProbe();
    const message = JSON.parse(data) as ServerMessage;
    if (message.t === "welcome") {
      this.#cancelTimer();
      this.#dropSilent();
      this.#attempt = 0;
      this.#enter("live");
    }
    if (message.t === "gone" && !message.again) this.stop();
    this.#ports.onMessage(message);
  }

  #lost(): void {
    const welcomed = this.#state === "live";
    this.#cancelTimer();
    this.#drop();
    if (welcomed) this.#triedAt = Number.NEGATIVE_INFINITY;
    else this.#ports.onFailedAttempt(this.#attempt);
    // What was told of the failed attempt may have ended the link.
    if ((this.#state as LinkState) !== "over") this.#wait();
  }

  #letGo(): Socket | null {
    const socket = this.#socket;
    this.#socket = null;
    return socket === null ? null : deaf(socket);
  }

  #drop(): void {
    this.#dropProbe();
    this.#letGo()?.close();
  }

  #dropProbe(): void {
    if (this.#probe !== null) deaf(this.#probe).close();
    this.#probe = null;
  }

  #dropSilent(): void {
    this.#silent?.close();
    this.#silent = null;
  }

  #enter(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#ports.onState(state);
  }
}

function deaf(socket: Socket): Socket {
  socket.onopen = null;
  socket.onmessage = null;
  socket.onclose = null;
  return socket;
}
