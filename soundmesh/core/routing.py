"""From show and state to the plan: every crosspoint open now.

What a microphone goes to is spread over *labels*, the things that ears are
open to: a channel is one label, a group is one for the people of its roles
and one for each of its channels, a reply is one for its person alone. Only
labels that somebody talks on are live, and only those are looked at.

Listeners are grouped by what they hear (live labels, directs first, then open
listens, loudest first) and talkers by what they talk on, so that a path is
made once per talker and way of hearing it instead of once per listener; the
lists of a group differ only by the listener's own path, which is left out. 64
stations that all talk are 4032 crosspoints and a few hundred objects. Whether
two groups meet is one ``and`` of two bit masks over the labels.

``talk_verdict`` is asked once more for every open key: the plan itself obeys
the matrix, whatever the state holds.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from soundmesh.core.ids import KeyId, RoleId, StationId, TargetId
from soundmesh.core.lines import is_direct, is_private, labels, make_lines
from soundmesh.core.permissions import is_killed, talk_target, talk_verdict
from soundmesh.core.plan import Path, Plan
from soundmesh.core.reply import REPLY, aimed_at
from soundmesh.core.show import FIRST_PORT, Show, TargetKind
from soundmesh.core.state import Hearing, State, Station
from soundmesh.core.talks import open_keys

DIRECT_PRIORITY = 200
GROUP_PRIORITY = 100
"""Of groups and of ifbs: who interrupts a program speaks to be heard."""
PROGRAM_PRIORITY = -5
"""So that a voice of the same priority is above a program, and lowers it."""

_KINDS = {
    TargetKind.CHANNEL: 0,
    TargetKind.ROLE: DIRECT_PRIORITY,
    TargetKind.SEAT: DIRECT_PRIORITY,
    TargetKind.GROUP: GROUP_PRIORITY,
    TargetKind.IFB: GROUP_PRIORITY,
    TargetKind.PORT: PROGRAM_PRIORITY,
}
_AFTER_VOICES = 10_000
"""Programs come last in an ear, whatever their priority: no voice yields its lane to music."""

Aim = tuple[TargetId, int]
"""What an open key points at, and its priority."""
Heard = tuple[TargetId, ...]
"""What a listener hears, or that part of it which a talker talks on; in the order of ``Path.targets``."""
Ranked = list[tuple[int, StationId, Path]]
"""Paths with their sort key: higher priority first, then the talker's number."""
_CLOSED = Hearing(on=False)


@dataclass(slots=True)
class _Talkers:
    """Those who talk on the same labels with the same weight."""

    weights: Mapping[TargetId, int]
    """Labels, each with the priority of being heard over it."""
    mask: int
    numbers: list[tuple[StationId, int]] = field(default_factory=list)
    """Who, and what the role adds to the priority."""
    paths: dict[Heard, Ranked] = field(default_factory=dict)
    audience: list[StationId] = field(default_factory=list)


@dataclass(slots=True)
class _Floor:
    """Who talks on what and who hears what."""

    bits: dict[TargetId, int] = field(default_factory=dict)
    """The live labels."""
    opened: dict[StationId, dict[KeyId, TargetId]] = field(default_factory=dict)
    """The open keys, tails excluded."""
    talkers: dict[frozenset[Aim], _Talkers] = field(default_factory=dict)
    programs: list[_Talkers] = field(default_factory=list)
    listeners: dict[Heard, list[StationId]] = field(default_factory=dict)
    hears: dict[StationId, Heard] = field(default_factory=dict)
    private: dict[StationId, set[StationId]] = field(default_factory=dict)


def make_plan(show: Show, state: State, now: float) -> Plan:
    """Every crosspoint open at ``now``, monotonic seconds."""
    present = [s for _, s in sorted(state.stations.items()) if s.link is not None and s.seat is not None]
    floor = _Floor()
    for station in present:
        _let_talk(show, state, floor, station, now)
    _let_play(show, floor)
    _let_hear(show, floor, present)
    groups = [*floor.talkers.values(), *floor.programs]
    ears = _ears(show, floor, groups)
    talkers = _heard_by(groups)
    return Plan(
        ears=ears,
        talkers=talkers,
        talking={station: frozenset(keys) for station, keys in floor.opened.items()},
        lines=make_lines(show, state, present, floor.opened, talkers),
        reach=_reach(show, state, floor),
        private=floor.private,
    )


def _let_talk(show: Show, state: State, floor: _Floor, station: Station, now: float) -> None:
    if not station.talks and station.tail is None:
        return
    opened = _allowed(show, state, station, open_keys(station))
    if opened:
        floor.opened[station.id] = {key: target for key, (target, _) in opened.items()}
    if station.tail is not None and now < station.tail.until_s:
        opened |= _allowed(show, state, station, station.tail.keys - {REPLY})
        answered = station.tail.reply
        if answered is not None and not is_killed(show, state, station, answered):
            opened[REPLY] = (answered, 0)
    if not opened:
        return
    aims = frozenset(opened.values())
    group = floor.talkers.get(aims)
    if group is None:
        weights = _weights(show, state, aims)
        group = floor.talkers[aims] = _Talkers(weights, _mask(floor.bits, weights))
    group.numbers.append((station.id, 10 * show.roles[station.role].priority))


def _allowed(show: Show, state: State, station: Station, keys: Iterable[KeyId]) -> dict[KeyId, Aim]:
    """What the station may talk on of these keys, and where each leads."""
    found: dict[KeyId, Aim] = {}
    for name in keys:
        target = talk_target(show, station, name)
        if target is not None and talk_verdict(show, state, station, name) is None:
            key = show.key(station.role, name)
            found[name] = (target, 0 if key is None else key.priority)
    return found


