"""Who hears whom, measured: each station holds its keys in turn and every ear is searched for every tone.

Three accounts of each ear must agree: the plan (what the appliance says it
does), the spectrum of what was decoded (what a person would hear) and the
station numbers on the lanes' packets (what the panel would show).

Programs are no part of the verdict: they have no key to hold, and music holds
any pitch. Packets that name a program are left out of what is searched.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import trio

from soundmesh.bridge.callers import Recording
from soundmesh.core.show import FIRST_PORT
from soundmesh.dsp.tone import heard
from soundmesh.sim.script import make_rounds
from soundmesh.sim.station import FakeStation
from soundmesh.wire import http as w

AT_ONCE = 4
"""Talkers in one round; with more, what Opus adds comes near the threshold."""
SETTLE_S = 0.4
RECORD_S = 1.2
ON_AIR_S = 5.0
TRIES = 3


class MeasureError(Exception):
    """The show did not hold still long enough to be measured."""


@dataclass(frozen=True, slots=True)
class Ear:
    """One listener in one round; all sets are of station numbers."""

    listener: int
    planned: frozenset[int]
    heard: frozenset[int]
    on_lanes: frozenset[int]

    @property
    def right(self) -> bool:
        return self.planned == self.heard == self.on_lanes


@dataclass(frozen=True, slots=True)
class Round:
    holding: Mapping[int, tuple[str, ...]]
    off_air: frozenset[int]
    """Talkers that hold an allowed key and never got on air."""
    ears: tuple[Ear, ...]


@dataclass(frozen=True, slots=True)
class Report:
    rounds: tuple[Round, ...]

    @property
    def right(self) -> bool:
        """Whether every ear heard exactly what the plan says, and every allowed key got on air."""
        return bool(self.rounds) and all(
            not r.off_air and all(ear.right for ear in r.ears) for r in self.rounds
        )

    def wrong(self) -> list[tuple[Round, Ear]]:
        return [(r, ear) for r in self.rounds for ear in r.ears if not ear.right]


async def measure(
    stations: Sequence[FakeStation],
    status: Callable[[], Awaitable[w.Status]],
    *,
    at_once: int = AT_ONCE,
    each_key: bool = True,
    on_round: Callable[[int, int], None] = lambda done, of: None,
) -> Report:
    """Let every station hold each of its keys, the forbidden ones too, and search every ear.

    The stations are linked, have sound and send steady tones. Raises: MeasureError.
    """
    keys = {s.number: [key.id for key in s.panel_keys()] for s in stations}
    plan = make_rounds(keys, at_once=at_once, each_key=each_key)
    rounds: list[Round] = []
    for holding in plan:
        rounds.append(await _measure_round(stations, status, holding))
        on_round(len(rounds), len(plan))
    return Report(tuple(rounds))


async def open_listens(stations: Sequence[FakeStation]) -> None:
    """Open every listen that may be opened, so that every crosspoint can be heard."""
    wanted = [(s, key.id) for s in stations for key in s.panel_keys() if key.may_listen]
    for station, key in wanted:
        if not station.listens(key):
            station.hear(key, True)
    for station, key in wanted:
        await station.until(station.listens, key)


async def _measure_round(
    stations: Sequence[FakeStation],
    status: Callable[[], Awaitable[w.Status]],
    holding: Mapping[int, tuple[str, ...]],
) -> Round:
    talkers = [s for s in stations if s.number in holding]
    for station in talkers:
        for key in holding[station.number]:
            station.press(key)
    try:
        off_air = await _await_air(talkers, holding)
        for _ in range(TRIES):
            await trio.sleep(SETTLE_S)
            before = await _planned(stations, status)
            recordings = await _record(stations)
            if await _planned(stations, status) == before:
                break
        else:
            raise MeasureError("The plan keeps changing while it is measured. Measure in a quiet moment.")
    finally:
        for station in talkers:
            station.release_all()
    ears = [
        Ear(
            listener=station.number,
            planned=before[station.number],
            heard=await trio.to_thread.run_sync(_search, recording, stations),
            on_lanes=recording.talkers & {s.number for s in stations},
        )
        for station, recording in zip(stations, recordings, strict=True)
    ]
    with trio.move_on_after(ON_AIR_S):
        for station in talkers:
            await station.until(_is_quiet, station)
    return Round(holding, off_air, tuple(ears))


async def _await_air(
    talkers: Sequence[FakeStation], holding: Mapping[int, tuple[str, ...]]
) -> frozenset[int]:
    """Wait until every allowed key that is held is on air; returns the talkers for whom that failed."""
    with trio.move_on_after(ON_AIR_S):
        for station in talkers:
            await station.until(_is_on_air, station, holding[station.number])
    return frozenset(s.number for s in talkers if not _is_on_air(s, holding[s.number]))


def _is_on_air(station: FakeStation, held: Sequence[str]) -> bool:
    allowed = [key.id for key in station.panel_keys(may_talk=True) if key.id in held]
    return all(station.on_air(key) or _barred(station, key) for key in allowed)


def _barred(station: FakeStation, key: str) -> bool:
    lamp = station.lamp(key)
    return lamp is not None and lamp.why is not None


def _is_quiet(station: FakeStation) -> bool:
    return not station.talks


async def _planned(
    stations: Sequence[FakeStation], status: Callable[[], Awaitable[w.Status]]
) -> dict[int, frozenset[int]]:
    ours = {s.number for s in stations}
    found = {s.station: frozenset(s.hears) & ours for s in (await status()).stations}
    return {number: found.get(number, frozenset()) for number in ours}


async def _record(stations: Sequence[FakeStation]) -> list[Recording]:
    for station in stations:
        station.phone.record()
    await trio.sleep(RECORD_S)
    return [station.phone.take() for station in stations]


def _search(recording: Recording, stations: Sequence[FakeStation]) -> frozenset[int]:
    numbers = {s.tone: s.number for s in stations}
    return frozenset(numbers[tone] for tone in heard(recording.sound(below=FIRST_PORT), numbers))


def table(report: Report, names: Mapping[int, str]) -> str:
    """Ears down, talkers across. ``●`` heard and ``·`` silent as planned, ``○`` missing, ``✗`` leaked."""
    numbers = list(names)
    worst: dict[tuple[int, int], str] = {}
    for done in report.rounds:
        for ear in done.ears:
            for talker in numbers:
                mark = _mark(ear, talker)
                key = (ear.listener, talker)
                worst[key] = max(worst.get(key, "·"), mark, key="·●○✗".index)
    width = max((len(name) for name in names.values()), default=0)
    letters = {number: _letter(i) for i, number in enumerate(numbers)}
    lines = [f"{'':{width + 4}}" + "  ".join(letters[n] for n in numbers)]
    for listener in numbers:
        cells = ("-" if listener == n else worst.get((listener, n), "·") for n in numbers)
        lines.append(f"{letters[listener]}  {names[listener]:{width}} " + "  ".join(cells))
    return "\n".join(lines)


def _mark(ear: Ear, talker: int) -> str:
    planned = talker in ear.planned
    if planned and talker in ear.heard and talker in ear.on_lanes:
        return "●"
    if planned:
        return "○"
    return "✗" if talker in ear.heard or talker in ear.on_lanes else "·"


def _letter(index: int) -> str:
    return chr(ord("A") + index) if index < 26 else chr(ord("a") + index - 26)
