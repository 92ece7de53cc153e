"""The line of every key in a TOML document, which ``tomllib`` does not tell.

The scanner trusts its input: it is only given text that ``tomllib`` has
accepted, so it looks for where things end, never for whether they are right.
Each character is passed once, and nothing recurses: a document may nest as
deep as ``tomllib`` lets it.

Source: TOML 1.0.0, https://toml.io/en/v1.0.0
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from dataclasses import dataclass, field

KeyPath = tuple[str | int, ...]
"""Where a value stands in a document: ``("role", 0, "seats")``."""

_BLANK = re.compile(r"(?:[ \t\n]++|#[^\n]*+)*+")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_STRINGS = (
    # The long forms first: ''' would else read as an empty '' and a stray quote.
    # A long string may end in up to two quotes of its own before the closing three.
    re.compile(r'"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+"{3,5}', re.DOTALL),
    re.compile(r"'''(?:[^']++|'{1,2}(?!'))*+'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]++|\\.)*+"'),
    re.compile(r"'[^'\n]*'"),
)


@dataclass(slots=True)
class Place:
    """Where one table, key or list element begins, and the places inside it."""

    line: int
    inner: dict[str | int, Place] = field(default_factory=dict)
    tables: bool = False
    """A list that ``[[table]]`` headers add to."""


def locate(text: str) -> Place:
    """The line, from 1, of every table, key and list element of a document that ``tomllib`` accepts."""
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.document()
    return scanner.root


class _Scanner:
    def __init__(self, text: str) -> None:
        self.root = Place(1)
        self._text = text
        self._at = 0
        self._breaks = [index for index, char in enumerate(text) if char == "\n"]

    def document(self) -> None:
        table = self.root
        while True:
            self._pass(_BLANK)
            if self._at >= len(self._text):
                return
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Place:
        line = self._line()
        many = self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        *outer, last = self._key()
        self._pass(_SPACE)
        self._at += 2 if many else 1
        table = self.root
        for part in outer:
            table = table.inner.setdefault(part, Place(line))
            if table.tables:
                # A header speaks of the latest element.
                table = table.inner[len(table.inner) - 1]
        found = table.inner.setdefault(last, Place(line))
        if not many:
            # Its own header says where a table is, not an inner one's that came before.
            found.line = line
            return found
        found.tables = True
        return found.inner.setdefault(len(found.inner), Place(line))

    def _pair(self, table: Place) -> None:
        """A key and its value, with everything inside that value."""
        place: Place | None = self._name(table)
        # What is open around the current place: a list (true) or an inline table.
        around: list[tuple[Place, bool]] = []
        while place is not None:
            char = self._peek()
            if char in "[{":
                self._at += 1
                around.append((place, char == "["))
            elif char in "\"'":
                self._string()
            else:
                self._pass(_SCALAR)
            place = self._next(around)

    def _next(self, around: list[tuple[Place, bool]]) -> Place | None:
        """Move to the next value inside what is open; None when everything is closed."""
        while around:
            self._pass(_BLANK)
            char = self._peek()
            if char == ",":
                self._at += 1
            elif char in "]}":
                self._at += 1
                around.pop()
            else:
                outer, is_list = around[-1]
                if not is_list:
                    return self._name(outer)
                return outer.inner.setdefault(len(outer.inner), Place(self._line()))
        return None

    def _name(self, outer: Place) -> Place:
        """Read ``key =``, note its line, and stand before the value."""
        line = self._line()
        place = outer
        for part in self._key():
            place = place.inner.setdefault(part, Place(line))
        self._pass(_SPACE)
        self._at += 1
        self._pass(_SPACE)
        return place

    def _key(self) -> list[str]:
        parts: list[str] = []
        while True:
            self._pass(_SPACE)
            start = self._at
            if self._peek() in "\"'":
                self._string()
                word = self._text[start : self._at]
                parts.append(str(tomllib.loads(f"k = {word}")["k"]))
            else:
                self._pass(_BARE_KEY)
                parts.append(self._text[start : self._at])
            self._pass(_SPACE)
            if self._peek() != ".":
                return parts
            self._at += 1

    def _string(self) -> None:
        for pattern in _STRINGS:
            found = pattern.match(self._text, self._at)
            if found:
                self._at = found.end()
                return
        raise ValueError(f"no string at character {self._at}")

    def _pass(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._at)
        if found:
            self._at = found.end()

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _line(self) -> int:
        return bisect_left(self._breaks, self._at) + 1
