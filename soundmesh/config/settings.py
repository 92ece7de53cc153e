"""Every setting of the show file, once: parsing, the JSON Schema and the reference are made of these."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Final

from soundmesh.config.kinds import (
    Address,
    Choice,
    CountOrNames,
    Flag,
    HostName,
    Ident,
    Kind,
    ListOf,
    Text,
    Whole,
)
from soundmesh.core.show import Latch, Media, Network, Talk

COLORS = ("grey", "blue", "sky", "teal", "violet", "plum", "pink", "sand", "steel", "white")
"""Chips of channels and keys. Red, amber and green are what lamps say and are not in it."""

RIGHTS = ("read", "keys", "presets", "mixer", "calls", "kill", "approve", "admin")
"""What a role may do beyond its keys; the same words are the scopes of the API."""

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


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the show file."""

    name: str
    doc: str
    settings: tuple[Setting, ...]
    many: bool = False
    """Written ``[[name]]``, once for each."""
    tables: tuple[Table, ...] = ()


_COLOR = Choice(COLORS, _INSTEAD)
_PORT = Whole(0, 65535)
_PRIORITY = Setting("priority", Whole(0, 3), "Who is heard first when many talk; higher is earlier.", 0)
_CHOOSES = "0 lets the system choose."

SHOW = Table(
    "show",
    "What the whole file describes.",
    (Setting("name", Text(40), "What panels and the join page call the show.", REQUIRED, example="My show"),),
)

CHANNEL = Table(
    "channel",
    "A party line: many talk, many listen. Who may do which is said in the matrix.",
    (
        Setting("id", Ident(), "How the matrix, keys and the API call it.", REQUIRED, example="director"),
        Setting(
            "name",
            Text(24),
            "What people read on its keys; 10 characters fit any phone.",
            COMPUTED,
            example="Director",
            otherwise="the id",
        ),
        Setting("color", _COLOR, "Colour of its chip on the keys.", "grey"),
        _PRIORITY,
    ),
    many=True,
)

KEY = Table(
    "key",
    "A key of the role above it that differs from what it would be by default. A role has one key for"
    " each column it may use; those listed here come first, in this order, the others follow in the order"
    " of the columns.",
    (
        Setting(
            "target",
            Ident(),
            "The column it points at; the role needs a T or an L there.",
            REQUIRED,
            example="director",
        ),
        Setting(
            "id",
            Ident(),
            "How the API calls the key; needed when two keys have one target.",
            COMPUTED,
            example="director",
            otherwise="the target",
        ),
        Setting(
            "label",
            Text(24),
            "What the key says.",
            COMPUTED,
            example="Director",
            otherwise="the target's name",
        ),
        Setting(
            "color",
            _COLOR,
            "Colour of the key's chip.",
            COMPUTED,
            example="grey",
            otherwise="the target's colour",
        ),
        Setting(
            "latch",
            Choice(tuple(Latch)),
            "How it answers a press. momentary talks while held, latching switches at each press, auto does"
            " both: a short tap switches, a longer press talks while held.",
            Latch.AUTO,
        ),
        Setting(
            "armed",
            Flag(),
            "Held open by the push-to-talk bar, unless its person chooses otherwise.",
            COMPUTED,
            example=True,
            otherwise="true for the role's first key that may talk, when no key says true",
        ),
    ),
    many=True,
)

ROLE = Table(
    "role",
    "A job on the crew. A person joins as a role and takes one of its seats.",
    (
        Setting("id", Ident(), "How the matrix and the API call it.", REQUIRED, example="camera"),
        Setting(
            "name",
            Text(24),
            "What people read on the join page, and on keys that call it.",
            COMPUTED,
            example="Camera",
            otherwise="the id",
        ),
        Setting(
            "seats",
            CountOrNames(Whole(0, 500), ListOf(Text(24, slash=False), 1, 500)),
            "How many people can have the job: a number (0: any number), or the names of the seats, such as"
            ' ["Cam 1", "Cam 2"].',
            1,
        ),
        Setting(
            "rights",
            ListOf(Choice(RIGHTS), 0, len(RIGHTS)),
            "What its people may do beyond their keys.",
            (),
        ),
        _PRIORITY,
    ),
    many=True,
    tables=(KEY,),
)

MATRIX = Table(
    "matrix",
    "The grid: one row a role, one column a channel or a role (a direct). A cell says T (may talk), L (may"
    ' listen), TL (both) or "-" (neither). After T, m keeps the talk from latching. After L, ! means always'
    " heard and ? means off at join. A column that is a role takes T only: a direct is always heard.",
    (
        Setting(
            "columns",
            ListOf(Ident(), 1, 200),
            "Ids of channels and roles, in the order of the keys.",
            REQUIRED,
            example=("director", "camera"),
        ),
    ),
)

NETWORK = Table(
    "network",
    "Where the appliance is reached.",
    (
        Setting(
            "bind",
            ListOf(Address(), 0, 32),
            "IP addresses of this machine to listen on; an empty list means all of them.",
            Network().bind,
            Applies.RESTART,
        ),
        Setting("port", _PORT, f"TCP port of the panel (HTTPS). {_CHOOSES}", Network().port, Applies.RESTART),
        Setting(
            "media_port",
            _PORT,
            f"UDP port of the sound, the same for every phone. {_CHOOSES}",
            Network().media_port,
            Applies.RESTART,
        ),
        Setting(
            "trust_port",
            _PORT,
            f"TCP port of the plain HTTP page that explains how to trust the appliance. {_CHOOSES}",
            Network().trust_port,
            Applies.RESTART,
        ),
        Setting(
            "names",
            ListOf(HostName(), 0, 32),
            "Host names people type to reach the appliance; its certificate says them.",
            Network().names,
            Applies.RESTART,
        ),
    ),
)

MEDIA = Table(
    "media",
    "How the sound travels.",
    (
        Setting(
            "lanes",
            Whole(1, 16),
            "How many people one phone hears at the same moment; those who speak get a lane.",
            Media().lanes,
            Applies.NEXT_SESSION,
        ),
        Setting(
            "bitrate_bps",
            Whole(12000, 64000, "bits a second"),
            "What a microphone sends (Opus, mono); 32000 is clear speech that repairs its own losses.",
            Media().bitrate_bps,
            Applies.NEXT_SESSION,
        ),
        Setting(
            "nack",
            Flag(),
            "Ask for lost packets again; helps on Wi-Fi and costs next to nothing.",
            Media().nack,
            Applies.NEXT_SESSION,
        ),
    ),
)

TALK = Table(
    "talk",
    "How keys feel.",
    (
        Setting(
            "tap_ms",
            Whole(80, 500, "milliseconds"),
            "A press of an auto key up to this long is a tap, which leaves the talk open.",
            Talk().tap_ms,
        ),
        Setting(
            "tail_ms",
            Whole(0, 500, "milliseconds"),
            "How long the last open talk of a phone stays open after release, for its last syllable.",
            Talk().tail_ms,
        ),
        Setting(
            "latch_when_hidden",
            Flag(),
            "A latched talk of a phone stays open while its page is hidden.",
            Talk().latch_when_hidden,
        ),
    ),
)

TABLES = (SHOW, CHANNEL, ROLE, MATRIX, NETWORK, MEDIA, TALK)
"""In the order of the reference."""
