/** The state of the connection in figures, from what the browser counts. */

import type { Carrier } from "./carrier.ts";
import type { RoamEntry } from "./roamlog.ts";

export interface ConnectionReport {
  /** Over the media path, ms; null: not measured yet. */
  readonly rttMs: number | null;
  /** Of what was sent to this phone since the session began, 0 to 1. */
  readonly lossDown: number | null;
  /** Of this phone's microphone as the appliance last reported it, 0 to 1. */
  readonly lossUp: number | null;
  /** The worst lane's. */
  readonly jitterMs: number | null;
  /** What the lanes wait for late packets, on average since the session began. */
  readonly bufferMs: number | null;
  /** Such as `opus 48000`. */
  readonly codec: string | null;
  /** Kinds of the addresses in use: host, prflx, srflx or relay. */
  readonly local: string | null;
  readonly remote: string | null;
  /** Such as `wifi` or `cellular`, where the browser tells. */
  readonly network: string | null;
  readonly carrier: Carrier;
  readonly sessionAgeS: number | null;
  readonly roams: readonly RoamEntry[];
}

type Entry = Readonly<Record<string, unknown>> & { readonly type: string };

/** The figures in a browser's statistics; those it does not have are null. */
export function read(stats: Iterable<Entry>): Omit<ConnectionReport, "carrier" | "sessionAgeS" | "roams"> {
  const all = [...stats];
  const byId = new Map(all.map((entry) => [entry["id"], entry]));
  const of = (type: string) => all.filter((entry) => entry.type === type);
  const transport = of("transport")[0];
  const pair =
    byId.get(transport?.["selectedCandidatePairId"]) ??
    of("candidate-pair").find((entry) => entry["selected"] === true || entry["nominated"] === true);
  const lanes = of("inbound-rtp");
  const lost = sum(lanes, "packetsLost");
  const came = sum(lanes, "packetsReceived");
  const jitters = lanes.map((lane) => number(lane["jitter"])).filter((value) => value !== null);
  const emitted = sum(lanes, "jitterBufferEmittedCount");
  const up = of("remote-inbound-rtp")[0];
  const codec = byId.get(of("outbound-rtp")[0]?.["codecId"] ?? lanes[0]?.["codecId"]);
  const rtt = number(pair?.["currentRoundTripTime"]) ?? number(up?.["roundTripTime"]);
  const local = byId.get(pair?.["localCandidateId"]);
  return {
    rttMs: rtt === null ? null : rtt * 1000,
    lossDown: came + lost > 0 ? Math.max(0, lost) / (came + lost) : null,
    lossUp: number(up?.["fractionLost"]),
    jitterMs: jitters.length === 0 ? null : Math.max(...jitters) * 1000,
    bufferMs: emitted > 0 ? (sum(lanes, "jitterBufferDelay") / emitted) * 1000 : null,
    codec:
      codec === undefined
        ? null
        : `${text(codec["mimeType"])?.replace(/^audio\//, "")} ${codec["clockRate"]}`,
    local: text(local?.["candidateType"]),
    remote: text(byId.get(pair?.["remoteCandidateId"])?.["candidateType"]),
    network: text(local?.["networkType"]),
  };
}

function sum(entries: readonly Entry[], name: string): number {
  return entries.reduce((total, entry) => total + (number(entry[name]) ?? 0), 0);
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
