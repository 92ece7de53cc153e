"""The reply key: whom it reaches, for how long, and what ends it."""

from __future__ import annotations

import pytest

from soundmesh.core.effects import Reason, RefuseKey, TalkClosed
from soundmesh.core.events import StationLeft
from soundmesh.core.ids import KeyId, StationId, TargetId
from soundmesh.core.permissions import talk_verdict
from soundmesh.core.reply import REPLY
from soundmesh.core.tally import AirLamp, KeyTally, TalkLamp

from .crew import Crew, changed, make_show

ONE, TWO, THREE, FOUR = StationId(1), StationId(2), StationId(3), StationId(4)
ROWS = changed({"td": {"main": "TL", "cam": "T", "guest": "T"}, "cam": {"main": "TL", "guest": "T"}})


@pytest.fixture
def crew() -> Crew:
    """A director (1), two cameras (2, 3) and a guest (4) who has no direct to anybody."""
    crew = Crew(make_show(ROWS))
    crew.sit(1, "td", person="Di")
    crew.sit(2, "cam", "Cam 1", "Jo")
    crew.sit(3, "cam", "Cam 2", "Al")
    crew.sit(4, "guest", person="Ann")
    return crew


def speak(crew: Crew, talker: int, key: str = "guest") -> None:
    crew.press(talker, key)
    crew.release(talker, key)


def refusal(crew: Crew, number: int, reason: Reason) -> tuple[RefuseKey, ...]:
    return (RefuseKey(StationId(number), REPLY, crew.counter, reason),)


def test_without_anybody_to_answer_the_key_is_refused(crew: Crew) -> None:
    assert crew.press(4, "reply") == refusal(crew, 4, Reason.NOBODY)


def test_an_answer_is_for_whom_the_key_showed_though_somebody_spoke_since(crew: Crew) -> None:
    speak(crew, 1)
    speak(crew, 2)
    crew.press(4, "reply", other=1)
    assert [crew.ears(n).get(4) for n in (1, 2)] == [("@1",), None]


def test_an_answer_to_somebody_who_has_gone_reaches_nobody_else(crew: Crew) -> None:
    speak(crew, 1)
    speak(crew, 2)
    crew.do(StationLeft(TWO))
    assert crew.press(4, "reply", other=2) == refusal(crew, 4, Reason.OTHER_LEFT)
    assert crew.talks(4) == set()


def test_a_press_that_closes_an_open_answer_closes_it_whoever_is_shown_now(crew: Crew) -> None:
    speak(crew, 1)
    crew.press(4, "reply", other=1)
    crew.release(4, "reply", held_ms=50)
    speak(crew, 2)
    crew.press(4, "reply", other=2)
    assert crew.ears(2).get(4) is None
    crew.release(4, "reply", held_ms=50)
    assert crew.talks(4) == set()


def test_an_answer_is_heard_by_who_spoke_alone_as_a_direct(crew: Crew) -> None:
    speak(crew, 1)
    crew.press(4, "reply")
    assert [crew.ears(n).get(4) for n in (1, 2, 3)] == [("@1",), None, None]
    path = crew.plan.ears[ONE][0]
    assert (path.direct, path.priority) == (True, 200)
    assert crew.talks(4) == {"reply"}
    assert crew.tally(4).keys[REPLY].open_to == 1


def test_an_answer_is_heard_over_the_hearers_own_key_to_that_role_if_there_is_one(crew: Crew) -> None:
    speak(crew, 1)
    crew.press(4, "reply")
    assert crew.tally(1).via == {4: ("guest",)}
    assert crew.tally(1).keys[KeyId("guest")].speakers == (4,)
    assert crew.tally(1).keys[REPLY].speakers == ()


def test_a_direct_without_a_key_back_shows_on_the_reply_key(crew: Crew) -> None:
    crew.press(1, "guest")
    assert crew.tally(4).via == {1: ()}
    assert crew.tally(4).keys[REPLY].speakers == (1,)
    assert crew.tally(4).people == {1: "Director (Di)"}


