"""Which seats a role has, who holds them, and who gets one.

=====================  ==========================  ============================
seat wanted            free                        held
=====================  ==========================  ============================
none named             the remembered, else first  full: a lost holder yields,
                                                   else refused with holders
one named              that one                    by a lost holder of a full
                                                   role: yields; else refused
=====================  ==========================  ============================

A seat is held while its station is here, lost (60 s) or arriving (joined, not
linked yet). A lost holder yields, the longest lost first; an arriving one does
not for 10 s, or two people who join together would unseat each other. A
station that returns by itself, without joining, takes a free seat only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from soundmesh.core.effects import Reason
from soundmesh.core.ids import SeatName, StationId
from soundmesh.core.show import Role, Show
from soundmesh.core.state import MediaLeg, Station

RESERVED_S = 60.0
"""How long a lost station keeps its seat."""
ARRIVAL_S = 10.0
"""How long a seat waits for the first link of who joined."""
MAX_STATIONS = 512
"""Station records kept, away ones included."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A seat is given. ``loser``: the lost station that held it and is away now."""

    seat: SeatName
    loser: Station | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    reason: Reason
    holders: tuple[tuple[SeatName, str], ...] = ()


def names(role: Role) -> Iterator[SeatName]:
    """The role's seats in order; for any number, as many as there can be stations."""
    if isinstance(role.seats, tuple):
        yield from role.seats
        return
    for number in range(1, (role.seats or MAX_STATIONS) + 1):
        yield SeatName(str(number))


def holders(stations: Mapping[StationId, Station], role: Role) -> dict[SeatName, Station]:
    """Who holds each taken seat of the role."""
    return {s.seat: s for s in stations.values() if s.role == role.id and s.seat is not None}


def claim(
    stations: Mapping[StationId, Station],
    role: Role,
    *,
    wish: SeatName | None,
    remembered: SeatName | None,
    now: float | None,
) -> Claim | Refusal:
    """A seat of the role for somebody not among ``stations``. ``now`` None: lost seats do not yield."""
    held = holders(stations, role)
    seats = list(names(role))
    free = [seat for seat in seats if seat not in held]
    if wish is not None and wish not in seats:
        return Refusal(Reason.UNKNOWN_SEAT)
    if wish in free:
        return Claim(wish)
    if wish is None and free:
        return Claim(remembered if remembered in free else free[0])
    losers = [] if free or now is None else _yielding(held, seats, now)
    if wish is not None:
        losers = [s for s in losers if s.seat == wish]
    if losers:
        return _taken_from(min(losers, key=lambda s: (lost_at(s), s.id)))
    if wish is not None:
        return Refusal(Reason.SEAT_TAKEN, ((wish, held[wish].person),))
    return Refusal(Reason.ROLE_FULL, tuple((seat, held[seat].person) for seat in seats))


def _yielding(held: Mapping[SeatName, Station], seats: list[SeatName], now: float) -> list[Station]:
    found = [held[seat] for seat in seats if held[seat].link is None]
    return [s for s in found if not s.arriving or now >= lost_at(s) + ARRIVAL_S]


def _taken_from(loser: Station) -> Claim:
    assert loser.seat is not None
    return Claim(loser.seat, away(loser))


def lost_at(station: Station) -> float:
    """Since when a station has no link; one that never said is lost for ever."""
    return 0.0 if station.lost_at_s is None else station.lost_at_s


def lost(station: Station, now: float) -> Station:
    """The station without its link: its seat stays reserved, everything else is freed."""
    return replace(
        station,
        link=None,
        lost_at_s=now,
        hidden=False,
        arriving=False,
        talks={},
        media=MediaLeg(),
        tail=None,
        lanes=(),
    )


def away(station: Station) -> Station:
    """A lost station without its seat: remembered, holding nothing."""
    return replace(
        station,
        seat=None,
        last_seat=station.seat or station.last_seat,
        arriving=False,
        media=MediaLeg(),
        lanes=(),
        tab="",
        replies=(),
    )


def seat_name(role: Role, seat: str) -> str:
    """What the crew calls a seat: ``Cam 2``, or ``Camera 2`` where seats have no names."""
    if isinstance(role.seats, tuple):
        return seat or role.name
    return role.name if role.seats == 1 else f"{role.name} {seat}".rstrip()


def place(show: Show, station: Station) -> str:
    """What the crew calls a station; see ``seat_name``."""
    role = show.roles.get(station.role)
    if role is None:
        return str(station.role)
    return seat_name(role, station.seat or station.last_seat or "")


def label(show: Show, station: Station) -> str:
    """The same with its person: ``Cam 2 (Jo)``."""
    called = place(show, station)
    return f"{called} ({station.person})" if station.person else called
