from __future__ import annotations

import pytest

from soundmesh.core import events as ev
from soundmesh.core.effects import Reason, RefuseKey, TalkClosed
from soundmesh.core.ids import KeyId, LinkId, StationId, TargetId
from soundmesh.core.show import Key, Latch, Talk
from soundmesh.core.step import next_deadline

from .crew import Crew, make_show

TWO = StationId(2)
MAIN, DIRECT = KeyId("main"), KeyId("td")


def pair(**options: object) -> Crew:
    """A director (1) and a camera (2), here and delivering."""
    crew = Crew(make_show(**options))  # type: ignore[arg-type]
    crew.sit(1, "td")
    crew.sit(2, "cam")
    return crew


# Press and release.


def test_a_talk_opens_on_key_down_and_closes_after_a_hold() -> None:
    crew = pair()
    crew.press(2, "main")
    assert crew.ears(1) == {2: ("main",)}
    crew.wait(0.3)
    crew.release(2, "main", 300)
    assert crew.talks(2) == set()


def test_a_tap_latches_until_the_next_tap() -> None:
    crew = pair()
    crew.tap(2, "main")
    crew.beating(5, {2: ()})
    assert crew.talks(2) == {"main"}
    crew.tap(2, "main")
    assert crew.talks(2) == set()


def test_the_tap_time_is_the_shows() -> None:
    crew = pair(talk=Talk(tap_ms=400))
    crew.press(2, "main")
    crew.release(2, "main", 350)
    assert crew.talks(2) == {"main"}


def test_a_hold_that_arrived_all_at_once_is_still_a_hold() -> None:
    crew = pair()
    crew.press(2, "main")
    crew.release(2, "main", held_ms=3000)
    assert crew.talks(2) == set()


def test_holding_a_latched_key_never_clips_and_its_release_closes() -> None:
    crew = pair()
    crew.tap(2, "main")
    crew.press(2, "main")
    assert crew.talks(2) == {"main"}
    crew.release(2, "main", 100)
    assert crew.talks(2) == set()


def test_a_latching_key_closes_at_once_on_its_second_press() -> None:
    crew = pair(latches={"main": Latch.LATCHING})
    crew.press(2, "main")
    crew.release(2, "main", 5000)
    assert crew.talks(2) == {"main"}
    crew.press(2, "main")
    assert crew.talks(2) == set()
    crew.release(2, "main", 100)
    assert crew.talks(2) == set()


def test_a_cell_without_latch_makes_any_key_momentary() -> None:
    crew = Crew(make_show(latches={"prod": Latch.LATCHING}))
    crew.sit(1, "guest")
    crew.tap(1, "prod")
    assert crew.talks(1) == set()


def test_a_cancelled_tap_never_latches() -> None:
    crew = pair()
    crew.press(2, "main")
    crew.release(2, "main", 50, cancelled=True)
    assert crew.talks(2) == set()
    assert crew.at(2).tail is None


def test_a_talk_needs_permission() -> None:
    crew = pair()
    assert crew.press(2, "prod") == (RefuseKey(TWO, KeyId("prod"), crew.counter, Reason.LISTEN_ONLY),)
    assert crew.talks(2) == set()


def test_an_unknown_key_is_refused_and_leaves_no_trace() -> None:
    crew = pair()
    before = crew.state
    assert crew.press(2, "nonsense") == (RefuseKey(TWO, KeyId("nonsense"), crew.counter, Reason.UNKNOWN_KEY),)
    crew.release(2, "nonsense")
    assert crew.state is before


def test_who_is_not_here_opens_nothing() -> None:
    crew = pair()
    crew.unlink(2)
    before = crew.state
    crew.press(2, "main")
    crew.press(9, "main")
    crew.beat(2, "main")
    assert crew.state is before


