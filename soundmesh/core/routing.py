"""From show and state to the plan: every crosspoint open now.

Listeners are grouped by what they hear (role and open listens, loudest first)
and talkers by what they talk on, so that a path is made once per group pair
and talker instead of once per listener; the lists of a group differ only by
the listener's own path, which is left out. 64 stations that all talk are 4032
crosspoints and a few hundred objects.

``talk_verdict`` is asked once more for every open key: the plan itself obeys
the matrix, whatever the state holds.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from soundmesh.core.ids import KeyId, RoleId, StationId, TargetId
from soundmesh.core.listens import is_on
from soundmesh.core.permissions import may_listen, may_talk, talk_verdict
from soundmesh.core.plan import Line, Path, Plan
from soundmesh.core.show import Show, Target, TargetKind
from soundmesh.core.state import State, Station
from soundmesh.core.talks import open_keys

DIRECT_PRIORITY = 200

Hearing = tuple[TargetId, ...]
Talking = frozenset[TargetId]
Ranked = list[tuple[int, StationId, Path]]
"""Paths with their sort key: higher priority first, then the talker's number."""


@dataclass(frozen=True, slots=True)
class _Here:
    """The stations of a plan, grouped."""

    keys: Mapping[StationId, frozenset[KeyId]]
    talkers: Mapping[Talking, list[Station]]
    listeners: Mapping[Hearing, list[StationId]]
    hearing: Mapping[StationId, Hearing]


def make_plan(show: Show, state: State, now: float) -> Plan:
    """Every crosspoint open at ``now``, monotonic seconds."""
    present = [s for _, s in sorted(state.stations.items()) if s.link is not None and s.seat is not None]
    here = _grouped(show, state, present, now)
    ears: dict[StationId, tuple[Path, ...]] = {}
    listeners_of: dict[StationId, list[StationId]] = {}
    counts: dict[Talking, Counter[TargetId]] = {talking: Counter() for talking in here.talkers}
    made: dict[tuple[Talking, Hearing], Ranked] = {}
    for hearing, listeners in here.listeners.items():
        ranked: Ranked = []
        for talking, talkers in here.talkers.items():
            over = tuple(t for t in hearing if t in talking)
            if not over:
                continue
            for target in over:
                counts[talking][target] += len(listeners)
            paths = made.get((talking, over))
            if paths is None:
                paths = made[talking, over] = _paths(show, talkers, over)
            ranked += paths
        ranked.sort()
        _fill(ears, listeners_of, listeners, ranked)
    return Plan(
        ears=ears,
        talkers={talker: tuple(sorted(heard)) for talker, heard in listeners_of.items()},
        talking={station: keys for station, keys in here.keys.items() if keys},
        lines=_lines(show, present, here.keys),
        reach=_reach(here, counts),
    )


def _grouped(show: Show, state: State, present: Iterable[Station], now: float) -> _Here:
    keys: dict[StationId, frozenset[KeyId]] = {}
    talkers: dict[Talking, list[Station]] = {}
    listeners: dict[Hearing, list[StationId]] = {}
    hearing: dict[StationId, Hearing] = {}
    for station in present:
        keys[station.id] = _allowed(show, state, station, open_keys(station))
        tail = station.tail
        late = tail.keys if tail is not None and now < tail.until_s else frozenset()
        sending = keys[station.id] | _allowed(show, state, station, late)
        targets = frozenset(key.target for key in show.roles[station.role].keys if key.id in sending)
        if targets:
            talkers.setdefault(targets, []).append(station)
        hears = _hears(show, station)
        hearing[station.id] = hears
        listeners.setdefault(hears, []).append(station.id)
    return _Here(keys, talkers, listeners, hearing)


def _allowed(show: Show, state: State, station: Station, keys: frozenset[KeyId]) -> frozenset[KeyId]:
    return frozenset(k for k in keys if talk_verdict(show, state, station, k) is None)


def _hears(show: Show, station: Station) -> Hearing:
    """What the station hears: directs to its role, then its open listens, the loudest first."""
    loudness: dict[TargetId, float] = {}
    for key in show.roles[station.role].keys:
        if is_on(show, station, key):
            hearing = station.listens[key.id]
            level = -math.inf if hearing.muted else hearing.volume_db
            loudness[key.target] = max(level, loudness.get(key.target, -math.inf))
    channels = tuple(sorted(loudness, key=lambda t: -loudness[t]))
    own = TargetId(station.role)
    return (own, *channels) if own in show.targets else channels


def _paths(show: Show, talkers: Iterable[Station], over: Hearing) -> Ranked:
    """The paths of talkers who talk alike, heard over the same targets."""
    targets = [show.targets[t] for t in over]
    direct = any(t.kind is TargetKind.ROLE for t in targets)
    base = max((DIRECT_PRIORITY if t.kind is TargetKind.ROLE else 0) + 10 * t.priority for t in targets)
    ranked: Ranked = []
    for talker in talkers:
        priority = base + 10 * show.roles[talker.role].priority
        ranked.append((-priority, talker.id, Path(talker.id, over, direct, priority)))
    return ranked


def _fill(
    ears: dict[StationId, tuple[Path, ...]],
    listeners_of: dict[StationId, list[StationId]],
    listeners: Iterable[StationId],
    ranked: Ranked,
) -> None:
    """Give each listener of a group every path but its own."""
    paths = tuple(path for _, _, path in ranked)
    place = {path.talker: i for i, path in enumerate(paths)}
    for listener in listeners:
        own = place.get(listener)
        heard = paths if own is None else paths[:own] + paths[own + 1 :]
        if heard:
            ears[listener] = heard
    for talker in place:
        others = [listener for listener in listeners if listener != talker]
        if others:
            listeners_of.setdefault(talker, []).extend(others)


def _reach(here: _Here, counts: Mapping[Talking, Counter[TargetId]]) -> dict[StationId, dict[TargetId, int]]:
    """Ears per talker and target: those of everybody who hears the target, less the talker's own."""
    reach: dict[StationId, dict[TargetId, int]] = {}
    for talking, talkers in here.talkers.items():
        for talker in talkers:
            own = here.hearing[talker.id]
            ears = {t: n - (t in own) for t, n in counts[talking].items()}
            reach[talker.id] = {t: n for t, n in ears.items() if n}
    return reach


def _lines(
    show: Show, present: Iterable[Station], talking: Mapping[StationId, frozenset[KeyId]]
) -> dict[TargetId, Line]:
    people: Counter[RoleId] = Counter(s.role for s in present)
    online: Counter[TargetId] = Counter()
    for role, count in people.items():
        for target in show.targets.values():
            if is_on_line(show, role, target):
                online[target.id] += count
    speakers: dict[TargetId, list[StationId]] = {}
    for station in present:
        keys = talking[station.id]
        for target_id in {k.target for k in show.roles[station.role].keys if k.id in keys} if keys else ():
            speakers.setdefault(target_id, []).append(station.id)
    return {
        t: Line(online[t], tuple(speakers.get(t, ()))) for t in show.targets if online[t] or t in speakers
    }


def is_on_line(show: Show, role: RoleId, target: Target) -> bool:
    """Whether the role's people count as on this line: of a role, its own people."""
    if target.kind is TargetKind.ROLE:
        return RoleId(target.id) == role
    return may_talk(show, role, target.id) or may_listen(show, role, target.id)
