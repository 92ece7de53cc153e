"""How one talk key answers presses, releases and beats.

A talk is absent (closed), held, latched, or suspended (a hold without beats).
Holds are measured on the phone (``held_ms``); arrival times decide nothing,
since a stalled network delivers down and up together.

=================  =========  ====================  =========================
talk before        mode       press                 release
=================  =========  ====================  =========================
closed             any        held                  nothing
held               momentary  held                  closed
held               auto       held                  tap: latched; hold: closed
held               latching   held                  latched
held, closing      any        held, closing         closed
latched            auto       held, closing         nothing
latched            latching   closed                nothing
latched            momentary  closed                nothing
suspended          any        held                  closed
=================  =========  ====================  =========================

A cancelled release closes in every row and latches in none. "Closing" marks a
press that began on a latch: the talk stays open while the key is down, so that
holding a latched key never clips, and the release closes it. A suspended hold
never latches: its tap is too old to open a microphone now.
"""

from __future__ import annotations

from dataclasses import replace

from soundmesh.core.ids import TargetId
from soundmesh.core.show import Latch
from soundmesh.core.state import HeldTalk, Station

HOLD_BEAT_S = 0.75
"""A hold without a beat for this long is suspended: three beats of 250 ms."""
LATCH_BEAT_S = 2.5
"""A latch without a beat for this long closes."""
LATCH_SILENT_S = 1.0
"""The same while the microphone does not deliver either."""


def press(talk: HeldTalk | None, latch: Latch, target: TargetId | None) -> HeldTalk | None:
    """The talk after a press; None: closed."""
    if talk is None or talk.suspended:
        return HeldTalk(latched=False, pressed=True, target=target)
    if not talk.latched:
        return talk
    if latch is Latch.AUTO:
        return replace(talk, latched=False, pressed=True, closing=True)
    return None


def release(
    talk: HeldTalk | None, latch: Latch, held_ms: float, cancelled: bool, tap_ms: int
) -> HeldTalk | None:
    """The talk after a release; None: closed."""
    if talk is None or not talk.pressed:
        return talk
    if cancelled or talk.closing or talk.suspended or latch is Latch.MOMENTARY:
        return None
    if latch is Latch.AUTO and held_ms > tap_ms:
        return None
    return replace(talk, latched=True, pressed=False)


def beaten(talk: HeldTalk, held: bool) -> HeldTalk | None:
    """The talk after a beat that says whether its key is down; None: closed."""
    if not talk.pressed:
        return talk
    if not held:
        return None
    return replace(talk, suspended=False) if talk.suspended else talk


def alive_until(station: Station, talk: HeldTalk) -> float | None:
    """When this talk ends for want of beats; None: it is suspended already."""
    if talk.suspended:
        return None
    if talk.pressed:
        return station.beat_s + HOLD_BEAT_S
    return station.beat_s + (LATCH_BEAT_S if station.media.flowing else LATCH_SILENT_S)


def outlived(talk: HeldTalk) -> HeldTalk | None:
    """The talk when its time without beats is over; None: closed."""
    return replace(talk, suspended=True) if talk.pressed else None