def test_talk_all_off_closes_everything_without_a_tail() -> None:
    crew = pair()
    crew.tap(2, "main")
    crew.press(2, "td")
    crew.do(ev.TalksClosed(TWO))
    assert crew.talks(2) == set()
    assert crew.ears(1) == {}


# Counters.


def test_a_late_copy_of_a_press_is_ignored() -> None:
    crew = pair()
    crew.press(2, "main", 5)
    crew.release(2, "main", 900, counter=5)
    before = crew.state
    assert crew.press(2, "main", 5) == ()
    assert crew.press(2, "main", 4) == ()
    assert crew.state is before


def test_a_release_older_than_the_press_is_ignored() -> None:
    crew = pair()
    crew.press(2, "main", 5)
    crew.release(2, "main", 900, counter=4)
    assert crew.talks(2) == {"main"}


def test_a_second_copy_of_a_release_leaves_the_latch() -> None:
    crew = pair()
    crew.tap(2, "main")
    crew.release(2, "main", 5000)
    crew.release(2, "main", 5000, cancelled=True)
    assert crew.talks(2) == {"main"}


def test_a_newer_release_ends_the_hold_of_a_lost_one() -> None:
    crew = pair()
    crew.press(2, "main", 5)
    crew.release(2, "main", 900, counter=6)
    assert crew.talks(2) == set()
    assert crew.at(2).counters[MAIN].talk == 6


def test_a_release_of_nothing_is_harmless_and_counts() -> None:
    crew = pair()
    crew.release(2, "main", 100, counter=7)
    assert crew.talks(2) == set()
    assert crew.at(2).counters[MAIN].talk == 7


def test_a_refused_press_is_echoed() -> None:
    crew = pair()
    crew.press(2, "prod", 9)
    assert crew.at(2).counters[KeyId("prod")].talk == 9
    assert crew.press(2, "prod", 9) == ()


# Tail.


def test_the_release_of_the_last_talk_leaves_a_tail_of_200_ms() -> None:
    crew = pair()
    crew.press(2, "main")
    crew.release(2, "main")
    assert crew.talks(2) == set()
    assert crew.ears(1) == {2: ("main",)}
    crew.wait(0.199)
    assert crew.ears(1) == {2: ("main",)}
    crew.wait(0.002)
    assert crew.ears(1) == {}
    assert crew.at(2).tail is None


def test_a_show_without_a_tail_has_none() -> None:
    crew = pair(talk=Talk(tail_ms=0))
    crew.press(2, "main")
    crew.release(2, "main")
    assert crew.ears(1) == {}


def test_a_release_beside_another_talk_has_no_tail() -> None:
    crew = pair()
    crew.press(2, "main", 1)
    crew.press(2, "td", 1)
    crew.release(2, "td", 900, counter=1)
    assert crew.ears(1) == {2: ("main",)}


@pytest.mark.parametrize("key", ["td", "prod"])
def test_a_press_ends_the_tail_at_once_even_if_refused(key: str) -> None:
    crew = pair()
    crew.sit(3, "cam")
    crew.press(2, "main")
    crew.release(2, "main")
    assert crew.ears(3) == {2: ("main",)}
    crew.press(2, key)
    assert crew.ears(3) == {}


def test_closing_a_latch_by_its_press_leaves_a_tail() -> None:
    crew = pair(latches={"main": Latch.LATCHING})
    crew.tap(2, "main")
    crew.press(2, "main")
    assert crew.ears(1) == {2: ("main",)}
    crew.wait(0.2)
    assert crew.ears(1) == {}


def test_a_kill_ends_the_tail_of_what_it_forbids_and_of_nothing_else() -> None:
    crew = pair()
    crew.press(2, "main")
    crew.release(2, "main")
    crew.kill("prod")
    assert crew.ears(1) == {2: ("main",)}
    crew.kill("main")
    assert crew.ears(1) == {}


def test_a_lost_link_has_no_tail() -> None:
    crew = pair()
    crew.press(2, "main")
    crew.release(2, "main")
    crew.unlink(2)
    assert crew.ears(1) == {}