def test_the_answer_goes_on_to_the_same_person_when_somebody_else_comes_on_top(crew: Crew) -> None:
    speak(crew, 1)
    crew.press(4, "reply")
    speak(crew, 2)
    assert crew.ears(1) == {4: ("@1",)}
    assert 4 not in crew.ears(2)
    crew.release(4, "reply")
    crew.press(4, "reply")
    assert crew.ears(2) == {4: ("@2",)}


def test_a_new_press_after_missing_beats_goes_to_who_is_on_top_now(crew: Crew) -> None:
    speak(crew, 1)
    crew.press(4, "reply")
    crew.wait(0.8)
    assert crew.talks(4) == set()
    speak(crew, 2)
    crew.press(4, "reply")
    assert 4 in crew.ears(2)
    assert 4 not in crew.ears(1)


def test_sixty_seconds_after_the_last_word_only_the_matrix_counts(crew: Crew) -> None:
    speak(crew, 1)
    speak(crew, 4, "reply")
    crew.wait(59)
    crew.press(4, "reply")
    assert crew.talks(4) == {"reply"}
    crew.release(4, "reply")
    crew.wait(2)
    assert crew.press(4, "reply") == refusal(crew, 4, Reason.TOO_LATE)


def test_who_has_the_direct_in_the_matrix_may_answer_for_ever(crew: Crew) -> None:
    speak(crew, 1)
    speak(crew, 2)
    crew.press(4, "reply")
    crew.wait(300)
    speak(crew, 4, "reply")
    crew.show = make_show(changed({"guest": {"cam": "T"}, "cam": ROWS["cam"], "td": ROWS["td"]}))
    crew.change(crew.show)
    assert crew.press(4, "reply") == ()
    assert crew.ears(2)[4] == ("@2",)


def test_a_role_that_does_not_reply_has_no_answer_beyond_the_matrix() -> None:
    crew = Crew(make_show(ROWS, mute=("guest", "cam")))
    crew.sit(1, "td")
    crew.sit(4, "guest")
    assert REPLY not in crew.tally(4).keys
    speak(crew, 1)
    assert crew.press(4, "reply") == refusal(crew, 4, Reason.TOO_LATE)
    assert REPLY in crew.tally(4).keys


def test_a_tap_latches_an_answer_and_the_next_one_closes_it(crew: Crew) -> None:
    speak(crew, 1)
    crew.tap(4, "reply")
    assert crew.tally(4).keys[REPLY].talk is TalkLamp.LATCHED
    assert crew.tally(4).keys[REPLY].air is AirLamp.ON
    crew.tap(4, "reply")
    assert crew.talks(4) == set()


def test_a_cell_that_forbids_latches_forbids_them_to_answers_too(crew: Crew) -> None:
    only_held = make_show(changed({"td": ROWS["td"], "cam": ROWS["cam"], "guest": {"td": "Tm"}}))
    speak(crew, 1)
    crew.tap(4, "reply")
    assert crew.talks(4) == {"reply"}
    assert crew.change(only_held) == (TalkClosed(FOUR, REPLY, Reason.SHOW_CHANGED),)
    crew.tap(4, "reply")
    crew.wait(1)
    assert crew.talks(4) == set()
    crew.press(4, "reply")
    assert crew.talks(4) == {"reply"}


def test_a_latched_answer_ends_with_its_time_and_a_held_one_may_last(crew: Crew) -> None:
    speak(crew, 1)
    crew.tap(4, "reply")
    closed = crew.beating(61, {4: ()})
    assert closed == (TalkClosed(FOUR, REPLY, Reason.TOO_LATE),)
    speak(crew, 1)
    crew.press(4, "reply")
    assert crew.beating(61, {4: ("reply",)}) == ()
    assert crew.talks(4) == {"reply"}


def test_the_time_does_not_run_while_the_other_still_speaks(crew: Crew) -> None:
    crew.press(1, "guest")
    crew.tap(4, "reply")
    assert crew.beating(70, {1: ("guest",), 4: ()}) == ()


