"""The kinds of value a setting can have: what each expects, and what it says of a value that does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from soundmesh.config.problems import nearest, quoted, shown


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a value does not fit: a sentence, the nearest right spelling, and which element of a list."""

    reason: str
    nearest: str | None = None
    at: tuple[int, ...] = ()


class Kind(Protocol):
    """A kind of value."""

    @property
    def expects(self) -> str:
        """What to write, as the end of a sentence that begins with "write"."""

    def complaints(self, value: object) -> Iterator[Complaint]:
        """Everything wrong with a value; nothing for one that fits."""

    def value(self, raw: Any) -> Any:
        """A value that fits, in the form the show keeps it in."""

    def json(self) -> dict[str, Any]:
        """The kind in JSON Schema."""


@dataclass(frozen=True, slots=True)
class Text:
    """One line for people to read."""

    most: int
    slash: bool = True

    @property
    def expects(self) -> str:
        return f"a text of 1 to {self.most} characters"

    def complaints(self, value: object) -> Iterator[Complaint]:
        if not isinstance(value, str):
            yield unfit(value, self)
        elif not value.strip():
            yield Complaint(f"is empty; write {self.expects}.")
        elif len(value) > self.most:
            yield Complaint(f"{quoted(value)} has {len(value)} characters; write at most {self.most}.")
        elif not value.isprintable():
            yield Complaint(f"{quoted(value)} holds a character that cannot be shown; write one plain line.")
        elif value != value.strip():
            yield Complaint(f"{quoted(value)} begins or ends with a blank.", value.strip())
        elif not self.slash and "/" in value:
            fixed = value.replace("/", "-")
            yield Complaint(f"{quoted(value)} holds a slash, which separates role and seat.", fixed)

    def value(self, raw: Any) -> Any:
        return raw

    def json(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.most}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within a range."""

    low: int
    high: int
    unit: str = ""

    @property
    def expects(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"a whole number from {self.low} to {self.high}{unit}"

    def complaints(self, value: object) -> Iterator[Complaint]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield unfit(value, self, _number_in(value))
        elif not self.low <= value <= self.high:
            yield Complaint(f"{shown(value)} is out of range; write {self.expects}.")

    def value(self, raw: Any) -> Any:
        return raw

    def json(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    @property
    def expects(self) -> str:
        return "true or false"

    def complaints(self, value: object) -> Iterator[Complaint]:
        if not isinstance(value, bool):
            yes = value in (1, "true", "True", "yes", "on")
            no = value in (0, "false", "False", "no", "off")
            yield unfit(value, self, "true" if yes else "false" if no else None)

    def value(self, raw: Any) -> Any:
        return raw

    def json(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed list of words."""

    options: tuple[str, ...]
    instead: tuple[tuple[str, str, str], ...] = ()
    """Words often written: the word, why not, what instead."""

    @property
    def expects(self) -> str:
        return "one of " + ", ".join(self.options)

    def complaints(self, value: object) -> Iterator[Complaint]:
        if not isinstance(value, str):
            yield unfit(value, self)
        elif value not in self.options:
            for word, why, instead in self.instead:
                if value.lower() == word:
                    yield Complaint(f"{quoted(value)} {why}; write {self.expects}.", instead)
                    return
            yield Complaint(
                f"{quoted(value)} is unknown; write {self.expects}.", nearest(value, self.options)
            )

    def value(self, raw: Any) -> Any:
        return raw

    def json(self) -> dict[str, Any]:
        return {"enum": list(self.options)}


@dataclass(frozen=True, slots=True)
class ListOf:
    """Several values of one kind, each once."""

    item: Kind
    least: int = 0
    most: int = 100

    @property
    def expects(self) -> str:
        return f"a list; each element is {self.item.expects}"

    def complaints(self, value: object) -> Iterator[Complaint]:
        if not isinstance(value, list):
            alone = isinstance(value, str) and not list(self.item.complaints(value))
            yield unfit(value, self, f'["{value}"]' if alone else None)
            return
        if len(value) < self.least:
            yield Complaint(f"is empty; write {self.expects}.")
        if len(value) > self.most:
            yield Complaint(f"has {len(value)} elements; write at most {self.most}.")
            return
        seen: set[str] = set()
        for index, element in enumerate(value):
            for found in self.item.complaints(element):
                yield Complaint(found.reason, found.nearest, (index, *found.at))
            if isinstance(element, str):
                if element.casefold() in seen:
                    yield Complaint(f"{quoted(element)} is in the list twice.", at=(index,))
                seen.add(element.casefold())

    def value(self, raw: Any) -> Any:
        # One address has several spellings; kept once, it is listened on once.
        return tuple(dict.fromkeys(self.item.value(element) for element in raw))

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "array", "items": self.item.json(), "uniqueItems": True}
        return found | {"minItems": self.least, "maxItems": self.most}


@dataclass(frozen=True, slots=True)
class CountOrNames:
    """How many unnamed seats, or the names of the seats."""

    count: Whole
    names: ListOf

    @property
    def expects(self) -> str:
        return f"{self.count.expects} (0: any number), or a list of names"

    def complaints(self, value: object) -> Iterator[Complaint]:
        if isinstance(value, list):
            yield from self.names.complaints(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            for _ in self.count.complaints(value):
                yield Complaint(f"{shown(value)} is out of range; write {self.expects}.")
        else:
            yield unfit(value, self, f'["{value}"]' if isinstance(value, str) and value else None)

    def value(self, raw: Any) -> Any:
        return self.names.value(raw) if isinstance(raw, list) else raw

    def json(self) -> dict[str, Any]:
        return {"anyOf": [self.count.json(), self.names.json()]}


def unfit(value: object, kind: Kind, near: str | None = None) -> Complaint:
    """What is said of a value of another form."""
    return Complaint(f"{shown(value)} does not fit; write {kind.expects}.", near)


def _number_in(value: object) -> str | None:
    """The number somebody put in quotes."""
    return value if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value) else None
