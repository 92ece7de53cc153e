"""The tables of what the matrix has as columns, and of the matrix itself."""

from __future__ import annotations

from soundmesh.config.kinds import Flag, ListOf, Whole
from soundmesh.config.names import FilePath, Ident
from soundmesh.config.tables import COMPUTED, PRIORITY, REQUIRED, Setting, Table, chip, ident, label

EVERYONE = "everyone"
"""As a target of a group: every role of the show."""

CHANNEL = Table(
    "channel",
    "A party line: many talk, many listen. Who may do which is said in the matrix.",
    (ident("director"), label("Director"), chip(), PRIORITY),
    many=True,
)

GROUP = Table(
    "group",
    "One key to several channels and roles, such as an all-call. A talk to it is heard by whoever listens to"
    " one of its channels, and by all people of its roles whatever they listen to. Its cells are T or Tm.",
    (
        ident("all-call"),
        label("All call"),
        chip(),
        PRIORITY,
        Setting(
            "targets",
            ListOf(Ident((EVERYONE,)), 1, 200),
            'The channels and roles it reaches; "everyone" stands for every role of the show.',
            REQUIRED,
            example=(EVERYONE,),
        ),
    ),
    many=True,
)

IFB = Table(
    "ifb",
    "A program for those on air, which a voice interrupts. In the matrix L hears the program and the"
    " interruptions, T interrupts.",
    (
        ident("talent"),
        label("Talent"),
        chip(),
        PRIORITY,
        Setting("program", Ident(), "The id of the port that is heard over it.", REQUIRED, example="music"),
    ),
    many=True,
)

PORT = Table(
    "port",
    "A program from outside the crew that people may listen to: sound files or a test tone. It is played"
    " once for all, while anybody listens. Its cells are L, L? or L!. Write either files or tone_hz.",
    (
        ident("music"),
        label("Music"),
        chip(),
        Setting(
            "priority",
            Whole(0, 3),
            "Voices of this priority or a higher one lower the program where a key says dim_db.",
            0,
        ),
        Setting(
            "files",
            ListOf(FilePath(), 1, 500),
            "Sound files, played one after another; also a folder or an .m3u playlist. Paths begin in the"
            " folder of the show file.",
            COMPUTED,
            example=("music/walk-in.ogg",),
            otherwise="none; then tone_hz must be written",
            shown=True,
        ),
        Setting("tone_hz", Whole(0, 12000, "hertz"), "A test tone instead of files; 0 for none.", 0),
        Setting("gain_db", Whole(-60, 12, "decibels"), "Louder or softer than it is.", 0),
        Setting("loop", Flag(), "Begin again after the last file.", True),
    ),
    many=True,
)

MATRIX = Table(
    "matrix",
    "The grid: one row a role, one column a channel, a role (a direct), a group, an ifb or a port. A cell"
    ' says T (may talk), L (may listen), TL (both) or "-" (neither). After T, m keeps the talk from latching.'
    " After L, ! means always heard and ? means off at join. A column that is a role or a group takes T"
    " only: a direct is always heard. A column that is a port takes L only: nobody talks to a program.",
    (
        Setting(
            "columns",
            ListOf(Ident(), 1, 200),
            "Ids of channels, roles, groups, ifbs and ports, in the order of the keys.",
            REQUIRED,
            example=("director", "camera", "all-call", "talent", "music"),
        ),
    ),
)
