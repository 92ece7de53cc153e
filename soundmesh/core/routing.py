"""From show and state to the plan: every crosspoint open now.

Listeners are grouped by what they hear (role and open listens, loudest first)
and talkers by what they talk on, so that a path is made once per talker and
way of hearing it instead of once per listener; the lists of a group differ
only by the listener's own path, which is left out. 64 stations that all talk
are 4032 crosspoints and a few hundred objects. Whether two groups meet is one
``and`` of two bit masks over the targets.

``talk_verdict`` is asked once more for every open key: the plan itself obeys
the matrix, whatever the state holds.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from soundmesh.core.ids import KeyId, RoleId, StationId, TargetId
from soundmesh.core.permissions import talk_verdict
from soundmesh.core.plan import Line, Path, Plan
from soundmesh.core.show import Show, TargetKind
from soundmesh.core.state import Hearing, State, Station
from soundmesh.core.talks import open_keys

DIRECT_PRIORITY = 200

Heard = tuple[TargetId, ...]
"""What a listener hears, or that part of it which a talker talks on; in the order of ``Path.targets``."""
Ranked = list[tuple[int, StationId, Path]]
"""Paths with their sort key: higher priority first, then the talker's number."""
_CLOSED = Hearing(on=False)


@dataclass(slots=True)
class _Talkers:
    """Those who talk on the same targets."""

    mask: int
    stations: list[Station] = field(default_factory=list)
    paths: dict[Heard, Ranked] = field(default_factory=dict)
    audience: list[StationId] = field(default_factory=list)


@dataclass(slots=True)
class _Groups:
    keys: dict[StationId, frozenset[KeyId]] = field(default_factory=dict)
    talkers: dict[frozenset[TargetId], _Talkers] = field(default_factory=dict)
    listeners: dict[Heard, list[StationId]] = field(default_factory=dict)
    hears: dict[StationId, Heard] = field(default_factory=dict)


def make_plan(show: Show, state: State, now: float) -> Plan:
    """Every crosspoint open at ``now``, monotonic seconds."""
    present = [s for _, s in sorted(state.stations.items()) if s.link is not None and s.seat is not None]
    bits = {target: 1 << i for i, target in enumerate(show.targets)}
    groups = _grouped(show, state, present, bits, now)
    return Plan(
        ears=_ears(show, groups, bits),
        talkers=_heard_by(groups.talkers.values()),
        talking={station: keys for station, keys in groups.keys.items() if keys},
        lines=_lines(show, present, groups.keys),
        reach=_reach(groups),
    )


def _grouped(
    show: Show, state: State, present: Iterable[Station], bits: Mapping[TargetId, int], now: float
) -> _Groups:
    groups = _Groups()
    for station in present:
        opened = _allowed(show, state, station, open_keys(station))
        groups.keys[station.id] = frozenset(opened)
        if station.tail is not None and now < station.tail.until_s:
            opened |= _allowed(show, state, station, station.tail.keys)
        if opened:
            targets = frozenset(opened.values())
            if targets not in groups.talkers:
                groups.talkers[targets] = _Talkers(sum(bits[t] for t in targets))
            groups.talkers[targets].stations.append(station)
        heard = groups.hears[station.id] = _heard(show, station)
        groups.listeners.setdefault(heard, []).append(station.id)
    return groups


def _allowed(show: Show, state: State, station: Station, keys: Iterable[KeyId]) -> dict[KeyId, TargetId]:
    """What the station may talk on of these keys, and where each leads."""
    found = ((k, show.key(station.role, k)) for k in keys if talk_verdict(show, state, station, k) is None)
    return {k: key.target for k, key in found if key is not None}


def _heard(show: Show, station: Station) -> Heard:
    """What the station hears: directs to its role, then its open listens, the loudest first."""
    loudness: dict[TargetId, float] = {}
    for key in show.listenable[station.role]:
        hearing = station.listens.get(key.id, _CLOSED)
        if hearing.on:
            level = -math.inf if hearing.muted else hearing.volume_db
            loudness[key.target] = max(level, loudness.get(key.target, level))
    channels = tuple(sorted(loudness, key=loudness.__getitem__, reverse=True))
    own = TargetId(station.role)
    return (own, *channels) if own in show.targets else channels


