/** The appliance's front door over HTTP: look, join, leave. */

import type { Ask, Asked, Door, Fault, Join, Joined } from "../wire/messages.ts";

const PATIENCE_MS = 6000;

export type Outcome<T> =
  | { readonly ok: true; readonly body: T }
  | { readonly ok: false; readonly status: number; readonly fault: Fault };

const AWAY: Fault = {
  error: "away",
  text: "The appliance does not answer. Check that this phone is on the show's network.",
  details: [],
  retry_s: null,
};

const GARBLED: Fault = {
  error: "garbled",
  text: "Something other than SoundMesh answered. Check the address.",
  details: [],
  retry_s: null,
};

export function look(invite: string | null): Promise<Outcome<Door>> {
  const query = invite === null ? "" : `?invite=${encodeURIComponent(invite)}`;
  return ask<Door>(`/api/v1/door${query}`);
}

export function join(body: Join): Promise<Outcome<Joined>> {
  return ask<Joined>("/api/v1/join", body);
}

/** Ask for a seat without PIN or invite. */
export function askFor(body: Ask): Promise<Outcome<Asked>> {
  return ask<Asked>("/api/v1/ask", body);
}

/** How that stands. */
export function asked(token: string): Promise<Outcome<Asked>> {
  return ask<Asked>(`/api/v1/ask/${encodeURIComponent(token)}`);
}

/** Whoever asked went away: works while the page is being closed, too. */
export function cancelAsk(token: string): void {
  const path = `/api/v1/ask/${encodeURIComponent(token)}/cancel`;
  const headers = { "content-type": "application/json" };
  void fetch(path, { method: "POST", keepalive: true, headers, body: "{}" }).catch(() => {});
}

export function leave(): Promise<Outcome<unknown>> {
  return ask<unknown>("/api/v1/leave", {});
}

/** The invite token of this page's address, if it is an invite's. */
export function inviteOf(path: string): string | null {
  return /^\/j\/([A-Za-z0-9_-]{1,64})\/?$/.exec(path)?.[1] ?? null;
}

async function ask<T>(path: string, body?: unknown): Promise<Outcome<T>> {
  try {
    const response = await fetch(path, {
      signal: AbortSignal.timeout(PATIENCE_MS),
      cache: "no-store",
      ...(body === undefined
        ? {}
        : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    return await read<T>(response);
  } catch {
    return { ok: false, status: 0, fault: AWAY };
  }
}

async function read<T>(response: Response): Promise<Outcome<T>> {
  const { ok, status } = response;
  try {
    const said: unknown = await response.json();
    return ok ? { ok, body: said as T } : { ok, status, fault: said as Fault };
  } catch {
    return { ok: false, status, fault: status >= 500 ? AWAY : GARBLED };
  }
}
