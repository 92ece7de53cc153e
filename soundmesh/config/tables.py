"""What a setting and a table of the show file are, and the settings that several tables share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Final

from soundmesh.config.kinds import Choice, Kind, Text, Whole
from soundmesh.config.names import Ident

COLORS = ("grey", "blue", "sky", "teal", "violet", "plum", "pink", "sand", "steel", "white")
"""Chips of channels and keys. Red, amber and green are what lamps say and are not in it."""

_LAMP = "is a lamp's colour, kept for what is open, heard or wanted"
_CLOSE = "is too close to a lamp's colour"
_INSTEAD = (
    ("red", _LAMP, "pink"),
    ("amber", _LAMP, "sand"),
    ("green", _LAMP, "teal"),
    ("orange", _CLOSE, "sand"),
    ("yellow", _CLOSE, "sand"),
    ("purple", "is unknown", "violet"),
    ("gray", "is unknown", "grey"),
    ("black", "would not be seen", "grey"),
)


class Applies(StrEnum):
    """When a changed setting takes effect."""

    LIVE = "live"
    NEXT_SESSION = "next_session"
    RESTART = "restart"


class Absent(Enum):
    """What stands in for a default where there is no plain value."""

    REQUIRED = "required"
    COMPUTED = "computed"


REQUIRED: Final = Absent.REQUIRED
COMPUTED: Final = Absent.COMPUTED


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, what fits, and what a person must know of it."""

    name: str
    kind: Kind
    doc: str
    default: Any
    """In the form the show keeps it, or ``REQUIRED``, or ``COMPUTED``: ``otherwise`` says from what."""
    applies: Applies = Applies.LIVE
    example: Any = None
    """What the reference shows where there is no plain default."""
    otherwise: str = ""
    shown: bool = False
    """The reference writes the example out: its table needs this setting or another."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the show file."""

    name: str
    doc: str
    settings: tuple[Setting, ...]
    many: bool = False
    """Written ``[[name]]``, once for each."""
    tables: tuple[Table, ...] = ()


COLOR = Choice(COLORS, _INSTEAD)
PRIORITY = Setting("priority", Whole(0, 3), "Who is heard first when many talk; higher is earlier.", 0)


def ident(example: str) -> Setting:
    """The id of a column."""
    return Setting("id", Ident(), "How the matrix, keys and the API call it.", REQUIRED, example=example)


def label(example: str) -> Setting:
    """The name of a column."""
    doc = "What people read on its keys; 10 characters fit any phone."
    return Setting("name", Text(24), doc, COMPUTED, example=example, otherwise="the id")


def chip() -> Setting:
    """The colour of a column."""
    return Setting("color", COLOR, "Colour of its chip on the keys.", "grey")
