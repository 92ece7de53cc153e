"""What one station's lamps show, derived from show, state and plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from soundmesh.core.effects import Reason
from soundmesh.core.ids import KeyId, SeatName, StationId


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
    """Who has an open talk on this target now, whether or not this station hears it; never itself."""
    why: Reason | None = None
    """Why this key cannot talk now, beyond the panel's static permission (a kill)."""


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
