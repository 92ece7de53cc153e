"""What one show file describes, after parsing: immutable and already checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from soundmesh.core.ids import KeyId, RoleId, SeatName, TargetId


class Latch(StrEnum):
    """How a talk key answers a press; see ``core.keys`` for the table."""

    MOMENTARY = "momentary"
    LATCHING = "latching"
    AUTO = "auto"


class Listen(StrEnum):
    """What the matrix says of hearing a target."""

    NONE = "none"
    OFF = "off"
    """Allowed, closed at join."""
    ON = "on"
    """Allowed, open at join."""
    FORCED = "forced"
    """Always open; its person cannot close it."""


class TargetKind(StrEnum):
    CHANNEL = "channel"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Cell:
    """One crosspoint of the matrix: what a role may do with a target."""

    talk: bool = False
    listen: Listen = Listen.NONE
    momentary: bool = False
    """The talk may not be latched, whatever the key says."""


NO_CELL = Cell()


@dataclass(frozen=True, slots=True)
class Target:
    """A matrix column."""

    id: TargetId
    kind: TargetKind
    name: str
    color: str = "grey"
    priority: int = 0
    """0 to 3; see behaviour: direct before group before channel, then this number."""


@dataclass(frozen=True, slots=True)
class Key:
    """A button of a role, as the show describes it; permission comes from the matrix."""

    id: KeyId
    target: TargetId
    label: str
    color: str
    latch: Latch = Latch.AUTO
    armed: bool = False
    """Held open by the push-to-talk bar unless its person chooses otherwise."""


@dataclass(frozen=True, slots=True)
class Role:
    id: RoleId
    name: str
    seats: tuple[SeatName, ...] | int
    """Named seats, or how many unnamed ones; 0 means any number."""
    keys: tuple[Key, ...]
    rights: frozenset[str] = frozenset()
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Network:
    bind: tuple[str, ...] = ()
    port: int = 8443
    media_port: int = 8443
    trust_port: int = 8080
    names: tuple[str, ...] = ("soundmesh.local",)


@dataclass(frozen=True, slots=True)
class Media:
    lanes: int = 8
    bitrate_bps: int = 32000
    nack: bool = True


@dataclass(frozen=True, slots=True)
class Talk:
    tap_ms: int = 200
    tail_ms: int = 200
    latch_when_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Show:
    """Everything one config describes. Lookup tables are built once, at compile time."""

    name: str
    targets: Mapping[TargetId, Target]
    roles: Mapping[RoleId, Role]
    matrix: Mapping[RoleId, Mapping[TargetId, Cell]]
    """Only cells that allow something are present; read it with ``cell``."""
    network: Network = field(default_factory=Network)
    media: Media = field(default_factory=Media)
    talk: Talk = field(default_factory=Talk)
    listenable: Mapping[RoleId, tuple[Key, ...]] = field(init=False, repr=False, compare=False)
    """Per role the keys on channels it may hear."""
    lines: Mapping[RoleId, tuple[TargetId, ...]] = field(init=False, repr=False, compare=False)
    """Per role the lines its people are on: channels it may use, and the directs to itself."""
    _keys: Mapping[tuple[RoleId, KeyId], Key] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        keys = {(role.id, key.id): key for role in self.roles.values() for key in role.keys}
        object.__setattr__(self, "_keys", keys)
        listenable = {
            role.id: tuple(key for key in role.keys if self.may_listen(role.id, key.target))
            for role in self.roles.values()
        }
        object.__setattr__(self, "listenable", listenable)
        lines = {role: tuple(t for t in self.targets if self._on_line(role, t)) for role in self.roles}
        object.__setattr__(self, "lines", lines)

    def cell(self, role: RoleId, target: TargetId) -> Cell:
        """The crosspoint of a role and a target; an unknown pair allows nothing."""
        return self.matrix.get(role, {}).get(target, NO_CELL)

    def key(self, role: RoleId, key: KeyId) -> Key | None:
        """The role's key of that id, or None."""
        return self._keys.get((role, key))

    def may_listen(self, role: RoleId, target: TargetId) -> bool:
        """Whether the matrix lets the role hear the target. A direct is no listen: it is always heard."""
        found = self.targets.get(target)
        if found is None or found.kind is not TargetKind.CHANNEL:
            return False
        return self.cell(role, target).listen is not Listen.NONE

    def _on_line(self, role: RoleId, target: TargetId) -> bool:
        if self.targets[target].kind is TargetKind.ROLE:
            return RoleId(target) == role
        return self.cell(role, target).talk or self.may_listen(role, target)
