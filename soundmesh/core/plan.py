"""Every crosspoint open now, derived from show and state and replaced whole.

``make_plan`` is the only way to a ``Plan``; the media engine swaps the
reference and knows nothing of people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from soundmesh.core.ids import KeyId, StationId, TargetId


@dataclass(frozen=True, slots=True)
class Path:
    """One talker in one ear."""

    talker: StationId
    targets: tuple[TargetId, ...]
    """Over which targets it is heard: for a direct first the target role, then the loudest listen first."""
    direct: bool
    priority: int
    """Higher is heard first: direct 200, channel 0, plus 10 times the target's and the role's 0..3."""


@dataclass(frozen=True, slots=True)
class Line:
    """One target seen as a party line."""

    online: int = 0
    """Who is here and may talk or listen on it; of a role, its people here."""
    speakers: tuple[StationId, ...] = ()
    """Who has an open talk on it."""


@dataclass(frozen=True, slots=True)
class Plan:
    ears: Mapping[StationId, tuple[Path, ...]]
    """Per listener, its talkers, highest priority first. A listener nobody talks to is absent."""
    talkers: Mapping[StationId, tuple[StationId, ...]]
    """The same turned around: per talker with an open path, its listeners."""
    talking: Mapping[StationId, frozenset[KeyId]]
    """Per station the keys whose talk is open now (tails excluded), whether or not anybody listens."""
    lines: Mapping[TargetId, Line] = field(default_factory=dict)
    """Every target somebody is on; for the tallies."""
    reach: Mapping[StationId, Mapping[TargetId, int]] = field(default_factory=dict)
    """Per talker and target, how many ears hear it over that target; for the tallies."""


EMPTY_PLAN = Plan(ears={}, talkers={}, talking={})
