"""How stations come, go and keep their seats.

==========  =========  ==========  =============================================
station is  seat       link        leaves it by
==========  =========  ==========  =============================================
arriving    held       not yet     linked: here; 60 s: away
here        held       open        unlinked: lost; left or given: forgotten
lost        held       gone        linked: here; 60 s or yielded: away
away        none       none        linked with a free seat: here; forgotten
==========  =========  ==========  =============================================

Every new link starts with no talk open. Whoever is not here holds no talk and
is in no plan. The media session of a lost station waits 30 s for the page it
belongs to (``tab``) and carries nothing meanwhile; any other page, a seat given
up, a leave or a reload that drops the station frees it at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from soundmesh.core import listens, seats
from soundmesh.core.effects import DropLink, Effect, Reason, RefuseStation, Seated
from soundmesh.core.events import SeatHandedOver, StationJoined, StationLeft, StationLinked, StationUnlinked
from soundmesh.core.ids import SeatName, StationId
from soundmesh.core.legs import kept, sessions, without
from soundmesh.core.reply import REPLY
from soundmesh.core.show import Role, Show
from soundmesh.core.state import State, Station
from soundmesh.core.talks import Changed, close_all, close_forbidden

KEPT_S = 30.0
"""How long a media session waits for its page. A browser gives its side up after some 17 s and can still be
restarted; ICE consent of RFC 7675 ends after 30 s."""

Result = tuple[State, tuple[Effect, ...]]


def put(state: State, *stations: Station) -> State:
    """The state with these stations replaced; the same object when nothing changed."""
    changed = {s.id: s for s in stations if state.stations.get(s.id) != s}
    return replace(state, stations={**state.stations, **changed}) if changed else state


def joined(show: Show, state: State, event: StationJoined, now: float) -> Result:
    """Somebody proved a right to a role: a seat of it, or a refusal with its holders."""
    role = show.roles.get(event.role)
    if role is None:
        return state, (RefuseStation(event.station, Reason.UNKNOWN_ROLE),)
    old = state.stations.get(event.station)
    others = {k: s for k, s in state.stations.items() if k != event.station}
    same_role = old is not None and old.role == event.role
    remembered = (old.seat or old.last_seat) if old is not None and same_role else None
    got = seats.claim(others, role, wish=event.seat, remembered=remembered, now=now)
    if isinstance(got, seats.Refusal):
        return state, (RefuseStation(event.station, got.reason, got.holders),)
    freed: tuple[Effect, ...] = ()
    if got.loser is not None:
        freed = sessions(others[got.loser.id])
        others[got.loser.id] = got.loser
    if len(others) >= seats.MAX_STATIONS and not _forget_one(others):
        return state, (RefuseStation(event.station, Reason.ROLE_FULL),)
    if old is None:
        old = Station(event.station, event.role, event.person)
    else:
        freed += _ended(old, Reason.TAKEN_OVER)
        old = old if same_role else replace(old, replies=())
    station = _settled(show, seats.lost(replace(old, role=role.id, person=event.person), now))
    station = replace(station, seat=got.seat, last_seat=got.seat, arriving=True)
    others[station.id] = station
    return replace(state, stations=others), (*freed, Seated(station.id, got.seat))


def linked(show: Show, state: State, event: StationLinked, now: float) -> Result:
    """A control link opened: the station is here, in its seat or a free one, with nothing open."""
    station = state.stations.get(event.station)
    if station is None:
        return state, (RefuseStation(event.station, Reason.NOT_SEATED),)
    if station.link == event.link:
        return state, ()
    role = show.roles.get(station.role)
    if role is None:
        return state, (RefuseStation(station.id, Reason.UNKNOWN_ROLE),)
    seat = station.seat
    if seat is None or seat not in seats.names(role):
        got = seats.claim(state.stations, role, wish=None, remembered=station.last_seat, now=None)
        if isinstance(got, seats.Refusal):
            return state, (RefuseStation(station.id, got.reason, got.holders),)
        seat = got.seat
    same_page = event.tab != "" and event.tab == station.tab
    waiting, freed = kept(station) if same_page else without(station)
    effects = (*freed, *_dropped(station, Reason.TAKEN_OVER), Seated(station.id, seat))
    station = _settled(show, seats.lost(station, now))
    station = replace(
        station,
        seat=seat,
        last_seat=seat,
        link=event.link,
        tab=event.tab,
        media=waiting.media,
        lanes=waiting.lanes,
        lost_at_s=None,
        beat_s=now,
        hidden=False,
    )
    return put(state, station), effects


def unlinked(show: Show, state: State, event: StationUnlinked, now: float) -> Result:
    """A control link is gone: all but the seat is freed at once; the session waits, carrying nothing."""
    station = state.stations.get(event.station)
    if station is None or station.link != event.link:
        return state, ()
    waiting, freed = kept(station)
    effects = (*close_all(station, Reason.LINK_LOST)[1], *freed)
    station = replace(seats.lost(station, now), media=waiting.media, lanes=waiting.lanes)
    return put(state, station), effects


def left(show: Show, state: State, event: StationLeft, now: float) -> Result:
    """The person left for good or was sent away: nothing is remembered."""
    station = state.stations.get(event.station)
    if station is None:
        return state, ()
    others = {k: s for k, s in state.stations.items() if k != event.station}
    return replace(state, stations=others), _ended(station, event.reason, event.by, event.why)


def handed_over(show: Show, state: State, event: SeatHandedOver, now: float) -> Result:
    """The giver is forgotten and the seat taken in one step, or nothing changes."""
    joining = StationJoined(event.station, event.role, event.person, event.seat)
    giver = state.stations.get(event.giver)
    sits = giver is not None and (giver.role, giver.seat) == (event.role, event.seat)
    if giver is None or not sits or event.giver == event.station:
        return joined(show, state, joining, now)
    others = {k: s for k, s in state.stations.items() if k != event.giver}
    after, effects = joined(show, replace(state, stations=others), joining, now)
    if any(isinstance(effect, RefuseStation) for effect in effects):
        return state, effects
    return after, (*_ended(giver, event.reason, event.by), *effects)


def overdue(station: Station, now: float) -> Changed:
    """The station away when its reserved time is over, and before that without the session it left."""
    until = next_deadline(station)
    if until is None or now < until:
        return station, ()
    if now >= seats.lost_at(station) + seats.RESERVED_S:
        return seats.away(station), sessions(station)
    return without(station)


def next_deadline(station: Station) -> float | None:
    """When a station without a link gives up its session, and then its reserved seat."""
    if station.seat is None or station.link is not None:
        return None
    waits = seats.RESERVED_S if station.media.session is None else KEPT_S
    return seats.lost_at(station) + waits


def show_changed(show: Show, state: State, now: float) -> Result:
    """Every station under the new show: reseated, dropped, its forbidden talks closed."""
    stations = {k: state.stations[k] for k in sorted(state.stations)}
    effects: list[Effect] = []
    for station in _unseated_first_here(show, stations):
        effects += _reseat(show, stations, station, now)
    for station in list(stations.values()):
        if station.role not in show.roles:
            continue
        kept, closed = close_forbidden(show, state, replace(station, tail=None), Reason.SHOW_CHANGED)
        effects += closed
        stations[station.id] = _settled(show, kept)
    return put(state, *stations.values()), tuple(effects)


def _unseated_first_here(show: Show, stations: Mapping[StationId, Station]) -> list[Station]:
    """Seated stations whose seat the show no longer has; the linked before the lost."""
    gone = [
        s
        for s in stations.values()
        if s.seat is not None and (s.role not in show.roles or s.seat not in seats.names(show.roles[s.role]))
    ]
    return sorted(gone, key=lambda s: (s.link is None, s.id))


def _reseat(
    show: Show, stations: dict[StationId, Station], station: Station, now: float
) -> tuple[Effect, ...]:
    role = show.roles.get(station.role)
    seat = None if role is None else _free_seat(stations, role)
    if seat is not None:
        stations[station.id] = replace(station, seat=seat, last_seat=seat)
        return (Seated(station.id, seat),)
    lost_at = now if station.link is not None else seats.lost_at(station)
    stations[station.id] = seats.away(seats.lost(station, lost_at))
    return _ended(station, Reason.SHOW_CHANGED)


def _free_seat(stations: Mapping[StationId, Station], role: Role) -> SeatName | None:
    got = seats.claim(stations, role, wish=None, remembered=None, now=None)
    return got.seat if isinstance(got, seats.Claim) else None


def _settled(show: Show, station: Station) -> Station:
    """The station with the listens and counters its role has now."""
    mine = {key.id for key in show.roles[station.role].keys}
    return replace(
        station,
        listens=listens.allowed(show, station.role, station.listens),
        counters={k: c for k, c in station.counters.items() if k in mine or k == REPLY},
    )


def _ended(station: Station, reason: Reason, by: str = "", why: str = "") -> tuple[Effect, ...]:
    """The orders that end a station's link and sessions."""
    return (*sessions(station), *_dropped(station, reason, by, why))


def _dropped(station: Station, reason: Reason, by: str = "", why: str = "") -> tuple[DropLink, ...]:
    return () if station.link is None else (DropLink(station.id, station.link, reason, by, why),)


def _forget_one(stations: dict[StationId, Station]) -> bool:
    """Forget the longest away; whether there was one."""
    gone = [s for s in stations.values() if s.seat is None]
    if not gone:
        return False
    del stations[min(gone, key=lambda s: (seats.lost_at(s), s.id)).id]
    return True
