"""Bytes of a show file to a ``core.Show``, or every problem in them. Pure: no file is read here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from soundmesh.config.check import Checked, check
from soundmesh.config.parse import Draft, Entry, parse
from soundmesh.config.problems import LoadedShow, Problem
from soundmesh.core.ids import KeyId, RoleId, TargetId
from soundmesh.core.show import (
    NO_CELL,
    Cell,
    Key,
    Latch,
    Media,
    Network,
    Role,
    Show,
    Talk,
    Target,
    TargetKind,
)

__all__ = ["LoadedShow", "read_show"]


def read_show(data: bytes, name: str) -> LoadedShow:
    """The show that these bytes describe, or its problems. ``name`` is the file's, for the problems."""
    draft = parse(data, name)
    if isinstance(draft, Problem):
        return LoadedShow(None, (draft,))
    checked = check(draft)
    show = None if draft.findings.failed else _show(draft, checked)
    return LoadedShow(show, draft.findings.problems())


def _show(draft: Draft, checked: Checked) -> Show:
    targets = _targets(draft, checked.columns)
    matrix = {
        RoleId(role): MappingProxyType({TargetId(column): cell for column, cell in cells.items()})
        for role, cells in checked.grid.items()
    }
    roles = [_role(entry, targets, checked.grid[entry.values["id"]]) for entry in draft.roles]
    return Show(
        name=draft.show.values["name"],
        targets=MappingProxyType(targets),
        roles=MappingProxyType({role.id: role for role in roles}),
        matrix=MappingProxyType(matrix),
        network=Network(**draft.network.values),
        media=Media(**draft.media.values),
        talk=Talk(**draft.talk.values),
    )


def _targets(draft: Draft, columns: tuple[str, ...]) -> dict[TargetId, Target]:
    channels = {entry.values["id"]: entry.values for entry in draft.channels}
    roles = {entry.values["id"]: entry.values for entry in draft.roles}
    found: dict[TargetId, Target] = {}
    for column in columns:
        target = TargetId(column)
        if column in channels:
            said = channels[column]
            name = said["name"] or column
            found[target] = Target(target, TargetKind.CHANNEL, name, said["color"], said["priority"])
        else:
            # A role's priority is that of its voice; it does not raise the calls it receives.
            found[target] = Target(target, TargetKind.ROLE, roles[column]["name"] or column)
    return found


def _role(entry: Entry, targets: Mapping[TargetId, Target], cells: Mapping[str, Cell]) -> Role:
    said = entry.values
    return Role(
        id=RoleId(said["id"]),
        name=said["name"] or said["id"],
        seats=said["seats"],
        keys=_keys(entry, targets, cells),
        rights=frozenset(said["rights"]),
        priority=said["priority"],
    )


def _keys(role: Entry, targets: Mapping[TargetId, Target], cells: Mapping[str, Cell]) -> tuple[Key, ...]:
    """The listed keys in the file's order, then one for each other column the role may use."""
    listed = [key.values for key in role.inner]
    aimed = {said["target"] for said in listed}
    plain = {"id": None, "label": None, "color": None, "latch": Latch.AUTO, "armed": None}
    listed += [{"target": target, **plain} for target in targets if target in cells and target not in aimed]
    armed = _armed([(said["armed"], cells.get(said["target"], NO_CELL)) for said in listed])
    keys = []
    for index, said in enumerate(listed):
        target = targets[said["target"]]
        keys.append(
            Key(
                id=KeyId(said["id"] or target.id),
                target=target.id,
                label=said["label"] or target.name,
                color=said["color"] or target.color,
                latch=Latch(said["latch"]),
                armed=index in armed,
            )
        )
    return tuple(keys)


def _armed(keys: list[tuple[bool | None, Cell]]) -> frozenset[int]:
    """Which keys the bar holds: those that say so, else the first that may talk and does not refuse."""
    said = frozenset(index for index, (armed, _) in enumerate(keys) if armed)
    first = (index for index, (armed, cell) in enumerate(keys) if armed is None and cell.talk)
    return said or frozenset(list(first)[:1])
