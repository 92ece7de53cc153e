"""Every setting of the show file, once: parsing, the JSON Schema and the reference are made of these."""

from __future__ import annotations

from soundmesh.config.columns import CHANNEL, GROUP, IFB, MATRIX, PORT
from soundmesh.config.kinds import Choice, CountOrNames, Flag, ListOf, Text, Whole
from soundmesh.config.names import Address, HostName, Ident, SeatOrIdent
from soundmesh.config.tables import (
    COLOR,
    COLORS,
    COMPUTED,
    PRIORITY,
    REQUIRED,
    Applies,
    Setting,
    Table,
)
from soundmesh.core.show import CUT_DB, Dim, Latch, Media, Network, Talk

__all__ = [
    "CHANNEL",
    "COLORS",
    "COMPUTED",
    "DIM",
    "GROUP",
    "IFB",
    "KEY",
    "MATRIX",
    "MEDIA",
    "NETWORK",
    "PORT",
    "REQUIRED",
    "RIGHTS",
    "ROLE",
    "SHOW",
    "TABLES",
    "TALK",
    "Applies",
    "Setting",
    "Table",
]

RIGHTS = ("read", "keys", "presets", "mixer", "calls", "kill", "approve", "admin")
"""What a role may do beyond its keys; the same words are the scopes of the API."""

DIM_DB = -14
"""What a program gives way by when a voice is heard; what intercoms of the trade do without being told."""

_PORT = Whole(0, 65535)
_CHOOSES = "0 lets the system choose."

SHOW = Table(
    "show",
    "What the whole file describes.",
    (Setting("name", Text(40), "What panels and the join page call the show.", REQUIRED, example="My show"),),
)

KEY = Table(
    "key",
    "A key of the role above it that differs from what it would be by default. A role has one key for"
    " each column it may use; those listed here come first, in this order, the others follow in the order"
    " of the columns.",
    (
        Setting(
            "target",
            SeatOrIdent(),
            "The column it points at; the role needs a T or an L there. Or one seat, as role/seat: then the"
            " role needs a T in that role's column.",
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
            COLOR,
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
        Setting(
            "priority",
            Whole(0, 3),
            "Raises its talk above those of the same kind; added to the priorities of role and target.",
            0,
        ),
        Setting(
            "dim_db",
            Whole(CUT_DB, 0, "decibels"),
            "How far its listen is lowered while a voice of a higher priority is heard; 0 never,"
            f" {CUT_DB} to silence.",
            COMPUTED,
            example=DIM_DB,
            otherwise=f"{DIM_DB} for an ifb or a port, 0 for a channel",
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
        PRIORITY,
        Setting(
            "ask",
            Flag(),
            "Somebody without PIN or invite may ask for a seat; a role with the right approve answers.",
            False,
        ),
        Setting(
            "reply",
            Flag(),
            "Its people may answer whoever spoke to them directly or called them, for 60 s, whatever the"
            " matrix says.",
            True,
        ),
    ),
    many=True,
    tables=(KEY,),
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
        Setting(
            "remind_s",
            Whole(0, 3600, "seconds"),
            "How often a latched talk reminds its person with a tone; 0 never.",
            Talk().remind_s,
        ),
    ),
)

DIM = Table(
    "dim",
    "How a listen is lowered while a voice of a higher priority is heard. How far is said by its key.",
    (
        Setting("attack_ms", Whole(5, 50, "milliseconds"), "How soon it is down.", Dim().attack_ms),
        Setting(
            "hold_ms",
            Whole(0, 5000, "milliseconds"),
            "How long it stays down after the voice, so that pauses in speech do not pump.",
            Dim().hold_ms,
        ),
        Setting("release_ms", Whole(10, 5000, "milliseconds"), "How soon it is up again.", Dim().release_ms),
    ),
)

TABLES = (SHOW, CHANNEL, GROUP, IFB, PORT, ROLE, MATRIX, NETWORK, MEDIA, TALK, DIM)
"""In the order of the reference."""
