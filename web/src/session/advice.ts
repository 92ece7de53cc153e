/** What to tell a person about their connection: the sentences that fit its figures, and a report to hand on. */

import type { ConnectionReport } from "./report.ts";

export type Advice = "weakDown" | "weakUp" | "uneven" | "slow" | "http" | "roaming";

/** In-band correction repairs less than this without anybody noticing. */
const LOSS = 0.03;
/** Beyond the jitter buffer's usual reach. */
const UNEVEN_MS = 30;
const SLOW_MS = 80;
const ROAMS = 3;
const LATELY_MS = 5 * 60_000;
const CUTS: readonly string[] = ["stall", "link", "moved"];

/** The most telling first; none: the connection is good. `now`: wall clock, ms. */
export function advise(report: ConnectionReport, now: number): Advice[] {
  const cuts = report.roams.filter((roam) => CUTS.includes(roam.what) && now - roam.at < LATELY_MS);
  const told: [Advice, boolean][] = [
    ["roaming", cuts.length >= ROAMS],
    ["weakUp", (report.lossUp ?? 0) > LOSS],
    ["weakDown", (report.lossDown ?? 0) > LOSS],
    ["uneven", (report.jitterMs ?? 0) > UNEVEN_MS],
    ["slow", (report.rttMs ?? 0) > SLOW_MS],
    ["http", report.carrier === "http"],
  ];
  return told.filter(([, holds]) => holds).map(([advice]) => advice);
}

/** Plain lines for a message to whoever looks after the network. No name, no token, no address of the phone. */
export function plain(rows: readonly (readonly [string, string])[], report: ConnectionReport): string {
  const roams = report.roams.map((roam) => {
    const took = roam.ms === null ? "" : ` ${roam.ms} ms`;
    return `${new Date(roam.at).toISOString()} ${roam.what}${took}`;
  });
  return [
    `SoundMesh ${new Date().toISOString()}`,
    ...rows.map(([name, value]) => `${name}: ${value}`),
    ...roams,
  ].join("\n");
}
