"""What a restart remembers of the crew: to the state file's tables and back.

Nobody comes back talking: seats return as lost, without link, media or talk.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeGuard

import soundmesh
from soundmesh.core.ids import KeyId, RoleId, SeatName, StationId
from soundmesh.core.seats import names
from soundmesh.core.show import Show
from soundmesh.core.state import Author, Hearing, State, Station
from soundmesh.server.invites import Invites
from soundmesh.server.sessions import Sessions

FORMAT = 1
MAX_LABEL = 130
WALL_STEP_S = 3600.0
"""The clock alone is no reason to write the file again, so it is kept by the hour."""


def dump(state: State, sessions: Sessions, invites: Invites, wall_s: float | None = None) -> dict[str, Any]:
    """Tables for ``StateFile.save``. A station no browser can come back as is left out.

    Key counters are not kept: they change with every press, and a phone goes on from its own.
    """
    now = time.time() if wall_s is None else wall_s
    kept = sessions.stations
    return {
        "format": FORMAT,
        "wall_s": now // WALL_STEP_S * WALL_STEP_S,
        "killed": [_dump_kill(address, by) for address, by in sorted(state.killed.items())],
        "stations": [_dump_station(s) for _, s in sorted(state.stations.items()) if s.id in kept],
        "sessions": sessions.dump(),
        "invites": invites.dump(now),
    }


def restore(saved: Mapping[str, Any], show: Show, now: float) -> tuple[State, Sessions, Invites]:
    """The crew as it was, all lost since ``now`` (monotonic). What makes no sense any more is left out."""
    passed = _number(saved.get("wall_s"), wall_floor_s({}), 0.0, math.inf)
    sessions = Sessions.restore(_rows(saved, "sessions"), passed)
    invites = Invites.restore(_rows(saved, "invites"))
    stations: dict[StationId, Station] = {}
    taken: set[tuple[RoleId, SeatName]] = set()
    for row in _rows(saved, "stations"):
        station = _restore_station(row, show, now)
        if station is None or station.id in stations or station.id not in sessions.stations:
            continue
        stations[station.id] = _reseat(station, show, taken)
    for gone in sessions.stations - stations.keys():
        sessions.revoke(gone)
    return State(stations=stations, killed=_restore_kills(saved.get("killed"))), sessions, invites


def wall_floor_s(saved: Mapping[str, Any]) -> float:
    """A wall clock time that has certainly passed: the program's build or the last save.

    A box without a battery clock boots in the past.
    """
    floor = _number(saved.get("wall_s"), 0.0, 0.0, math.inf)
    for built in (soundmesh.__file__, __file__):
        try:
            return max(floor, Path(built).stat().st_mtime)
        except OSError:
            continue
    return floor


def _dump_kill(address: str, by: Author) -> dict[str, Any]:
    row = {"address": address, "by": by.label}
    return row if by.role is None else {**row, "role": str(by.role)}


def _restore_kills(saved: object) -> dict[str, Author]:
    """The kills that stood. An older file has the addresses alone; a kill is never forgotten for its form."""
    kills: dict[str, Author] = {}
    for row in saved if isinstance(saved, list) else ():
        if isinstance(row, str):
            kills[row] = Author()
        elif isinstance(row, dict) and isinstance(address := row.get("address"), str):
            role = row.get("role")
            spared = RoleId(role) if isinstance(role, str) else None
            kills[address] = Author(str(row.get("by", ""))[:MAX_LABEL], spared)
    return kills


def _dump_station(station: Station) -> dict[str, Any]:
    row: dict[str, Any] = {
        "number": int(station.id),
        "role": str(station.role),
        "person": station.person,
        "master_db": float(station.master_db),
        "listens": {
            str(key): {"on": h.on, "volume_db": float(h.volume_db), "muted": h.muted}
            for key, h in station.listens.items()
        },
    }
    if station.seat is not None:
        row["seat"] = str(station.seat)
    if station.last_seat is not None:
        row["last_seat"] = str(station.last_seat)
    return row


def _restore_station(row: Mapping[str, Any], show: Show, now: float) -> Station | None:
    number, role = row.get("number"), row.get("role")
    if not _is_count(number) or not 1 <= number <= 65535:
        return None
    if not isinstance(role, str) or role not in show.roles:
        return None
    seat, last = row.get("seat"), row.get("last_seat")
    return Station(
        id=StationId(number),
        role=RoleId(role),
        person=str(row.get("person", ""))[:40],
        seat=SeatName(seat) if isinstance(seat, str) else None,
        last_seat=SeatName(last) if isinstance(last, str) else None,
        lost_at_s=now,
        master_db=_number(row.get("master_db"), 0.0, -100.0, 24.0),
        listens={
            KeyId(key): Hearing(
                on=value.get("on") is True,
                volume_db=_number(value.get("volume_db"), 0.0, -100.0, 24.0),
                muted=value.get("muted") is True,
            )
            for key, value in _table(row, "listens").items()
            if isinstance(value, dict)
        },
    )


def _reseat(station: Station, show: Show, taken: set[tuple[RoleId, SeatName]]) -> Station:
    """The station on its seat, or away when the show has it no more or somebody is on it."""
    seat = station.seat
    if seat is None:
        return station
    if (station.role, seat) in taken or seat not in set(names(show.roles[station.role])):
        return replace(station, seat=None, last_seat=seat)
    taken.add((station.role, seat))
    return station


def _rows(saved: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = saved.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _table(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = row.get(name)
    return found if isinstance(found, dict) else {}


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _number(value: object, default: float, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return default
    return min(high, max(low, float(value)))
