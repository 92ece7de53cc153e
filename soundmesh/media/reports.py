"""Which loss to tell a talker, and what a listener's reports say. Pure.

A browser's encoder decides its forward error correction by the one number in
our receiver reports. The bits that a listener on bad Wi-Fi needs are made in
the talker's phone, so the talker is told the worse of its own path and its
listeners'. 1 % switches correction on and costs 6 bytes a packet: told
whenever anybody listens, so that the first lost packet is covered already.
"""

from __future__ import annotations

from collections.abc import Iterable

from soundmesh.media.rtp import Block

FLOOR = 0.01
CAP = 0.25
RISE, FALL = 0.5, 0.2
"""Of the new value in the smoothed one: believe bad news sooner than good."""
RECEIVER_REPORT_S = 1.0
SENDER_REPORT_S = 5.0


def told_loss(own: float, listeners: Iterable[float]) -> float:
    """The fraction for a talker's receiver report; ``listeners``: the smoothed loss of each who hears it."""
    worst = own
    heard = False
    for loss in listeners:
        heard = True
        worst = max(worst, loss)
    return min(CAP, max(FLOOR, worst) if heard else worst)


def smoothed(before: float, new: float) -> float:
    return before + (RISE if new > before else FALL) * (new - before)


def round_trip_s(block: Block, now_middle_ntp: int) -> float | None:
    """Seconds, from a report on one of our sender reports; None when it is on none, or absurd."""
    if not block.last_sr:
        return None
    units = (now_middle_ntp - block.last_sr - block.delay_since_sr) & 0xFFFFFFFF
    if units >= 0x80000000:  # clocks tick in different units: slightly negative is zero
        return 0.0 if units > 0xFFFFFF00 else None
    return units / 65536 if units < 60 * 65536 else None
