"""One lane: many talkers' packets become one continuous RTP stream. Pure.

===========================  =================================================
a packet that                leaves as
===========================  =================================================
begins a spurt               sequence + 1, timestamp on by the time since the
                             last packet, marker set
follows in its spurt         its own steps of sequence and timestamp, so that
                             a loss stays a gap that the phone can repair
comes late (repaired)        the number that was kept free for it
is older than its spurt,     nothing
a copy, or very late
===========================  =================================================

A spurt begins with another talker or source, after a close, or when the source's clock
and arrival differ by more than ``REANCHOR_S``: a browser's own timestamp
stands still while its sender is paused. Longer than radio jitter, shorter than
a pause of a person.

A spurt is closed by ``SILENCES`` frames of Opus silence, 20 ms apart, then
nothing is sent: a phone otherwise stretches the last syllable by 350 ms.
"""

from __future__ import annotations

from soundmesh.media.rtp import CLOCK_HZ, FRAME_SAMPLES, SILENCE, lane_packet

REANCHOR_S = 0.2
SILENCES = 3
FRAME_S = FRAME_SAMPLES / CLOCK_HZ
QUIET_S = 0.12
"""A talker who sends nothing for so long gets its spurt closed."""
MAX_LATE = 50
"""Packets, 1 s: as far as a ring reaches back."""
MAX_SKIP = 250
"""A longer gap in the source's numbers is a new beginning."""


class Lane:
    """The state of one outgoing stream; ``take`` and ``silence`` give its packets."""

    __slots__ = (
        "_first",
        "_seq_off",
        "_source",
        "_src_at",
        "_src_seq",
        "_src_ts",
        "_ts_off",
        "at_s",
        "left",
        "open",
        "payload_type",
        "seq",
        "ssrc",
        "talker",
        "ts",
    )

    def __init__(self, ssrc: int, payload_type: int, seq: int, ts: int, now: float) -> None:
        self.ssrc = ssrc
        self.payload_type = payload_type
        self.seq = seq
        self.ts = ts
        """Of the newest packet sent; ``at_s``: the moment it stands for."""
        self.at_s = now
        self.talker = 0
        self.open = False
        """A spurt is running."""
        self.left = 0
        """Silence frames still to send."""
        self._seq_off = self._ts_off = 0
        self._source = 0
        self._first = self._src_seq = self._src_ts = 0
        self._src_at = now

    def take(self, talker: int, source: int, seq: int, ts: int, payload: bytes, now: float) -> bytes | None:
        """The talker's packet as this lane sends it, or None when it may not be sent.

        ``source``: the SSRC it came with; a talker who comes back by a new session has a new one.
        """
        if self.open and talker == self.talker and source == self._source:
            ahead = (seq - self._src_seq) & 0xFFFF
            if ahead == 0:
                return None
            if ahead > 0x10000 - MAX_SKIP:
                return self._late(seq, ts, payload)
            moved = (ts - self._src_ts) & 0xFFFFFFFF
            skew = now - self._src_at - moved / CLOCK_HZ
            if ahead <= MAX_SKIP and moved and -REANCHOR_S <= skew <= REANCHOR_S:
                return self._follow(seq, ts, payload, now, False)
        self._begin(talker, source, seq, ts, now)
        return self._follow(seq, ts, payload, now, True)

    def _begin(self, talker: int, source: int, seq: int, ts: int, now: float) -> None:
        self.talker = talker
        self._source = source
        self.open = True
        self.left = 0
        self._first = seq
        self._seq_off = self.seq + 1 - seq
        self._ts_off = self.ts + max(FRAME_SAMPLES, round((now - self.at_s) * CLOCK_HZ)) - ts

    def _follow(self, seq: int, ts: int, payload: bytes, now: float, marker: bool) -> bytes:
        self._src_seq, self._src_ts, self._src_at = seq, ts, now
        self.seq = (seq + self._seq_off) & 0xFFFF
        self.ts = (ts + self._ts_off) & 0xFFFFFFFF
        self.at_s = now
        return lane_packet(self.payload_type, marker, self.seq, self.ts, self.ssrc, self.talker, payload)

    def _late(self, seq: int, ts: int, payload: bytes) -> bytes | None:
        behind = (self._src_seq - seq) & 0xFFFF
        if behind > MAX_LATE or behind > (self._src_seq - self._first) & 0xFFFF:
            return None
        out_seq, out_ts = (seq + self._seq_off) & 0xFFFF, (ts + self._ts_off) & 0xFFFFFFFF
        return lane_packet(self.payload_type, False, out_seq, out_ts, self.ssrc, self.talker, payload)

    def end(self) -> None:
        """The spurt is over; ``left`` silence frames are due, one each 20 ms."""
        if self.open:
            self.open = False
            self.left = SILENCES

    def silence(self) -> bytes:
        """The next closing frame. It stands for the 20 ms after the packet before it."""
        self.left -= 1
        self.seq = (self.seq + 1) & 0xFFFF
        self.ts = (self.ts + FRAME_SAMPLES) & 0xFFFFFFFF
        self.at_s += FRAME_S
        return lane_packet(self.payload_type, False, self.seq, self.ts, self.ssrc, self.talker, SILENCE)

    def ts_at(self, now: float) -> int:
        """The lane's clock now, for its sender reports."""
        return (self.ts + round((now - self.at_s) * CLOCK_HZ)) & 0xFFFFFFFF
