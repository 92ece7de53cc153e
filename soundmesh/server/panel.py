"""The panel of a station as the show describes it, in the words of the wire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Literal

from soundmesh.core.permissions import may_listen, may_talk
from soundmesh.core.seats import names, place, seat_name
from soundmesh.core.show import Key, Latch, Listen, Role, Show, TargetKind
from soundmesh.core.state import Station
from soundmesh.wire import messages as m

_LINES: Mapping[TargetKind, Literal["channel", "group", "ifb"]] = {
    TargetKind.CHANNEL: "channel",
    TargetKind.GROUP: "group",
    TargetKind.IFB: "ifb",
}
MOST_SEATS = 32
"""Seats of one role that are listed as addresses; a role for any number of people lists none."""


def make_panel(show: Show, station: Station) -> m.Panel:
    """What the phone draws its keys from. ``station`` must be seated at a role of the show."""
    role = show.roles[station.role]
    return m.Panel(
        show=show.name,
        role=role.id,
        role_name=role.name,
        seat=place(show, station),
        person=station.person,
        lanes=show.media.lanes,
        tap_ms=show.talk.tap_ms,
        latch_when_hidden=show.talk.latch_when_hidden,
        remind_s=show.talk.remind_s,
        dim_attack_ms=show.dim.attack_ms,
        dim_hold_ms=show.dim.hold_ms,
        dim_release_ms=show.dim.release_ms,
        rights=sorted(role.rights),
        reply=role.reply,
        addresses=list(_addresses(show, role)),
        keys=[_key(show, station, key) for key in role.keys],
    )


def _addresses(show: Show, role: Role) -> Iterator[m.PanelAddress]:
    """Where a role with the right may aim beyond its keys: at everything in the show."""
    if not role.rights & {"calls", "kill"}:
        return
    for target in show.targets.values():
        kind = _LINES.get(target.kind)
        if kind is not None:
            yield m.PanelAddress(address=target.id, label=target.name, kind=kind)
    for other in show.roles.values():
        yield m.PanelAddress(address=other.id, label=other.name, kind="role")
        if other.seats in (0, 1):
            continue
        for seat in islice(names(other), MOST_SEATS):
            label = seat_name(other, seat)
            yield m.PanelAddress(address=f"{other.id}/{seat}", label=label, kind="seat")


def _may_call(show: Show, station: Station, key: Key) -> bool:
    """A program hears no call; else whoever may talk there, or may call anybody."""
    if show.targets[key.target].kind is TargetKind.PORT:
        return False
    right = "calls" in show.roles[station.role].rights
    return right or may_talk(show, station.role, key.target)


def _key(show: Show, station: Station, key: Key) -> m.PanelKey:
    cell = show.cell(station.role, key.target)
    return m.PanelKey(
        id=key.id,
        label=key.label,
        color=key.color,
        kind=show.targets[key.target].kind.value,
        latch=Latch.MOMENTARY.value if cell.momentary else key.latch.value,
        may_talk=may_talk(show, station.role, key.target),
        may_listen=may_listen(show, station.role, key.target),
        forced=cell.listen is Listen.FORCED,
        armed=key.armed,
        may_call=_may_call(show, station, key),
        dim_db=key.dim_db,
        address=key.target,
    )
