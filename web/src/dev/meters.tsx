/** A panel of 24 keys with 20 people who talk, levels coming as from an appliance: what the meters' bench looks at. */

import type { ReactNode } from "react";
import { EMPTY, type PanelState } from "../panel/model.ts";
import { PanelScreen } from "../screens/Panel.tsx";
import { Station } from "../station/station.ts";
import type { KeyTally } from "../wire/messages.ts";
import { key, tally } from "./fixture.tsx";

const KEYS = 24;
const TALKERS = 20;
const LEVELS_MS = 100;
/** Long enough for the panel itself to come to rest. */
const FOREVER_MS = 3_600_000;

interface MeterBench {
  /** Off: levels come and nothing is drawn. */
  drawing: boolean;
  draws: number;
}

declare global {
  interface Window {
    meterBench?: MeterBench;
  }
}

export function metersPanel(base: PanelState): ReactNode {
  const station = new Station();
  station.panel.set(manyTalkers(base));
  station.status.set({ ...station.status.get(), mic: "live", link: "live", rttMs: 3, media: true });
  const bench: MeterBench = { drawing: true, draws: 0 };
  window.meterBench = bench;
  setInterval(() => {
    const now = performance.now();
    station.sound.feedLevels(voices(now), now);
    if (!bench.drawing) return;
    station.sound.drawMeters(now);
    bench.draws += 1;
  }, LEVELS_MS);
  return <PanelScreen station={station} />;
}

function manyTalkers(base: PanelState): PanelState {
  if (base.panel === null || base.tally === null) return EMPTY;
  const ids = Array.from({ length: KEYS }, (_, i) => `line${i + 1}`);
  const talker = (index: number): number[] => (index < TALKERS ? [index + 1] : []);
  const keys: Record<string, KeyTally> = {};
  const via: Record<string, string[]> = {};
  const people: Record<string, string> = {};
  const addresses: Record<string, string> = {};
  ids.forEach((id, index) => {
    keys[id] = tally({ speakers: talker(index) });
    for (const station of talker(index)) {
      via[station] = [id];
      people[station] = `Cam ${station} (Jo)`;
      addresses[station] = `camera/Cam ${station}`;
    }
  });
  const panel = { ...base.panel, keys: ids.map((id, i) => key(id, `Line ${i + 1}`, "blue")) };
  const until = performance.now() + FOREVER_MS;
  const notice = base.notice === null ? null : { ...base.notice, until };
  return { ...base, panel, talks: {}, notice, tally: { ...base.tally, keys, via, people, addresses } };
}

/** Speech of each talker: words and pauses, each at a rhythm of its own. */
function voices(now: number): Record<string, number> {
  const of: Record<string, number> = {};
  for (let talker = 1; talker <= TALKERS; talker += 1) {
    const word = Math.sin(now / (130 + 17 * talker)) > -0.3;
    of[talker] = word ? -18 - 12 * Math.abs(Math.sin(now / (47 + 5 * talker))) : -127;
  }
  return of;
}
