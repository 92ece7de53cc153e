from __future__ import annotations

from soundmesh.core.effects import Reason, RefuseKey
from soundmesh.core.ids import KeyId, StationId
from soundmesh.core.state import Hearing

from .crew import Crew, changed, make_show

TWO = StationId(2)
MAIN, PROD, DIRECT = KeyId("main"), KeyId("prod"), KeyId("td")


def pair() -> Crew:
    crew = Crew()
    crew.sit(1, "td")
    crew.sit(2, "cam")
    return crew


def test_at_join_listens_are_as_the_matrix_says_and_at_full_volume() -> None:
    crew = pair()
    assert crew.at(2).listens == {
        MAIN: Hearing(on=True),
        PROD: Hearing(on=False),
        DIRECT: Hearing(on=True),
        KeyId("cam"): Hearing(on=True),
    }
    assert crew.at(1).listens[PROD].on


def test_a_listen_that_is_off_is_not_in_the_plan() -> None:
    crew = pair()
    crew.press(1, "main")
    assert crew.ears(2) == {1: ("main",)}
    assert crew.hear(2, "main", False) == ()
    assert crew.ears(2) == {}
    crew.hear(2, "main", True)
    assert crew.ears(2) == {1: ("main",)}


def test_a_forced_listen_cannot_be_closed() -> None:
    crew = pair()
    assert crew.hear(1, "prod", False, 4) == (RefuseKey(StationId(1), PROD, 4, Reason.FORCED),)
    assert crew.at(1).listens[PROD].on
    assert crew.at(1).counters[PROD].listen == 4


def test_opening_a_forced_listen_is_no_mistake() -> None:
    crew = pair()
    assert crew.hear(1, "prod", True, 4) == ()
    assert crew.at(1).counters[PROD].listen == 4


def test_a_listen_without_permission_is_refused_and_echoed() -> None:
    crew = pair()
    assert crew.hear(2, "td", True, 3) == (RefuseKey(TWO, DIRECT, 3, Reason.NOT_ALLOWED),)
    assert crew.at(2).counters[DIRECT].listen == 3


def test_a_listen_on_an_unknown_key_leaves_no_trace() -> None:
    crew = pair()
    before = crew.state
    assert crew.hear(2, "nonsense", True, 3) == (RefuseKey(TWO, KeyId("nonsense"), 3, Reason.UNKNOWN_KEY),)
    assert crew.state is before


def test_a_late_copy_of_a_listen_is_ignored() -> None:
    crew = pair()
    crew.hear(2, "main", False, 5)
    before = crew.state
    assert crew.hear(2, "main", True, 5) == ()
    assert crew.hear(2, "main", True, 4) == ()
    assert crew.state is before


def test_listens_and_talks_count_apart() -> None:
    crew = pair()
    crew.press(2, "main", 9)
    crew.hear(2, "main", False, 1)
    assert not crew.at(2).listens[MAIN].on


def test_a_volume_keeps_the_listen_as_it_is() -> None:
    crew = pair()
    crew.volume(2, "prod", -12.0, muted=True)
    assert crew.at(2).listens[PROD] == Hearing(on=False, volume_db=-12.0, muted=True)
    crew.hear(2, "prod", True)
    assert crew.at(2).listens[PROD] == Hearing(on=True, volume_db=-12.0, muted=True)


def test_a_volume_of_a_key_that_hears_nothing_changes_nothing() -> None:
    crew = Crew()
    crew.sit(2, "guest")
    before = crew.state
    crew.volume(2, "prod", -12.0)
    crew.volume(2, "nonsense", -12.0)
    assert crew.state is before


def test_a_muted_listen_is_still_in_the_plan() -> None:
    crew = pair()
    crew.press(1, "main")
    crew.volume(2, "main", 0.0, muted=True)
    assert crew.ears(2) == {1: ("main",)}


def test_a_reload_keeps_listens_where_allowed_and_gives_new_ones_their_default() -> None:
    crew = pair()
    crew.hear(2, "main", False)
    crew.hear(2, "prod", True)
    crew.change(make_show(changed({"cam": {"main": "TL", "prod": "L?"}, "guest": {"main": "L"}})))
    assert not crew.at(2).listens[MAIN].on
    assert crew.at(2).listens[PROD].on
    crew.change(make_show(changed({"cam": {"prod": "L?"}})))
    assert MAIN not in crew.at(2).listens
    crew.change(make_show())
    assert crew.at(2).listens[MAIN].on


def test_a_reload_that_forces_a_listen_opens_it_and_keeps_its_volume() -> None:
    crew = pair()
    crew.volume(2, "main", -6.0)
    crew.hear(2, "main", False)
    crew.change(make_show(changed({"cam": {"main": "L!"}})))
    assert crew.at(2).listens[MAIN] == Hearing(on=True, volume_db=-6.0)
