"""Targets seen as party lines: what a talk is heard over, who is on a line, and who talks there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from soundmesh.core.ids import KeyId, RoleId, StationId, TargetId
from soundmesh.core.plan import Line
from soundmesh.core.show import Show, TargetKind
from soundmesh.core.state import State, Station


def labels(show: Show, state: State, target: TargetId) -> tuple[TargetId, ...]:
    """What a talk to the target is heard over: itself, and a group's channels that no kill shuts."""
    found = show.targets.get(target)
    if found is None or found.kind is not TargetKind.GROUP:
        return (target,)
    reached = [show.targets.get(member) for member in found.members]
    channels = [t.id for t in reached if t is not None and t.kind is TargetKind.CHANNEL]
    return (target, *(channel for channel in channels if channel not in state.killed))


def is_direct(show: Show, label: TargetId) -> bool:
    """Whether it is heard whatever its listener listens to; a reply is."""
    found = show.targets.get(label)
    return found is None or found.kind.is_direct


def is_private(show: Show, label: TargetId) -> bool:
    """Whether it is a word between few: to a role, a seat or one station."""
    found = show.targets.get(label)
    return found is None or found.kind in (TargetKind.ROLE, TargetKind.SEAT)


def make_lines(
    show: Show,
    state: State,
    present: Iterable[Station],
    opened: Mapping[StationId, Mapping[KeyId, TargetId]],
    talkers: Mapping[StationId, tuple[StationId, ...]],
) -> dict[TargetId, Line]:
    """Per target who is on it and who talks on it; a program talks while somebody hears it."""
    people: Counter[RoleId] = Counter(s.role for s in present)
    online: Counter[TargetId] = Counter()
    for role, count in people.items():
        for target in show.lines[role]:
            online[target] += count
    for station in present if show.seats else ():
        seat = seat_of(show, station)
        if seat is not None:
            online[seat] += 1
    speakers: dict[TargetId, list[StationId]] = {}
    for talker, keys in opened.items():
        over = {label for target in keys.values() for label in labels(show, state, target)}
        for label in over:
            speakers.setdefault(label, []).append(talker)
    for port, feeds in show.feeds.items():
        number = show.ports[port].number
        for feed in feeds if number in talkers else ():
            speakers.setdefault(feed, []).append(number)
    return {
        t: Line(online[t], tuple(speakers.get(t, ()))) for t in show.targets if online[t] or t in speakers
    }


def seat_of(show: Show, station: Station) -> TargetId | None:
    """The target that is this station alone, if a key points at it."""
    return None if station.seat is None else show.seats.get((station.role, station.seat))


def is_on(show: Show, station: Station, target: TargetId) -> bool:
    """Whether a station that is here counts on the target's line."""
    return target in show.lines[station.role] or target == seat_of(show, station)
