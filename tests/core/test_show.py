"""What the show answers about cells, listens and lines, for each kind of target."""

from __future__ import annotations

from soundmesh.core.ids import RoleId, SeatName, TargetId
from soundmesh.core.show import NO_CELL, Cell, Listen, Show, TargetKind

from .crew import group, ifb, key_to, make_show, seat

TD, CAM, GUEST = RoleId("td"), RoleId("cam"), RoleId("guest")


def wide() -> Show:
    return make_show(
        {
            "td": {"main": "TL", "cam": "T", "all": "Tm", "ear": "T", "music": "L?"},
            "cam": {"main": "L", "td": "T", "ear": "TL", "music": "L!"},
            "guest": {"main": "T", "ear": "L"},
        },
        more=(group("all", "prod", "td"), ifb("ear", "music"), seat("cam", "Cam 2")),
        ports={"music": 0, "tone": 1},
        extra_keys={"td": (key_to("cam/Cam 2"),), "cam": (key_to("cam/Cam 2"),)},
    )


def test_a_seats_cell_is_that_of_its_role() -> None:
    show = wide()
    assert show.cell(TD, TargetId("cam/Cam 2")) == Cell(talk=True)
    assert show.cell(CAM, TargetId("cam/Cam 2")) == NO_CELL
    assert show.cell(RoleId("nobody"), TargetId("cam/Cam 2")) == NO_CELL
    assert show.cell(TD, TargetId("cam/Cam 9")) == NO_CELL
    assert show.seats == {(CAM, SeatName("Cam 2")): TargetId("cam/Cam 2")}


def test_channels_ifbs_and_ports_are_heard_by_choice_and_directs_always() -> None:
    show = wide()
    assert [show.may_listen(CAM, TargetId(t)) for t in ("main", "ear", "music")] == [True, True, True]
    assert [show.may_listen(TD, TargetId(t)) for t in ("ear", "all", "cam", "cam/Cam 2", "?")] == [False] * 5
    assert [k.target for k in show.listenable[CAM]] == ["main", "ear", "music"]
    assert show.cell(CAM, TargetId("music")).listen is Listen.FORCED
    kinds = [k for k in TargetKind if k.is_direct]
    assert kinds == [TargetKind.ROLE, TargetKind.SEAT, TargetKind.GROUP]
    assert not any(kind.is_heard_by_choice for kind in kinds)


def test_a_line_is_everybody_who_may_use_a_channel_or_hear_the_rest() -> None:
    lines = wide().lines
    assert lines[TD] == ("main", "td", "all", "music")
    assert lines[CAM] == ("main", "cam", "ear", "music")
    assert lines[GUEST] == ("main", "guest", "ear")


def test_a_group_is_heard_by_its_roles_and_by_who_may_listen_to_its_channels() -> None:
    rows = {"td": {"all": "T"}, "cam": {"prod": "L?"}, "guest": {"prod": "T"}}
    lines = make_show(rows, more=(group("all", "prod"),)).lines
    assert [TargetId("all") in lines[role] for role in (TD, CAM, GUEST)] == [False, True, False]


def test_a_port_is_heard_on_its_column_and_on_the_ifbs_it_feeds() -> None:
    assert wide().feeds == {"music": ("ear", "music"), "tone": ("tone",)}
