from __future__ import annotations

from dataclasses import replace

import pytest

from soundmesh.core import events as ev
from soundmesh.core.ids import KeyId, RoleId, SeatName, StationId, TargetId
from soundmesh.core.permissions import may_talk_to
from soundmesh.core.reply import push, reaches, top
from soundmesh.core.show import Show, Target, TargetKind
from soundmesh.core.state import Station, Why

from .crew import Crew, changed, make_show

ONE, TWO, THREE = StationId(1), StationId(2), StationId(3)
GRID = changed({"td": {"main": "TL", "cam": "T"}, "cam": {"main": "TL", "td": "-", "cam": "T"}})
"""The director may talk to the cameras directly, they not to the director."""


@pytest.fixture
def crew() -> Crew:
    """A director (1) and two cameras (2, 3)."""
    crew = Crew(make_show(GRID))
    crew.sit(1, "td", person="Di")
    crew.sit(2, "cam", person="Jo")
    crew.sit(3, "cam", person="Al")
    return crew


def stack(crew: Crew, number: int) -> list[int]:
    return [entry.station for entry in crew.at(number).replies]


def may(crew: Crew, number: int, other: int) -> bool:
    return may_talk_to(crew.show, crew.state, crew.at(number), StationId(other))


def test_whoever_speaks_directly_comes_on_top_of_those_who_hear_it(crew: Crew) -> None:
    assert top(crew.at(2)) is None
    crew.press(1, "cam")
    assert (stack(crew, 1), stack(crew, 2), stack(crew, 3)) == ([], [1], [1])
    assert top(crew.at(2)) == 1
    view = crew.tally(2).reply[0]
    assert (view.station, view.label, view.calling, view.may_talk) == (1, "Director (Di)", False, True)


def test_a_talk_on_a_channel_is_no_direct(crew: Crew) -> None:
    crew.press(1, "main")
    assert stack(crew, 2) == []


def test_who_spoke_may_be_answered_for_sixty_seconds_after_the_last_word(crew: Crew) -> None:
    assert not may(crew, 2, 1)
    crew.press(1, "cam")
    crew.beating(70.0, {1: ["cam"], 2: [], 3: []})
    assert may(crew, 2, 1)
    crew.release(1, "cam")
    crew.beating(59.5, {1: [], 2: [], 3: []})
    assert may(crew, 2, 1)
    crew.beating(1.0, {1: [], 2: [], 3: []})
    assert not may(crew, 2, 1)
    assert stack(crew, 2) == [1]
    assert not crew.tally(2).reply[0].may_talk


def test_the_matrix_lets_answer_for_good(crew: Crew) -> None:
    crew.press(2, "cam")
    crew.release(2, "cam")
    crew.wait(50.0)
    assert may(crew, 1, 2)
    assert may(crew, 3, 2)
    assert not may(crew, 2, 2)


def test_a_role_without_reply_may_not_answer(crew: Crew) -> None:
    roles = dict(crew.show.roles)
    roles[RoleId("cam")] = replace(roles[RoleId("cam")], reply=False)
    crew.press(1, "cam")
    assert may(crew, 2, 1)
    crew.change(replace(crew.show, roles=roles))
    assert not may(crew, 2, 1)


def test_the_lost_may_not_be_answered_and_the_gone_are_forgotten(crew: Crew) -> None:
    crew.tap(1, "cam")
    crew.unlink(1)
    assert stack(crew, 2) == [1]
    assert not may(crew, 2, 1)
    crew.link(1)
    assert may(crew, 2, 1)
    crew.unlink(1)
    crew.wait(61.0)
    assert stack(crew, 2) == []
    assert not may(crew, 2, 1)


def test_who_leaves_is_on_no_stack(crew: Crew) -> None:
    crew.tap(1, "cam")
    crew.do(ev.StationLeft(ONE))
    assert stack(crew, 2) == stack(crew, 3) == []
    assert not may(crew, 2, 1)


