/**
 * The control link: one websocket that comes back by itself, forever.
 *
 *   connecting --welcome--> live --lost--> waiting --delay--> connecting
 *   any --gone{again: false}--> over
 *
 * A phone's websocket can hang open across a change of network without any event, so a link whose beats are
 * not answered for 2.5 s is dead.
 */

import { type ClientMessage, PROTOCOL, type ServerMessage } from "../wire/messages.ts";
import { retryDelayMs } from "./backoff.ts";

export const SILENCE_MS = 2500;
const STANDSTILL_MS = 2000;
const WELCOME_MS = 5000;

export type LinkState = "connecting" | "live" | "waiting" | "over";

/** The part of WebSocket that a link uses. */
export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
}

export interface LinkPorts {
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
  #attempt = 0;
  #heardAt = 0;
  #checkedAt = 0;
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
    this.#wait();
  }

  /** Ends the link for good, until `start`. */
  stop(): void {
    this.#cancelTimer();
    this.#drop();
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
    if (this.#state === "live" && !stoodStill && now - this.#heardAt > SILENCE_MS) this.#lost();
  }

  /** The network changed or the page is back: do not wait any longer. */
  hurry(): void {
    if (this.#state !== "waiting") return;
    this.#cancelTimer();
    this.#connect();
  }

  #wait(): void {
    this.#enter("waiting");
    const delay = retryDelayMs(this.#attempt, this.#ports.random());
    this.#attempt += 1;
    this.#cancelTimer = this.#ports.after(delay, () => this.#connect());
  }

  #connect(): void {
    this.#enter("connecting");
    const socket = this.#ports.open();
    this.#socket = socket;
    socket.onopen = () => {
      if (this.#socket === socket) socket.send(JSON.stringify({ t: "hello", protocol: PROTOCOL }));
    };
    socket.onmessage = (event) => {
      if (this.#socket === socket) this.#take(event.data);
    };
    socket.onclose = () => {
      if (this.#socket === socket) this.#lost();
    };
    this.#cancelTimer = this.#ports.after(WELCOME_MS, () => this.#lost());
  }

  #take(data: unknown): void {
    if (typeof data !== "string") return;
    this.#heardAt = this.#ports.now();
    const message = JSON.parse(data) as ServerMessage;
    if (message.t === "welcome") {
      this.#cancelTimer();
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
    if (!welcomed) this.#ports.onFailedAttempt(this.#attempt);
    // What was told of the failed attempt may have ended the link.
    if ((this.#state as LinkState) !== "over") this.#wait();
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  #enter(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#ports.onState(state);
  }
}
