"""What arrives from one microphone: loss, jitter, repair and level. Pure; time is an argument.

Loss and jitter as in RFC 3550 (6.4.1, A.3, A.8). A hole is asked for once
after 15 ms and once more after max(20 ms, 1.5 round trips), then let go:
browsers resend for at least 100 ms, and later would be too late to play.
"""

from __future__ import annotations

from soundmesh.media.rtp import CLOCK_HZ, NO_LEVEL, middle_ntp

ASK_AFTER_S = 0.015
ASK_AGAIN_S = 0.020
MAX_HOLE = 48
"""A longer gap is a pause or another stream, not a loss to repair."""
SILENT_AFTER_S = 3.0
SHORT_PAYLOAD_BYTES = 3
"""Opus frames this short hold silence, whatever the level says."""


class Uplink:
    """Owned by one session."""

    def __init__(self) -> None:
        self.ssrc: int | None = None
        self.packets = 0
        self.lost = 0
        self.repaired = 0
        self.loss = 0.0
        """Fraction of the last report interval."""
        self.last_s: float | None = None
        """When the newest packet came."""
        self.level = NO_LEVEL
        """dBov, the loudest since the last ``take_level``."""
        self._highest = -1
        self._first = 0
        self._received = 0
        self._reported = (0, 0)
        self._jitter = 0.0
        self._transit: float | None = None
        self._holes: dict[int, tuple[float, int]] = {}
        self._sr: tuple[int, float] | None = None
        self._sounded_s: float | None = None

    def arrived(self, ssrc: int, seq: int, timestamp: int, now: float) -> float | None:
        """Count one packet; note holes before it. Returns in how many s to ask, when there is a new hole."""
        if ssrc != self.ssrc:
            self._restart(ssrc, seq)
        self.packets += 1
        self.last_s = now
        self._received += 1
        extended = self._extend(seq)
        ahead = extended - self._highest
        if ahead <= 0:
            if self._holes.pop(extended, None) is not None:
                self.repaired += 1
            return None
        if 1 < ahead <= MAX_HOLE:
            for missing in range(self._highest + 1, extended):
                self._holes[missing] = (now + ASK_AFTER_S, 0)
        elif ahead > MAX_HOLE:
            self._first += ahead - 1
            self._holes.clear()
        self._highest = extended
        self._note_jitter(timestamp, now)
        return ASK_AFTER_S if 1 < ahead <= MAX_HOLE else None

    def note_level(self, level: int, payload_bytes: int, now: float) -> None:
        """The level of one packet, while its talk is open."""
        if level > self.level:
            self.level = level
        if self._sounded_s is None or (level > NO_LEVEL and payload_bytes > SHORT_PAYLOAD_BYTES):
            self._sounded_s = now

    def closed(self) -> None:
        """The talk is closed: silence is no longer counted."""
        self._sounded_s = None

    def silent(self, now: float) -> bool:
        """Digital silence for 3 s of an open talk, while packets arrive."""
        return self._sounded_s is not None and now - self._sounded_s >= SILENT_AFTER_S

    def take_level(self) -> int:
        """The loudest level since the last call, dBov."""
        level, self.level = self.level, NO_LEVEL
        return level

    def to_ask(self, now: float, rtt_s: float | None) -> tuple[list[int], float | None]:
        """Sequence numbers to ask for now, and when to look again (None: no holes)."""
        ask: list[int] = []
        again_s = max(ASK_AGAIN_S, 1.5 * (rtt_s or 0.0))
        for seq, (due, asked) in list(self._holes.items()):
            if due > now:
                continue
            if asked >= 2:
                del self._holes[seq]
                continue
            ask.append(seq & 0xFFFF)
            self._holes[seq] = (now + again_s, asked + 1)
        return ask, min((due for due, _ in self._holes.values()), default=None)

    def sender_reported(self, middle: int, now: float) -> None:
        """A sender report came, with these middle bits of its NTP time."""
        self._sr = (middle, now)

    def report(self, now: float) -> tuple[int, int, int, int, int]:
        """(lost, highest, jitter, last SR, delay since SR) for a receiver report; sets ``loss``."""
        expected = self._highest - self._first + 1 if self._highest >= 0 else 0
        self.lost = max(0, expected - self._received)
        expected_now = expected - self._reported[0]
        received_now = self._received - self._reported[1]
        self.loss = max(0, expected_now - received_now) / expected_now if expected_now > 0 else 0.0
        self._reported = (expected, self._received)
        middle, at = self._sr or (0, now)
        delay = round((now - at) * 65536) if middle else 0
        return self.lost, max(0, self._highest), round(self._jitter), middle, delay

    def _restart(self, ssrc: int, seq: int) -> None:
        self.ssrc = ssrc
        self._first = seq
        self._highest = seq - 1
        self._received = 0
        self._reported = (0, 0)
        self._transit = None
        self._holes.clear()
        self._sr = None

    def _extend(self, seq: int) -> int:
        base = self._highest
        step = (seq - base) & 0xFFFF
        return base + (step - 0x10000 if step & 0x8000 else step)

    def _note_jitter(self, timestamp: int, now: float) -> None:
        transit = now * CLOCK_HZ - timestamp
        if self._transit is not None:
            change = abs(transit - self._transit)
            if change < CLOCK_HZ:
                self._jitter += (change - self._jitter) / 16
        self._transit = transit


def round_trip_s(last_sr: int, delay: int, wall_s: float) -> float | None:
    """Round-trip time from a report block about one of our lanes (RFC 3550 6.4.1); None before an SR."""
    if not last_sr:
        return None
    ticks = (middle_ntp(wall_s) - last_sr - delay) & 0xFFFFFFFF
    return ticks / 65536 if ticks < 10 * 65536 else None
