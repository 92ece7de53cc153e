"""What one show file describes, after parsing: immutable and already checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from soundmesh.core.ids import KeyId, RoleId, SeatName, StationId, TargetId

CUT_DB = -60
"""A dim of this much is full silence."""

FIRST_PORT = 65536
"""Number of the first port as a talker; stations end at 65535."""


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
    """A direct to everybody of a role."""
    SEAT = "seat"
    """A direct to one seat; no column of its own, its permission is the role's."""
    GROUP = "group"
    """One key, several targets."""
    IFB = "ifb"
    """A program that is dimmed while somebody talks to its listeners."""
    PORT = "port"
    """A way in that is not a station: a program."""

    @property
    def is_direct(self) -> bool:
        """Whether it reaches people whatever they listen to: always heard, at a volume of its own."""
        return self in _DIRECT

    @property
    def is_heard_by_choice(self) -> bool:
        """Whether the matrix says who may hear it, and its people whether they do."""
        return self in _CHOSEN


_DIRECT = frozenset({TargetKind.ROLE, TargetKind.SEAT, TargetKind.GROUP})
_CHOSEN = frozenset({TargetKind.CHANNEL, TargetKind.IFB, TargetKind.PORT})


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
    """A matrix column, or a seat of one."""

    id: TargetId
    kind: TargetKind
    name: str
    color: str = "grey"
    priority: int = 0
    """0 to 3; see behaviour: direct before group before channel, then this number."""
    members: tuple[TargetId, ...] = ()
    """Of a group: the channels and roles a talk to it reaches."""
    source: TargetId | None = None
    """Of an ifb: the port that is heard over it."""
    role: RoleId | None = None
    """Of a seat: its role."""
    seat: SeatName | None = None
    """Of a seat: which. ``name`` is what the crew calls it: ``Camera 2`` where seats have no names."""


@dataclass(frozen=True, slots=True)
class Port:
    """A program from outside the crew: files played one after another, or a test tone."""

    id: TargetId
    number: StationId
    """Its number as a talker, above every station's; the CSRC of its packets."""
    name: str = ""
    priority: int = 0
    """0 to 3, as a talker wherever it is heard."""
    files: tuple[str, ...] = ()
    """Paths as the show file says them; none: the tone."""
    tone_hz: int = 0
    gain_db: int = 0
    loop: bool = True


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
    priority: int = 0
    """0 to 3, added to what its talk has by target and role."""
    dim_db: int = 0
    """How far its listen is lowered while a path of higher priority speaks; ``CUT_DB``: silence."""


@dataclass(frozen=True, slots=True)
class Role:
    id: RoleId
    name: str
    seats: tuple[SeatName, ...] | int
    """Named seats, or how many unnamed ones; 0 means any number."""
    keys: tuple[Key, ...]
    rights: frozenset[str] = frozenset()
    priority: int = 0
    ask: bool = False
    """Somebody without PIN or invite may ask for a seat; a role with the right ``approve`` answers."""
    reply: bool = True
    """Its people may answer a direct or a call for 60 s, whatever the matrix says."""


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
    remind_s: int = 60
    """A latched talk reminds its person with a tone this often; 0: never."""


@dataclass(frozen=True, slots=True)
class Dim:
    """How a listen is lowered and let go again."""

    attack_ms: int = 50
    hold_ms: int = 700
    release_ms: int = 400


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
    dim: Dim = field(default_factory=Dim)
    ports: Mapping[TargetId, Port] = field(default_factory=dict)
    """All of them; those that are a column are in ``targets`` too."""
    listenable: Mapping[RoleId, tuple[Key, ...]] = field(init=False, repr=False, compare=False)
    """Per role the keys whose target it may hear by choice."""
    lines: Mapping[RoleId, tuple[TargetId, ...]] = field(init=False, repr=False, compare=False)
    """Per role the lines all its people are on: what they may use or hear, and the directs to them."""
    seats: Mapping[tuple[RoleId, SeatName], TargetId] = field(init=False, repr=False, compare=False)
    """The seats that keys point at."""
    feeds: Mapping[TargetId, tuple[TargetId, ...]] = field(init=False, repr=False, compare=False)
    """Per port where it is heard: on its own column, and on each ifb whose program it is."""
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
        seats = {(t.role, t.seat): t.id for t in self.targets.values() if t.kind is TargetKind.SEAT}
        object.__setattr__(self, "seats", seats)
        feeds = {
            port: tuple(t.id for t in self.targets.values() if port in (t.id, t.source))
            for port in self.ports
        }
        object.__setattr__(self, "feeds", feeds)

    def cell(self, role: RoleId, target: TargetId) -> Cell:
        """The crosspoint of a role and a target; an unknown pair allows nothing. A seat's is its role's."""
        row = self.matrix.get(role, {})
        found = row.get(target)
        if found is None and row:
            seat = self.targets.get(target)
            found = row.get(TargetId(seat.role)) if seat is not None and seat.role is not None else None
        return NO_CELL if found is None else found

    def key(self, role: RoleId, key: KeyId) -> Key | None:
        """The role's key of that id, or None."""
        return self._keys.get((role, key))

    def may_listen(self, role: RoleId, target: TargetId) -> bool:
        """Whether the matrix lets the role hear the target. A direct is no listen: it is always heard."""
        found = self.targets.get(target)
        if found is None or not found.kind.is_heard_by_choice:
            return False
        return self.cell(role, target).listen is not Listen.NONE

    def _on_line(self, role: RoleId, target: TargetId) -> bool:
        found = self.targets[target]
        match found.kind:
            case TargetKind.CHANNEL:
                return self.cell(role, target).talk or self.may_listen(role, target)
            case TargetKind.ROLE:
                return RoleId(target) == role
            case TargetKind.GROUP:
                return any(
                    member == TargetId(role) or self.may_listen(role, member) for member in found.members
                )
            case TargetKind.SEAT:
                # One person's, not the role's.
                return False
            case _:
                return self.may_listen(role, target)
