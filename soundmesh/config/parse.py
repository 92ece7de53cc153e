"""Bytes to a ``Draft``: every table with its settings read, each problem noted, nothing compared yet."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from soundmesh.config.kinds import ListOf
from soundmesh.config.locate import KeyPath, locate
from soundmesh.config.problems import Findings, Problem, quoted, shown
from soundmesh.config.settings import (
    CHANNEL,
    DIM,
    GROUP,
    IFB,
    KEY,
    MATRIX,
    MEDIA,
    NETWORK,
    PORT,
    REQUIRED,
    ROLE,
    SHOW,
    TABLES,
    TALK,
    Setting,
    Table,
)

_NAMES = re.compile(r"\('[^()]*\)")
_PLAINER = {
    "Invalid value": "this is no value; a text stands in double quotes",
    "Illegal character '\\n'": "a text is not closed on its line",
    "Unterminated string": "a text is not closed",
    "Cannot overwrite a value": "this was said before",
    "Expected '=' after a key in a key/value pair": "a name needs = and a value",
    "Expected newline or end of document after a statement": "something follows that does not belong here",
}
"""What ``tomllib`` says of common slips, in plainer words."""

LIMIT_BYTES = 1 << 20
"""A show of 500 roles is a tenth of this."""

_DEEP = re.compile(r"""(?<![A-Za-z0-9_-])(?:(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){50}""")
"""Fifty dotted names; ``tomllib`` takes minutes for a megabyte of them."""

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One table as it was read: settings that fit, and defaults of those not said. Of what does not fit
    only a required text or list is kept; the rest is ``None``, as is a default that is computed later."""

    path: KeyPath
    values: Mapping[str, Any]
    said: frozenset[str] = frozenset()
    """The settings the file itself has, right or wrong."""
    inner: tuple[Entry, ...] = ()

    def at(self, name: str) -> KeyPath:
        """The path of one setting; of the table where the file does not have it."""
        return (*self.path, name) if name in self.said else self.path


@dataclass(frozen=True, slots=True)
class Draft:
    """The tables of one file, not yet compared with each other."""

    show: Entry
    channels: tuple[Entry, ...]
    groups: tuple[Entry, ...]
    ifbs: tuple[Entry, ...]
    ports: tuple[Entry, ...]
    roles: tuple[Entry, ...]
    matrix: Entry | None
    rows: Mapping[str, Any]
    network: Entry
    media: Entry
    talk: Entry
    dim: Entry
    findings: Findings = field(compare=False)


def parse(data: bytes, name: str) -> Draft | Problem:
    """The draft of a document with its findings so far, or the one problem that keeps it from being read."""
    if len(data) > LIMIT_BYTES:
        return Problem(
            name, 0, "", "is larger than 1 MiB, which no show needs. Check that it is the right file."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Problem(name, line, "", "holds bytes that are not UTF-8. Save the file as UTF-8 text.")
    dotted = _DEEP.search(text)
    if dotted:
        line = text.count("\n", 0, dotted.start()) + 1
        return Problem(name, line, "", "joins too many names with dots; no setting is that deep.")
    try:
        raw = tomllib.loads(text)
    except RecursionError:
        return Problem(name, 0, "", "nests lists or tables too deeply.")
    except ValueError as error:
        return _syntax(str(error), text, name)
    if not raw:
        return Problem(name, 0, "", "is empty; begin with [show], a [[role]] and the [matrix].")
    return _draft(raw, Findings(name, raw, locate(text)))


def _syntax(message: str, text: str, name: str) -> Problem:
    found = _PLACE.search(message)
    what = _PLACE.sub("", message).strip().rstrip(".")
    what = _NAMES.sub(lambda names: '"' + ".".join(re.findall("'([^']*)'", names[0])) + '"', what)
    what = _PLAINER.get(what, what[:1].lower() + what[1:160])
    if found is None:
        return Problem(name, 0, "", f"is not TOML: {what}.")
    if found[1] is None:
        return Problem(name, text.rstrip("\n").count("\n") + 1, "", f"is not TOML at its end: {what}.")
    return Problem(name, int(found[1]), "", f"is not TOML at column {found[2]}: {what}.")


def _draft(raw: dict[str, Any], findings: Findings) -> Draft:
    names = [table.name for table in TABLES]
    for key in raw:
        if key not in names:
            findings.add((key,), "is no table of a show file.", findings.suggest(key, names))
    matrix = raw.get("matrix")
    rows = matrix.get("rows") if isinstance(matrix, dict) else None
    if rows is not None and not isinstance(rows, dict):
        findings.add(("matrix", "rows"), f"{shown(rows)} does not fit; write a table [matrix.rows].")
    return Draft(
        show=_one(raw, SHOW, findings),
        channels=_many(raw, CHANNEL, (), findings),
        groups=_many(raw, GROUP, (), findings),
        ifbs=_many(raw, IFB, (), findings),
        ports=_many(raw, PORT, (), findings),
        roles=_many(raw, ROLE, (), findings),
        matrix=_one(raw, MATRIX, findings) if "matrix" in raw else None,
        rows=rows if isinstance(rows, dict) else {},
        network=_one(raw, NETWORK, findings),
        media=_one(raw, MEDIA, findings),
        talk=_one(raw, TALK, findings),
        dim=_one(raw, DIM, findings),
        findings=findings,
    )


def _one(raw: Mapping[str, Any], table: Table, findings: Findings) -> Entry:
    value = raw.get(table.name, {})
    path: KeyPath = (table.name,)
    if not isinstance(value, dict):
        findings.add(path, f"{shown(value)} does not fit; write one table [{table.name}].")
        value = None
    return _entry(value, table, path, findings)


def _many(raw: Mapping[str, Any], table: Table, outer: KeyPath, findings: Findings) -> tuple[Entry, ...]:
    value = raw.get(table.name, [])
    path: KeyPath = (*outer, table.name)
    header = ".".join([str(part) for part in path if isinstance(part, str)])
    if not isinstance(value, list):
        findings.add(path, f"does not fit; write [[{header}]] with double brackets, once for each.")
        return ()
    entries = []
    for index, element in enumerate(value):
        if isinstance(element, dict):
            entries.append(_entry(element, table, (*path, index), findings))
        else:
            findings.add((*path, index), f"{shown(element)} does not fit; write a table [[{header}]].")
    return tuple(entries)


def _entry(raw: Mapping[str, Any] | None, table: Table, path: KeyPath, findings: Findings) -> Entry:
    """Read one table; None stands for one that cannot be read and was noted already."""
    given = raw or {}
    inner_names = {inner.name for inner in table.tables} | ({"rows"} if table is MATRIX else set())
    known = [setting.name for setting in table.settings]
    for key in given:
        if key not in known and key not in inner_names:
            _unknown(key, table, path, [*known, *sorted(inner_names)], findings)
    values = {}
    for setting in table.settings:
        if setting.name in given:
            values[setting.name] = _read(given[setting.name], setting, (*path, setting.name), findings)
        else:
            values[setting.name] = None if isinstance(setting.default, type(REQUIRED)) else setting.default
            if setting.default is REQUIRED and raw is not None:
                findings.add(path, f"{setting.name} is missing; write {setting.kind.expects}.")
    inner: tuple[Entry, ...] = ()
    for below in table.tables:
        inner += _many(given, below, path, findings)
    return Entry(path, values, frozenset(given), inner)


def _read(raw: Any, setting: Setting, path: KeyPath, findings: Findings) -> Any:
    fits = True
    for found in setting.kind.complaints(raw):
        fits = False
        findings.add((*path, *found.at), found.reason, found.nearest)
    if fits:
        return setting.kind.value(raw)
    # A wrong id still names its channel or role, so that what refers to it is not called wrong as well.
    form = list if isinstance(setting.kind, ListOf) else str
    return raw if setting.default is REQUIRED and isinstance(raw, form) else None


def _unknown(key: str, table: Table, path: KeyPath, known: list[str], findings: Findings) -> None:
    header = _header(table)
    owners = [other for other in (*TABLES, KEY) if key in [setting.name for setting in other.settings]]
    if len(owners) == 1:
        findings.add((*path, key), f"is no setting of {header}; it belongs in {_header(owners[0])}.")
        return
    near = findings.suggest(key, known)
    findings.add((*path, key), f"{header} has no setting {quoted(key)}.", near)


def _header(table: Table) -> str:
    name = "role.key" if table is KEY else table.name
    return f"[[{name}]]" if table.many else f"[{name}]"
