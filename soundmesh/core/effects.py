"""Orders that a step gives to the world. A refusal is data: a reason, never an exception."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from soundmesh.core.ids import KeyId, LinkId, SeatName, SessionId, StationId


class Reason(StrEnum):
    """Why something was refused or closed. The panel has words for each."""

    UNKNOWN_KEY = "unknown_key"
    LISTEN_ONLY = "listen_only"
    NOT_ALLOWED = "not_allowed"
    FORCED = "forced"
    """This listen is forced and cannot be closed."""
    KILLED = "killed"
    NOT_SEATED = "not_seated"
    UNKNOWN_ROLE = "unknown_role"
    UNKNOWN_SEAT = "unknown_seat"
    SEAT_TAKEN = "seat_taken"
    ROLE_FULL = "role_full"
    TAKEN_OVER = "taken_over"
    SHOW_CHANGED = "show_changed"
    LEFT = "left"
    SEAT_YIELDED = "seat_yielded"
    HANDED_OVER = "handed_over"
    """Its person agreed to give the seat to another."""
    SEAT_GIVEN = "seat_given"
    """Somebody with the right gave the seat to another."""
    KICKED = "kicked"
    NO_BEAT = "no_beat"
    LINK_LOST = "link_lost"
    MEDIA_LOST = "media_lost"
    NOBODY_HERE = "nobody_here"
    """Nobody is there to see the signal."""
    UNKNOWN_ADDRESS = "unknown_address"
    UNLATCHED = "unlatched"
    """Closed once from outside; it may be opened again."""
    NOBODY = "nobody"
    """Nobody spoke or called, so there is nobody to answer."""
    OTHER_LEFT = "other_left"
    """Who was to be answered has no seat any more."""
    TOO_MANY = "too_many"
    """Whom it is for has as many signals as anybody can look at."""
    TOO_LATE = "too_late"
    """The time to answer is over, and the matrix has no direct to that role."""


@dataclass(frozen=True, slots=True)
class Seated:
    """The join or the return succeeded."""

    station: StationId
    seat: SeatName


@dataclass(frozen=True, slots=True)
class RefuseStation:
    """No seat. ``holders``: who sits there, as (seat, person), for a full role or a taken seat."""

    station: StationId
    reason: Reason
    holders: tuple[tuple[SeatName, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RefuseKey:
    """A press or a listen was not applied; its counter is echoed. ``by``: as in ``TalkClosed``."""

    station: StationId
    key: KeyId
    counter: int
    reason: Reason
    by: str = ""


@dataclass(frozen=True, slots=True)
class RefuseSignal:
    """A call, cue or text was not given."""

    station: StationId
    to: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class TalkClosed:
    """A talk was closed by something else than its person's release.

    ``by``: who did it, where the reason is a kill or an unlatch; empty: the box itself.
    """

    station: StationId
    key: KeyId
    reason: Reason
    by: str = ""


@dataclass(frozen=True, slots=True)
class DropLink:
    """Tell this link the reason and close it."""

    station: StationId
    link: LinkId
    reason: Reason
    by: str = ""
    """Whom the words name, where somebody decided it."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class CloseSession:
    """Free this media session."""

    session: SessionId


Effect = Seated | RefuseStation | RefuseKey | RefuseSignal | TalkClosed | DropLink | CloseSession
