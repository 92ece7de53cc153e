"""Groups, seats, ifbs and programs: who hears whom over what, and what the keys show of it."""

from __future__ import annotations

from dataclasses import replace

from soundmesh.core.effects import Reason, RefuseKey, TalkClosed
from soundmesh.core.events import ProgramsSilent, StationLeft
from soundmesh.core.ids import KeyId, RoleId, StationId, TargetId
from soundmesh.core.show import FIRST_PORT, Role, Show
from soundmesh.core.tally import TalkLamp

from .crew import Crew, group, ifb, key_to, make_show, seat

ONE, TWO, THREE, FOUR = StationId(1), StationId(2), StationId(3), StationId(4)
MUSIC, TONE = StationId(FIRST_PORT), StationId(FIRST_PORT + 1)
ALL, EAR, TUNE = KeyId("all"), KeyId("ear"), KeyId("music")
ROWS = {
    "td": {"main": "TL", "prod": "TL", "cam": "T", "all": "T", "ear": "T", "music": "L?"},
    "cam": {"main": "TL", "prod": "L?", "td": "T", "cam": "T", "all": "-"},
    "guest": {"ear": "L", "music": "L!", "tone": "L?", "main": "T"},
}


def wide(**changes: object) -> Show:
    """A director who calls everybody, two cameras, and guests who hear a program."""
    said = {
        "more": (group("all", "main", "guest", priority=1), ifb("ear", "music"), seat("cam", "Cam 2")),
        "ports": {"music": 0, "tone": 2},
        "extra_keys": {
            "td": (key_to("cam/Cam 2"),),
            "cam": (key_to("cam/Cam 2"), key_to("main", name="loud", priority=3)),
        },
    }
    return make_show(ROWS, **(said | changes))  # type: ignore[arg-type]


def crew_of_four(show: Show | None = None) -> Crew:
    """A director (1), Cam 1 (2), Cam 2 (3) and a guest (4)."""
    crew = Crew(show or wide())
    crew.sit(1, "td", person="Di")
    crew.sit(2, "cam", "Cam 1", "Jo")
    crew.sit(3, "cam", "Cam 2", "Al")
    crew.sit(4, "guest", person="Ann")
    return crew


def test_a_group_is_heard_by_its_roles_and_by_who_listens_to_its_channels() -> None:
    crew = crew_of_four()
    crew.press(1, "all")
    assert [crew.ears(n).get(1) for n in (1, 2, 3, 4)] == [None, ("main",), ("main",), ("all",)]
    crew.hear(2, "main", False)
    crew.hear(2, "loud", False)
    assert 1 not in crew.ears(2)
    assert crew.tally(1).keys[ALL].open_to == 2


def test_a_group_talk_comes_after_directs_and_before_channels() -> None:
    crew = crew_of_four()
    crew.press(2, "main")
    crew.press(1, "all")
    crew.press(3, "cam")
    assert [(p.talker, p.priority) for p in crew.plan.ears[TWO]] == [(3, 200), (1, 110)]
    assert [p.direct for p in crew.plan.ears[TWO]] == [True, False]
    assert [p.direct for p in crew.plan.ears[FOUR]] == [True, False]


def test_a_group_and_its_channel_together_are_one_talker_in_an_ear() -> None:
    crew = crew_of_four()
    crew.press(1, "all")
    crew.press(1, "main")
    assert crew.ears(2) == {1: ("main",)}
    assert crew.plan.ears[TWO][0].priority == 110
    tally = crew.tally(1)
    assert (tally.keys[KeyId("main")].open_to, tally.keys[ALL].open_to) == (2, 3)


def test_a_member_of_the_group_does_not_count_itself() -> None:
    show = wide(more=(group("all", "td", "cam"), ifb("ear", "music"), seat("cam", "Cam 2")))
    crew = crew_of_four(show)
    crew.press(1, "all")
    assert crew.tally(1).keys[ALL].open_to == 2
    assert crew.tally(1).keys[ALL].online == 2
    assert 1 not in crew.ears(1)


def test_a_kill_of_a_channel_closes_a_groups_reach_to_it() -> None:
    crew = crew_of_four()
    crew.press(1, "all")
    crew.kill("main")
    assert [1 in crew.ears(n) for n in (2, 3, 4)] == [False, False, True]
    assert crew.talks(1) == {"all"}
    crew.kill("main", False)
    assert 1 in crew.ears(2)


def test_a_kill_of_a_group_or_an_ifb_closes_the_talks_to_it() -> None:
    crew = crew_of_four()
    crew.press(1, "all")
    crew.press(1, "ear")
    assert crew.kill("all") == (TalkClosed(ONE, ALL, Reason.KILLED),)
    assert crew.kill("ear") == (TalkClosed(ONE, EAR, Reason.KILLED),)
    assert crew.tally(1).keys[ALL].why is Reason.KILLED


