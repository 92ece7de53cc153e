"""What is wrong with a show file, in one calm sentence each, and the box they are collected in."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from soundmesh.config.locate import KeyPath, Place
from soundmesh.core.show import Show

MOST = 200
"""Problems listed of one file; more help nobody, and a hostile file could hold a hundred thousand."""

_VALUE = re.compile(r"[0-9]+|true|false|\[.*\]")
"""What stands in the file without quotes, and so does in a sentence."""

_BARE = re.compile(r"[A-Za-z0-9_-]{1,40}")


class Severity(StrEnum):
    ERROR = "error"
    """The show is not loaded."""
    WARNING = "warning"
    """The show is loaded; somebody should look."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend, where it stands, and the nearest right spelling when there is one."""

    file: str
    line: int
    """From 1; 0 means the file as a whole."""
    key: str
    """The path a person would say: ``role.camera.seats``. Empty for the file as a whole."""
    reason: str
    nearest: str | None = None
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        warning = "warning: " if self.severity is Severity.WARNING else ""
        key = f"{self.key}: " if self.key else ""
        hint = f" Did you mean {_spelled(self.nearest)}?" if self.nearest is not None else ""
        return f"{where}: {warning}{key}{self.reason}{hint}"


@dataclass(frozen=True, slots=True)
class LoadedShow:
    """A show and its warnings, or no show and at least one error."""

    show: Show | None
    problems: tuple[Problem, ...]


class Findings:
    """Collects the problems of one file; the reading of that file owns it."""

    def __init__(self, file: str, raw: Mapping[str, Any], places: Place) -> None:
        self._file = file
        self._raw = raw
        self._places = places
        self._found: list[Problem] = []
        self._unlisted = 0
        self.failed = False
        """At least one error was found."""

    def add(self, path: KeyPath, reason: str, nearest: str | None = None) -> None:
        """Note an error. The sentence needs no file, line or key."""
        self.failed = True
        self._note(path, reason, nearest, Severity.ERROR)

    def warn(self, path: KeyPath, reason: str, nearest: str | None = None) -> None:
        """Note something that does not stop the show."""
        self._note(path, reason, nearest, Severity.WARNING)

    def line(self, path: KeyPath) -> int:
        """The line of a path, or of the nearest thing around it that has one."""
        place = self._places
        for part in path:
            inner = place.inner.get(part)
            if inner is None:
                break
            place = inner
        return place.line

    def suggest(self, word: str, options: Iterable[str]) -> str | None:
        """The option closest to a word; nothing once the list is full, for then nobody reads it."""
        return None if len(self._found) >= MOST else nearest(word, options)

    def problems(self) -> tuple[Problem, ...]:
        """All of them, in the file's order."""
        listed = sorted(self._found, key=lambda problem: problem.line)
        if self._unlisted:
            severity = Severity.ERROR if self.failed else Severity.WARNING
            reason = f"{self._unlisted} more problems are not listed."
            listed.append(Problem(self._file, 0, "", reason, severity=severity))
        return tuple(listed)

    def _note(self, path: KeyPath, reason: str, near: str | None, severity: Severity) -> None:
        if len(self._found) >= MOST:
            self._unlisted += 1
            return
        key = spoken(path, self._raw)
        self._found.append(Problem(self._file, self.line(path), key, reason, near, severity))


def nearest(word: str, options: Iterable[str]) -> str | None:
    """The option closest to a word, or None when none is close."""
    close = difflib.get_close_matches(word[:64].strip().lower(), list(options), n=1, cutoff=0.6)
    return close[0] if close else None


def spoken(path: KeyPath, raw: Mapping[str, Any]) -> str:
    """A path as a person says it: roles, channels and keys by their id, cells by their column."""
    words: list[str] = []
    here: Any = raw
    for index, part in enumerate(path):
        if isinstance(part, str):
            words.append(("." if words else "") + (part if _BARE.fullmatch(part) else quoted(part)))
        elif path[:2] == ("matrix", "rows") and index == 3:
            words.append(_element([_item(_item(raw.get("matrix"), "columns"), part)], part))
        else:
            element = _item(here, part)
            words.append(_element([_item(element, "id"), _item(element, "target")], part))
        here = _item(here, part)
    return "".join(words)


def quoted(text: str) -> str:
    """The text in double quotes, on one line, shortened when long."""
    short = text if len(text) <= 40 else text[:37] + "…"
    return json.dumps(short, ensure_ascii=not short.isprintable())


def shown(value: object) -> str:
    """A value from the file as a sentence may show it: never long, never more than one line."""
    match value:
        case str():
            return quoted(value)
        case bool():
            return "true" if value else "false"
        case int():
            # Python refuses to write out a very long number.
            return str(value) if abs(value) < 10**12 else "that number"
        case float():
            return str(value)
        case dict():
            return "a table"
        case list():
            return "a list"
        case _:
            return "a date or time"


def _spelled(text: str) -> str:
    return text if _VALUE.fullmatch(text) else quoted(text)


def _item(value: Any, part: str | int) -> Any:
    if isinstance(part, str):
        return value.get(part) if isinstance(value, dict) else None
    return value[part] if isinstance(value, list) and part < len(value) else None


def _element(names: list[Any], index: int) -> str:
    for name in names:
        if isinstance(name, str) and _BARE.fullmatch(name):
            return f".{name}"
    return f"[{index + 1}]"
