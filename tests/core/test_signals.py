"""Calls, cues and texts: who sees them, who may give them, and when they are over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from soundmesh.core import events as ev
from soundmesh.core.effects import Effect, Reason, RefuseKey, RefuseSignal, TalkClosed
from soundmesh.core.events import StationLeft
from soundmesh.core.ids import KeyId, RoleId, StationId
from soundmesh.core.lamps import AckView, CallLamp, SentView, SignalView
from soundmesh.core.reply import REPLY
from soundmesh.core.show import Show
from soundmesh.core.signals import MAX_GIVEN, is_known
from soundmesh.core.state import SignalKind

from .crew import Crew, changed, group, ifb, make_show, seat

ONE, TWO, THREE, FOUR = StationId(1), StationId(2), StationId(3), StationId(4)
CALL, STANDBY, GO, TEXT = SignalKind.CALL, SignalKind.STANDBY, SignalKind.GO, SignalKind.TEXT
MAIN, CAM, TD = KeyId("main"), KeyId("cam"), KeyId("td")
ROWS = changed({"guest": {"main": "L", "music": "L", "ear": "L"}})


def directed(**changes: object) -> Show:
    """The director has the right to call."""
    said = {"more": (group("all", "guest"), ifb("ear", "music"), seat("cam", "Cam 2")), "ports": {"music": 0}}
    show = make_show(ROWS, **(said | changes))  # type: ignore[arg-type]
    director = replace(show.roles[RoleId("td")], rights=frozenset({"calls"}))
    return replace(show, roles={**show.roles, director.id: director})


@pytest.fixture
def crew() -> Crew:
    """A director (1), Cam 1 (2), Cam 2 (3) and a guest (4)."""
    crew = Crew(directed())
    crew.sit(1, "td", person="Di")
    crew.sit(2, "cam", "Cam 1", "Jo")
    crew.sit(3, "cam", "Cam 2", "Al")
    crew.sit(4, "guest", person="Ann")
    return crew


def signal(crew: Crew, number: int, kind: SignalKind, to: str, text: str = "") -> tuple[Effect, ...]:
    return crew.do(ev.SignalGiven(StationId(number), kind, to, text))


def see(crew: Crew, number: int, which: int = -1) -> None:
    crew.do(ev.SignalSeen(StationId(number), crew.state.signals[which].id))


def lamp(crew: Crew, number: int, key: KeyId) -> tuple[CallLamp, str]:
    found = crew.tally(number).keys[key]
    return found.call, found.caller


def test_a_call_flashes_on_the_keys_that_lead_there_until_it_is_answered(crew: Crew) -> None:
    signal(crew, 1, CALL, "main")
    assert lamp(crew, 1, MAIN) == (CallLamp.OUT, "")
    assert lamp(crew, 2, MAIN) == lamp(crew, 2, TD) == (CallLamp.IN, "Director (Di)")
    assert lamp(crew, 4, MAIN) == (CallLamp.IN, "Director (Di)")
    see(crew, 2)
    assert [lamp(crew, n, MAIN)[0] for n in (1, 2, 3, 4)] == [CallLamp.OFF] * 4
    (sent,) = crew.tally(1).sent
    assert sent.answers[0] == AckView("Cam 1 (Jo)", 0)
    crew.wait(6)
    assert crew.tally(1).sent == ()


def test_a_call_that_nobody_answers_is_over_after_thirty_seconds(crew: Crew) -> None:
    signal(crew, 1, CALL, "cam")
    crew.wait(29.5)
    assert lamp(crew, 2, TD)[0] is CallLamp.IN
    crew.wait(0.5)
    assert lamp(crew, 2, TD)[0] is CallLamp.OFF


def test_a_caller_without_a_key_of_mine_lands_on_the_reply_stack(crew: Crew) -> None:
    signal(crew, 1, CALL, "guest")
    assert lamp(crew, 4, REPLY) == (CallLamp.IN, "Director (Di)")
    (entry,) = crew.tally(4).reply
    assert (entry.calling, entry.may_talk, entry.label) == (True, True, "Director (Di)")
    crew.press(4, "reply")
    assert crew.ears(1) == {4: ("@1",)}
    assert not crew.tally(4).reply[0].calling
    assert lamp(crew, 4, REPLY)[0] is CallLamp.OFF


def test_a_call_on_a_key_that_may_answer_needs_no_reply(crew: Crew) -> None:
    signal(crew, 1, CALL, "cam/Cam 2")
    assert crew.tally(3).reply == ()
    assert lamp(crew, 2, TD)[0] is CallLamp.OFF


@pytest.mark.parametrize("key", ["td", "main"])
def test_talking_to_the_caller_or_where_the_call_went_answers_it(crew: Crew, key: str) -> None:
    signal(crew, 1, CALL, "main")
    crew.press(2, key)
    assert lamp(crew, 3, MAIN)[0] is CallLamp.OFF


def test_talking_elsewhere_answers_no_call(crew: Crew) -> None:
    signal(crew, 1, CALL, "main")
    crew.press(2, "cam")
    crew.press(1, "cam")
    assert lamp(crew, 3, MAIN)[0] is CallLamp.IN


def test_a_call_again_takes_the_place_of_the_one_before(crew: Crew) -> None:
    signal(crew, 1, CALL, "main")
    crew.wait(20)
    signal(crew, 1, CALL, "main")
    assert len(crew.state.signals) == 1
    crew.wait(20)
    assert lamp(crew, 2, MAIN)[0] is CallLamp.IN


def test_a_cue_is_seen_acknowledged_and_timed(crew: Crew) -> None:
    signal(crew, 1, STANDBY, "cam", "LX 12")
    assert crew.tally(2).signals == (SignalView(1, STANDBY, ONE, "Director (Di)", "LX 12", False),)
    crew.wait(1.5)
    see(crew, 2)
    assert crew.tally(2).signals[0].acknowledged
    answers = (AckView("Cam 1 (Jo)", 1500), AckView("Cam 2 (Al)", None))
    assert crew.tally(1).sent == (SentView(1, STANDBY, "cam", "Camera", "LX 12", answers),)
    see(crew, 2)
    assert crew.tally(1).sent[0].answers == answers


def test_go_takes_the_place_of_standby_and_is_over_soon(crew: Crew) -> None:
    signal(crew, 1, STANDBY, "cam")
    signal(crew, 1, STANDBY, "main")
    signal(crew, 1, GO, "cam")
    assert [s.kind for s in crew.tally(2).signals] == [GO, STANDBY]
    crew.wait(10)
    assert [s.kind for s in crew.tally(2).signals] == [STANDBY]


def test_what_all_have_seen_goes_five_seconds_later(crew: Crew) -> None:
    signal(crew, 1, TEXT, "cam/Cam 2", "Battery low?")
    see(crew, 3)
    crew.wait(4)
    assert crew.tally(1).sent[0].label == "Cam 2"
    crew.wait(1)
    assert crew.tally(1).sent == ()


def test_its_sender_alone_withdraws_a_signal(crew: Crew) -> None:
    signal(crew, 1, TEXT, "cam")
    crew.do(ev.SignalWithdrawn(TWO, 1))
    assert crew.tally(2).signals
    crew.do(ev.SignalWithdrawn(ONE, 1))
    assert not crew.tally(2).signals


def test_who_it_was_not_for_cannot_acknowledge_it(crew: Crew) -> None:
    signal(crew, 1, TEXT, "cam")
    see(crew, 4)
    assert all(answer.after_ms is None for answer in crew.tally(1).sent[0].answers)


@pytest.mark.parametrize(
    ("number", "to", "reason"),
    [
        (2, "prod", Reason.NOT_ALLOWED),
        (4, "main", Reason.NOT_ALLOWED),
        (4, "td", Reason.NOT_ALLOWED),
        (1, "music", Reason.UNKNOWN_ADDRESS),
        (1, "nobody", Reason.UNKNOWN_ADDRESS),
        (1, "cam/Cam 9", Reason.UNKNOWN_ADDRESS),
        (1, "td", Reason.NOBODY_HERE),
    ],
)
def test_a_signal_that_may_not_be_or_nobody_would_see_is_refused(
    crew: Crew, number: int, to: str, reason: Reason
) -> None:
    assert signal(crew, number, CALL, to) == (RefuseSignal(StationId(number), to, reason),)
    assert crew.state.signals == ()


def test_whoever_may_talk_there_may_call_and_the_right_calls_everything_but_a_program(crew: Crew) -> None:
    assert signal(crew, 2, CALL, "td") == ()
    for to in ("all", "ear", "prod", "guest", "guest/1", "cam/Cam 2"):
        assert signal(crew, 1, TEXT, to) == ()
    assert [s.audience for s in crew.state.signals] == [(1,), (4,), (4,), (2, 3), (4,), (4,), (3,)]


def test_a_sender_has_eight_signals_at_once(crew: Crew) -> None:
    for number in range(9):
        signal(crew, 1, TEXT, "cam", str(number))
    assert [s.text for s in crew.tally(2).signals] == ["8", "7", "6", "5", "4", "3", "2", "1"]


def test_signals_go_with_their_sender_and_with_the_last_they_were_for(crew: Crew) -> None:
    signal(crew, 2, TEXT, "td")
    signal(crew, 1, TEXT, "cam")
    crew.do(StationLeft(THREE))
    assert [a.label for a in crew.tally(1).sent[0].answers] == ["Cam 1 (Jo)"]
    crew.do(StationLeft(TWO))
    assert crew.state.signals == ()


def test_the_lost_keep_their_signals_and_a_reload_ends_those_to_nowhere(crew: Crew) -> None:
    signal(crew, 1, TEXT, "cam")
    signal(crew, 1, TEXT, "all")
    crew.unlink(2)
    assert len(crew.state.signals[0].audience) == 2
    crew.change(directed(more=()))
    assert [s.to for s in crew.state.signals] == ["cam"]


def test_a_lost_caller_calls_no_more_and_its_cue_stands(crew: Crew) -> None:
    signal(crew, 1, CALL, "cam")
    signal(crew, 1, STANDBY, "cam")
    crew.unlink(1)
    assert [s.kind for s in crew.state.signals] == [STANDBY]
    assert lamp(crew, 2, TD)[0] is CallLamp.OFF


def test_a_reload_that_takes_the_right_ends_what_was_given_by_it(crew: Crew) -> None:
    signal(crew, 1, TEXT, "guest")
    signal(crew, 1, TEXT, "cam")
    director = replace(crew.show.roles[RoleId("td")], rights=frozenset())
    crew.change(replace(crew.show, roles={**crew.show.roles, director.id: director}))
    assert [s.to for s in crew.state.signals] == ["cam"]


def test_the_gone_give_no_signals(crew: Crew) -> None:
    crew.unlink(1)
    assert signal(crew, 1, CALL, "cam") == ()
    assert crew.state.signals == ()


def test_a_role_that_does_not_reply_sees_the_call_nowhere_else() -> None:
    crew = Crew(directed(mute=("guest",)))
    crew.sit(1, "td")
    crew.sit(4, "guest")
    signal(crew, 1, CALL, "guest/1")
    assert lamp(crew, 4, REPLY)[0] is CallLamp.IN
    crew.do(ev.ReplyDismissed(FOUR, ONE))
    assert REPLY not in crew.tally(4).keys


def test_a_text_to_a_role_that_is_no_column_says_its_name() -> None:
    show = directed()
    targets = {k: t for k, t in show.targets.items() if k not in ("cam", "cam/Cam 2")}
    crew = Crew(replace(show, targets=targets, roles=without_keys(show, "cam")))
    crew.sit(1, "td")
    crew.sit(2, "cam")
    signal(crew, 1, TEXT, "cam")
    signal(crew, 1, TEXT, "cam/Cam 1")
    assert [s.label for s in crew.tally(1).sent] == ["Cam 1", "Camera"]


def without_keys(show: Show, target: str) -> dict[RoleId, object]:
    return {
        r: replace(role, keys=tuple(k for k in role.keys if k.target != target))
        for r, role in show.roles.items()
    }


def test_an_address_is_unlatched_once(crew: Crew) -> None:
    crew.tap(2, "main")
    crew.tap(2, "td")
    crew.tap(1, "main")
    unlatched = Reason.UNLATCHED
    closed = [TalkClosed(number, MAIN, unlatched) for number in (ONE, TWO)]
    assert list(crew.do(ev.Unlatched("main"))) == closed
    assert crew.do(ev.Unlatched("cam/Cam 1")) == (TalkClosed(TWO, TD, unlatched),)
    assert crew.tap(2, "td") == ()
    assert crew.do(ev.Unlatched("nobody")) == ()
    assert crew.do(ev.Unlatched("*")) == (TalkClosed(TWO, TD, unlatched),)


def test_a_station_knows_that_it_is_killed_as_a_whole(crew: Crew) -> None:
    crew.kill("cam/Cam 1")
    assert [crew.tally(n).killed for n in (1, 2, 3)] == [False, True, False]
    crew.kill("main")
    assert not crew.tally(3).killed


def test_who_closed_a_microphone_is_said_with_the_reason(crew: Crew) -> None:
    crew.tap(2, "main")
    crew.tap(3, "td")
    assert crew.kill("main", by=1) == (TalkClosed(TWO, MAIN, Reason.KILLED, "Director (Di)"),)
    unlatched = crew.do(ev.Unlatched("cam", ONE))
    assert unlatched == (TalkClosed(THREE, TD, Reason.UNLATCHED, "Director (Di)"),)
    assert crew.press(2, "main", 90) == (RefuseKey(TWO, MAIN, 90, Reason.KILLED, "Director (Di)"),)
    crew.do(StationLeft(ONE))
    assert crew.tally(2).keys[MAIN].by == "Director (Di)"
    assert (crew.tally(2).killed_by, crew.tally(2).keys[TD].by) == ("", "")
    crew.kill("cam", by=99)
    assert (crew.tally(2).killed, crew.tally(2).killed_by, crew.tally(2).keys[TD].by) == (True, "", "")


def test_a_kill_of_the_whole_show_spares_the_role_of_who_gave_it(crew: Crew) -> None:
    crew.tap(1, "main")
    crew.tap(2, "main")
    assert crew.kill("*", by=1) == (TalkClosed(TWO, MAIN, Reason.KILLED, "Director (Di)"),)
    assert crew.talks(1) == {"main"}
    assert [crew.tally(n).killed for n in (1, 2, 3, 4)] == [False, True, True, True]
    assert crew.do(ev.Unlatched("*", ONE)) == ()
    assert crew.kill("td", by=1) == (TalkClosed(ONE, MAIN, Reason.KILLED, "Director (Di)"),)


def test_the_whole_show_closed_from_the_box_or_by_two_roles_spares_nobody(crew: Crew) -> None:
    crew.tap(1, "main")
    crew.kill("*", by=1)
    assert crew.kill("*", by=1) == ()
    assert crew.kill("*") == (TalkClosed(ONE, MAIN, Reason.KILLED),)
    assert crew.kill("*", by=1) == ()
    assert crew.tally(1).killed
    crew.kill("*", False)
    crew.kill("*", by=1)
    crew.kill("*", by=2)
    assert [(crew.tally(n).killed, crew.tally(n).killed_by) for n in (1, 2)] == [(True, "Cam 1 (Jo)")] * 2


def test_cues_need_the_right_to_call_and_texts_and_calls_a_talk(crew: Crew) -> None:
    for kind in (STANDBY, GO):
        assert signal(crew, 2, kind, "main") == (RefuseSignal(TWO, "main", Reason.NOT_ALLOWED),)
    for kind in (CALL, TEXT):
        assert signal(crew, 2, kind, "main") == ()
        assert signal(crew, 2, kind, "guest") == (RefuseSignal(TWO, "guest", Reason.NOT_ALLOWED),)


@pytest.fixture
def full() -> Crew:
    """Cam 1 (2) has as many signals as anybody can look at, of four who talk to it; a guest is 7."""
    crew = Crew(directed(seats={"td": 1, "cam": ("Cam 1",), "guest": 0}))
    crew.show = replace(
        crew.show,
        roles={name: replace(role, rights=frozenset({"calls"})) for name, role in crew.show.roles.items()},
    )
    crew.sit(2, "cam", "Cam 1")
    for number in (3, 4, 5, 6, 7):
        crew.sit(number, "guest", person=f"G{number}")
    for number in (3, 4, 5, 6):
        for n in range(8):
            signal(crew, number, TEXT, "cam", f"{number}-{n}")
    return crew


def test_a_call_to_somebody_who_has_enough_to_look_at_is_refused(full: Crew) -> None:
    assert len(full.tally(2).signals) == MAX_GIVEN
    assert signal(full, 7, CALL, "cam") == (RefuseSignal(StationId(7), "cam", Reason.TOO_MANY),)
    assert signal(full, 7, CALL, "main") == ()
    (call,) = full.tally(7).sent
    assert [answer.label for answer in call.answers] == [f"Guest {n} (G{n + 2})" for n in (1, 2, 3, 4)]


def test_another_signal_takes_the_place_of_the_oldest_text(full: Crew) -> None:
    signal(full, 7, GO, "main")
    texts = [seen.text for seen in full.tally(2).signals]
    assert (len(texts), texts[0], texts[-1]) == (MAX_GIVEN, "", "3-1")
    assert len(full.tally(3).sent) == 7


def test_an_address_names_a_column_a_role_or_a_seat_of_the_show() -> None:
    show = directed()
    named = ["main", "all", "cam", "cam/Cam 1", "cam/Cam 9", "nobody"]
    assert [to for to in named if is_known(show, to)] == ["main", "all", "cam", "cam/Cam 1"]
