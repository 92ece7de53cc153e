"""What a new show does to the people who are here."""

from __future__ import annotations

from dataclasses import replace

from soundmesh.core.effects import (
    CloseSession,
    DropLink,
    Reason,
    RefuseStation,
    Seated,
    TalkClosed,
)
from soundmesh.core.ids import KeyId, LinkId, RoleId, SeatName, SessionId, StationId, TargetId

from .crew import SEATS, Crew, changed, make_show

ONE, TWO = StationId(1), StationId(2)
CAM1, CAM2 = SeatName("Cam 1"), SeatName("Cam 2")


def test_a_reload_keeps_what_is_allowed_and_closes_what_is_not() -> None:
    crew = Crew()
    crew.sit(1, "td")
    crew.sit(2, "cam")
    crew.press(2, "main")
    crew.press(2, "td")
    assert crew.change(make_show(changed({"cam": {"main": "L", "td": "T"}}))) == (
        TalkClosed(TWO, KeyId("main"), Reason.SHOW_CHANGED),
    )
    assert crew.talks(2) == {"td"}
    assert crew.at(2).tail is None
    assert crew.ears(1) == {2: ("td",)}


def test_a_reload_that_takes_a_key_away_closes_its_talk() -> None:
    crew = Crew()
    crew.sit(2, "cam")
    crew.press(2, "main")
    effects = crew.change(make_show(changed({"cam": {"td": "T"}})))
    assert effects == (TalkClosed(TWO, KeyId("main"), Reason.SHOW_CHANGED),)


def test_a_reload_never_carries_an_open_talk_to_another_target() -> None:
    show = make_show()
    crew = Crew(show)
    crew.sit(1, "td")
    crew.press(1, "main")
    role = show.roles[RoleId("td")]
    turned = tuple(replace(k, target=TargetId("prod")) if k.id == "main" else k for k in role.keys)
    after = replace(show, roles={**show.roles, role.id: replace(role, keys=turned)})
    assert crew.change(after) == (TalkClosed(ONE, KeyId("main"), Reason.SHOW_CHANGED),)


def test_a_reload_that_forbids_the_latch_closes_a_latched_talk_only() -> None:
    crew = Crew()
    crew.sit(1, "cam")
    crew.sit(2, "cam")
    crew.tap(1, "main")
    crew.press(2, "main")
    effects = crew.change(make_show(changed({"cam": {"main": "TLm", "td": "T"}})))
    assert effects == (TalkClosed(ONE, KeyId("main"), Reason.SHOW_CHANGED),)
    assert crew.talks(2) == {"main"}


def test_a_reload_ends_a_tail() -> None:
    crew = Crew()
    crew.sit(1, "td")
    crew.sit(2, "cam")
    crew.press(2, "main")
    crew.release(2, "main")
    assert crew.ears(1)
    crew.change(make_show())
    assert not crew.ears(1)


def test_a_reload_without_a_role_drops_its_people() -> None:
    crew = Crew()
    crew.sit(1, "td")
    crew.sit(2, "cam")
    crew.press(2, "main")
    rows = {"td": {"main": "TL", "prod": "TL!"}}
    assert crew.change(make_show(rows)) == (
        CloseSession(SessionId("s2")),
        DropLink(TWO, LinkId(2), Reason.SHOW_CHANGED),
    )
    assert (crew.at(2).seat, crew.at(2).link) == (None, None)
    assert crew.link(2) == (RefuseStation(TWO, Reason.UNKNOWN_ROLE),)
    crew.change(make_show())
    assert crew.link(2) == (Seated(TWO, CAM1),)


def test_a_reload_without_a_seat_moves_its_holder_to_a_free_one() -> None:
    crew = Crew()
    crew.sit(1, "cam", "Cam 1")
    crew.press(1, "main")
    seats = {**SEATS, "cam": ("Left", "Cam 2")}
    assert crew.change(make_show(seats=seats)) == (Seated(ONE, SeatName("Left")),)
    assert crew.talks(1) == {"main"}


def test_a_reload_with_fewer_seats_keeps_the_linked_before_the_lost() -> None:
    crew = Crew()
    crew.sit(1, "cam", "Cam 1")
    crew.sit(2, "cam", "Cam 2")
    crew.unlink(1)
    lost_at = crew.now
    crew.wait(5)
    seats = {**SEATS, "cam": ("Only",)}
    assert crew.change(make_show(seats=seats)) == (Seated(TWO, SeatName("Only")),)
    assert crew.at(1).seat is None
    assert crew.at(1).lost_at_s == lost_at


def test_a_reload_drops_whom_no_seat_is_left_for() -> None:
    crew = Crew()
    crew.sit(1, "cam", "Cam 1")
    crew.sit(2, "cam", "Cam 2")
    assert crew.change(make_show(seats={**SEATS, "cam": 1})) == (
        Seated(ONE, SeatName("1")),
        CloseSession(SessionId("s2")),
        DropLink(TWO, LinkId(2), Reason.SHOW_CHANGED),
    )


def test_a_reload_leaves_the_away_alone() -> None:
    crew = Crew()
    crew.sit(1, "cam")
    crew.unlink(1)
    crew.wait(61)
    before = crew.at(1)
    assert crew.change(make_show({"td": {"main": "TL"}})) == ()
    assert crew.at(1) == before


def test_a_reload_to_the_same_show_changes_nothing() -> None:
    crew = Crew()
    crew.sit(1, "td")
    crew.tap(1, "main")
    before = crew.state
    assert crew.change(make_show()) == ()
    assert crew.state is before


def test_a_reload_forgets_counters_of_keys_that_are_gone() -> None:
    crew = Crew()
    crew.sit(1, "cam")
    crew.press(1, "main")
    crew.change(make_show(changed({"cam": {"td": "T"}})))
    assert crew.at(1).counters == {}
