"""One downlink lane as one continuous RTP stream, whoever talks on it. Pure arithmetic.

========================  ====================================================
SSRC, payload type        the lane's own, for good
CSRC                      the talker's station number
sequence                  contiguous across talkers and spurts; a loss inside
                          a spurt stays a gap, so that NACK, FEC and
                          concealment of the phone can see it; never back
timestamp                 follows the appliance's clock over every pause: a
                          compressed pause makes a phone's delay grow to
                          600 ms and more, for good
source's timestamp        used only inside a spurt: a browser that pauses its
                          sender stops its clock
end of a spurt            three Opus silence frames, then nothing
========================  ====================================================

A spurt begins with another talker or stream, after ``close``, or when arrival and the
source's clock disagree by more than ``JUMP_S``.
"""

from __future__ import annotations

from collections import OrderedDict

from soundmesh.core.ids import StationId
from soundmesh.media.rtp import CLOCK_HZ, FRAME_SAMPLES, SILENCE, lane_packet

JUMP_S = 0.25
"""Wi-Fi bursts stay under it; a paused sender does not (measured: 20 ms of clock over 3 s of pause)."""
CLOSING_FRAMES = 3
KEPT_PACKETS = 64
"""About 1.3 s for NACK; a browser asks within some 100 ms."""
LATE_PACKETS = 50
"""A packet this far behind the newest is too old to be worth sending."""


class Lane:
    """Writes one lane. ``now`` is seconds of one steady clock."""

    __slots__ = (
        "_anchor_seq",
        "_kept",
        "_last_s",
        "_seq",
        "_seq_offset",
        "_source",
        "_source_seq",
        "_source_ts",
        "_timestamp",
        "_ts_offset",
        "octets",
        "packets",
        "payload_type",
        "ssrc",
        "talker",
    )

    def __init__(self, ssrc: int, payload_type: int, seq: int, timestamp: int) -> None:
        """``seq`` and ``timestamp``: random starts."""
        self.ssrc = ssrc
        self.payload_type = payload_type
        self.talker: StationId | None = None
        """Whose spurt is open; None while the lane is silent."""
        self.packets = 0
        self.octets = 0
        self._seq = seq & 0x7FFF
        self._timestamp = timestamp & 0xFFFFFFFF
        self._last_s: float | None = None
        self._source: int | None = None
        self._source_seq = 0
        self._source_ts = 0
        self._seq_offset = 0
        self._ts_offset = 0
        self._anchor_seq = 0
        self._kept: OrderedDict[int, bytes] = OrderedDict()

    @property
    def last_sent_s(self) -> float | None:
        """When the newest packet was written."""
        return self._last_s

    def forward(
        self, talker: StationId, source: int, seq: int, timestamp: int, payload: bytes, now: float
    ) -> bytes | None:
        """The lane's packet for a talker's packet; None for one too late to send.

        ``source`` is the SSRC of the talker's microphone: another one is another stream.
        """
        marker = False
        if talker != self.talker or source != self._source or self._jumped(seq, timestamp, now):
            self._anchor(talker, source, seq, timestamp, now)
            marker = True
        ahead = _signed16(seq - self._source_seq)
        if ahead < 0 and (ahead < -LATE_PACKETS or _signed16(seq - self._anchor_seq) < 0):
            return None
        out_seq = (seq + self._seq_offset) & 0xFFFF
        out_ts = (timestamp + self._ts_offset) & 0xFFFFFFFF
        if ahead >= 0:
            self._source_seq, self._source_ts = seq, timestamp
            self._seq, self._timestamp, self._last_s = out_seq, out_ts, now
        return self._write(marker, out_seq, out_ts, talker, payload)

    def close(self, now: float) -> list[bytes]:
        """End the spurt: silence frames to send 20 ms apart, the first now. Empty when already silent."""
        talker, self.talker = self.talker, None
        if talker is None or self._last_s is None:
            return []
        frames = []
        for number in range(CLOSING_FRAMES):
            self._seq = (self._seq + 1) & 0xFFFF
            self._timestamp = (self._timestamp + FRAME_SAMPLES) & 0xFFFFFFFF
            self._last_s = now + number * FRAME_SAMPLES / CLOCK_HZ
            frames.append(self._write(False, self._seq, self._timestamp, talker, SILENCE))
        return frames

    def again(self, seq: int) -> bytes | None:
        """A packet of the last second, for a NACK."""
        return self._kept.get(seq)

    def timestamp_at(self, now: float) -> int:
        """The lane's RTP time at ``now``, for sender reports."""
        elapsed = 0.0 if self._last_s is None else now - self._last_s
        return (self._timestamp + round(elapsed * CLOCK_HZ)) & 0xFFFFFFFF

    def _jumped(self, seq: int, timestamp: int, now: float) -> bool:
        if _signed16(seq - self._source_seq) <= 0 or self._last_s is None:
            return False
        source_s = _signed32(timestamp - self._source_ts) / CLOCK_HZ
        return abs((now - self._last_s) - source_s) > JUMP_S

    def _anchor(self, talker: StationId, source: int, seq: int, timestamp: int, now: float) -> None:
        if self._last_s is None:
            step = FRAME_SAMPLES
        else:
            step = max(FRAME_SAMPLES, round((now - self._last_s) * CLOCK_HZ))
        self.talker = talker
        self._source = source
        self._anchor_seq = self._source_seq = seq
        self._source_ts = timestamp
        self._seq_offset = self._seq + 1 - seq
        self._ts_offset = self._timestamp + step - timestamp

    def _write(self, marker: bool, seq: int, timestamp: int, talker: StationId, payload: bytes) -> bytes:
        packet = lane_packet(self.payload_type, marker, seq, timestamp, self.ssrc, talker, payload)
        self.packets += 1
        self.octets += len(payload)
        self._kept[seq] = packet
        if len(self._kept) > KEPT_PACKETS:
            self._kept.popitem(last=False)
        return packet


def _signed16(value: int) -> int:
    value &= 0xFFFF
    return value - 0x10000 if value & 0x8000 else value


def _signed32(value: int) -> int:
    value &= 0xFFFFFFFF
    return value - 0x100000000 if value & 0x80000000 else value
