"""A station's listens: what its person left open, as far as the matrix lets them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from soundmesh.core.effects import Reason, RefuseKey
from soundmesh.core.events import ListenSet, VolumeSet
from soundmesh.core.ids import KeyId, RoleId
from soundmesh.core.permissions import is_forced, listen_verdict, may_listen
from soundmesh.core.show import Listen, Show
from soundmesh.core.state import Hearing, State, Station
from soundmesh.core.talks import Changed, counters


def allowed(show: Show, role: RoleId, remembered: Mapping[KeyId, Hearing]) -> dict[KeyId, Hearing]:
    """The listens of a role's keys: as remembered where still allowed, else as at a first join.

    A key to a role, a seat or a group is in it for its volume; a direct is always heard.
    """
    found: dict[KeyId, Hearing] = {}
    for key in show.roles[role].keys:
        direct = show.targets[key.target].kind.is_direct
        if not direct and not may_listen(show, role, key.target):
            continue
        at_join = direct or show.cell(role, key.target).listen is not Listen.OFF
        hearing = remembered.get(key.id, Hearing(on=at_join))
        always = direct or is_forced(show, role, key.target)
        found[key.id] = replace(hearing, on=True) if always else hearing
    return found


def heard(show: Show, state: State, station: Station, event: ListenSet) -> Changed:
    """A listen was opened or closed."""
    used = counters(station, event.key)
    known = show.key(station.role, event.key) is not None
    if known and event.counter <= used.listen:
        return station, ()
    if known:
        counted = {**station.counters, event.key: replace(used, listen=event.counter)}
        station = replace(station, counters=counted)
    why = listen_verdict(show, state, station, event.key)
    if why is Reason.FORCED and event.on:
        return station, ()
    if why is not None:
        return station, (RefuseKey(station.id, event.key, event.counter, why),)
    hearing = replace(station.listens[event.key], on=event.on)
    return replace(station, listens={**station.listens, event.key: hearing}), ()


def turned(station: Station, event: VolumeSet) -> Changed:
    """A listen's volume or mute was set; a key that hears nothing has none."""
    hearing = station.listens.get(event.key)
    if hearing is None:
        return station, ()
    hearing = replace(hearing, volume_db=event.volume_db, muted=event.muted)
    return replace(station, listens={**station.listens, event.key: hearing}), ()
