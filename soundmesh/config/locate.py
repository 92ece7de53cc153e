"""The line of every key in a TOML document, which ``tomllib`` does not tell.

The scanner trusts its input: it is only given text that ``tomllib`` has
accepted, so it looks for where things end, never for whether they are right.
Each character is passed once, and nothing recurses: a document may nest as
deep as ``tomllib`` lets it.

Path of a key: its names from the top, and the index of each list element or
``[[table]]`` on the way.
Source: TOML 1.0.0, https://toml.io/en/v1.0.0
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left

from soundmesh.config.problems import KeyPath

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


def locate(text: str) -> dict[KeyPath, int]:
    """The line, from 1, of every table, key and list element of a document that ``tomllib`` accepts."""
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.document()
    return scanner.lines


class _Scanner:
    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._text = text
        self._at = 0
        self._breaks = [index for index, char in enumerate(text) if char == "\n"]
        self._lists: dict[KeyPath, int] = {}
        """How many ``[[table]]`` elements each such list has so far."""

    def document(self) -> None:
        table: KeyPath = ()
        while True:
            self._pass(_BLANK)
            if self._at >= len(self._text):
                return
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> KeyPath:
        line = self._line()
        many = self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        parts = self._key()
        self._pass(_SPACE)
        self._at += 2 if many else 1
        path: KeyPath = ()
        for part in parts[:-1]:
            path = self._latest((*path, part))
            self.lines.setdefault(path, line)
        path = (*path, parts[-1])
        if not many:
            self.lines[path] = line
            return path
        self.lines.setdefault(path, line)
        self._lists[path] = self._lists.get(path, 0) + 1
        path = self._latest(path)
        self.lines[path] = line
        return path

    def _latest(self, path: KeyPath) -> KeyPath:
        count = self._lists.get(path)
        return path if count is None else (*path, count - 1)

    def _pair(self, table: KeyPath) -> None:
        """A key and its value, with everything inside that value."""
        path = self._name(table)
        # What is open around the current place: a list and its next index, or an inline table (None).
        around: list[tuple[KeyPath, int | None]] = []
        while True:
            opened = self._value(path)
            if opened == "[":
                around.append((path, 0))
            elif opened == "{":
                around.append((path, None))
            path_or_end = self._next(around)
            if path_or_end is None:
                return
            path = path_or_end

    def _next(self, around: list[tuple[KeyPath, int | None]]) -> KeyPath | None:
        """Move to the next value inside what is open; None when everything is closed."""
        while around:
            self._pass(_BLANK)
            if self._peek() == ",":
                self._at += 1
                continue
            outer, index = around.pop()
            if self._peek() in "]}":
                self._at += 1
                continue
            if index is None:
                around.append((outer, None))
                return self._name(outer)
            around.append((outer, index + 1))
            self.lines[(*outer, index)] = self._line()
            return (*outer, index)
        return None

    def _name(self, outer: KeyPath) -> KeyPath:
        """Read ``key =``, note its line, and stand before the value."""
        line = self._line()
        path = outer
        for part in self._key():
            path = (*path, part)
            self.lines.setdefault(path, line)
        self._pass(_SPACE)
        self._at += 1
        self._pass(_SPACE)
        return path

    def _value(self, path: KeyPath) -> str:
        """Pass one scalar, or the bracket that opens a list or an inline table, which is returned."""
        char = self._peek()
        if char in "[{":
            self._at += 1
            return char
        if char in "\"'":
            self._string()
        else:
            self._pass(_SCALAR)
        return ""

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
