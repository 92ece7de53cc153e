"""The lamps of a station as values: what a panel shows. ``core.tally`` makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from soundmesh.core.effects import Reason
from soundmesh.core.ids import KeyId, SeatName, StationId
from soundmesh.core.state import SignalKind


class TalkLamp(StrEnum):
    OFF = "off"
    HELD = "held"
    LATCHED = "latched"


class AirLamp(StrEnum):
    """Whether an open talk is really heard. Solid "on air" is ``ON`` alone."""

    OFF = "off"
    ON = "on"
    """The path is in the plan, the session is connected, packets arrive."""
    NO_SOUND = "no_sound"
    """Open, but nothing arrives from this phone."""
    SILENT = "silent"
    """Packets arrive and hold digital silence for 3 s."""


class CallLamp(StrEnum):
    """Attention without voice on a key."""

    OFF = "off"
    IN = "in"
    """Somebody behind this key wants me."""
    OUT = "out"
    """I call, and not everybody has answered yet."""


@dataclass(frozen=True, slots=True)
class SignalView:
    """A cue or text for this station. A call is shown on its key or on the reply key."""

    id: int
    kind: SignalKind
    sender: StationId
    label: str
    """Who says it, such as ``Director (Maria)``."""
    text: str
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class AckView:
    label: str
    after_ms: int | None
    """Between signal and acknowledgement; None: not yet."""


@dataclass(frozen=True, slots=True)
class SentView:
    """A signal this station gave that stands."""

    id: int
    kind: SignalKind
    to: str
    """The address it was given to."""
    label: str
    """The same in the crew's words."""
    text: str
    answers: tuple[AckView, ...]


@dataclass(frozen=True, slots=True)
class ReplyView:
    """One entry of the reply stack, the newest first."""

    station: StationId
    label: str
    calling: bool
    """A call waits for an answer."""
    may_talk: bool
    """A talk to it is allowed now, by the matrix or because it spoke or called within 60 s."""


@dataclass(frozen=True, slots=True)
class KeyTally:
    talk: TalkLamp
    air: AirLamp
    listen: bool
    volume_db: float
    muted: bool
    talk_counter: int
    listen_counter: int
    open_to: int
    """How many ears hear this station over this key now."""
    online: int
    """How many other people are on this line: here, and may talk or listen on the target."""
    speakers: tuple[StationId, ...]
    """Who has an open talk on this channel now, whether or not this station hears it; never itself.

    On a key to a role: who of that role talks to this station directly. What
    others say to that role is between them.
    """
    why: Reason | None = None
    """Why this key cannot talk now, beyond the panel's static permission (a kill)."""
    by: str = ""
    """Who closed it, such as ``Director (Maria)``; empty: the box itself."""
    call: CallLamp = CallLamp.OFF
    caller: str = ""
    """Who calls, for ``CallLamp.IN``."""
    call_id: int = 0
    """The signal to acknowledge (``IN``) or to withdraw (``OUT``)."""
    in_use: bool = False
    """A direct: its person talks with somebody else directly."""
    trouble: bool = False
    """The program heard over this key has nothing it can play."""


@dataclass(frozen=True, slots=True)
class Tally:
    seat: SeatName
    keys: Mapping[KeyId, KeyTally]
    lanes: tuple[StationId | None, ...]
    via: Mapping[StationId, tuple[KeyId, ...]]
    """For each talker in this ear, the station's own keys it is heard over; empty: a direct without a key."""
    people: Mapping[StationId, str]
    """A short name for every station mentioned above, such as ``Cam 2 (Jo)``."""
    master_db: float
    media: bool
    """The appliance has a connected session of this station."""
    addresses: Mapping[StationId, str] = field(default_factory=dict)
    """Of each talker in this ear, ``role/seat``: what a phone remembers a person's volume by."""
    priority: Mapping[StationId, int] = field(default_factory=dict)
    """Of each talker in this ear, as in ``Path``: what a dimmed listen gives way to."""
    signals: tuple[SignalView, ...] = ()
    """Cues and texts for this station, the newest first."""
    sent: tuple[SentView, ...] = ()
    reply: tuple[ReplyView, ...] = ()
    """Talk lamps of the reply are those of the key ``reply`` in ``keys``."""
    killed: bool = False
    """Every talk of this station is closed by a mic kill."""
    killed_by: str = ""
    """By whom; empty: by the box itself."""
