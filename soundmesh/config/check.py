"""What the tables of a draft say of each other: ids, columns, cells, groups, programs, TCP ports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from soundmesh.config.cells import read_long, read_short, why_not, write
from soundmesh.config.checkkeys import check_keys
from soundmesh.config.columns import EVERYONE
from soundmesh.config.locate import KeyPath
from soundmesh.config.names import ID_PATTERN
from soundmesh.config.parse import Draft, Entry
from soundmesh.config.problems import Findings, quoted, shown
from soundmesh.core.show import NO_CELL, Cell, Listen

Grid = Mapping[str, Mapping[str, Cell]]
"""Role, column, cell; cells that allow nothing are left out."""

_UNSURE = Cell(talk=True, listen=Listen.ON)
"""Stands for a cell that could not be read: it allows everything, so that no key is called wrong for it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was learned of the matrix on the way; complete when the findings hold no error."""

    columns: tuple[str, ...]
    grid: Grid


@dataclass(frozen=True, slots=True)
class _Ids:
    """Everything that a column may be, by id."""

    kinds: Mapping[str, str] = field(default_factory=dict)
    """Of each id its table: channel, role, group, ifb or port."""
    entries: Mapping[str, Entry] = field(default_factory=dict)

    def of(self, *kinds: str) -> list[str]:
        return [name for name, kind in self.kinds.items() if kind in kinds]


def check(draft: Draft) -> Checked:
    """Compare the tables, note every problem in the draft's findings, and read the cells."""
    findings = draft.findings
    # Of an id that two tables have, the role's is believed: rows and directs depend on it.
    entries = (*draft.roles, *draft.channels, *draft.groups, *draft.ifbs, *draft.ports)
    _unique(entries, findings)
    ids = _ids(entries)
    if not draft.roles:
        findings.add((), "the show has no role, so nobody could join; add a [[role]] with an id.")
    for group in draft.groups:
        _group(group, ids, findings)
    for ifb in draft.ifbs:
        _ifb(ifb, draft)
    for port in draft.ports:
        _program(port, findings)
    _tcp_ports(draft.network, findings)
    if draft.matrix is None:
        findings.add((), "the show has no [matrix], so nobody could talk; add its columns and rows.")
        return Checked((), {})
    columns = _columns(draft, ids)
    grid = _rows(draft, columns, ids)
    certain = bool(columns) and set(ids.kinds).issuperset(columns)
    for role in draft.roles:
        # While a column is unknown, any id may be the one that was meant by it.
        if certain:
            check_keys(role, columns, grid.get(str(role.values["id"]), {}), draft.roles, findings)
        else:
            unsure = dict.fromkeys(ids.kinds, _UNSURE)
            check_keys(role, ids.kinds, unsure, draft.roles, findings)
    return Checked(columns, grid)


def _ids(entries: tuple[Entry, ...]) -> _Ids:
    found = {entry.values["id"]: entry for entry in reversed(entries) if isinstance(entry.values["id"], str)}
    found = dict(reversed(found.items()))
    return _Ids({name: str(entry.path[0]) for name, entry in found.items()}, found)


def _unique(entries: tuple[Entry, ...], findings: Findings) -> None:
    seen: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda entry: findings.line(entry.at("id"))):
        name = entry.values["id"]
        if not isinstance(name, str):
            continue
        first = seen.setdefault(name, entry)
        if first is not entry:
            line = findings.line(first.at("id"))
            reason = f"{quoted(name)} is the id of the {first.path[0]} on line {line} already"
            findings.add(entry.at("id"), f"{reason}; ids are unique over all that a column may be.")


def _group(group: Entry, ids: _Ids, findings: Findings) -> None:
    members = group.values["targets"]
    for index, name in enumerate(members if isinstance(members, list | tuple) else ()):
        path = (*group.at("targets"), index)
        kind = ids.kinds.get(name) if isinstance(name, str) else None
        if not isinstance(name, str) or name == EVERYONE or kind in ("channel", "role"):
            continue
        if kind is None:
            near = findings.suggest(name, [*ids.of("channel", "role"), EVERYONE])
            findings.add(path, f"{quoted(name)} is no channel or role.", near)
        else:
            findings.add(path, f"{quoted(name)} is a{'n' * (kind == 'ifb')} {kind}; {_GROUPED}")


_GROUPED = "a group reaches channels and roles."


def _ifb(ifb: Entry, draft: Draft) -> None:
    program = ifb.values["program"]
    ports = [port.values["id"] for port in draft.ports if isinstance(port.values["id"], str)]
    if isinstance(program, str) and program not in ports:
        near = draft.findings.suggest(program, ports)
        draft.findings.add(ifb.at("program"), f"{quoted(program)} is no [[port]].", near)