# Beats.


def test_a_hold_without_a_beat_is_suspended_after_750_ms_and_reopened_by_one() -> None:
    crew = pair()
    crew.press(2, "main")
    assert crew.wait(0.749) == ()
    assert crew.talks(2) == {"main"}
    assert crew.wait(0.001) == ()
    assert crew.talks(2) == set()
    assert crew.ears(1) == {}
    crew.wait(3)
    crew.beat(2, "main")
    assert crew.talks(2) == {"main"}


def test_a_press_is_a_sign_of_life() -> None:
    crew = pair()
    crew.beat(2)
    crew.wait(0.9)
    crew.press(2, "main")
    crew.wait(0.7)
    assert crew.talks(2) == {"main"}


def test_a_beat_without_the_key_ends_a_hold_and_never_latches_it() -> None:
    crew = pair()
    crew.press(2, "main")
    crew.wait(0.1)
    crew.beat(2)
    assert crew.talks(2) == set()
    assert crew.at(2).tail is None
    crew.release(2, "main", 100)
    assert crew.talks(2) == set()


def test_a_beat_without_the_key_ends_a_suspended_hold_too() -> None:
    crew = pair()
    crew.press(2, "main")
    crew.wait(1)
    crew.beat(2)
    crew.beat(2, "main")
    assert crew.talks(2) == set()


def test_a_suspended_hold_is_closed_by_its_release_without_a_tail() -> None:
    crew = pair()
    crew.press(2, "main")
    crew.wait(1)
    crew.release(2, "main", 100)
    assert not crew.at(2).talks
    assert crew.ears(1) == {}


def test_beats_keep_a_hold_open() -> None:
    crew = pair()
    crew.press(2, "main")
    crew.beating(30, {2: ["main"]})
    assert crew.talks(2) == {"main"}


def test_a_beat_opens_nothing_that_was_not_pressed() -> None:
    crew = pair()
    crew.beat(2, "main", "td", "nonsense")
    assert crew.talks(2) == set()


def test_a_latch_without_beats_lives_2500_ms_while_its_microphone_delivers() -> None:
    crew = pair()
    crew.tap(2, "main")
    assert crew.wait(2.49) == ()
    assert crew.talks(2) == {"main"}
    assert crew.wait(0.01) == (TalkClosed(TWO, MAIN, Reason.NO_BEAT),)
    assert crew.talks(2) == set()
    crew.beat(2, "main")
    assert crew.talks(2) == set()


def test_a_latch_without_beats_and_packets_lives_one_second() -> None:
    crew = pair()
    crew.do(ev.UplinkStalled(TWO, crew.at(2).media.session))  # type: ignore[arg-type]
    crew.tap(2, "main")
    assert crew.wait(0.99) == ()
    assert crew.wait(0.01) == (TalkClosed(TWO, MAIN, Reason.NO_BEAT),)


def test_a_microphone_that_stalls_under_a_silent_link_closes_the_latch_at_once() -> None:
    crew = pair()
    crew.tap(2, "main")
    crew.wait(1.5)
    session = crew.at(2).media.session
    assert session is not None
    assert crew.do(ev.UplinkStalled(TWO, session)) == (TalkClosed(TWO, MAIN, Reason.NO_BEAT),)


def test_what_was_due_before_an_event_is_done_before_it() -> None:
    crew = pair()
    crew.tap(2, "main")
    crew.now += 3
    assert crew.beat(2, "main") == (TalkClosed(TWO, MAIN, Reason.NO_BEAT),)
    assert crew.talks(2) == set()


def test_media_that_is_lost_leaves_talks_wanted_while_the_link_lives() -> None:
    crew = pair()
    crew.tap(2, "main")
    crew.press(2, "td")
    session = crew.at(2).media.session
    assert session is not None
    assert crew.do(ev.SessionLost(TWO, session)) == ()
    crew.beating(3, {2: ["td"]})
    assert crew.talks(2) == {"main", "td"}


