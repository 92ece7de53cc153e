"""From one talker to its listeners' lanes, packet by packet.

``fan_out`` is the inner loop of the appliance: no parsing, no await, nothing
allocated but the packets themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from soundmesh.core.ids import StationId
from soundmesh.core.lanes import LaneTable, pick, settle
from soundmesh.core.plan import Plan
from soundmesh.media.lane import QUIET_S, Lane
from soundmesh.media.repair import Ring
from soundmesh.media.rtp import NO_LEVEL, Packet

SPEAKING_DBOV = -50
"""Quieter is a room, not a voice."""
SPEAKING_BYTES = 40
"""Where packets tell no level: 32 kb/s of silence is 35 bytes in Chromium and 3 in Firefox."""


class Ear:
    """One listener's lanes: who is on them, their streams, and what was sent lately."""

    def __init__(
        self,
        lanes: Sequence[Lane],
        send: Callable[[bytes], bytes | None],
        on_owners: Callable[[tuple[StationId | None, ...]], None],
    ) -> None:
        """``send``: protects and sends a packet, and returns it as sent."""
        self.lanes = tuple(lanes)
        self.table = LaneTable(len(self.lanes))
        self.rings = tuple(Ring() for _ in self.lanes)
        self.packets = [0] * len(self.lanes)
        self.octets = [0] * len(self.lanes)
        self.loss = 0.0
        """Smoothed, from this listener's reports: 0 to 1."""
        self._send = send
        self._on_owners = on_owners

    def settle(self, talkers: Sequence[StationId], now: float) -> None:
        """Take a new plan's talkers, highest priority first."""
        before = self.table.owners
        self.table = settle(self.table, talkers, now)
        owners = self.table.owners
        if owners == before:
            return
        for lane, owner in zip(self.lanes, owners, strict=True):
            if lane.open and lane.talker != owner:
                lane.end()
        self._on_owners(owners)

    def pick(
        self, talker: StationId, speaking: bool, level_dbov: int, priority: int, now: float
    ) -> int | None:
        before = self.table.owners
        self.table, lane = pick(
            self.table, talker, speaking=speaking, level_dbov=level_dbov, priority=priority, now=now
        )
        if self.table.owners != before:
            self._on_owners(self.table.owners)
        return lane

    def send(self, lane: int, packet: bytes) -> None:
        data = self._send(packet)
        if data is not None:
            self.rings[lane].put(packet[2] << 8 | packet[3], data)
            self.packets[lane] += 1
            self.octets[lane] += len(packet) - 16

    def close_spurts(self, now: float) -> None:
        """Every 20 ms: closing frames of the lanes whose talker has stopped."""
        for number, lane in enumerate(self.lanes):
            if lane.open and now - lane.at_s > QUIET_S:
                lane.end()
            if lane.left:
                self.send(number, lane.silence())


Routes = Sequence[tuple[Ear, int]]
"""A talker's listeners, each with the priority of the path."""


def routes_of(plan: Plan, ears: Mapping[StationId, Ear]) -> dict[StationId, list[tuple[Ear, int]]]:
    """The plan turned around, over those listeners who have ears."""
    routes: dict[StationId, list[tuple[Ear, int]]] = {}
    for listener, ear in ears.items():
        for path in plan.ears.get(listener, ()):
            routes.setdefault(path.talker, []).append((ear, path.lane_priority))
    return routes


def is_speech(packet: Packet) -> bool:
    if packet.level is None:
        return len(packet.payload) > SPEAKING_BYTES
    return packet.level >= SPEAKING_DBOV


def fan_out(routes: Routes, talker: StationId, packet: Packet, now: float) -> None:
    """Send a talker's packet to everybody who hears it."""
    _, seq, ts, source, level, payload = packet
    speaking = is_speech(packet)
    for ear, priority in routes:
        table = ear.table
        lane = table.lane_of.get(talker)
        if lane is None or (speaking and table.crowded):
            lane = ear.pick(talker, speaking, NO_LEVEL if level is None else level, priority, now)
            if lane is None:
                continue
        out = ear.lanes[lane].take(talker, source, seq, ts, payload, now)
        if out is not None:
            ear.send(lane, out)