def _program(port: Entry, findings: Findings) -> None:
    tone = "tone_hz" in port.said and port.values["tone_hz"] != 0
    if tone and "files" in port.said:
        findings.add(port.at("tone_hz"), "files are played already; keep files or tone_hz.")
    elif not tone and "files" not in port.said:
        findings.add(port.path, "plays nothing; write files, or tone_hz for a test tone.")


def _columns(draft: Draft, ids: _Ids) -> tuple[str, ...]:
    findings = draft.findings
    raw = draft.matrix.values["columns"] if draft.matrix else None
    columns = (
        tuple(name if isinstance(name, str) else "" for name in raw) if isinstance(raw, list | tuple) else ()
    )
    for index, name in enumerate(columns):
        if name and name not in ids.kinds:
            path = ("matrix", "columns", index)
            reason = f"{quoted(name)} is no channel, role, group, ifb or port."
            findings.add(path, reason, findings.suggest(name, ids.kinds))
    if columns and set(ids.kinds).issuperset(columns):
        sources = {ifb.values["program"] for ifb in draft.ifbs}
        for name, entry in ids.entries.items():
            kind = ids.kinds[name]
            used = name in columns or kind == "role" or (kind == "port" and name in sources)
            if not used and re.fullmatch(ID_PATTERN, name):
                reason = f"is no column of the matrix, so nobody can use this {kind}."
                findings.warn(entry.at("id"), reason)
    return columns


def _rows(draft: Draft, columns: tuple[str, ...], ids: _Ids) -> dict[str, dict[str, Cell]]:
    findings = draft.findings
    roles = ids.of("role")
    grid: dict[str, dict[str, Cell]] = {}
    for name, row in draft.rows.items():
        path: KeyPath = ("matrix", "rows", name)
        kind = ids.kinds.get(name)
        if kind is None:
            findings.add(path, "is no role.", findings.suggest(name, roles))
        elif kind != "role":
            article = "an" if kind == "ifb" else "a"
            findings.add(path, f"is {article} {kind}; rows are roles, columns are what they talk to.")
        elif not isinstance(row, list):
            findings.add(path, f'{shown(row)} does not fit; write a list of cells such as ["TL", "-"].')
        if not isinstance(row, list):
            grid[name] = dict.fromkeys(columns, _UNSURE)
            continue
        if columns and len(row) != len(columns):
            findings.add(path, f"has {_count(len(row), 'cell')} for {_count(len(columns), 'column')}.")
        cells = dict.fromkeys(columns[len(row) :], _UNSURE)
        for index, raw in enumerate(row):
            column = columns[index] if index < len(columns) else ""
            cell = _cell(raw, (*path, index), ids.kinds.get(column, "channel"), findings)
            if cell != NO_CELL:
                cells[column] = cell
        grid[name] = cells
    for name in roles:
        if name not in draft.rows:
            reason = f"has no row in the matrix, so {quoted(name)} can neither talk nor listen."
            findings.warn(ids.entries[name].at("id"), reason)
            grid[name] = {}
    return grid


def _cell(raw: object, path: KeyPath, kind: str, findings: Findings) -> Cell:
    cell: Cell | None = None
    if isinstance(raw, str):
        cell = read_short(raw)
        if cell is None:
            findings.add(path, *why_not(raw))
    elif isinstance(raw, dict):
        cell, wrong = read_long(raw)
        for name, reason, near in wrong:
            findings.add((*path, name) if name else path, reason, near)
    else:
        near = {True: "TL", False: "-"}.get(raw) if isinstance(raw, bool) else None
        findings.add(path, f'{shown(raw)} is no cell; write a text such as "TL", or a table.', near)
    if cell is None:
        return _UNSURE
    if kind in ("role", "group") and cell.listen is not Listen.NONE:
        talk_only = write(Cell(cell.talk, Listen.NONE, cell.momentary))
        what = "direct" if kind == "role" else "talk to a group"
        reason = f"a {what} is always heard while it lasts, so under a {kind} write T (may call) or -."
        findings.add(path, reason, talk_only)
    elif kind == "port" and cell.talk:
        reason = "nobody talks to a program, so under a port write L, L?, L! or -."
        findings.add(path, reason, write(Cell(False, cell.listen)))
    return cell


def _tcp_ports(network: Entry, findings: Findings) -> None:
    port, trust = network.values["port"], network.values["trust_port"]
    if port and port == trust:
        path = network.at("trust_port" if "trust_port" in network.said else "port")
        findings.add(path, f"port and trust_port are both {port}; two TCP services need two ports.")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