# Hidden pages.


def test_a_hidden_page_closes_latches_and_holds() -> None:
    crew = pair()
    crew.tap(2, "main")
    crew.press(2, "td")
    assert crew.beat(2, "td", hidden=True) == ()
    assert crew.talks(2) == set()
    assert crew.at(2).tail is None


def test_where_the_show_lets_it_a_latch_survives_a_hidden_page_that_delivers() -> None:
    crew = pair(talk=Talk(latch_when_hidden=True))
    crew.tap(2, "main")
    crew.press(2, "td")
    crew.beat(2, hidden=True)
    assert crew.talks(2) == {"main"}
    session = crew.at(2).media.session
    assert session is not None
    assert crew.do(ev.UplinkStalled(TWO, session)) == (TalkClosed(TWO, MAIN, Reason.MEDIA_LOST),)


def test_a_hidden_page_latches_nothing() -> None:
    crew = pair()
    crew.beat(2, hidden=True)
    crew.tap(2, "main")
    assert crew.talks(2) == set()


# Kills.


@pytest.mark.parametrize(
    ("address", "left"),
    [
        ("*", set()),
        ("cam", set()),
        ("cam/Cam 1", set()),
        ("cam/Cam 2", {"main", "td"}),
        ("main", {"td"}),
        ("td", {"main", "td"}),
    ],
)
def test_a_kill_closes_what_it_names_at_once(address: str, left: set[str]) -> None:
    crew = pair()
    crew.tap(2, "main")
    crew.press(2, "td")
    effects = crew.kill(address)
    assert crew.talks(2) == left
    gone = sorted({"main", "td"} - left)
    assert effects == tuple(TalkClosed(TWO, KeyId(k), Reason.KILLED) for k in gone)
    assert crew.at(2).tail is None


def test_a_killed_key_is_refused_until_the_kill_is_lifted_and_reopens_nothing() -> None:
    crew = pair()
    crew.press(2, "main")
    crew.kill("main")
    assert crew.press(2, "main") == (RefuseKey(TWO, MAIN, crew.counter, Reason.KILLED),)
    crew.kill("main", on=False)
    crew.beat(2, "main")
    assert crew.talks(2) == set()
    crew.press(2, "main")
    assert crew.talks(2) == {"main"}


def test_a_kill_closes_a_suspended_hold_for_good() -> None:
    crew = pair()
    crew.press(2, "main")
    crew.wait(1)
    assert crew.kill("*") == (TalkClosed(TWO, MAIN, Reason.KILLED),)
    crew.kill("*", on=False)
    crew.beat(2, "main")
    assert crew.talks(2) == set()


def test_the_same_kill_twice_changes_nothing() -> None:
    crew = pair()
    crew.kill("main")
    before = crew.state
    crew.kill("main")
    crew.kill("prod", on=False)
    assert crew.state is before


def test_two_keys_on_one_target_are_heard_once() -> None:
    main = TargetId("main")
    crew = pair(extra_keys={"cam": (Key(KeyId("main 2"), main, "Again", "grey"),)})
    crew.press(2, "main", 1)
    crew.press(2, "main 2", 1)
    assert crew.ears(1) == {2: ("main",)}
    crew.release(2, "main 2", counter=1)
    assert crew.ears(1) == {2: ("main",)}
    assert crew.plan.lines[main].speakers == (TWO,)


def test_a_new_link_opens_no_talk_again() -> None:
    crew = pair()
    crew.tap(2, "main")
    crew.link(2)
    crew.beat(2, "main")
    assert crew.talks(2) == set()
    assert crew.at(2).link == LinkId(3)


def test_nothing_is_due_when_nothing_is_open() -> None:
    crew = pair()
    assert next_deadline(crew.show, crew.state) is None