def _weights(show: Show, state: State, aims: frozenset[Aim]) -> dict[TargetId, int]:
    """The labels that these open keys reach, each with the priority of being heard over it."""
    weights: dict[TargetId, int] = {}
    for target, priority in aims:
        found = show.targets.get(target)
        kind = DIRECT_PRIORITY if found is None else _KINDS[found.kind] + 10 * found.priority
        weight = kind + 10 * priority
        for label in labels(show, state, target):
            weights[label] = max(weight, weights.get(label, weight))
    return weights


def _mask(bits: dict[TargetId, int], found: Iterable[TargetId]) -> int:
    """The bits of these labels, which are live from now on."""
    mask = 0
    for label in found:
        bit = bits.get(label)
        if bit is None:
            bit = bits[label] = 1 << len(bits)
        mask |= bit
    return mask


def _let_play(show: Show, floor: _Floor) -> None:
    """Every port talks for ever where it is fed; whether anybody hears it is said by ``Plan.talkers``."""
    for port, feeds in show.feeds.items():
        found = show.ports[port]
        weights = dict.fromkeys(feeds, PROGRAM_PRIORITY + 10 * found.priority)
        floor.programs.append(_Talkers(weights, _mask(floor.bits, feeds), [(found.number, 0)]))


def _let_hear(show: Show, floor: _Floor, present: Iterable[Station]) -> None:
    """What each station hears of what is live: directs to it, then its open listens, the loudest first."""
    bits = floor.bits
    groups = [t for t in bits if t in show.targets and show.targets[t].kind is TargetKind.GROUP]
    answered = {aimed_at(label): label for label in bits if label.startswith("@")}
    always: dict[RoleId, Heard] = {}
    listens = {role: [key for key in keys if key.target in bits] for role, keys in show.listenable.items()}
    for station in present:
        role = station.role
        if role not in always:
            own = TargetId(role)
            mine = [group for group in groups if own in show.targets[group].members]
            always[role] = (own, *mine) if own in bits else tuple(mine)
        heard = always[role]
        seat = show.seats.get((role, station.seat)) if show.seats and station.seat is not None else None
        if seat in bits:
            heard = (seat, *heard)
        if station.id in answered:
            heard = (answered[station.id], *heard)
        if listens[role]:
            loudness: dict[TargetId, float] = {}
            for key in listens[role]:
                hearing = station.listens.get(key.id, _CLOSED)
                if hearing.on:
                    level = -math.inf if hearing.muted else hearing.volume_db
                    loudness[key.target] = max(level, loudness.get(key.target, level))
            heard += tuple(sorted(loudness, key=loudness.__getitem__, reverse=True))
        floor.hears[station.id] = heard
        floor.listeners.setdefault(heard, []).append(station.id)


def _ears(show: Show, floor: _Floor, groups: Iterable[_Talkers]) -> dict[StationId, tuple[Path, ...]]:
    """Per listener its paths in order. Tells each talking group its audience on the way."""
    bits = floor.bits
    private = frozenset(label for label in bits if is_private(show, label))
    ears: dict[StationId, tuple[Path, ...]] = {}
    for heard, listeners in floor.listeners.items():
        mask = 0
        for label in heard:
            mask |= bits[label]
        parts: dict[int, Heard] = {}
        ranked: Ranked = []
        for group in groups:
            common = group.mask & mask
            if not common:
                continue
            group.audience += listeners
            part = parts.get(common)
            if part is None:
                part = parts[common] = tuple(t for t in heard if bits[t] & common)
            paths = group.paths.get(part)
            if paths is None:
                paths = group.paths[part] = _paths(show, group, part)
            ranked += paths
            if part[0] in private:
                _confide(floor.private, group, listeners)
        ranked.sort()
        _fill(ears, listeners, tuple(path for _, _, path in ranked))
    return ears


def _confide(private: dict[StationId, set[StationId]], group: _Talkers, listeners: list[StationId]) -> None:
    """Note who talks with whom directly."""
    for talker, _ in group.numbers:
        for listener in listeners:
            if listener != talker:
                private.setdefault(talker, set()).add(listener)
                private.setdefault(listener, set()).add(talker)


def _paths(show: Show, group: _Talkers, over: Heard) -> Ranked:
    """The paths of talkers who talk alike, heard over the same labels."""
    direct = is_direct(show, over[0])
    base = max([group.weights[label] for label in over])
    ranked: Ranked = []
    for number, added in group.numbers:
        priority = base + added
        rank = -priority if number < FIRST_PORT else _AFTER_VOICES - priority
        ranked.append((rank, number, Path(number, over, direct, priority)))
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
        for talker, _ in group.numbers:
            others = tuple([listener for listener in everybody if listener != talker])
            if others:
                heard_by[talker] = others
    return heard_by


def _reach(show: Show, state: State, floor: _Floor) -> dict[StationId, dict[TargetId, int]]:
    """Ears per talker and target: of everybody who hears the target, less the talker's own."""
    ears: Counter[TargetId] = Counter()
    for heard, listeners in floor.listeners.items():
        for label in heard:
            ears[label] += len(listeners)
    reach: dict[StationId, dict[TargetId, int]] = {}
    for aims, group in floor.talkers.items():
        spread = {target: labels(show, state, target) for target, _ in aims}
        wide = {target: frozenset(over) for target, over in spread.items() if len(over) > 1}
        for target, over in wide.items():
            reached = [len(who) for heard, who in floor.listeners.items() if not over.isdisjoint(heard)]
            ears[target] = sum(reached)
        for talker, _ in group.numbers:
            mine = floor.hears[talker]
            reach[talker] = {
                t: ears[t] - (t in mine if t not in wide else not wide[t].isdisjoint(mine)) for t in spread
            }
    return reach
