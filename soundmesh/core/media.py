"""What the media engine tells on request, and how it refuses: values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from soundmesh.core.ids import SessionId, StationId


class MediaError(Exception):
    """An offer or restart that cannot be taken; ends that session alone. The text is for people."""


@dataclass(frozen=True, slots=True)
class LegStats:
    """One session's statistics since its start.

    Units: ``*_loss`` fractions 0 to 1 of the last report interval; ``rtt_ms`` None before the first report.
    """

    station: StationId
    connected: bool
    uplink_packets: int
    uplink_lost: int
    uplink_loss: float
    uplink_repaired: int
    downlink_packets: int
    downlink_loss: float
    downlink_repaired: int
    rtt_ms: float | None


@dataclass(frozen=True, slots=True)
class MediaSnapshot:
    """Levels and statistics as of now. ``levels``: dBov, -127 to 0, the loudest since the last 100 ms."""

    levels: Mapping[StationId, int]
    legs: Mapping[SessionId, LegStats]
    stray_datagrams: int
    """Datagrams dropped by the filter since start."""


class ProgramPacket(NamedTuple):
    """20 ms of a program in Opus, encoded once for all its listeners."""

    seq: int
    ts: int
    level: int
    """dBov, -127 to 0."""
    payload: bytes
