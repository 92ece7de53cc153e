"""Every crosspoint open now, derived from show and state and replaced whole.

``make_plan`` is the only way to a ``Plan``; the media engine swaps the
reference and knows nothing of people.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from soundmesh.core.ids import KeyId, StationId, TargetId
from soundmesh.core.show import FIRST_PORT


@dataclass(frozen=True, slots=True)
class Path:
    """One talker in one ear."""

    talker: StationId
    targets: tuple[TargetId, ...]
    """Over which it is heard: first what reaches the listener directly (a reply such as ``@17``, its
    seat, its role, a group), then the channels it listens to, the loudest first. A talk to a group is
    heard over the group by its roles and over its channels by their listeners."""
    direct: bool
    """Heard whatever its listener listens to."""
    priority: int
    """Higher is heard first: direct 200, group or ifb 100, channel 0, program -5, plus 10 times the
    target's, the key's and the role's 0..3."""

    @property
    def lane_priority(self) -> int:
        """The same for the choice of who gets a lane: any voice comes before any program."""
        return self.priority if self.talker < FIRST_PORT else self.priority - 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One target seen as a party line."""

    online: int = 0
    """Who is here and may talk or listen on it; of a role or seat, its people here; of a group, an ifb
    or a port, who may hear it."""
    speakers: tuple[StationId, ...] = ()
    """Who has an open talk on it."""


@dataclass(frozen=True, slots=True)
class Plan:
    ears: Mapping[StationId, tuple[Path, ...]]
    """Per listener, its talkers, highest priority first, programs after all voices. A listener nobody
    talks to is absent."""
    talkers: Mapping[StationId, tuple[StationId, ...]]
    """The same turned around: per talker with an open path, its listeners. A program that is not in it
    is heard by nobody."""
    talking: Mapping[StationId, frozenset[KeyId]]
    """Per station the keys whose talk is open now (tails excluded), whether or not anybody listens."""
    lines: Mapping[TargetId, Line] = field(default_factory=dict)
    """Every target somebody is on; for the tallies."""
    reach: Mapping[StationId, Mapping[TargetId, int]] = field(default_factory=dict)
    """Per talker and target, how many ears hear it over that target; for the tallies."""
    private: Mapping[StationId, Set[StationId]] = field(default_factory=dict)
    """With whom each talks directly, either way; groups are not private."""


EMPTY_PLAN = Plan(ears={}, talkers={}, talking={})
