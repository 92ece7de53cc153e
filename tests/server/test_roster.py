"""Who is on whose lines, and what of it a station may know."""

from __future__ import annotations

import pytest

from soundmesh.core import events as ev
from soundmesh.core.ids import KeyId, LinkId, RoleId, SessionId, StationId
from soundmesh.core.plan import Plan
from soundmesh.core.routing import make_plan
from soundmesh.core.show import Show
from soundmesh.core.state import State
from soundmesh.core.step import step
from soundmesh.server.roster import make_people
from soundmesh.wire import messages as m

from .crewshow import crew_show

TEXT = """
[show]
name = "Live"
[[channel]]
id = "pl"
[[channel]]
id = "side"
[[group]]
id = "all-call"
targets = ["pl", "host"]
[[role]]
id = "td"
rights = ["kill"]
[[role]]
id = "camera"
name = "Camera"
seats = ["Cam 1", "Cam 2"]
[[role.key]]
target = "camera/Cam 2"
[[role]]
id = "host"
seats = 2
[matrix]
columns = ["pl", "side", "td", "camera", "all-call"]
[matrix.rows]
td     = ["TL", "-",   "-", "T", "T"]
camera = ["TL", "-",   "T", "T", "-"]
host   = ["-",  "TL?", "-", "-", "-"]
"""


class Floor:
    """A director (1), Cam 1 (2), Cam 2 (3) and a host (4)."""

    def __init__(self) -> None:
        self.show: Show = crew_show(TEXT)
        self.state = State()
        self.now = 1.0
        for number, role in enumerate(("td", "camera", "camera", "host"), start=1):
            station = StationId(number)
            self.do(ev.StationJoined(station, RoleId(role), f"P{number}"))
            self.do(ev.StationLinked(station, LinkId(number)))

    def do(self, event: ev.Event) -> None:
        self.state, _ = step(self.show, self.state, event, self.now)

    @property
    def plan(self) -> Plan:
        return make_plan(self.show, self.state, self.now)

    def seen_by(self, number: int) -> dict[int, m.Person]:
        people = make_people(self.show, self.state, self.plan, self.state.stations[StationId(number)])
        return {person.station: person for person in people.people}


@pytest.fixture
def floor() -> Floor:
    return Floor()


def test_people_share_lines_and_those_who_lead_see_everybody(floor: Floor) -> None:
    assert set(floor.seen_by(1)) == {2, 3, 4}
    assert set(floor.seen_by(2)) == {1, 3}
    assert set(floor.seen_by(4)) == set()


def test_a_person_is_on_the_keys_that_reach_it(floor: Floor) -> None:
    seen = floor.seen_by(2)
    assert seen[1].on == ["pl", "td"]
    assert seen[3].on == ["camera/Cam 2", "pl", "camera"]
    assert (seen[3].address, seen[3].place, seen[3].role_name) == ("camera/Cam 2", "Cam 2", "Camera")
    assert floor.seen_by(1)[4].on == ["all-call"]


def test_who_hears_is_who_listens_or_is_reached_directly(floor: Floor) -> None:
    assert floor.seen_by(1)[2].hears == ["pl", "camera", "all-call"]
    floor.do(ev.ListenSet(StationId(2), KeyId("pl"), 1, False))
    assert floor.seen_by(1)[2].hears == ["camera"]
    assert floor.seen_by(1)[4].hears == ["all-call"]


def test_who_talks_is_seen_on_lines_and_private_words_by_who_hears_them(floor: Floor) -> None:
    floor.do(ev.KeyPressed(StationId(2), KeyId("td"), 1))
    assert floor.seen_by(1)[2].talks == ["camera"]
    assert floor.seen_by(3)[2].talks == []
    assert floor.seen_by(3)[2].talking
    floor.do(ev.KeyPressed(StationId(2), KeyId("pl"), 2))
    floor.do(ev.KeyReleased(StationId(2), KeyId("pl"), 2, 50.0))
    assert floor.seen_by(3)[2].talks == ["pl"]
    assert floor.seen_by(3)[2].latched


def test_the_lost_the_killed_and_the_connected_are_marked(floor: Floor) -> None:
    floor.do(ev.SessionStarted(StationId(3), SessionId("x")))
    floor.do(ev.SessionUp(StationId(3), SessionId("x")))
    floor.do(ev.StationUnlinked(StationId(2), LinkId(2)))
    floor.do(ev.KillSet("camera/Cam 2", True))
    seen = floor.seen_by(1)
    assert (seen[2].state, seen[2].hears) == ("lost", [])
    assert [seen[n].killed for n in (2, 3)] == [False, True]
    assert [seen[n].media for n in (2, 3)] == [False, True]


def test_kills_are_told_to_those_with_the_right(floor: Floor) -> None:
    floor.do(ev.KillSet("*", True))
    stations = floor.state.stations
    lists = [make_people(floor.show, floor.state, floor.plan, stations[StationId(n)]).killed for n in (1, 2)]
    assert lists == [["*"], []]
