"""The panel of a station as the show describes it, in the words of the wire."""

from __future__ import annotations

from soundmesh.core.permissions import may_listen, may_talk
from soundmesh.core.seats import place
from soundmesh.core.show import Key, Latch, Listen, Show
from soundmesh.core.state import Station
from soundmesh.wire import messages as m


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
        addresses=[],
        keys=[_key(show, station, key) for key in role.keys],
    )


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
        may_call=False,
        dim_db=key.dim_db,
        address=key.target,
    )
