"""One WebRTC session of one station: its uplink, its lanes, its reports."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence

from soundmesh.core.ids import SessionId, StationId
from soundmesh.core.lanes import LaneTable, pick, settle
from soundmesh.core.media import LegStats
from soundmesh.media import rtp
from soundmesh.media.aiortc_seam import Transport
from soundmesh.media.lane import Lane
from soundmesh.media.uplink import Uplink, round_trip_s

SPEECH_DBOV = -55
"""Louder than this is speech; room noise through a browser's suppression stays under it."""
MAX_NACKS = 64
"""Packets resent for one RTCP datagram."""
SR_EVERY_S = 5.0
LOSS_DECAY = 0.9
"""Per second without news: a lane that is silent is not reported."""
LEAST_LOSS = 0.012
"""Told to every talker: from 1 % on a browser's encoder adds in-band FEC, at the price of 6 or 7 bytes."""
MOST_LOSS = 0.25


class Session:
    """Owned by the engine. ``now`` is the media loop's time."""

    def __init__(
        self,
        session: SessionId,
        station: StationId,
        level_id: int,
        uplink_type: int | None,
        lane_types: Sequence[int],
        on_lanes: Callable[[Session], None],
    ) -> None:
        """``uplink_type``, ``lane_types``: the offered Opus payload types; None: the phone never sends."""
        self.id = session
        self.station = station
        self.transport: Transport
        self.level_id = level_id
        self.uplink_type = uplink_type
        self.uplink = Uplink()
        self.lanes = [
            Lane(secrets.randbits(32), kind, secrets.randbits(15), secrets.randbits(31))
            for kind in lane_types
        ]
        self.table = LaneTable(len(self.lanes))
        self.up = False
        self.flowing = False
        self.silent = False
        self.deadline_s: float | None = None
        """When the session must be connected."""
        self.rtt_s: float | None = None
        self.down_loss = 0.0
        self.resent = 0
        self._on_lanes = on_lanes
        self._ssrc = secrets.randbits(32)
        self._by_ssrc: Mapping[int, Lane] = {lane.ssrc: lane for lane in self.lanes}
        self._sr_at: dict[int, tuple[float, int]] = {}

    # Downlink.

    def settle(self, talkers: Sequence[StationId], now: float) -> list[tuple[Lane, list[bytes]]]:
        """Lanes for a new plan. Returns the closing frames of the lanes that fell silent."""
        before = self.table.owners
        self.table = settle(self.table, talkers, now)
        closing = [
            (lane, lane.close(now))
            for lane in self.lanes
            if lane.talker is not None and lane.talker not in talkers
        ]
        if self.table.owners != before:
            self._on_lanes(self)
        return closing

    def forward(self, talker: StationId, priority: int, packet: rtp.Packet, now: float) -> None:
        """Put a talker's packet on its lane and send it, when it has one."""
        number = self.table.lane_of.get(talker)
        if number is None or self.table.crowded:
            number = self._pick(talker, priority, packet, now)
            if number is None:
                return
        out = self.lanes[number].forward(
            talker, packet.ssrc, packet.seq, packet.timestamp, packet.payload, now
        )
        if out is not None:
            self.transport.send_rtp(out)

    def _pick(self, talker: StationId, priority: int, packet: rtp.Packet, now: float) -> int | None:
        before = self.table.owners
        self.table, number = pick(
            self.table,
            talker,
            speaking=packet.level > SPEECH_DBOV,
            level_dbov=packet.level,
            priority=priority,
            now=now,
        )
        if self.table.owners != before:
            self._on_lanes(self)
        return number

    # RTCP.

    def take_rtcp(self, data: bytes, now: float, wall_s: float) -> None:
        """Reports, round trips and requests to resend."""
        report = rtp.read_rtcp(data)
        if report.sender is not None and report.sender[0] == self.uplink.ssrc:
            self.uplink.sender_reported(report.sender[1], now)
        for block in report.blocks:
            if block.ssrc in self._by_ssrc:
                self.down_loss = max(block.fraction, 0.7 * self.down_loss + 0.3 * block.fraction)
                rtt_s = round_trip_s(block.last_sr, block.delay_since_sr, wall_s)
                if rtt_s is not None:
                    self.rtt_s = rtt_s
        for ssrc, seq in report.nacks[:MAX_NACKS]:
            lane = self._by_ssrc.get(ssrc)
            packet = lane.again(seq) if lane is not None else None
            if packet is not None and self.transport.send_rtp(packet):
                self.resent += 1

    def send_reports(self, worst_listener_loss: float, now: float, wall_s: float) -> None:
        """Once a second: what this talker must know of loss, and a sender report per lane in use."""
        if self.uplink.ssrc is not None:
            lost, highest, jitter, last_sr, delay = self.uplink.report(now)
            told = min(MOST_LOSS, max(LEAST_LOSS, self.uplink.loss, worst_listener_loss))
            self.transport.send_rtcp(
                rtp.receiver_report(
                    self._ssrc,
                    self.uplink.ssrc,
                    fraction=told,
                    lost=lost,
                    highest=highest,
                    jitter=jitter,
                    last_sr=last_sr,
                    delay_since_sr=delay,
                )
            )
        self.down_loss *= LOSS_DECAY
        for lane in self.lanes:
            at, packets = self._sr_at.get(lane.ssrc, (-SR_EVERY_S, 0))
            if lane.packets != packets and now - at >= SR_EVERY_S:
                self._sr_at[lane.ssrc] = (now, lane.packets)
                self.transport.send_rtcp(
                    rtp.sender_report(lane.ssrc, wall_s, lane.timestamp_at(now), lane.packets, lane.octets)
                )

    def ask_again(self, now: float) -> float | None:
        """Ask for the holes that are due. Returns when to look again."""
        seqs, again = self.uplink.to_ask(now, self.rtt_s)
        if seqs and self.uplink.ssrc is not None:
            self.transport.send_rtcp(rtp.nack(self._ssrc, self.uplink.ssrc, seqs))
        return again

    def stats(self) -> LegStats:
        """As of now."""
        return LegStats(
            station=self.station,
            connected=self.up,
            uplink_packets=self.uplink.packets,
            uplink_lost=self.uplink.lost,
            uplink_loss=self.uplink.loss,
            uplink_repaired=self.uplink.repaired,
            downlink_packets=sum(lane.packets for lane in self.lanes),
            downlink_loss=self.down_loss,
            downlink_repaired=self.resent,
            rtt_ms=None if self.rtt_s is None else self.rtt_s * 1000,
        )