def test_who_has_no_t_under_the_group_cannot_call_it() -> None:
    crew = crew_of_four(wide(extra_keys={"cam": (key_to("all"),)}))
    assert crew.press(2, "all") == (RefuseKey(TWO, ALL, crew.counter, Reason.NOT_ALLOWED),)


def test_a_direct_to_a_seat_is_heard_there_alone() -> None:
    crew = crew_of_four()
    crew.press(1, "cam/Cam 2")
    assert [crew.ears(n).get(1) for n in (2, 3, 4)] == [None, ("cam/Cam 2",), None]
    assert crew.plan.ears[THREE][0].priority == 200
    assert crew.tally(1).keys[KeyId("cam/Cam 2")].open_to == 1
    assert crew.tally(1).keys[KeyId("cam/Cam 2")].online == 1


def test_a_seat_that_calls_itself_reaches_nobody() -> None:
    crew = crew_of_four()
    crew.press(3, "cam/Cam 2")
    assert 3 not in crew.plan.talkers
    key = crew.tally(3).keys[KeyId("cam/Cam 2")]
    assert (key.talk, key.open_to, key.online) == (TalkLamp.HELD, 0, 0)


def test_a_seat_that_nobody_holds_is_called_in_vain_and_follows_who_sits_there() -> None:
    crew = crew_of_four()
    crew.unlink(3)
    crew.press(1, "cam/Cam 2")
    assert crew.tally(1).keys[KeyId("cam/Cam 2")].online == 0
    assert 1 not in crew.plan.talkers
    crew.link(3)
    assert crew.ears(3)[1] == ("cam/Cam 2",)


def test_a_program_is_always_heard_by_who_listens_and_by_nobody_else() -> None:
    crew = crew_of_four()
    assert crew.ears(4) == {MUSIC: ("ear", "music")}
    assert [crew.ears(n) for n in (1, 2, 3)] == [{}, {}, {}]
    assert dict(crew.plan.talkers) == {MUSIC: (4,)}
    crew.hear(1, "music", True)
    assert crew.plan.talkers[MUSIC] == (1, 4)
    assert TONE not in crew.plan.talkers


def test_a_program_without_an_ear_is_no_talker() -> None:
    crew = crew_of_four()
    crew.do(StationLeft(FOUR))
    assert not crew.plan.talkers
    assert crew.tally(1).keys[TUNE].speakers == ()


def test_a_voice_on_an_ifb_interrupts_its_program() -> None:
    crew = crew_of_four()
    crew.press(1, "ear")
    assert crew.ears(4) == {1: ("ear",), MUSIC: ("ear", "music")}
    assert [p.priority for p in crew.plan.ears[FOUR]] == [100, -5]
    tally = crew.tally(4)
    assert tally.via == {1: ("ear",), MUSIC: ("ear", "music")}
    assert tally.priority == {1: 100, MUSIC: -5}
    assert tally.people == {1: "Director (Di)", MUSIC: "Music"}
    assert tally.keys[EAR].speakers == (1, MUSIC)
    assert tally.keys[TUNE].speakers == (MUSIC,)


def test_voices_come_before_programs_whatever_their_priority() -> None:
    rows = {"td": {"main": "T"}, "guest": {"main": "L", "tone": "L"}}
    crew = Crew(make_show(rows, ports={"tone": 3}))
    crew.sit(1, "td")
    crew.sit(4, "guest")
    crew.press(1, "main")
    assert [(p.talker, p.priority) for p in crew.plan.ears[FOUR]] == [(1, 0), (FIRST_PORT, 25)]
    assert [p.lane_priority for p in crew.plan.ears[FOUR]] == [0, -975]


def test_the_line_of_a_program_or_an_ifb_is_who_may_hear_it() -> None:
    crew = crew_of_four()
    assert [crew.tally(1).keys[k].online for k in (TUNE, EAR)] == [1, 1]
    assert [crew.tally(4).keys[k].online for k in (TUNE, EAR)] == [1, 0]


def test_the_priority_of_a_key_counts_with_those_of_role_and_target() -> None:
    crew = crew_of_four()
    crew.press(2, "loud")
    assert crew.plan.ears[THREE][0].priority == 30
    crew.press(2, "main")
    assert crew.plan.ears[THREE][0].priority == 30
    crew.release(2, "loud")
    assert crew.plan.ears[THREE][0].priority == 0


