import { expect, test } from "vitest";
import { read } from "../../src/session/report.ts";
import { RoamLog } from "../../src/session/roamlog.ts";

const CHROMIUM = [
  { id: "T", type: "transport", selectedCandidatePairId: "P2" },
  { id: "P1", type: "candidate-pair", nominated: true, currentRoundTripTime: 9 },
  {
    id: "P2",
    type: "candidate-pair",
    nominated: true,
    currentRoundTripTime: 0.0042,
    localCandidateId: "L",
    remoteCandidateId: "R",
  },
  { id: "L", type: "local-candidate", candidateType: "prflx", networkType: "wifi" },
  { id: "R", type: "remote-candidate", candidateType: "host" },
  { id: "I1", type: "inbound-rtp", packetsLost: 3, packetsReceived: 97, jitter: 0.004 },
  { id: "I2", type: "inbound-rtp", packetsLost: -1, packetsReceived: 1, jitter: 0.011 },
  { id: "O", type: "outbound-rtp", codecId: "C" },
  { id: "C", type: "codec", mimeType: "audio/opus", clockRate: 48000 },
  { id: "U", type: "remote-inbound-rtp", fractionLost: 0.01, roundTripTime: 0.02 },
];

test("the figures are those of the path in use and of the worst lane", () => {
  expect(read(CHROMIUM)).toEqual({
    rttMs: 4.2,
    lossDown: 0.02,
    lossUp: 0.01,
    jitterMs: 11,
    bufferMs: null,
    codec: "opus 48000",
    local: "prflx",
    remote: "host",
    network: "wifi",
  });
});

test("a browser that names the pair in another way is understood", () => {
  const stats = [
    { id: "P", type: "candidate-pair", selected: true, localCandidateId: "L" },
    { id: "L", type: "local-candidate", candidateType: "host" },
    { id: "U", type: "remote-inbound-rtp", roundTripTime: 0.02 },
  ];
  expect(read(stats)).toMatchObject({ rttMs: 20, local: "host", remote: null, lossDown: null, codec: null });
});

test("the buffer is what the lanes waited, on average", () => {
  const lane = { type: "inbound-rtp", jitterBufferDelay: 30, jitterBufferEmittedCount: 1000 };
  const quiet = { type: "inbound-rtp", jitterBufferDelay: 0, jitterBufferEmittedCount: 0 };
  expect(read([lane, quiet]).bufferMs).toBe(30);
});

test("what is not known yet is null", () => {
  expect(Object.values(read([])).every((value) => value === null)).toBe(true);
});

test("the log keeps the last fifty, rounded", () => {
  const log = new RoamLog(() => 1000);
  for (let number = 0; number < 60; number += 1) log.add("stall", number + 0.4);
  expect(log.entries.length).toBe(50);
  expect(log.entries[0]).toEqual({ at: 1000, what: "stall", ms: 10 });
  log.add("moved");
  expect(log.entries.at(-1)).toEqual({ at: 1000, what: "moved", ms: null });
});
