"""The reply stack of a station: who spoke to it directly or called it, the newest first.

A "direct" here is a talk to a role, a seat or a group of such, as far as it
reaches the station.

==============================  ==========================================
what happens                    my stack
==============================  ==========================================
somebody opens a direct to me   on top, spoke
that direct closes              its 60 s begin anew
somebody calls me               on top, called, when no key of mine that
                                may talk leads there
aim, reply pressed for one      that one on top, nothing else changes
dismiss                         that one gone
I open a key to its role, seat  that one gone: it is answered
I answer by the reply key       stays
60 s after its last word        stays, but the matrix alone says whether
                                I may talk to it
it has no seat any more         gone
I have no seat any more         all gone
a ninth                         the oldest goes
==============================  ==========================================

Answering is for whoever was spoken to: what I say does not lengthen my 60 s,
so a path the matrix does not have never outlives the other's interest by more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from soundmesh.core.ids import KeyId, StationId, TargetId
from soundmesh.core.show import Show, TargetKind
from soundmesh.core.state import HeldTalk, ReplyEntry, State, Station, Why

REPLY = KeyId("reply")
"""The key every panel has beside its role's."""
MAX_REPLIES = 8
ANSWER_S = 60.0
"""How long somebody who spoke or called may be answered whatever the matrix says."""

Opened = tuple[Station, KeyId, TargetId]


def aimed(other: StationId) -> TargetId:
    """What a reply to this station points at; never a column, whose ids begin with a letter or figure."""
    return TargetId(f"@{other}")


def aimed_at(target: TargetId) -> StationId | None:
    """The station that a reply's target names; None: it is another kind of target."""
    return StationId(int(target[1:])) if target.startswith("@") else None


def top(station: Station) -> StationId | None:
    """Whom the reply key aims at."""
    return station.replies[0].station if station.replies else None


def may_answer(show: Show, station: Station, other: StationId) -> bool:
    """Whether the 60 s of somebody who spoke or called still run; nothing is said of the matrix."""
    role = show.roles.get(station.role)
    if role is None or not role.reply:
        return False
    return any(entry.fresh for entry in station.replies if entry.station == other)


def reaches(show: Show, target: TargetId, station: Station) -> bool:
    """Whether a talk to the target is a direct to this station."""
    mine = (TargetId(station.role), TargetId(f"{station.role}/{station.seat}"))
    found = show.targets.get(target)
    if found is not None and found.kind is TargetKind.GROUP:
        return any(member in mine for member in found.members)
    return target in mine


def push(station: Station, other: StationId, why: Why, now: float, *, speaking: bool = False) -> Station:
    """The station with somebody on top of its stack."""
    entry = ReplyEntry(other, now, why, speaking=speaking)
    rest = [old for old in station.replies if old.station != other]
    return replace(station, replies=(entry, *rest)[:MAX_REPLIES])


def aim(station: Station, other: StationId) -> Station:
    """The station with this entry on top; one that is not there changes nothing."""
    chosen = [entry for entry in station.replies if entry.station == other]
    rest = [entry for entry in station.replies if entry.station != other]
    return replace(station, replies=(*chosen, *rest)) if chosen else station


def dismiss(station: Station, other: StationId) -> Station:
    """The station without this entry."""
    kept = tuple(entry for entry in station.replies if entry.station != other)
    return replace(station, replies=kept) if len(kept) < len(station.replies) else station


def opened(before: State, after: State) -> list[Opened]:
    """The talks that are open after a change and were not before."""
    return [
        (station, key, talk.target)
        for number, station in after.stations.items()
        if station is not (old := before.stations.get(number))
        for key, talk in station.talks.items()
        if talk.target is not None and not talk.suspended
        if old is None or not _same_talk(old.talks.get(key), talk)
    ]


def _same_talk(old: HeldTalk | None, new: HeldTalk) -> bool:
    return old is not None and not old.suspended and old.target == new.target


def spoken(show: Show, before: State, after: State, now: float) -> State:
    """Every stack after talks opened and closed and stations went."""
    began = opened(before, after)
    if not began and not any(station.replies for station in after.stations.values()):
        return after
    gone = [k for k in before.stations if k not in after.stations or after.stations[k].seat is None]
    changed = {}
    for number, station in after.stations.items():
        told = _told(show, after, station, gone, began, now)
        if told is not station:
            changed[number] = told
    return replace(after, stations={**after.stations, **changed}) if changed else after


def _told(
    show: Show,
    state: State,
    station: Station,
    gone: Iterable[StationId],
    began: Iterable[Opened],
    now: float,
) -> Station:
    for other in gone if station.replies else ():
        station = dismiss(station, other)
    for entry in station.replies:
        if entry.speaking and not _speaks_to(show, state, entry.station, station):
            station = _paused(station, entry, now)
    for talker, key, target in began:
        if talker.id == station.id:
            station = station if key == REPLY else _answered(show, state, station, target)
        elif station.link is not None and reaches(show, target, station):
            station = push(station, talker.id, Why.SPOKE, now, speaking=True)
    return station


def _speaks_to(show: Show, state: State, talker: StationId, station: Station) -> bool:
    open_talks = [talk for talk in state.stations[talker].talks.values() if not talk.suspended]
    return any(reaches(show, talk.target, station) for talk in open_talks if talk.target is not None)


def _paused(station: Station, ended: ReplyEntry, now: float) -> Station:
    """A direct ended: its 60 s begin."""
    paused = replace(ended, at_s=now, speaking=False)
    return replace(station, replies=tuple(paused if e is ended else e for e in station.replies))


def _answered(show: Show, state: State, station: Station, target: TargetId) -> Station:
    """The station without those it talks to now over a key of their own."""
    found = show.targets.get(target)
    if found is None or found.kind not in (TargetKind.ROLE, TargetKind.SEAT):
        return station
    for entry in station.replies:
        if reaches(show, target, state.stations[entry.station]):
            station = dismiss(station, entry.station)
    return station


def overdue(station: Station, now: float) -> Station:
    """The station after the 60 s of its entries."""
    until = next_deadline(station)
    if until is None or now < until:
        return station
    kept = tuple(
        replace(entry, fresh=False) if not entry.speaking and now >= entry.at_s + ANSWER_S else entry
        for entry in station.replies
    )
    return replace(station, replies=kept)


def next_deadline(station: Station) -> float | None:
    """When the next entry may be answered no more but by the matrix."""
    ends = [entry.at_s for entry in station.replies if entry.fresh and not entry.speaking]
    return min(ends) + ANSWER_S if ends else None
