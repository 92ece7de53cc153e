from __future__ import annotations

from dataclasses import replace

from soundmesh.core.ids import KeyId, StationId, TargetId
from soundmesh.core.plan import EMPTY_PLAN, Line
from soundmesh.core.routing import make_plan
from soundmesh.core.show import Key
from soundmesh.core.state import Author, HeldTalk, State

from .crew import Crew, changed, make_show

ONE, TWO, THREE = StationId(1), StationId(2), StationId(3)
MAIN = TargetId("main")


def crew_of_four() -> Crew:
    """A director (1), two cameras (2, 3) and a guest (4)."""
    crew = Crew()
    crew.sit(1, "td")
    crew.sit(2, "cam")
    crew.sit(3, "cam")
    crew.sit(4, "guest")
    return crew


def test_nothing_is_open_when_nobody_is_here() -> None:
    assert make_plan(make_show(), State(), 0.0) == EMPTY_PLAN


def test_a_channel_is_heard_by_everybody_who_listens_and_not_by_oneself() -> None:
    crew = crew_of_four()
    crew.press(2, "main")
    assert [crew.ears(n) for n in (1, 2, 3, 4)] == [{2: ("main",)}, {}, {2: ("main",)}, {2: ("main",)}]
    assert crew.plan.talkers == {2: (1, 3, 4)}


def test_a_direct_is_heard_by_the_role_alone() -> None:
    crew = crew_of_four()
    crew.press(2, "td")
    assert [crew.ears(n) for n in (1, 2, 3, 4)] == [{2: ("td",)}, {}, {}, {}]
    assert crew.plan.ears[ONE][0].direct


def test_a_direct_to_the_own_role_is_heard_by_the_others_of_it() -> None:
    crew = crew_of_four()
    crew.press(2, "cam")
    assert [crew.ears(n) for n in (1, 2, 3)] == [{}, {}, {2: ("cam",)}]


def test_a_talker_heard_over_several_targets_is_heard_once() -> None:
    crew = crew_of_four()
    crew.press(1, "main")
    crew.press(1, "cam")
    crew.press(1, "prod")
    crew.hear(2, "prod", True)
    assert crew.ears(2) == {1: ("cam", "main", "prod")}
    assert crew.ears(3) == {1: ("cam", "main")}


def test_the_loudest_listen_comes_first_and_a_muted_one_last() -> None:
    crew = crew_of_four()
    crew.press(1, "main", 1)
    crew.press(1, "prod", 1)
    crew.hear(2, "prod", True)
    assert crew.ears(2) == {1: ("main", "prod")}
    crew.volume(2, "main", -6.0)
    assert crew.ears(2) == {1: ("prod", "main")}
    crew.volume(2, "prod", 3.0, muted=True)
    assert crew.ears(2) == {1: ("main", "prod")}


def test_two_listens_on_one_channel_count_as_the_louder() -> None:
    again = Key(KeyId("main 2"), MAIN, "Again", "grey")
    crew = Crew(make_show(extra_keys={"cam": (again,)}))
    crew.sit(1, "td")
    crew.sit(2, "cam")
    crew.hear(2, "prod", True)
    crew.press(1, "main", 1)
    crew.press(1, "prod", 1)
    crew.volume(2, "main", -20.0)
    crew.volume(2, "prod", -10.0)
    assert crew.ears(2) == {1: ("main", "prod")}
    crew.volume(2, "main 2", -30.0)
    assert crew.ears(2) == {1: ("prod", "main")}
    crew.hear(2, "main", False)
    crew.hear(2, "main 2", False)
    assert crew.ears(2) == {1: ("prod",)}


def test_directs_come_before_channels_then_target_and_role_priority() -> None:
    rows = {r: {"main": "TL", "prod": "TL", "cam": "T"} for r in ("td", "cam", "guest")}
    crew = Crew(make_show(rows, priorities={"guest": 1}))
    crew.sit(1, "td")
    for number in (2, 3, 4, 5):
        crew.sit(number, "guest")
    crew.sit(9, "cam")
    crew.press(1, "main")
    crew.press(2, "cam")
    crew.press(3, "prod")
    crew.press(5, "main")
    crew.press(4, "main")
    ranked = [(p.talker, p.priority) for p in crew.plan.ears[StationId(9)]]
    assert ranked == [(2, 210), (3, 30), (4, 10), (5, 10), (1, 0)]


def test_a_lost_station_neither_talks_nor_hears() -> None:
    crew = crew_of_four()
    crew.press(2, "main")
    crew.press(3, "main")
    crew.unlink(2)
    assert crew.ears(2) == {}
    assert crew.ears(1) == {3: ("main",)}


def test_a_talk_that_nobody_hears_is_open_all_the_same() -> None:
    crew = Crew()
    crew.sit(2, "cam")
    crew.press(2, "main")
    assert crew.plan.talking == {2: {"main"}}
    assert (crew.plan.ears, crew.plan.talkers) == ({}, {})


def test_a_tail_is_heard_and_is_no_talk() -> None:
    crew = crew_of_four()
    crew.press(2, "main")
    crew.release(2, "main")
    assert crew.plan.talking == {}
    assert crew.plan.talkers == {2: (1, 3, 4)}
    assert make_plan(crew.show, crew.state, crew.now + 0.2).talkers == {}


def test_the_plan_obeys_matrix_and_kills_whatever_the_state_holds() -> None:
    crew = crew_of_four()
    stolen = {KeyId(k): HeldTalk(latched=True, pressed=False) for k in ("main", "prod", "nonsense")}
    stations = {**crew.state.stations, TWO: replace(crew.at(2), talks=stolen)}
    state = replace(crew.state, stations=stations)
    assert make_plan(crew.show, state, crew.now).talking == {2: {"main"}}
    assert make_plan(crew.show, replace(state, killed={"cam": Author()}), crew.now).talking == {}


def test_lines_tell_who_is_on_them_and_who_talks() -> None:
    crew = crew_of_four()
    crew.press(2, "main")
    crew.press(3, "main")
    crew.press(3, "td")
    crew.unlink(4)
    assert crew.plan.lines == {
        "main": Line(3, (TWO, THREE)),
        "prod": Line(3, ()),
        "td": Line(1, (THREE,)),
        "cam": Line(2, ()),
    }


def test_somebody_who_talks_to_an_empty_role_is_seen() -> None:
    crew = Crew()
    crew.sit(2, "cam")
    crew.press(2, "td")
    assert crew.plan.lines["td"] == Line(0, (TWO,))


def test_a_role_that_is_no_column_hears_no_directs() -> None:
    show = make_show(changed({"guest": {"main": "TL"}}))
    show = replace(show, targets={t: v for t, v in show.targets.items() if t != "guest"})
    crew = Crew(show)
    crew.sit(4, "guest")
    crew.sit(1, "td")
    crew.press(1, "main")
    assert crew.ears(4) == {1: ("main",)}
