"""Whether the keys that a role lists point somewhere, and say only what the matrix lets them do."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from soundmesh.config.parse import Entry
from soundmesh.config.problems import Findings, quoted
from soundmesh.core.ids import RoleId
from soundmesh.core.seats import names
from soundmesh.core.show import NO_CELL, Cell, Latch, Listen, Role


def check_keys(
    role: Entry,
    targets: Collection[str],
    cells: Mapping[str, Cell],
    roles: tuple[Entry, ...],
    findings: Findings,
) -> None:
    """Note what is wrong with the keys of ``role``. ``targets`` are the ids a key may name."""
    listed = {key.values["target"] for key in role.inner}
    seats = {str(entry.values["id"]): entry for entry in roles}
    seen: dict[str, Entry] = {}
    for key in role.inner:
        target = key.values["target"]
        if isinstance(target, str):
            column = _column(key, target, targets, seats, findings)
            if column is not None:
                _said(key, quoted(column), cells.get(column, NO_CELL), findings)
        name = key.values["id"] or target
        if not isinstance(name, str):
            continue
        first = seen.setdefault(name, key)
        if first is not key:
            reason = f"the role has a key {quoted(name)} already (line {findings.line(first.path)})"
            findings.add(key.at("id"), f"{reason}; give this one an id of its own.")
        elif name in cells and name not in listed:
            reason = f"{quoted(name)} is the id of this role's key to that column; choose another."
            findings.add(key.at("id"), reason)


def _column(
    key: Entry, target: str, targets: Collection[str], roles: Mapping[str, Entry], findings: Findings
) -> str | None:
    """The column that says what the key may do; None when it was called wrong."""
    column, slash, seat = target.partition("/")
    path = key.at("target")
    if slash and column not in roles:
        near = findings.suggest(column, roles)
        findings.add(path, f"{quoted(column)} is no role.", near and f"{near}/{seat}")
    elif slash and column not in targets:
        reason = f"the role {quoted(column)} is no column of the matrix, so nobody may call its seats."
        findings.add(path, reason)
    elif slash and not _has_seat(roles[column], seat):
        near = _nearest_seat(seat, roles[column].values["seats"], findings)
        findings.add(path, f"{quoted(column)} has no seat {quoted(seat)}.", near and f"{column}/{near}")
    elif not slash and column not in targets:
        reason = f"{quoted(target)} is no column of the matrix."
        findings.add(path, reason, findings.suggest(target, targets))
    else:
        return column
    return None


def _has_seat(role: Entry, seat: str) -> bool:
    seats = role.values["seats"]
    # Seats that could not be read are called wrong where they stand.
    return seats is None or any(seat == name for name in names(Role(RoleId(""), "", seats, ())))


def _nearest_seat(seat: str, seats: object, findings: Findings) -> str | None:
    """The named seat that was meant."""
    if not isinstance(seats, tuple):
        return None
    meant = {name.casefold(): name for name in seats}
    found = findings.suggest(seat, meant)
    return None if found is None else meant[found]


def _said(key: Entry, column: str, cell: Cell, findings: Findings) -> None:
    """Compare what the key says with its cell."""
    if cell == NO_CELL:
        reason = f"the matrix gives this role neither T nor L for {column}, so the key could do nothing."
        findings.add(key.at("target"), reason)
        return
    if key.values["armed"] and not cell.talk:
        reason = f"the matrix gives this role no T for {column}, so it cannot be armed."
        findings.add(key.at("armed"), reason)
    if key.values["priority"] and not cell.talk:
        reason = f"the matrix gives this role no T for {column}, so there is no talk to prefer."
        findings.add(key.at("priority"), reason)
    if key.values["dim_db"] and cell.listen is Listen.NONE:
        reason = f"the matrix gives this role no L for {column}, so there is no listen to lower."
        findings.add(key.at("dim_db"), reason)
    if cell.momentary and key.values["latch"] == Latch.LATCHING:
        reason = f"the matrix says m for {column}, so this key is momentary all the same."
        findings.warn(key.at("latch"), reason)