def _ears(show: Show, groups: _Groups, bits: Mapping[TargetId, int]) -> dict[StationId, tuple[Path, ...]]:
    """Per listener its paths in order. Tells each talking group its audience on the way."""
    ears: dict[StationId, tuple[Path, ...]] = {}
    talking = list(groups.talkers.values())
    for heard, listeners in groups.listeners.items():
        mask = sum(bits[target] for target in heard)
        parts: dict[int, Heard] = {}
        ranked: Ranked = []
        for group in talking:
            common = group.mask & mask
            if not common:
                continue
            group.audience += listeners
            part = parts.get(common)
            if part is None:
                part = parts[common] = tuple(t for t in heard if bits[t] & common)
            paths = group.paths.get(part)
            if paths is None:
                paths = group.paths[part] = _paths(show, group.stations, part)
            ranked += paths
        ranked.sort()
        _fill(ears, listeners, tuple(path for _, _, path in ranked))
    return ears


def _paths(show: Show, talkers: Iterable[Station], over: Heard) -> Ranked:
    """The paths of talkers who talk alike, heard over the same targets."""
    direct = show.targets[over[0]].kind is TargetKind.ROLE
    base = max(
        [10 * show.targets[t].priority + (DIRECT_PRIORITY if direct and t == over[0] else 0) for t in over]
    )
    ranked: Ranked = []
    for talker in talkers:
        priority = base + 10 * show.roles[talker.role].priority
        ranked.append((-priority, talker.id, Path(talker.id, over, direct, priority)))
    return ranked


def _fill(
    ears: dict[StationId, tuple[Path, ...]], listeners: Iterable[StationId], paths: tuple[Path, ...]
) -> None:
    """Give each listener of a group every path but its own."""
    place = {path.talker: i for i, path in enumerate(paths)}
    for listener in listeners:
        own = place.get(listener)
        others = paths if own is None else paths[:own] + paths[own + 1 :]
        if others:
            ears[listener] = others


def _heard_by(groups: Iterable[_Talkers]) -> dict[StationId, tuple[StationId, ...]]:
    """Per talker who hears it: all who hear what it talks on, but not itself."""
    heard_by: dict[StationId, tuple[StationId, ...]] = {}
    for group in groups:
        everybody = tuple(sorted(group.audience))
        for talker in group.stations:
            others = tuple([listener for listener in everybody if listener != talker.id])
            if others:
                heard_by[talker.id] = others
    return heard_by


def _reach(groups: _Groups) -> dict[StationId, dict[TargetId, int]]:
    """Ears per talker and target: of everybody who hears the target, less the talker's own."""
    ears: Counter[TargetId] = Counter()
    for heard, listeners in groups.listeners.items():
        for target in heard:
            ears[target] += len(listeners)
    return {
        talker.id: {t: ears[t] - (t in groups.hears[talker.id]) for t in targets}
        for targets, group in groups.talkers.items()
        for talker in group.stations
    }


def _lines(
    show: Show, present: Iterable[Station], talking: Mapping[StationId, frozenset[KeyId]]
) -> dict[TargetId, Line]:
    """Per target who is on it and who talks on it."""
    people: Counter[RoleId] = Counter(s.role for s in present)
    online: Counter[TargetId] = Counter()
    for role, count in people.items():
        for target in show.lines[role]:
            online[target] += count
    speakers: dict[TargetId, list[StationId]] = {}
    for station in present:
        opened = talking[station.id]
        keys = show.roles[station.role].keys if opened else ()
        for target in {key.target for key in keys if key.id in opened}:
            speakers.setdefault(target, []).append(station.id)
    return {
        t: Line(online[t], tuple(speakers.get(t, ()))) for t in show.targets if online[t] or t in speakers
    }
