/**
 * A control link without a websocket: HTTPS requests up, server-sent events down.
 *
 * An iPhone that does not trust the certificate opens the page and refuses its websockets. Messages go in numbered
 * batches, one request at a time, so that their order holds; what is said meanwhile goes with the next.
 */

import type { Say } from "../wire/messages.ts";
import type { Socket } from "./link.ts";

const PATIENCE_MS = 2500;
const BATCH = 64;

export interface HttpPorts {
  openEvents(url: string): Events;
  /** Whether the appliance took the batch. */
  post(url: string, body: Say): Promise<boolean>;
}

/** The part of EventSource that is used. */
export interface Events {
  addEventListener(type: "carrier" | "message" | "error", act: (event: { data?: unknown }) => void): void;
  close(): void;
}

export function openHttp(ports: HttpPorts = BROWSER): Socket {
  const events = ports.openEvents("/api/v1/link/events");
  let carrier: string | null = null;
  let n = 0;
  let waiting: string[] = [];
  let flying: Promise<void> | null = null;
  let over = false;

  const socket: Socket = {
    onopen: null,
    onmessage: null,
    onclose: null,
    send(text) {
      waiting.push(text);
      if (flying === null && carrier !== null) flying = fly();
    },
    close() {
      // What was said before still goes, as with a websocket.
      void Promise.resolve(flying).then(end);
    },
  };

  async function fly(): Promise<void> {
    while (waiting.length > 0 && carrier !== null && !over) {
      const frames = waiting.slice(0, BATCH);
      waiting = waiting.slice(BATCH);
      n += 1;
      if (!(await ports.post("/api/v1/link/say", { carrier, n, frames }))) lost();
    }
    flying = null;
  }

  function end(): void {
    over = true;
    events.close();
  }

  function lost(): void {
    if (over) return;
    end();
    socket.onclose?.();
  }

  events.addEventListener("carrier", ({ data }) => {
    carrier = (JSON.parse(String(data)) as { carrier: string }).carrier;
    socket.onopen?.();
  });
  events.addEventListener("message", ({ data }) => {
    if (!over) socket.onmessage?.({ data });
  });
  // It would try again by itself, as another link: that is the link's own to do.
  events.addEventListener("error", lost);
  return socket;
}

const BROWSER: HttpPorts = {
  openEvents: (url) => new EventSource(url) as unknown as Events,
  async post(url, body) {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      return response.ok;
    } catch {
      return false;
    }
  },
};
