"""What arrived of a stream, what is missing, and what was sent lately. Pure.

``Reception`` keeps the statistics of RFC 3550 (appendix A) and the list of
numbers to ask for again; ``Ring`` keeps sent packets for whoever asks.
"""

from __future__ import annotations

from soundmesh.media.rtp import CLOCK_HZ

ASK_AFTER_S = 0.015
"""Reordering is shorter than this; a resend then still meets a 40 ms jitter buffer half way."""
ASK_AGAIN_S = 0.02
"""Or 1.5 round trips. Twice is all: later the audio is over."""
MAX_ASKED = 2
MAX_GAP = 50
"""A longer hole (1 s) is an outage: nothing is asked for."""
RESTART_GAP = 3000
"""RFC 3550 A.1 MAX_DROPOUT: a larger step is a new stream."""
RING_SIZE = 64
"""Power of two above the 50 packets of one second."""


class Reception:
    """One incoming stream."""

    __slots__ = (
        "_base",
        "_highest",
        "_missing",
        "_past_expected",
        "_past_received",
        "_seen_expected",
        "_seen_received",
        "_transit",
        "jitter",
        "received",
        "repaired",
        "ssrc",
    )

    def __init__(self) -> None:
        self.ssrc: int | None = None
        self.received = 0
        self.repaired = 0
        self.jitter = 0.0
        """RTP clock units, RFC 3550 A.8."""
        self._past_expected = self._past_received = 0
        self._begin(None, 0)

    def _begin(self, ssrc: int | None, seq: int) -> None:
        """A new stream; what older ones counted stays counted."""
        if self.ssrc is not None:
            self._past_expected = self.expected
            self._past_received = self.received
        self.ssrc = ssrc
        self._base = seq
        self._highest = seq - 1
        self._seen_expected = self._past_expected
        self._seen_received = self._past_received
        self._transit: float | None = None
        self._missing: dict[int, tuple[float, int]] = {}

    @property
    def expected(self) -> int:
        return self._past_expected + self._highest + 1 - self._base

    @property
    def lost(self) -> int:
        return max(0, self.expected - self.received)

    @property
    def highest(self) -> int:
        """Extended highest sequence number."""
        return self._highest & 0xFFFFFFFF

    @property
    def holes(self) -> bool:
        return bool(self._missing)

    def take(self, ssrc: int, seq: int, ts: int, now: float) -> None:
        """Note a packet."""
        ahead = ((seq - self._highest + 0x8000) & 0xFFFF) - 0x8000
        if ssrc != self.ssrc or abs(ahead) > RESTART_GAP:
            self._begin(ssrc, seq)
            ahead = 1
        self.received += 1
        if ahead > 0:
            if 1 < ahead <= MAX_GAP:
                for hole in range(self._highest + 1, self._highest + ahead):
                    self._missing[hole] = (now + ASK_AFTER_S, 0)
            self._highest += ahead
            self._note_jitter(ts, now)
        else:
            found = self._missing.pop(self._highest + ahead, None)
            if found is not None and found[1]:
                self.repaired += 1

    def _note_jitter(self, ts: int, now: float) -> None:
        transit = now * CLOCK_HZ - ts
        if self._transit is not None:
            difference = abs(transit - self._transit)
            if difference < CLOCK_HZ:  # not over a pause or the wrap of the clock
                self.jitter += (difference - self.jitter) / 16
        self._transit = transit

    def asks(self, now: float, rtt_s: float) -> list[int]:
        """The numbers to ask for now, ascending."""
        due = []
        for hole, (when, asked) in list(self._missing.items()):
            if when > now:
                continue
            if asked >= MAX_ASKED:
                del self._missing[hole]
                continue
            due.append(hole & 0xFFFF)
            self._missing[hole] = (now + max(ASK_AGAIN_S, 1.5 * rtt_s), asked + 1)
        return due

    def interval_loss(self) -> float:
        """The fraction lost since the last call."""
        expected = self.expected - self._seen_expected
        received = self.received - self._seen_received
        self._seen_expected, self._seen_received = self.expected, self.received
        return min(1.0, max(0.0, 1 - received / expected)) if expected > 0 else 0.0


class Ring:
    """The last second of a stream as it was sent."""

    __slots__ = ("_slots",)

    def __init__(self) -> None:
        self._slots: list[tuple[int, bytes] | None] = [None] * RING_SIZE

    def put(self, seq: int, data: bytes) -> None:
        self._slots[seq & (RING_SIZE - 1)] = (seq, data)

    def get(self, seq: int) -> bytes | None:
        found = self._slots[seq & (RING_SIZE - 1)]
        return found[1] if found is not None and found[0] == seq else None
