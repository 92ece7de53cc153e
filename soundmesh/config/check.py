"""What the tables of a draft say of each other: ids, columns, cells, keys, ports."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from soundmesh.config.cells import read_long, read_short, why_not, write
from soundmesh.config.kinds import ID_PATTERN
from soundmesh.config.locate import KeyPath
from soundmesh.config.parse import Draft, Entry
from soundmesh.config.problems import Findings, quoted, shown
from soundmesh.core.show import NO_CELL, Cell, Latch, Listen

Grid = Mapping[str, Mapping[str, Cell]]
"""Role, column, cell; cells that allow nothing are left out."""

_UNSURE = Cell(talk=True, listen=Listen.ON)
"""Stands for a cell that could not be read: it allows everything, so that no key is called wrong for it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was learned of the matrix on the way; complete when the findings hold no error."""

    columns: tuple[str, ...]
    grid: Grid


def check(draft: Draft) -> Checked:
    """Compare the tables, note every problem in the draft's findings, and read the cells."""
    findings = draft.findings
    channels = _ids(draft.channels)
    roles = _ids(draft.roles)
    _unique((*draft.channels, *draft.roles), findings)
    if not draft.roles:
        findings.add((), "the show has no role, so nobody could join; add a [[role]] with an id.")
    _ports(draft.network, findings)
    if draft.matrix is None:
        findings.add((), "the show has no [matrix], so nobody could talk; add its columns and rows.")
        return Checked((), {})
    known = {*channels, *roles}
    columns = _columns(draft, channels, roles)
    grid = _rows(draft, columns, channels, roles)
    certain = bool(columns) and known.issuperset(columns)
    for role in draft.roles:
        # While a column is unknown, any id may be the one that was meant by it.
        if certain:
            _keys(role, columns, grid.get(str(role.values["id"]), {}), findings)
        else:
            _keys(role, known, dict.fromkeys(known, _UNSURE), findings)
    return Checked(columns, grid)


def _ids(entries: tuple[Entry, ...]) -> dict[str, Entry]:
    return {entry.values["id"]: entry for entry in reversed(entries) if isinstance(entry.values["id"], str)}


def _unique(entries: tuple[Entry, ...], findings: Findings) -> None:
    seen: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda entry: findings.line(entry.at("id"))):
        name = entry.values["id"]
        if not isinstance(name, str):
            continue
        first = seen.setdefault(name, entry)
        if first is not entry:
            line = findings.line(first.at("id"))
            kind = first.path[0]
            reason = (
                f"{quoted(name)} is the id of the {kind} on line {line} already; ids are unique over both."
            )
            findings.add(entry.at("id"), reason)


def _columns(draft: Draft, channels: Mapping[str, Entry], roles: Mapping[str, Entry]) -> tuple[str, ...]:
    findings = draft.findings
    raw = draft.matrix.values["columns"] if draft.matrix else None
    columns = (
        tuple(name if isinstance(name, str) else "" for name in raw) if isinstance(raw, list | tuple) else ()
    )
    known = [*channels, *roles]
    for index, name in enumerate(columns):
        if name and name not in channels and name not in roles:
            path = ("matrix", "columns", index)
            findings.add(path, f"{quoted(name)} is no channel or role.", findings.suggest(name, known))
    if columns and set(known).issuperset(columns):
        for name, entry in channels.items():
            if name not in columns and re.fullmatch(ID_PATTERN, name):
                findings.warn(entry.at("id"), "is no column of the matrix, so nobody can use this channel.")
    return columns


def _rows(
    draft: Draft, columns: tuple[str, ...], channels: Mapping[str, Entry], roles: Mapping[str, Entry]
) -> dict[str, dict[str, Cell]]:
    findings = draft.findings
    grid: dict[str, dict[str, Cell]] = {}
    for name, row in draft.rows.items():
        path: KeyPath = ("matrix", "rows", name)
        if name not in roles and name in channels:
            findings.add(path, "is a channel; rows are roles, columns are what they talk to.")
        elif name not in roles:
            findings.add(path, "is no role.", findings.suggest(name, roles))
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
            cell = _cell(raw, (*path, index), column in roles, findings)
            if cell != NO_CELL:
                cells[column] = cell
        grid[name] = cells
    for name, entry in roles.items():
        if name not in draft.rows:
            findings.warn(
                entry.at("id"), f"has no row in the matrix, so {quoted(name)} can neither talk nor listen."
            )
            grid[name] = {}
    return grid


def _cell(raw: object, path: KeyPath, direct: bool, findings: Findings) -> Cell:
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
    if direct and cell.listen is not Listen.NONE:
        talk_only = write(Cell(cell.talk, Listen.NONE, cell.momentary))
        reason = "a direct is always heard while it lasts, so under a role write T (may call) or -."
        findings.add(path, reason, talk_only)
    return cell


def _keys(role: Entry, targets: Collection[str], cells: Mapping[str, Cell], findings: Findings) -> None:
    """Check the keys a role lists. ``targets`` are the ids a key may name."""
    listed = {key.values["target"] for key in role.inner}
    seen: dict[str, Entry] = {}
    for key in role.inner:
        _key(key, targets, cells, findings)
        name = key.values["id"] or key.values["target"]
        if not isinstance(name, str):
            continue
        first = seen.setdefault(name, key)
        if first is not key:
            reason = f"the role has a key {quoted(name)} already (line {findings.line(first.path)})"
            findings.add(key.at("id"), f"{reason}; give this one an id of its own.")
        elif name in cells and name not in listed:
            reason = f"{quoted(name)} is the id of this role's key to that column; choose another."
            findings.add(key.at("id"), reason)


def _key(key: Entry, targets: Collection[str], cells: Mapping[str, Cell], findings: Findings) -> None:
    target = key.values["target"]
    if not isinstance(target, str):
        return
    name = quoted(target)
    if target not in targets:
        reason = f"{name} is no column of the matrix."
        findings.add(key.at("target"), reason, findings.suggest(target, targets))
        return
    cell = cells.get(target, NO_CELL)
    if cell == NO_CELL:
        reason = f"the matrix gives this role neither T nor L for {name}, so the key could do nothing."
        findings.add(key.at("target"), reason)
    elif key.values["armed"] and not cell.talk:
        reason = f"the matrix gives this role no T for {name}, so it cannot be armed."
        findings.add(key.at("armed"), reason)
    elif cell.momentary and key.values["latch"] == Latch.LATCHING:
        reason = f"the matrix says m for {name}, so this key is momentary all the same."
        findings.warn(key.at("latch"), reason)


def _ports(network: Entry, findings: Findings) -> None:
    port, trust = network.values["port"], network.values["trust_port"]
    if port and port == trust:
        path = network.at("trust_port" if "trust_port" in network.said else "port")
        findings.add(path, f"port and trust_port are both {port}; two TCP services need two ports.")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
