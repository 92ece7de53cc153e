"""Who may talk and listen where, and why not.

The matrix decides what a role may do; a kill, an empty seat and a missing
link take away from that and never add. The reasons come in the order of the
questions a person would ask: is there such a key, may my role use it, am I
here, did somebody kill it.
"""

from __future__ import annotations

from collections.abc import Mapping

from soundmesh.core.effects import Reason
from soundmesh.core.ids import KeyId, RoleId, StationId, TargetId
from soundmesh.core.reply import REPLY, aimed, aimed_at, may_answer, top
from soundmesh.core.show import Latch, Listen, Show, TargetKind
from soundmesh.core.state import Author, State, Station

EVERYWHERE = "*"
"""The kill address of the whole show; it spares the role of who gave it."""
_LINES = frozenset({TargetKind.CHANNEL, TargetKind.GROUP, TargetKind.IFB})
"""Kinds whose address closes the talks to them."""


def may_talk(show: Show, role: RoleId, target: TargetId) -> bool:
    """Whether the matrix lets the role talk to the target."""
    return target in show.targets and show.cell(role, target).talk


def may_talk_to(show: Show, state: State, station: Station, other: StationId) -> bool:
    """Whether a direct to one station is allowed now: by the matrix, or for 60 s as an answer to it.

    Kills are not asked: they close the talk and leave the right.
    """
    found = state.stations.get(other)
    if found is None or found.link is None or other == station.id:
        return False
    return may_talk(show, station.role, TargetId(found.role)) or may_answer(show, station, other)


def may_listen(show: Show, role: RoleId, target: TargetId) -> bool:
    """Whether the matrix lets the role hear the target. A direct is no listen: it is always heard."""
    return show.may_listen(role, target)


def is_forced(show: Show, role: RoleId, target: TargetId) -> bool:
    """Whether the role's listen on the target is always open."""
    return may_listen(show, role, target) and show.cell(role, target).listen is Listen.FORCED


def latch_of(show: Show, state: State, station: Station, key: KeyId) -> Latch:
    """How the key answers a press; the matrix can forbid its latch. Of an unknown key: momentary.

    The reply key is a direct to its person's role, so that role's cell can forbid its latch too.
    """
    role = station.role
    if key == REPLY:
        other = _answered(show, state, station)
        forbidden = other is not None and show.cell(role, TargetId(other.role)).momentary
        return Latch.MOMENTARY if forbidden else Latch.AUTO
    found = show.key(role, key)
    if found is None or show.cell(role, found.target).momentary:
        return Latch.MOMENTARY
    return found.latch


def has_key(show: Show, role: RoleId, key: KeyId) -> bool:
    """Whether the role's panel has this key; every panel has the reply key."""
    return key == REPLY or show.key(role, key) is not None


def talk_target(show: Show, station: Station, key: KeyId) -> TargetId | None:
    """Where the key leads; None: nowhere. A reply: where its talk goes, else to the top of the stack."""
    if key != REPLY:
        found = show.key(station.role, key)
        return None if found is None else found.target
    held = station.talks.get(REPLY)
    if held is not None:
        return held.target
    other = top(station)
    return None if other is None else aimed(other)


def _answered(show: Show, state: State, station: Station) -> Station | None:
    """Whom the reply key leads to, if that station is known."""
    target = talk_target(show, station, REPLY)
    number = None if target is None else aimed_at(target)
    return None if number is None else state.stations.get(number)


def is_killed(show: Show, state: State, station: Station, target: TargetId) -> bool:
    """Whether a mic kill closes this station's talk to the target; see ``closes``."""
    return closes(show, state.killed, station, target) is not None


def killed_by(show: Show, state: State, station: Station, key: KeyId) -> str:
    """Who closed this key's talk by a mic kill; empty: the box itself, or nobody."""
    target = talk_target(show, station, key)
    author = None if target is None else closes(show, state.killed, station, target)
    return "" if author is None else author.label


def closes(show: Show, kills: Mapping[str, Author], station: Station, target: TargetId) -> Author | None:
    """Whose address means this station's talk to the target.

    The address of a channel, a group or an ifb closes talks on it; a role's
    address closes the talks of its people, not the directs to them.
    """
    if not kills:
        return None
    author = names_whole(kills, station)
    if author is not None:
        return author
    found = show.targets.get(target)
    return kills.get(target) if found is not None and found.kind in _LINES else None


def names_whole(kills: Mapping[str, Author], station: Station) -> Author | None:
    """Whose address means the station itself, by everybody, its role or its seat."""
    everybody = kills.get(EVERYWHERE)
    if everybody is not None and everybody.role != station.role:
        return everybody
    return kills.get(station.role) or kills.get(f"{station.role}/{station.seat}")


def talk_verdict(show: Show, state: State, station: Station, key: KeyId) -> Reason | None:
    """Why the station may not talk on the key now; None: it may."""
    if key == REPLY:
        return _reply_verdict(show, state, station)
    found = show.key(station.role, key)
    if found is None:
        return Reason.UNKNOWN_KEY
    if not may_talk(show, station.role, found.target):
        heard = may_listen(show, station.role, found.target)
        return Reason.LISTEN_ONLY if heard else Reason.NOT_ALLOWED
    if station.seat is None or station.link is None:
        return Reason.NOT_SEATED
    if is_killed(show, state, station, found.target):
        return Reason.KILLED
    return None


def _reply_verdict(show: Show, state: State, station: Station) -> Reason | None:
    """The same for the reply key: where the matrix has no direct, its time must run or its key be held."""
    target = talk_target(show, station, REPLY)
    if target is None:
        return Reason.NOBODY
    other = _answered(show, state, station)
    if other is None or other.seat is None:
        return Reason.OTHER_LEFT
    role = show.roles.get(station.role)
    held = station.talks.get(REPLY)
    goes_on = held is not None and held.pressed and role is not None and role.reply
    in_time = goes_on or may_answer(show, station, other.id)
    if not in_time and not may_talk(show, station.role, TargetId(other.role)):
        return Reason.TOO_LATE
    if station.seat is None or station.link is None:
        return Reason.NOT_SEATED
    return Reason.KILLED if is_killed(show, state, station, target) else None


def listen_verdict(show: Show, state: State, station: Station, key: KeyId) -> Reason | None:
    """Why the station may not close or open the key's listen now; None: it may."""
    found = show.key(station.role, key)
    if found is None:
        return Reason.UNKNOWN_KEY
    if not may_listen(show, station.role, found.target):
        return Reason.NOT_ALLOWED
    if station.seat is None or station.link is None:
        return Reason.NOT_SEATED
    if is_forced(show, station.role, found.target):
        return Reason.FORCED
    return None
