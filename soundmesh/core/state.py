"""Who is here and what they hold: immutable, replaced by ``core.step``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from soundmesh.core.ids import KeyId, LinkId, RoleId, SeatName, SessionId, StationId, TargetId

_EMPTY: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class HeldTalk:
    """One open talk of a station."""

    latched: bool
    pressed: bool
    """The key is physically down now (or was at the last beat)."""
    closing: bool = False
    """This press began on a latched talk: its release closes it."""
    suspended: bool = False
    """Closed for want of beats; a beat that still lists the key reopens it."""
    target: TargetId | None = None
    """What the key pointed at when it was pressed: a reload must not carry an open talk elsewhere."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """One listen of a station, as its person left it."""

    on: bool
    volume_db: float = 0.0
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Counters:
    """The last press, release or listen counter applied to a key; echoed in tallies."""

    talk: int = 0
    listen: int = 0


@dataclass(frozen=True, slots=True)
class MediaLeg:
    """What the media engine has said of a station's transport."""

    session: SessionId | None = None
    up: bool = False
    flowing: bool = False
    """A packet of this microphone arrived in the last second."""
    silent: bool = False
    """Digital silence for 3 s."""
    pending: SessionId | None = None
    """A newer session that is not connected yet; ``session`` carries the media until it is."""


@dataclass(frozen=True, slots=True)
class Tail:
    """Keys kept open for late packets after a voluntary release of the last open talk."""

    keys: frozenset[KeyId]
    until_s: float
    reply: TargetId | None = None
    """Where the reply key led, if it is one of them."""


class Why(StrEnum):
    """Why somebody is on a reply stack."""

    CALLED = "called"
    SPOKE = "spoke"


@dataclass(frozen=True, slots=True)
class ReplyEntry:
    """One of a reply stack; see ``core.reply``."""

    station: StationId
    at_s: float
    """When it called, or spoke last."""
    why: Why
    speaking: bool = False
    """Its direct is open now: the 60 s do not run."""
    fresh: bool = True
    """May be answered whatever the matrix says."""


class SignalKind(StrEnum):
    CALL = "call"
    STANDBY = "standby"
    GO = "go"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Signal:
    """Attention without voice that stands; see ``core.signals``."""

    id: int
    kind: SignalKind
    sender: StationId
    to: str
    """An address: a channel, a role, a group, an ifb or ``role/seat``."""
    text: str
    at_s: float
    audience: tuple[StationId, ...]
    """Who it was given to and has a seat still; never the sender."""
    answers: Mapping[StationId, float] = field(default_factory=lambda: _EMPTY)
    """When each of them acknowledged it."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who closes microphones; without a name the box itself."""

    label: str = ""
    """As the crew says it, such as ``Director (Maria)``; kept when the person has left."""
    role: RoleId | None = None
    """Its people go on talking when it closes the whole show."""


@dataclass(frozen=True, slots=True)
class Station:
    """A person at a role. ``seat`` None: away, remembered but holding nothing.

    here = ``link`` is set; lost = seated without a link; away = no seat.
    """

    id: StationId
    role: RoleId
    person: str
    seat: SeatName | None = None
    link: LinkId | None = None
    lost_at_s: float | None = None
    """Since when there is no link, for lost and away stations."""
    beat_s: float = 0.0
    hidden: bool = False
    talks: Mapping[KeyId, HeldTalk] = field(default_factory=lambda: _EMPTY)
    listens: Mapping[KeyId, Hearing] = field(default_factory=lambda: _EMPTY)
    counters: Mapping[KeyId, Counters] = field(default_factory=lambda: _EMPTY)
    master_db: float = 0.0
    media: MediaLeg = field(default_factory=MediaLeg)
    tail: Tail | None = None
    lanes: tuple[StationId | None, ...] = ()
    """Who is on which lane, as the media engine last reported."""
    last_seat: SeatName | None = None
    """The seat held last, tried first when an away station returns."""
    replies: tuple[ReplyEntry, ...] = ()
    """Whom the reply key aims at: the first."""
    arriving: bool = False
    """Joined and not linked yet: for 10 s its seat does not yield as a lost one does."""
    tab: str = ""
    """The page of the link, or of the last one; a lost station's session waits for that page alone."""


@dataclass(frozen=True, slots=True)
class State:
    stations: Mapping[StationId, Station] = field(default_factory=lambda: _EMPTY)
    silent_programs: frozenset[TargetId] = frozenset()
    """Ports that have nothing they can play."""
    killed: Mapping[str, Author] = field(default_factory=lambda: _EMPTY)
    """Addresses whose talks are closed, and by whom: ``*``, a target id, a role id or ``role/seat``."""
    signals: tuple[Signal, ...] = ()
    """Those that stand, the oldest first."""
    next_signal: int = 1
