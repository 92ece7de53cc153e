"""Every setting of the show file, once: parsing, the JSON Schema and the reference are made from these tables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Final

from soundmesh.config.cells import CELL_PATTERN, LISTENS
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
from soundmesh.core.show import NO_CELL, Latch, Media, Network, Talk

COLORS = ("grey", "blue", "sky", "teal", "violet", "plum", "pink", "sand", "steel", "white")
"""Chips of channels and keys. Red, amber and green are what lamps say and are not in it."""

RIGHTS = ("read", "keys", "presets", "mixer", "calls", "kill", "approve", "admin")
"""What a role may do beyond its keys; the same words are the scopes of the API."""

_LAMP = "is a lamp's colour, kept for what is open, heard or wanted"
_LIKE = (
    ("red", _LAMP, "pink"),
    ("amber", _LAMP, "sand"),
    ("green", _LAMP, "teal"),
    ("orange", "is too close to a lamp's colour", "sand"),
    ("yellow", "is too close to a lamp's colour", "sand"),
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


_COLOR = Choice(COLORS, _LIKE)
_PRIORITY = Whole(0, 3)
_PORT = Whole(0, 65535)

SHOW = Table(
    "show",
    "What the whole file describes.",
    (
        Setting(
            "name",
            Text(40),
            "Name of the show, as every panel and the join page say it.",
            REQUIRED,
            example="Show",
        ),
    ),
)

CHANNEL = Table(
    "channel",
    "A party line: many talk, many listen. Who may do which is said in the matrix.",
    (
        Setting("id", Ident(), "How the matrix, keys and the API call it.", REQUIRED, example="director"),
        Setting("name", Text(24), "What people read on its keys; 10 characters fit any phone.", COMPUTED,
                example="Director", otherwise="the id"),
        Setting("color", _COLOR, "Colour of its chip on the keys.", "grey"),
        Setting("priority", _PRIORITY, "Who is heard first when many talk: higher is earlier.", 0),
    ),
    many=True,
)  # fmt: skip

KEY = Table(
    "key",
    "A key of this role that differs from the one it has by default. A role has one key for each column it may\n"
    "use; keys listed here come first, in this order, and the others follow in the order of the columns.",
    (
        Setting("target", Ident(), "The column it points at; the role needs a T or an L there.", REQUIRED,
                example="director"),
        Setting("id", Ident(), "How the API calls the key; needed when two keys have one target.", COMPUTED,
                example="director", otherwise="the target"),
        Setting("label", Text(24), "What the key says.", COMPUTED, example="Director",
                otherwise="the target's name"),
        Setting("color", _COLOR, "Colour of the key's chip.", COMPUTED, example="grey",
                otherwise="the target's colour"),
        Setting("latch", Choice(tuple(Latch)),
                "How it answers a press: momentary talks while held, latching switches at each press, auto does\n"
                "both (a short tap switches, a longer press talks while held).", Latch.AUTO.value),
        Setting("armed", Flag(), "Held open by the push-to-talk bar, unless its person chooses otherwise.", COMPUTED,
                example=True, otherwise="true for the role's first key that may talk, when no key says true"),
    ),
    many=True,
)  # fmt: skip

ROLE = Table(
    "role",
    "A job on the crew. A person joins as a role and takes one of its seats.",
    (
        Setting("id", Ident(), "How the matrix and the API call it.", REQUIRED, example="camera"),
        Setting("name", Text(24), "What people read on the join page and on keys that call it.", COMPUTED,
                example="Camera", otherwise="the id"),
        Setting("seats",
                CountOrNames(Whole(0, 500), ListOf(Text(24, slash=False), 1, 500)),
                "How many people can have the job: a number, 0 for any number, or the names of the seats, as in\n"
                '["Cam 1", "Cam 2"].', 1),
        Setting("rights", ListOf(Choice(RIGHTS), 0, len(RIGHTS)),
                "What its people may do beyond their keys: " + ", ".join(RIGHTS) + ".", ()),
        Setting("priority", _PRIORITY, "Who is heard first when many talk: higher is earlier.", 0),
    ),
    many=True,
    tables=(KEY,),
)  # fmt: skip

NETWORK = Table(
    "network",
    "Where the appliance is reached.",
    (
        Setting("bind", ListOf(Address(), 0, 32),
                "Addresses of this machine to listen on. An empty list means all of them.", Network().bind,
                Applies.RESTART),
        Setting("port", _PORT, "TCP port of the panel (HTTPS). 0 lets the system choose.", Network().port,
                Applies.RESTART),
        Setting("media_port", _PORT, "UDP port of the sound, the same for every phone. 0 lets the system choose.",
                Network().media_port, Applies.RESTART),
        Setting("trust_port", _PORT,
                "TCP port of the page (plain HTTP) that explains how to trust the appliance. 0 lets the system choose.",
                Network().trust_port, Applies.RESTART),
        Setting("names", ListOf(HostName(), 0, 32),
                "Names people type to reach the appliance; they are written into its certificate.",
                Network().names, Applies.RESTART),
    ),
)  # fmt: skip

MEDIA = Table(
    "media",
    "How the sound travels.",
    (
        Setting("lanes", Whole(1, 16),
                "How many people one phone can hear at the same moment; who speaks gets a lane.", Media().lanes,
                Applies.NEXT_SESSION),
        Setting("bitrate_bps", Whole(12000, 64000, "bits a second"),
                "What a microphone sends (Opus, mono). 32000 is clear speech with repair of losses inside.",
                Media().bitrate_bps, Applies.NEXT_SESSION),
        Setting("nack", Flag(), "Ask for lost packets again. Helps on Wi-Fi, costs next to nothing.", Media().nack,
                Applies.NEXT_SESSION),
    ),
)  # fmt: skip

TALK = Table(
    "talk",
    "How keys feel.",
    (
        Setting("tap_ms", Whole(80, 500, "milliseconds"),
                "Up to this long a press of an auto key is a tap, which leaves the talk open.", Talk().tap_ms),
        Setting("tail_ms", Whole(0, 500, "milliseconds"),
                "How long the last talk of a phone stays open after release, so that its last syllable arrives.",
                Talk().tail_ms),
        Setting("latch_when_hidden", Flag(),
                "A latched talk on a phone stays open while its page is hidden.", Talk().latch_when_hidden),
    ),
)  # fmt: skip

MATRIX = Table(
    "matrix",
    "The grid: one row a role, one column a channel or a role (a direct). A cell says T (may talk), L (may listen),\n"
    'TL (both) or "-" (neither); after T an m keeps the talk from latching, after L a ! means always heard and a ?\n'
    "means allowed but off at join. A column that is a role takes T only: a direct is always heard while it lasts.",
    (
        Setting("columns", ListOf(Ident(), 1, 200), "Ids of channels and roles, in the order of the keys.", REQUIRED,
                example=["director"]),
    ),
)  # fmt: skip

TABLES = (SHOW, CHANNEL, ROLE, MATRIX, NETWORK, MEDIA, TALK)
"""In the order of the reference."""

ROWS_DOC = "The cells of each role, as many as there are columns."
CELL_DOC = 'A cell, written short ("TL!") or long ({ talk = true, listen = "forced", latch = false }).'
CELL_TALK_DOC = "May talk."
CELL_LISTEN_DOC = "May listen: on or off at join, forced (always heard), or none."
CELL_LATCH_DOC = "The talk may be latched; false is the short m."


def json_schema() -> dict[str, Any]:
    """The show file in JSON Schema, so that an editor completes and explains it."""
    properties = {table.name: _table_schema(table) for table in TABLES}
    rows = {"type": "array", "items": _cell_schema()}
    matrix = properties["matrix"]
    matrix["properties"]["rows"] = {
        "type": "object",
        "description": ROWS_DOC,
        "propertyNames": Ident().json(),
        "additionalProperties": rows,
    }
    matrix["required"].append("rows")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:soundmesh:show",
        "title": "SoundMesh show",
        "type": "object",
        "additionalProperties": False,
        "required": [SHOW.name, ROLE.name, MATRIX.name],
        "properties": properties,
    }


def _table_schema(table: Table) -> dict[str, Any]:
    properties = {setting.name: _setting_schema(setting) for setting in table.settings}
    properties |= {inner.name: _table_schema(inner) for inner in table.tables}
    found = {
        "type": "object",
        "additionalProperties": False,
        "required": [setting.name for setting in table.settings if setting.default is REQUIRED],
        "properties": properties,
    }
    doc = " ".join(table.doc.split())
    if table.many:
        return {"type": "array", "description": doc, "items": found}
    return {"description": doc, **found}


def _setting_schema(setting: Setting) -> dict[str, Any]:
    doc = " ".join(setting.doc.split())
    found = {"description": f"{doc} Applies: {setting.applies.value}.", **setting.kind.json()}
    if setting.default is COMPUTED:
        found["description"] += f" Default: {setting.otherwise}."
    elif setting.default is not REQUIRED:
        found["default"] = list(setting.default) if isinstance(setting.default, tuple) else setting.default
    return found


def _cell_schema() -> dict[str, Any]:
    long = {
        "talk": {"type": "boolean", "default": NO_CELL.talk, "description": CELL_TALK_DOC},
        "listen": {"default": NO_CELL.listen.value, "description": CELL_LISTEN_DOC, **LISTENS.json()},
        "latch": {"type": "boolean", "default": not NO_CELL.momentary, "description": CELL_LATCH_DOC},
    }
    short = {"type": "string", "pattern": CELL_PATTERN}
    table = {"type": "object", "additionalProperties": False, "properties": long}
    return {"description": CELL_DOC, "anyOf": [short, table]}
