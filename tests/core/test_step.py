from __future__ import annotations

import typing

import pytest

from soundmesh.core import events as ev
from soundmesh.core.ids import StationId
from soundmesh.core.state import SignalKind, State
from soundmesh.core.step import next_deadline, step

from .crew import Crew, make_show


def test_an_empty_show_floor_has_no_deadline() -> None:
    assert next_deadline(make_show(), State()) is None


def test_a_tick_with_nothing_due_gives_the_same_state_back() -> None:
    crew = Crew()
    crew.sit(1, "td")
    crew.press(1, "main")
    before = crew.state
    assert crew.do(ev.Tick()) == ()
    assert crew.state is before


def test_the_next_deadline_is_the_soonest_of_all() -> None:
    crew = Crew()
    crew.sit(1, "td")
    crew.sit(2, "cam")
    crew.sit(3, "guest")
    crew.unlink(3)
    assert next_deadline(crew.show, crew.state) == crew.now + 60
    crew.tap(1, "main")
    assert next_deadline(crew.show, crew.state) == crew.now + 2.5
    crew.press(2, "main")
    assert next_deadline(crew.show, crew.state) == crew.now + 0.75
    crew.release(2, "main")
    assert next_deadline(crew.show, crew.state) == crew.now + 0.2


def test_a_suspended_hold_has_no_deadline() -> None:
    crew = Crew()
    crew.sit(1, "td")
    crew.press(1, "main")
    crew.wait(1)
    assert next_deadline(crew.show, crew.state) is None


def test_several_deadlines_passed_in_one_late_tick_all_happen() -> None:
    crew = Crew()
    crew.sit(1, "td")
    crew.sit(2, "cam")
    crew.sit(3, "guest")
    crew.unlink(3)
    crew.tap(1, "main")
    crew.press(2, "main")
    crew.now += 100
    crew.do(ev.Tick())
    assert (crew.talks(1), crew.talks(2), crew.at(3).seat) == (set(), set(), None)


@pytest.mark.parametrize("event", typing.get_args(ev.Event))
def test_every_event_of_a_stranger_is_survived(event: type) -> None:
    values = {
        "station": StationId(77),
        "other": StationId(78),
        "giver": StationId(78),
        "seat": "1",
        "role": "nobody",
        "link": 1,
        "session": "x",
        "key": "main",
        "counter": 1,
        "held_ms": 1.0,
        "on": True,
        "volume_db": 0.0,
        "held": frozenset({"main"}),
        "address": "nobody",
        "person": "",
        "lanes": (),
        "signal": 1,
        "kind": SignalKind.CALL,
        "to": "main",
        "programs": frozenset({"music"}),
    }
    fields = {name: values[name] for name in event.__annotations__ if name in values}
    state, _ = step(make_show(), State(), event(**fields), 5.0)
    assert not state.stations