def test_who_is_away_has_no_stack_and_a_new_role_begins_without(crew: Crew) -> None:
    crew.tap(1, "cam")
    crew.unlink(2)
    assert stack(crew, 2) == [1]
    crew.wait(61.0)
    assert stack(crew, 2) == []
    crew.join(3, "guest")
    assert stack(crew, 3) == []


def test_a_talk_on_a_key_of_its_own_answers_and_takes_off_the_stack() -> None:
    crew = Crew()
    crew.sit(1, "td")
    crew.sit(2, "cam")
    crew.press(1, "cam")
    crew.press(2, "main")
    assert stack(crew, 2) == [1]
    crew.press(2, "td")
    assert stack(crew, 2) == []
    assert stack(crew, 1) == [2]


def test_aim_and_dismiss(crew: Crew) -> None:
    crew.press(1, "cam")
    crew.press(3, "cam")
    assert stack(crew, 2) == [3, 1]
    crew.do(ev.ReplyAimed(TWO, ONE))
    assert stack(crew, 2) == [1, 3]
    crew.do(ev.ReplyAimed(TWO, StationId(9)))
    assert stack(crew, 2) == [1, 3]
    crew.do(ev.ReplyDismissed(TWO, ONE))
    crew.do(ev.ReplyDismissed(TWO, StationId(9)))
    assert stack(crew, 2) == [3]


def test_a_stack_is_eight_deep_and_holds_nobody_twice() -> None:
    station = Station(ONE, RoleId("cam"), "Jo")
    for number in (*range(2, 12), 5):
        station = push(station, StationId(number), Why.CALLED, float(number))
    assert [entry.station for entry in station.replies] == [5, 11, 10, 9, 8, 7, 6, 4]


def test_two_directs_of_one_talker_count_as_one(crew: Crew) -> None:
    show = with_targets(crew.show)
    crew.change(show)
    crew.press(3, "cam")
    assert crew.at(2).replies[0].speaking
    crew.release(3, "cam", cancelled=True)
    entry = crew.at(2).replies[0]
    assert (entry.speaking, entry.at_s) == (False, crew.now)


def test_a_reload_that_moves_a_direct_lets_the_sixty_seconds_begin(crew: Crew) -> None:
    crew.press(1, "cam")
    assert crew.at(2).replies[0].speaking
    crew.change(make_show(changed({"td": {"main": "TL", "cam": "-"}})))
    assert not crew.at(2).replies[0].speaking
    assert stack(crew, 2) == [1]


def with_targets(show: Show) -> Show:
    everybody = Target(
        TargetId("all"), TargetKind.GROUP, "All", members=(TargetId("main"), TargetId("cam/Cam 2"))
    )
    one = Target(TargetId("cam/Cam 1"), TargetKind.SEAT, "Cam 1", role=RoleId("cam"))
    return replace(show, targets={**show.targets, everybody.id: everybody, one.id: one})


def test_a_seat_and_a_group_reach_whom_they_name(crew: Crew) -> None:
    show = with_targets(crew.show)
    one, two = crew.at(2), crew.at(3)
    assert (one.seat, two.seat) == (SeatName("Cam 1"), SeatName("Cam 2"))
    reached = {
        t: (reaches(show, TargetId(t), one), reaches(show, TargetId(t), two))
        for t in ("main", "cam", "td", "all", "cam/Cam 1", "cam/Cam 2", "cam/Cam 9")
    }
    assert reached == {
        "main": (False, False),
        "cam": (True, True),
        "td": (False, False),
        "all": (False, True),
        "cam/Cam 1": (True, False),
        "cam/Cam 2": (False, True),
        "cam/Cam 9": (False, False),
    }


def test_an_old_copy_of_a_press_does_not_come_on_top_again(crew: Crew) -> None:
    crew.press(1, "cam")
    crew.do(ev.ReplyDismissed(TWO, ONE))
    crew.press(1, "cam", counter=crew.counter)
    assert stack(crew, 2) == []
    crew.release(1, "cam", 50.0)
    assert stack(crew, 2) == []
    assert KeyId("cam") in crew.at(1).talks
