"""The people a station sees: who is on its lines, who talks and listens there, in the words of the wire."""

from __future__ import annotations

from soundmesh.core.behind import Via, via
from soundmesh.core.ids import TargetId
from soundmesh.core.lines import is_on, is_private
from soundmesh.core.permissions import names_whole
from soundmesh.core.plan import Plan
from soundmesh.core.seats import place
from soundmesh.core.show import Key, Show
from soundmesh.core.state import Hearing, State, Station
from soundmesh.wire import messages as m

_CLOSED = Hearing(on=False)


def make_people(show: Show, state: State, plan: Plan, station: Station) -> m.People:
    """Everybody with a seat that shares a line with ``station``, or all of them for those who lead."""
    rights = show.roles[station.role].rights
    leads = bool(rights & {"calls", "kill"})
    heard = via(show, state, plan, station)
    found = [
        _person(show, state, plan, station, other, heard)
        for _, other in sorted(state.stations.items())
        if other.id != station.id and other.seat is not None
    ]
    return m.People(
        people=[person for person in found if leads or person.on or person.talks or person.hears],
        killed=sorted(state.killed) if "kill" in rights else [],
    )


def _person(show: Show, state: State, plan: Plan, station: Station, other: Station, heard: Via) -> m.Person:
    keys = show.roles[station.role].keys
    opened = plan.talking.get(other.id, frozenset())
    listens = {key.target for key in show.listenable[other.role] if other.listens.get(key.id, _CLOSED).on}
    return m.Person(
        station=other.id,
        address=f"{other.role}/{other.seat or ''}",
        place=place(show, other),
        person=other.person,
        role_name=show.roles[other.role].name,
        state="lost" if other.link is None else "here",
        on=[key.id for key in keys if is_on(show, other, key.target)],
        talks=[key.id for key in keys if _talks(show, plan, other, key, heard)],
        hears=[key.id for key in keys if other.link is not None and _hears(show, other, key.target, listens)],
        talking=bool(opened),
        latched=any(other.talks[key].latched for key in opened),
        killed=names_whole(state.killed, other) is not None,
        media=other.media.up,
    )


def _talks(show: Show, plan: Plan, other: Station, key: Key, heard: Via) -> bool:
    """Whether the other talks on this key's line; of a direct key, to this station. The rest is private."""
    if is_private(show, key.target):
        return key.id in heard.get(other.id, ())
    line = plan.lines.get(key.target)
    return line is not None and other.id in line.speakers


def _hears(show: Show, other: Station, target: TargetId, listens: set[TargetId]) -> bool:
    """Whether the other hears a talk to the target: a direct always, a line as its person left it."""
    found = show.targets[target]
    if is_private(show, target):
        return is_on(show, other, target)
    members = found.members or (target,)
    return not listens.isdisjoint(members) or TargetId(other.role) in found.members
