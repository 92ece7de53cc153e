from __future__ import annotations

from dataclasses import replace

import pytest

from soundmesh.core.effects import Reason
from soundmesh.core.ids import KeyId, LinkId, RoleId, SeatName, StationId, TargetId
from soundmesh.core.permissions import (
    is_forced,
    is_killed,
    latch_of,
    listen_verdict,
    may_listen,
    may_talk,
    talk_verdict,
)
from soundmesh.core.show import Key, Latch
from soundmesh.core.state import Author, State, Station

from .crew import make_show

SHOW = make_show(extra_keys={"guest": (Key(KeyId("nowhere"), TargetId("td"), "Director", "grey"),)})
TD, CAM, GUEST = RoleId("td"), RoleId("cam"), RoleId("guest")
MAIN, PROD = TargetId("main"), TargetId("prod")
CAMERA = Station(StationId(2), CAM, "Jo", SeatName("Cam 1"), LinkId(1))
VISITOR = Station(StationId(3), GUEST, "Al", SeatName("1"), LinkId(2))


def test_the_matrix_alone_says_who_may_talk_and_listen() -> None:
    assert may_talk(SHOW, CAM, MAIN)
    assert not may_talk(SHOW, CAM, PROD)
    assert may_listen(SHOW, CAM, PROD)
    assert not may_listen(SHOW, GUEST, PROD)


def test_what_the_show_does_not_have_is_not_allowed() -> None:
    assert not may_talk(SHOW, CAM, TargetId("nobody"))
    assert not may_talk(SHOW, RoleId("nobody"), MAIN)
    assert not may_listen(SHOW, CAM, TargetId("nobody"))
    assert SHOW.key(RoleId("nobody"), KeyId("main")) is None


def test_a_direct_is_talked_on_and_is_no_listen() -> None:
    show = make_show({"td": {"main": "T"}, "cam": {"td": "TL"}})
    assert may_talk(show, CAM, TargetId("td"))
    assert not may_listen(show, CAM, TargetId("td"))


def test_only_a_forced_cell_is_forced() -> None:
    assert is_forced(SHOW, TD, PROD)
    assert not is_forced(SHOW, TD, MAIN)
    assert not is_forced(SHOW, GUEST, PROD)


def test_the_matrix_can_forbid_a_latch() -> None:
    show = make_show(latches={"main": Latch.LATCHING})
    assert latch_of(show, State(), CAMERA, KeyId("main")) is Latch.LATCHING
    assert latch_of(show, State(), VISITOR, KeyId("prod")) is Latch.MOMENTARY
    assert latch_of(show, State(), VISITOR, KeyId("unknown")) is Latch.MOMENTARY


@pytest.mark.parametrize(
    ("station", "key", "why"),
    [
        (CAMERA, "main", None),
        (CAMERA, "td", None),
        (CAMERA, "prod", Reason.LISTEN_ONLY),
        (CAMERA, "unknown", Reason.UNKNOWN_KEY),
        (VISITOR, "nowhere", Reason.NOT_ALLOWED),
        (replace(CAMERA, seat=None), "main", Reason.NOT_SEATED),
        (replace(CAMERA, link=None), "main", Reason.NOT_SEATED),
    ],
)
def test_a_talk_is_refused_with_its_reason(station: Station, key: str, why: Reason | None) -> None:
    assert talk_verdict(SHOW, State(), station, KeyId(key)) is why


@pytest.mark.parametrize(
    ("station", "key", "why"),
    [
        (CAMERA, "prod", None),
        (CAMERA, "td", Reason.NOT_ALLOWED),
        (CAMERA, "unknown", Reason.UNKNOWN_KEY),
        (replace(CAMERA, link=None), "prod", Reason.NOT_SEATED),
        (replace(CAMERA, seat=None), "prod", Reason.NOT_SEATED),
        (Station(StationId(1), TD, "Di", SeatName("1"), LinkId(3)), "prod", Reason.FORCED),
    ],
)
def test_a_listen_is_refused_with_its_reason(station: Station, key: str, why: Reason | None) -> None:
    assert listen_verdict(SHOW, State(), station, KeyId(key)) is why


@pytest.mark.parametrize(
    ("address", "main", "direct"),
    [
        ("*", True, True),
        ("cam", True, True),
        ("cam/Cam 1", True, True),
        ("cam/Cam 2", False, False),
        ("guest", False, False),
        ("main", True, False),
        ("prod", False, False),
        ("td", False, False),
    ],
)
def test_a_kill_closes_the_talks_of_its_address_and_no_others(address: str, main: bool, direct: bool) -> None:
    state = State(killed={address: Author()})
    assert is_killed(SHOW, state, CAMERA, MAIN) is main
    assert is_killed(SHOW, state, CAMERA, TargetId("td")) is direct
    assert talk_verdict(SHOW, state, CAMERA, KeyId("main")) is (Reason.KILLED if main else None)