def test_who_calls_directly_is_heard_over_the_key_to_its_seat_and_its_role() -> None:
    show = wide(extra_keys={"td": (key_to("cam/Cam 2"),), "cam": ()})
    crew = crew_of_four(show)
    crew.press(3, "td")
    crew.press(2, "td")
    assert crew.tally(1).via == {2: ("cam",), 3: ("cam/Cam 2", "cam")}
    assert crew.tally(1).keys[KeyId("cam/Cam 2")].speakers == (3,)
    assert crew.tally(1).keys[KeyId("cam")].speakers == (2, 3)


def test_a_group_is_heard_over_the_key_to_it_or_to_its_talker() -> None:
    show = make_show(
        {"td": {"all": "T"}, "cam": {"all": "T", "td": "T"}, "guest": {"td": "T"}},
        more=(group("all", "cam", "guest"),),
    )
    crew = crew_of_four(show)
    crew.press(1, "all")
    assert [crew.tally(n).via for n in (2, 4)] == [{1: ("all",)}, {1: ("td",)}]
    assert crew.tally(2).keys[ALL].speakers == (1,)
    assert crew.tally(4).keys[KeyId("td")].speakers == (1,)


def test_a_group_talk_shows_on_the_channels_it_goes_to() -> None:
    crew = crew_of_four()
    crew.press(1, "all")
    assert crew.tally(2).keys[KeyId("main")].speakers == (1,)


def test_a_direct_key_shows_when_its_people_talk_with_somebody_else() -> None:
    crew = crew_of_four()
    crew.press(1, "cam/Cam 2")
    assert crew.tally(2).keys[KeyId("td")].in_use
    assert crew.tally(2).keys[KeyId("cam/Cam 2")].in_use
    assert not crew.tally(3).keys[KeyId("td")].in_use
    assert not crew.tally(1).keys[KeyId("cam/Cam 2")].in_use
    assert not crew.tally(1).keys[KeyId("cam")].in_use
    crew.release(1, "cam/Cam 2")
    crew.wait(0.3)
    assert not crew.tally(2).keys[KeyId("td")].in_use


def test_keys_to_groups_and_seats_have_a_volume_and_no_switch() -> None:
    crew = crew_of_four()
    crew.volume(1, "all", -6.0)
    crew.volume(1, "cam/Cam 2", -12.0, muted=True)
    tally = crew.tally(1)
    assert (tally.keys[ALL].volume_db, tally.keys[ALL].listen) == (-6.0, False)
    assert tally.keys[KeyId("cam/Cam 2")].muted
    assert crew.hear(1, "all", False)[0] == RefuseKey(ONE, ALL, crew.counter, Reason.NOT_ALLOWED)


def test_a_reload_keeps_the_talks_to_a_group_that_stay_allowed() -> None:
    crew = crew_of_four()
    crew.press(1, "all")
    more = (group("all", "guest"), ifb("ear", "music"), seat("cam", "Cam 2"))
    assert crew.change(wide(more=more)) == ()
    assert [1 in crew.ears(n) for n in (2, 4)] == [False, True]
    targets = {k: t for k, t in crew.show.targets.items() if k != TargetId("all")}
    closed = crew.change(replace(crew.show, targets=targets, roles=without_key(crew.show, ALL)))
    assert closed == (TalkClosed(ONE, ALL, Reason.SHOW_CHANGED),)


def without_key(show: Show, gone: KeyId) -> dict[RoleId, Role]:
    return {
        r: replace(role, keys=tuple(k for k in role.keys if k.id != gone)) for r, role in show.roles.items()
    }


def test_a_group_reaches_no_channel_that_is_no_column() -> None:
    show = make_show({"td": {"all": "T"}, "cam": {"main": "L"}}, more=(group("all", "gone"),))
    crew = Crew(show)
    crew.sit(1, "td")
    crew.sit(2, "cam")
    crew.press(1, "all")
    assert crew.tally(1).keys[ALL].open_to == 0


def test_a_program_with_nothing_to_play_shows_on_the_keys_it_is_heard_over_and_on_no_other() -> None:
    crew = crew_of_four()
    crew.do(ProgramsSilent(frozenset({TargetId("music"), TargetId("gone from the show")})))
    told = crew.state
    assert {key for key, lamp in crew.tally(4).keys.items() if lamp.trouble} == {TUNE, EAR}
    assert not any(lamp.trouble for lamp in crew.tally(2).keys.values())
    crew.do(ProgramsSilent(frozenset({TargetId("music"), TargetId("gone from the show")})))
    assert crew.state is told
    crew.do(ProgramsSilent(frozenset()))
    assert not any(lamp.trouble for lamp in crew.tally(4).keys.values())
