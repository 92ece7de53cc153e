"""Who is behind a station's keys: over which it hears a talker, who talks there, who is busy."""

from __future__ import annotations

from collections.abc import Mapping

from soundmesh.core.ids import KeyId, StationId, TargetId
from soundmesh.core.lines import is_on, is_private
from soundmesh.core.plan import Line, Path, Plan
from soundmesh.core.seats import label
from soundmesh.core.show import FIRST_PORT, Key, Show, TargetKind
from soundmesh.core.state import Hearing, State, Station

Via = Mapping[StationId, tuple[KeyId, ...]]
_CLOSED = Hearing(on=False)


def via(show: Show, state: State, plan: Plan, station: Station) -> Via:
    """Per talker in this ear the own keys it is heard over; see ``Tally.via``.

    A direct is heard over the keys to the talker's seat and role; a group
    over the key to it, and without one as a direct.
    """
    listening: dict[TargetId, list[KeyId]] = {}
    for key in show.listenable[station.role]:
        if station.listens.get(key.id, _CLOSED).on:
            listening.setdefault(key.target, []).append(key.id)
    directs: dict[TargetId, list[KeyId]] = {}
    for key in show.roles[station.role].keys:
        if show.targets[key.target].kind.is_direct:
            directs.setdefault(key.target, []).append(key.id)

    def back(talker: StationId) -> list[KeyId]:
        found = state.stations[talker]
        seat = directs.get(TargetId(f"{found.role}/{found.seat}"), [])
        return seat + directs.get(TargetId(found.role), [])

    def keys_of(path: Path) -> tuple[KeyId, ...]:
        keys: list[KeyId] = []
        for over in path.targets:
            if is_private(show, over):
                keys += back(path.talker)
            elif show.targets[over].kind is TargetKind.GROUP:
                keys += directs.get(over) or back(path.talker)
            else:
                keys += listening.get(over, ())
        return tuple(dict.fromkeys(keys))

    return {path.talker: keys_of(path) for path in plan.ears.get(station.id, ())}


def speakers(show: Show, station: Station, key: Key, line: Line, heard: Via) -> tuple[StationId, ...]:
    """Who talks on the key's line; behind a direct key, who talks to this station. ``heard``: by ``via``."""
    if is_private(show, key.target):
        return tuple(talker for talker in sorted(heard) if key.id in heard[talker])
    return tuple(s for s in line.speakers if s != station.id)


def others(show: Show, station: Station, line: Line, target: TargetId) -> int:
    """How many other people are on the line."""
    return line.online - (station.link is not None and is_on(show, station, target))


def in_use(show: Show, state: State, plan: Plan, station: Station, key: Key, people: int) -> bool:
    """Whether everybody behind a direct key talks with somebody else. ``people``: how many are there."""
    if not plan.private or not people or not is_private(show, key.target):
        return False
    busy = [
        number
        for number, partners in plan.private.items()
        if number != station.id and _is_behind(state.stations[number], key.target)
        if not partners <= {station.id}
    ]
    return len(busy) == people


def _is_behind(station: Station, target: TargetId) -> bool:
    return target in (station.role, f"{station.role}/{station.seat}")


def called(show: Show, state: State, number: StationId) -> str:
    """A short name for a talker: a station with its person, or a program."""
    if number < FIRST_PORT:
        return label(show, state.stations[number])
    return next((port.name for port in show.ports.values() if port.number == number), "")


def address(show: Show, state: State, number: StationId) -> str:
    """A talker as signals and a phone's memory name it: ``role/seat``, or a program's id."""
    if number < FIRST_PORT:
        talker = state.stations[number]
        return f"{talker.role}/{talker.seat or ''}"
    return next((port.id for port in show.ports.values() if port.number == number), "")
