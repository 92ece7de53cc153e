"""What a simulated crew does beside talking: it acknowledges, answers calls, and now and then calls."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from soundmesh.core.lamps import CallLamp
from soundmesh.core.reply import REPLY
from soundmesh.sim.station import FakeStation

CALLS = 0.05
"""How often, between two turns, one of them calls another: about every minute and a half."""
LOOKS = 0.5
"""How often, between two turns, one looks at what was said to it."""
ANSWER_S = (1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """A call that one of the crew answers: by holding ``key``; None: by acknowledging it."""

    station: FakeStation
    call: int
    key: str | None


def acknowledge(stations: Sequence[FakeStation], rng: random.Random) -> None:
    """Some of those who have a cue or text before them say that they have seen it."""
    for station in stations:
        for seen in station.tally.signals if station.tally else ():
            if not seen.acknowledged and rng.random() < LOOKS:
                station.acknowledge(seen.id)


def choose_answer(stations: Sequence[FakeStation], rng: random.Random) -> Answer | None:
    """One of the calls that wait for one of the crew."""
    waiting = [
        Answer(station, lamp.call_id, key if key in talks else None)
        for station in stations
        if station.tally is not None
        for talks in [{k.id for k in station.panel_keys(may_talk=True)} | {REPLY}]
        for key, lamp in station.tally.keys.items()
        if lamp.call is CallLamp.IN
    ]
    return rng.choice(waiting) if waiting and rng.random() < LOOKS else None


def call_somebody(stations: Sequence[FakeStation], rng: random.Random) -> bool:
    """Seldom: one of the crew calls where one of its keys leads. Returns whether it did."""
    if rng.random() >= CALLS:
        return False
    able = [(s, key.address) for s in stations if s.here for key in s.panel_keys() if key.may_call]
    if not able:
        return False
    station, address = rng.choice(able)
    station.signal("call", address)
    return True
