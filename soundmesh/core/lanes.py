"""Who is on which lane of one listener: a table and two functions that replace it.

``settle`` runs on every new plan, ``pick`` when a packet comes.

===========================  =================================================
settle: a talker that        gets
===========================  =================================================
has a lane and stays         its lane
is gone                      nothing; its lane rests for 500 ms
is new                       the lane that rested longest, if for 500 ms
is new, no lane has rested   the one that rested longest, but only while there
                             are no more talkers than lanes
finds no lane                nothing now; ``pick`` decides when it speaks
===========================  =================================================

===========================  =================================================
pick: a talker that          gets
===========================  =================================================
has a lane                   its lane; its speech is noted
has none and does not speak  none
speaks without a lane        the first there is of: a free lane; the lane of
                             who has been silent for 300 ms (the longest);
                             of who is lower in priority (the lowest); of an
                             equal who is 6 dB quieter (the quietest); none
===========================  =================================================

Speech is noted only while there are at least as many talkers as lanes (nobody
can be displaced before), and of one owner every 40 ms (a note makes a table). So an owner is
silent after 260 to 300 ms. An owner without a note has not spoken. A noted
level rises at once and falls by 40 dB a second, so that a short dip between
two words loses no lane.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

from soundmesh.core.ids import StationId

T = TypeVar("T")

REST_S = 0.5
"""A phone maps a lane to a talker by CSRC and tally; a rest lets late packets of the old one pass."""
HOLD_S = 0.3
HYSTERESIS_DB = 6
NOTE_EVERY_S = 0.04
FALL_DB_S = 40.0


@dataclass(frozen=True, slots=True)
class Note:
    """How a lane's owner spoke last. Units: ``level_dbov`` -127 to 0."""

    at_s: float
    level_dbov: float
    priority: int


@dataclass(frozen=True, slots=True)
class LaneTable:
    """The lanes of one listener. Make one by ``LaneTable(size)``; the rest follows by the functions."""

    size: int
    owners: tuple[StationId | None, ...] = ()
    lane_of: Mapping[StationId, int] = field(default_factory=lambda: MappingProxyType({}))
    freed_s: tuple[float, ...] = ()
    """When each lane's last owner left it."""
    notes: tuple[Note | None, ...] = ()
    talkers: int = 0
    """How many the last ``settle`` was given, with a lane or without."""

    def __post_init__(self) -> None:
        if len(self.owners) != self.size:
            object.__setattr__(self, "owners", (None,) * self.size)
            object.__setattr__(self, "freed_s", (-math.inf,) * self.size)
            object.__setattr__(self, "notes", (None,) * self.size)

    @property
    def crowded(self) -> bool:
        """Whether every lane is needed. While not, ``pick`` need not be called for owners of a lane."""
        return self.talkers >= self.size


def settle(table: LaneTable, talkers_in_priority_order: Sequence[StationId], now: float) -> LaneTable:
    """The table for a new plan; the same object when it stays as it was."""
    wanted = frozenset(talkers_in_priority_order)
    gone = [owner for owner in table.lane_of if owner not in wanted]
    for owner in gone:
        table = _freed(table, table.lane_of[owner], now)
    if table.talkers != len(wanted):
        table = replace(table, talkers=len(wanted))
    for talker in talkers_in_priority_order:
        if talker in table.lane_of:
            continue
        lane = _free_lane(table)
        if lane is None:
            break
        if table.talkers > table.size and now - table.freed_s[lane] < REST_S:
            break
        table = _given(table, lane, talker, None)
    return table


def pick(
    table: LaneTable, talker: StationId, *, speaking: bool, level_dbov: int, priority: int, now: float
) -> tuple[LaneTable, int | None]:
    """The talker's lane for a packet that arrived ``now``; None: it is not heard by this listener."""
    lane = table.lane_of.get(talker)
    if lane is not None:
        if not speaking or not table.crowded:
            return table, lane
        return _noted(table, lane, level_dbov, priority, now), lane
    if not speaking:
        return table, None
    lane = _free_lane(table)
    if lane is None:
        lane = _lane_to_take(table, level_dbov, priority, now)
    if lane is None:
        return table, None
    return _given(table, lane, talker, Note(now, level_dbov, priority)), lane


def _free_lane(table: LaneTable) -> int | None:
    """The free lane that rested longest."""
    free = [lane for lane, owner in enumerate(table.owners) if owner is None]
    return min(free, key=lambda lane: (table.freed_s[lane], lane), default=None)


def _lane_to_take(table: LaneTable, level_dbov: int, priority: int, now: float) -> int | None:
    spoken = [(note, lane) for lane, note in enumerate(table.notes) if note is not None]
    unspoken = [lane for lane, note in enumerate(table.notes) if note is None]
    if unspoken:
        return unspoken[0]
    silent = [(note.at_s, lane) for note, lane in spoken if now - note.at_s >= HOLD_S]
    if silent:
        return min(silent)[1]
    lower = [(note.priority, note.level_dbov, lane) for note, lane in spoken if note.priority < priority]
    if lower:
        return min(lower)[2]
    quieter = [
        (note.level_dbov, lane)
        for note, lane in spoken
        if note.priority == priority and note.level_dbov + HYSTERESIS_DB <= level_dbov
    ]
    return min(quieter)[1] if quieter else None


def _noted(table: LaneTable, lane: int, level_dbov: int, priority: int, now: float) -> LaneTable:
    note = table.notes[lane]
    level = float(level_dbov)
    if note is not None:
        if now - note.at_s < NOTE_EVERY_S and level <= note.level_dbov and priority == note.priority:
            return table
        level = max(level, note.level_dbov - FALL_DB_S * (now - note.at_s))
    return replace(table, notes=_with(table.notes, lane, Note(now, level, priority)))


def _given(table: LaneTable, lane: int, talker: StationId, note: Note | None) -> LaneTable:
    lane_of = {owner: at for owner, at in table.lane_of.items() if at != lane}
    return replace(
        table,
        owners=_with(table.owners, lane, talker),
        lane_of=MappingProxyType({**lane_of, talker: lane}),
        notes=_with(table.notes, lane, note),
    )


def _freed(table: LaneTable, lane: int, now: float) -> LaneTable:
    return replace(
        table,
        owners=_with(table.owners, lane, None),
        lane_of=MappingProxyType({owner: at for owner, at in table.lane_of.items() if at != lane}),
        freed_s=_with(table.freed_s, lane, now),
        notes=_with(table.notes, lane, None),
    )


def _with(values: tuple[T, ...], at: int, value: T) -> tuple[T, ...]:
    return (*values[:at], value, *values[at + 1 :])
