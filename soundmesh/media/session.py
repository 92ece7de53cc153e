"""One WebRTC transport of a station: its uplink, its lanes, its RTCP."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from soundmesh.core.ids import SessionId, StationId
from soundmesh.core.media import LegStats, MediaError
from soundmesh.core.show import Media
from soundmesh.media import rtp
from soundmesh.media.aiortc_seam import Certificate, Link, fingerprint_of
from soundmesh.media.forward import Ear
from soundmesh.media.lane import Lane
from soundmesh.media.mux import Socket
from soundmesh.media.repair import Reception
from soundmesh.media.reports import round_trip_s, smoothed
from soundmesh.media.sdp import Local, Offer, lanes_of, uplink_of, write_answer

SERVED_NACKS_S = 200
"""Resent packets a session may ask for in a second: every packet of four full lanes."""
CONSENT_S = 30.0
"""Source: RFC 7675 §5.1."""
DIGITAL_SILENCE_BYTES = 3
"""Firefox sends silence as 3 bytes, Opus DTX as 1 or 2."""


class Session:
    """Facts about it go up through the callbacks; each is called in the loop, ``on_packet`` per packet."""

    def __init__(
        self,
        session: SessionId,
        station: StationId,
        offer: Offer,
        *,
        sockets: Sequence[Socket],
        certificate: Certificate,
        media: Media,
        now: float,
        on_up: Callable[[Session], None],
        on_down: Callable[[Session], None],
        on_packet: Callable[[Session, rtp.Packet, float], None],
        on_owners: Callable[[Session, tuple[StationId | None, ...]], None],
    ) -> None:
        self.id = session
        self.station = station
        self.answered_s = now
        self.uplink = Reception()
        self.flowing = False
        self.packet_s = now
        """When the uplink's last packet came; ``sounded_s``: when its last audible one did."""
        self.sounded_s = now
        self.silent = False
        self.level_dbov = rtp.NO_LEVEL
        """The loudest since the last ``take_level``."""
        self.uplink_loss = 0.0
        self.lane_loss = 0.0
        self.resent = 0
        self.rtt_s: float | None = None
        self._offer = offer
        self._certificate = certificate
        self._media = media
        self._version = 0
        self._candidates: list[str] = []
        self._on_packet = on_packet
        self._earlier_level = rtp.NO_LEVEL
        self._heard_report: tuple[int, float] | None = None
        self._nack_window = (0, 0)
        self._pulse = (0, now)
        """Datagrams sent when it was last looked at, and when the last of them went."""
        uplink = uplink_of(offer)
        self._opus = uplink.opus if uplink is not None else -1
        self._level_id = uplink.level_id if uplink is not None else 0
        self.link = Link(
            sockets,
            certificate,
            calling=False,
            on_rtp=self._take_rtp,
            on_rtcp=self._take_rtcp,
            on_up=lambda: on_up(self),
            on_down=lambda: on_down(self),
        )
        lanes = [
            Lane(ssrc, line.opus, secrets.randbelow(0x8000), secrets.randbits(32), now)
            for line, ssrc in zip(lanes_of(offer, media.lanes), _ssrcs(), strict=False)
        ]
        self.ear = Ear(lanes, self.link.send_rtp, lambda owners: on_owners(self, owners))
        self._lane_by_ssrc = {lane.ssrc: number for number, lane in enumerate(lanes)}
        self._own_ssrc = lanes[0].ssrc if lanes else 1

    # Negotiation.

    async def answer(self) -> str:
        """The answer; connecting has begun."""
        self._candidates = await self.link.gather()
        text = self._write()
        self.link.connect(self._offer.ufrag, self._offer.password, self._offer.fingerprints)
        return text

    def restart(self, offer: Offer, now: float) -> str:
        """New ICE credentials on both sides; everything else stays. Raises: MediaError."""
        mids = [line.mid for line in offer.lines]
        if offer.fingerprints != self._offer.fingerprints or mids != [line.mid for line in self._offer.lines]:
            raise MediaError("The offer is not a restart of this session. Make a new one.")
        self._offer = replace(self._offer, ufrag=offer.ufrag, password=offer.password)
        self.link.restart(offer.ufrag, offer.password)
        self.link.rename()
        self.link.heard = now  # its phone has just spoken to us by another way
        return self._write()

    def _write(self) -> str:
        self._version += 1
        local = Local(
            ufrag=self.link.ufrag,
            password=self.link.password,
            fingerprint=fingerprint_of(self._certificate),
            candidates=self._candidates,
            lane_ssrcs=[lane.ssrc for lane in self.ear.lanes],
            bitrate_bps=self._media.bitrate_bps,
            nack=self._media.nack,
        )
        return write_answer(self._offer, local, self._version)

    # What the phone sends.

    def _take_rtp(self, data: bytes, now: float) -> None:
        packet = rtp.read_rtp(data, self._level_id)
        if packet is None or packet.payload_type != self._opus:
            return
        self.uplink.take(packet.ssrc, packet.seq, packet.timestamp, now)
        if packet.level is not None and packet.level > self.level_dbov:
            self.level_dbov = packet.level
        self._on_packet(self, packet, now)

    def _take_rtcp(self, data: bytes, now: float) -> None:
        report = rtp.read_rtcp(data)
        if report.sender is not None and report.sender[0] == self.uplink.ssrc:
            self._heard_report = (report.sender[1], now)
        worst: float | None = None
        for block in report.blocks:
            if block.ssrc in self._lane_by_ssrc:
                worst = max(worst or 0.0, block.fraction)
                rtt = round_trip_s(block, rtp.middle_ntp(time.time()))
                self.rtt_s = rtt if rtt is not None else self.rtt_s
        if worst is not None:
            self.lane_loss = worst
            self.ear.loss = smoothed(self.ear.loss, worst)
        for ssrc, seq in report.nacks:
            self._resend(ssrc, seq, now)

    def _resend(self, ssrc: int, seq: int, now: float) -> None:
        lane = self._lane_by_ssrc.get(ssrc)
        data = self.ear.rings[lane].get(seq) if lane is not None else None
        if data is None or not self._media.nack:
            return
        window, served = self._nack_window
        if window != int(now):
            window, served = int(now), 0
        self._nack_window = (window, served + 1)
        if served < SERVED_NACKS_S:
            self.link.send_again(data)
            self.resent += 1

    @staticmethod
    def is_silence(packet: rtp.Packet) -> bool:
        """Nothing at all, not merely a quiet room."""
        return packet.level == rtp.NO_LEVEL or len(packet.payload) <= DIGITAL_SILENCE_BYTES

    # What the appliance sends beside the lanes.

    def ask_again(self, now: float) -> None:
        """Ask for the uplink's missing packets that are due."""
        if self.uplink.holes and self.uplink.ssrc is not None:
            seqs = self.uplink.asks(now, self.rtt_s or 0.0)
            if seqs:
                self.link.send_rtcp(rtp.nack(self._own_ssrc, self.uplink.ssrc, seqs))

    def pulse(self, now: float, every_s: float) -> None:
        """An empty report when nothing else was sent for so long: 50 bytes, and none while anybody talks.

        Stops with the phone's consent: nobody may be sent to who has not been heard for ``CONSENT_S``.
        """
        sent = self.link.sent
        if sent != self._pulse[0]:
            self._pulse = (sent, now)
        elif now - self._pulse[1] >= every_s and now - self.link.heard < CONSENT_S:
            self.link.send_rtcp(rtp.empty_report(self._own_ssrc))
            self._pulse = (self.link.sent, now)

    def note_loss(self) -> None:
        """Close a report interval of the uplink."""
        self.uplink_loss = self.uplink.interval_loss()

    def send_receiver_report(self, loss: float, now: float) -> None:
        """Tell the phone how its uplink is received; see ``reports`` for which loss."""
        if self.uplink.ssrc is None:
            return
        last_sr, delay = 0, 0
        if self._heard_report is not None:
            last_sr = self._heard_report[0]
            delay = round((now - self._heard_report[1]) * 65536)
        self.link.send_rtcp(
            rtp.receiver_report(
                self._own_ssrc,
                self.uplink.ssrc,
                fraction=loss,
                lost=self.uplink.lost,
                highest=self.uplink.highest,
                jitter=round(self.uplink.jitter),
                last_sr=last_sr,
                delay_since_sr=delay,
            )
        )

    def send_sender_reports(self, now: float) -> None:
        """One for each lane that ever sent."""
        wall = time.time()
        for number, lane in enumerate(self.ear.lanes):
            if self.ear.packets[number]:
                self.link.send_rtcp(
                    rtp.sender_report(
                        lane.ssrc, wall, lane.ts_at(now), self.ear.packets[number], self.ear.octets[number]
                    )
                )

    # What is told of it.

    def take_level(self) -> int:
        """The loudest of this interval and the one before."""
        loudest = max(self.level_dbov, self._earlier_level)
        self._earlier_level, self.level_dbov = self.level_dbov, rtp.NO_LEVEL
        return loudest

    def stats(self) -> LegStats:
        return LegStats(
            station=self.station,
            connected=self.link.up,
            uplink_packets=self.uplink.received,
            uplink_lost=self.uplink.lost,
            uplink_loss=self.uplink_loss,
            uplink_repaired=self.uplink.repaired,
            downlink_packets=sum(self.ear.packets),
            downlink_loss=self.lane_loss,
            downlink_repaired=self.resent,
            rtt_ms=None if self.rtt_s is None else self.rtt_s * 1000,
        )


def _ssrcs() -> list[int]:
    """More different numbers than lanes."""
    found: set[int] = set()
    while len(found) < 16:
        found.add(secrets.randbits(31) + 1)
    return list(found)
