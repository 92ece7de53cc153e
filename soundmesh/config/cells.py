"""The short spelling of a matrix cell, and the long one, to a ``core.Cell``.

    T    may talk                       TL, LT   both
    L    may listen                     - or ""  neither
    m    after T: talk momentary only   (``Tm``, ``TLm``)
    !    after L: listen is forced      (``L!``, ``TL!``)
    ?    after L: listen off at join    (``L?``, ``TL?``)

Case is ignored. Letters come first, suffixes after them in any order.
"""

from __future__ import annotations

import re
from typing import Any

from soundmesh.config.kinds import Choice, Flag, Kind
from soundmesh.config.problems import nearest, quoted
from soundmesh.core.show import NO_CELL, Cell, Listen

CELL_PATTERN = r"^[ \t]*(-?|[Tt][Mm]?|[Ll][!?]?|([Tt][Ll]|[Ll][Tt])([Mm]?[!?]?|[!?][Mm]))[ \t]*$"
"""The right spellings, in the regular expressions that Python and JSON Schema share."""

SPELLINGS = ("T", "Tm", "L", "L!", "L?", "TL", "TLm", "TL!", "TL?", "TLm!", "TLm?", "-")
"""One spelling of each thing a cell can say; ``write`` uses these."""

LONG: tuple[tuple[str, Kind, Any, str], ...] = (
    ("talk", Flag(), NO_CELL.talk, "May talk."),
    (
        "listen",
        Choice(tuple(Listen)),
        NO_CELL.listen,
        "May listen: on or off at join, forced (always heard), none.",
    ),
    ("latch", Flag(), not NO_CELL.momentary, "The talk may be latched; false is the short m."),
)
"""The settings of a long spelling: name, kind, default, meaning."""

_RIGHT = re.compile(CELL_PATTERN)
_MARKS = re.compile(r"[TLM!?\s/+|,.&-]*")
_WORDS = {
    "talk": "T",
    "listen": "L",
    "both": "TL",
    "talk/listen": "TL",
    "forced": "L!",
    "off": "-",
    "no": "-",
    "none": "-",
    "neither": "-",
    "x": "-",
    "0": "-",
    "–": "-",
    "—": "-",
    "_": "-",
    ".": "-",
}


def read_short(text: str) -> Cell | None:
    """The cell that a short spelling stands for, or None when it is not one."""
    if not _RIGHT.match(text) or "\n" in text:
        return None
    marks = text.upper()
    listen = Listen.NONE
    if "L" in marks:
        listen = Listen.FORCED if "!" in marks else Listen.OFF if "?" in marks else Listen.ON
    return Cell("T" in marks, listen, "M" in marks)


def write(cell: Cell) -> str:
    """The short spelling of a cell."""
    listen = {Listen.NONE: "", Listen.ON: "L", Listen.OFF: "L?", Listen.FORCED: "L!"}[cell.listen]
    letters = ("T" if cell.talk else "") + listen[:1] + ("m" if cell.momentary else "") + listen[1:]
    return letters or "-"


def why_not(text: str) -> tuple[str, str | None]:
    """Why a text is no cell, and the nearest right spelling."""
    marks = text.upper() if _MARKS.fullmatch(text.upper()) else ""
    fixed = _intended(marks) if set("TLM!?") & set(marks) else _from_word(text)
    if "!" in marks and "?" in marks:
        return f"{quoted(text)} says both forced (!) and off at join (?); keep one.", fixed
    if ("!" in marks or "?" in marks) and "L" not in marks:
        return f"{quoted(text)} refines a listen (! or ?) that is not there; L comes before it.", fixed
    if "M" in marks and "T" not in marks:
        return f"{quoted(text)} makes a talk momentary (m) that is not there; T comes before it.", fixed
    return f"{quoted(text)} is no cell; write T, L, TL or -, refined by m, ! or ?.", fixed


def read_long(table: dict[str, Any]) -> tuple[Cell | None, list[tuple[str, str, str | None]]]:
    """The cell of a long spelling, or None and what is wrong: the setting ("" for all), why, the nearest."""
    wrong: list[tuple[str, str, str | None]] = []
    kinds = {name: kind for name, kind, _, _ in LONG}
    for name, value in table.items():
        kind = kinds.get(name)
        if kind is None:
            reason = f"{quoted(name)} is unknown; a cell has talk, listen and latch."
            wrong.append((name, reason, nearest(name, kinds)))
        else:
            wrong += [(name, found.reason, found.nearest) for found in kind.complaints(value)]
    if wrong:
        return None, wrong
    said = {name: default for name, _, default, _ in LONG} | table
    if not said["latch"] and not said["talk"]:
        return None, [("latch", "keeps a talk from latching, and this cell has no talk.", None)]
    return Cell(said["talk"], Listen(said["listen"]), not said["latch"]), []


def _intended(marks: str) -> str:
    """The spelling nearest to these marks: each suffix stands for its letter too."""
    listen = Listen.NONE
    if set("L!?") & set(marks):
        listen = Listen.FORCED if "!" in marks else Listen.OFF if "?" in marks else Listen.ON
    return write(Cell(bool(set("TM") & set(marks)), listen, "M" in marks))


def _from_word(text: str) -> str | None:
    word = text.strip().lower()
    spellings = {spelling.lower(): spelling for spelling in SPELLINGS}
    return _WORDS.get(word) or spellings.get(nearest(word, spellings) or "")
