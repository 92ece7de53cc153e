"""Bytes of a show file to a ``core.Show``, or every problem in them. Pure: no file is read here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from soundmesh.config.check import Checked, check
from soundmesh.config.columns import EVERYONE
from soundmesh.config.parse import Draft, Entry, parse
from soundmesh.config.problems import LoadedShow, Problem
from soundmesh.config.settings import DIM_DB
from soundmesh.core.ids import KeyId, RoleId, SeatName, StationId, TargetId
from soundmesh.core.show import (
    FIRST_PORT,
    NO_CELL,
    Cell,
    Dim,
    Key,
    Latch,
    Media,
    Network,
    Port,
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
        dim=Dim(**draft.dim.values),
        ports=MappingProxyType(_ports(draft)),
    )


def _targets(draft: Draft, columns: tuple[str, ...]) -> dict[TargetId, Target]:
    """The columns in their order, then the seats that keys point at."""
    found: dict[TargetId, Target] = {}
    entries = (*draft.channels, *draft.roles, *draft.groups, *draft.ifbs, *draft.ports)
    by_id = {entry.values["id"]: entry for entry in entries}
    for column in columns:
        entry = by_id[column]
        said = entry.values
        kind = TargetKind(str(entry.path[0]))
        # A role's priority is that of its voice; it does not raise the calls it receives.
        plain = kind is TargetKind.ROLE
        found[TargetId(column)] = Target(
            TargetId(column),
            kind,
            said["name"] or column,
            color="grey" if plain else said["color"],
            priority=0 if plain else said["priority"],
            members=_members(draft, said["targets"]) if kind is TargetKind.GROUP else (),
            source=TargetId(said["program"]) if kind is TargetKind.IFB else None,
        )
    for role in draft.roles:
        for key in role.inner:
            target = TargetId(key.values["target"])
            if target not in found:
                found[target] = _seat(target, by_id)
    return found


def _members(draft: Draft, named: tuple[str, ...]) -> tuple[TargetId, ...]:
    everyone = [role.values["id"] for role in draft.roles]
    found = [member for name in named for member in (everyone if name == EVERYONE else [name])]
    return tuple(TargetId(member) for member in dict.fromkeys(found))


def _seat(target: TargetId, by_id: Mapping[str, Entry]) -> Target:
    role, _, seat = target.partition("/")
    said = by_id[role].values
    name = said["name"] or role
    numbered = name if said["seats"] == 1 else f"{name} {seat}"
    called = seat if isinstance(said["seats"], tuple) else numbered
    return Target(target, TargetKind.SEAT, called, role=RoleId(role), seat=SeatName(seat))


def _ports(draft: Draft) -> dict[TargetId, Port]:
    found = {}
    for index, entry in enumerate(draft.ports):
        said = entry.values
        port = TargetId(said["id"])
        found[port] = Port(
            port,
            StationId(FIRST_PORT + index),
            said["name"] or port,
            said["priority"],
            files=said["files"] or (),
            tone_hz=said["tone_hz"],
            gain_db=said["gain_db"],
            loop=said["loop"],
        )
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
        ask=said["ask"],
        reply=said["reply"],
    )


def _keys(role: Entry, targets: Mapping[TargetId, Target], cells: Mapping[str, Cell]) -> tuple[Key, ...]:
    """The listed keys in the file's order, then one for each other column the role may use."""
    listed = [key.values for key in role.inner]
    aimed = {said["target"] for said in listed}
    plain = dict.fromkeys(("id", "label", "color", "armed", "dim_db")) | {"latch": Latch.AUTO, "priority": 0}
    listed += [{"target": target, **plain} for target in targets if target in cells and target not in aimed]
    armed = _armed([(said["armed"], cells.get(_column(said["target"]), NO_CELL)) for said in listed])
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
                priority=said["priority"],
                dim_db=_dim_db(said["dim_db"], target.kind),
            )
        )
    return tuple(keys)


def _column(target: str) -> str:
    """The column that says what a key to this target may do."""
    return target.partition("/")[0]


def _dim_db(said: int | None, kind: TargetKind) -> int:
    if said is not None:
        return said
    return DIM_DB if kind in (TargetKind.IFB, TargetKind.PORT) else 0


def _armed(keys: list[tuple[bool | None, Cell]]) -> frozenset[int]:
    """Which keys the bar holds: those that say so, else the first that may talk and does not refuse."""
    said = frozenset(index for index, (armed, _) in enumerate(keys) if armed)
    first = (index for index, (armed, cell) in enumerate(keys) if armed is None and cell.talk)
    return said or frozenset(list(first)[:1])