def test_an_answer_ends_when_the_other_leaves_and_not_when_its_link_is_lost(crew: Crew) -> None:
    speak(crew, 1)
    crew.press(4, "reply")
    crew.unlink(1)
    assert crew.talks(4) == {"reply"}
    assert not crew.tally(4).keys[REPLY].online
    crew.link(1)
    assert crew.ears(1) == {4: ("@1",)}
    assert crew.do(StationLeft(ONE))[-1] == TalkClosed(FOUR, REPLY, Reason.OTHER_LEFT)
    assert crew.press(4, "reply") == refusal(crew, 4, Reason.NOBODY)


def test_who_is_not_here_answers_nobody(crew: Crew) -> None:
    speak(crew, 1)
    crew.unlink(4)
    assert talk_verdict(crew.show, crew.state, crew.at(4), REPLY) is Reason.NOT_SEATED


def test_a_kill_of_the_answerer_closes_the_answer(crew: Crew) -> None:
    speak(crew, 1)
    crew.press(4, "reply")
    assert crew.kill("guest") == (TalkClosed(FOUR, REPLY, Reason.KILLED),)
    assert crew.tally(4).keys[REPLY].why is Reason.KILLED
    assert crew.press(4, "reply") == refusal(crew, 4, Reason.KILLED)


def test_a_reload_that_takes_the_reply_away_closes_it(crew: Crew) -> None:
    speak(crew, 1)
    crew.press(4, "reply")
    assert crew.change(make_show(ROWS)) == ()
    closed = crew.change(make_show(ROWS, mute=("guest",)))
    assert closed == (TalkClosed(FOUR, REPLY, Reason.SHOW_CHANGED),)


def test_the_last_syllable_of_an_answer_is_heard_unless_a_kill_came(crew: Crew) -> None:
    speak(crew, 1)
    crew.press(4, "reply")
    crew.release(4, "reply")
    assert crew.ears(1) == {4: ("@1",)}
    crew.wait(0.25)
    assert crew.ears(1) == {}
    crew.press(4, "reply")
    crew.release(4, "reply")
    crew.kill("guest")
    assert crew.ears(1) == {}


def test_an_answer_beside_another_talk_is_one_talker(crew: Crew) -> None:
    crew.show = make_show(changed({"td": ROWS["td"], "cam": ROWS["cam"], "guest": {"main": "TL"}}))
    crew.change(crew.show)
    speak(crew, 1)
    crew.press(4, "reply")
    crew.press(4, "main")
    assert crew.ears(1) == {4: ("@1", "main")}
    assert crew.ears(2) == {4: ("main",)}
    crew.release(4, "reply")
    assert crew.ears(1) == {4: ("main",)}


def test_the_reply_key_says_who_is_there_and_whether_they_talk_with_somebody_else(crew: Crew) -> None:
    quiet = KeyTally(TalkLamp.OFF, AirLamp.OFF, False, 0.0, False, 0, 0, 0, 0, ())
    assert crew.tally(4).keys[REPLY] == quiet
    speak(crew, 1)
    crew.wait(1)
    assert crew.tally(4).keys[REPLY].online == 1
    crew.press(1, "cam")
    assert crew.tally(4).keys[REPLY].in_use


def test_a_late_copy_of_a_press_opens_no_answer(crew: Crew) -> None:
    speak(crew, 1)
    crew.press(4, "reply", counter=50)
    crew.release(4, "reply", counter=51)
    assert crew.press(4, "reply", counter=50) == ()
    assert crew.talks(4) == set()
    assert crew.tally(4).keys[REPLY].talk_counter == 51


def test_its_counter_outlives_a_reload(crew: Crew) -> None:
    speak(crew, 1)
    crew.press(4, "reply", counter=50)
    crew.change(make_show(ROWS, mute=("cam",)))
    assert crew.tally(4).keys[REPLY].talk_counter == 50
    assert crew.at(4).talks[REPLY].target == TargetId("@1")
