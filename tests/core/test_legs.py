from __future__ import annotations

import pytest

from soundmesh.core import events as ev
from soundmesh.core.effects import CloseSession
from soundmesh.core.ids import SessionId, StationId
from soundmesh.core.state import MediaLeg

from .crew import Crew

ONE = StationId(1)
A, B, C = SessionId("a"), SessionId("b"), SessionId("c")


@pytest.fixture
def crew() -> Crew:
    """A director whose phone has a link and no media yet."""
    crew = Crew()
    crew.join(1, "td")
    crew.link(1)
    return crew


def test_a_session_starts_comes_up_and_delivers(crew: Crew) -> None:
    crew.do(ev.SessionStarted(ONE, A))
    assert crew.at(1).media == MediaLeg(A)
    crew.do(ev.SessionUp(ONE, A))
    assert crew.at(1).media == MediaLeg(A, up=True)
    crew.do(ev.UplinkResumed(ONE, A))
    assert crew.at(1).media == MediaLeg(A, up=True, flowing=True)
    crew.do(ev.UplinkSilent(ONE, A, True))
    assert crew.at(1).media.silent
    crew.do(ev.UplinkSilent(ONE, A, False))
    crew.do(ev.UplinkStalled(ONE, A))
    assert crew.at(1).media == MediaLeg(A, up=True)


def test_a_session_that_is_up_goes_on_until_the_next_is_up(crew: Crew) -> None:
    crew.media(1, "a")
    assert crew.do(ev.SessionStarted(ONE, B)) == ()
    assert crew.at(1).media == MediaLeg(A, up=True, flowing=True, pending=B)
    assert crew.do(ev.SessionUp(ONE, B)) == (CloseSession(A),)
    assert crew.at(1).media == MediaLeg(B, up=True)


def test_a_session_that_never_came_up_is_closed_for_the_next(crew: Crew) -> None:
    crew.do(ev.SessionStarted(ONE, A))
    assert crew.do(ev.SessionStarted(ONE, B)) == (CloseSession(A),)
    assert crew.at(1).media == MediaLeg(B)


def test_only_the_newest_session_waits(crew: Crew) -> None:
    crew.media(1, "a")
    crew.do(ev.SessionStarted(ONE, B))
    assert crew.do(ev.SessionStarted(ONE, C)) == (CloseSession(B),)
    assert crew.at(1).media.pending == C


@pytest.mark.parametrize("again", [A, B])
def test_a_session_that_is_known_starts_once(crew: Crew, again: SessionId) -> None:
    crew.media(1, "a")
    crew.do(ev.SessionStarted(ONE, B))
    before = crew.state
    assert crew.do(ev.SessionStarted(ONE, again)) == ()
    assert crew.state is before


def test_when_the_session_is_lost_the_waiting_one_is_awaited(crew: Crew) -> None:
    crew.media(1, "a")
    crew.do(ev.SessionStarted(ONE, B))
    assert crew.do(ev.SessionLost(ONE, A)) == ()
    assert crew.at(1).media == MediaLeg(B)


def test_a_waiting_session_that_is_lost_changes_nothing_else(crew: Crew) -> None:
    crew.media(1, "a")
    crew.do(ev.SessionStarted(ONE, B))
    crew.do(ev.SessionLost(ONE, B))
    assert crew.at(1).media == MediaLeg(A, up=True, flowing=True)


def test_packets_of_a_waiting_session_say_that_it_is_up(crew: Crew) -> None:
    crew.media(1, "a")
    crew.do(ev.SessionStarted(ONE, B))
    assert crew.do(ev.UplinkResumed(ONE, B)) == (CloseSession(A),)
    assert crew.at(1).media == MediaLeg(B, up=True, flowing=True)


def test_a_lost_link_frees_both_sessions(crew: Crew) -> None:
    crew.media(1, "a")
    crew.do(ev.SessionStarted(ONE, B))
    assert crew.unlink(1) == (CloseSession(A), CloseSession(B))
    assert crew.at(1).media == MediaLeg()


@pytest.mark.parametrize("fact", [ev.SessionStarted(ONE, A), ev.SessionUp(ONE, A), ev.UplinkResumed(ONE, A)])
def test_a_session_that_outlived_its_link_is_closed(crew: Crew, fact: ev.Event) -> None:
    crew.unlink(1)
    before = crew.state
    assert crew.do(fact) == (CloseSession(A),)
    assert crew.state is before


@pytest.mark.parametrize("fact", [ev.SessionStarted(ONE, A), ev.SessionUp(ONE, A), ev.UplinkResumed(ONE, A)])
def test_a_session_of_nobody_is_closed(fact: ev.Event) -> None:
    assert Crew().do(fact) == (CloseSession(A),)


@pytest.mark.parametrize(
    "fact",
    [
        ev.SessionLost(ONE, C),
        ev.UplinkStalled(ONE, C),
        ev.UplinkSilent(ONE, C, True),
    ],
)
def test_news_of_an_older_session_is_ignored(crew: Crew, fact: ev.Event) -> None:
    crew.media(1, "a")
    before = crew.state
    assert crew.do(fact) == ()
    assert crew.state is before
    assert Crew().do(fact) == ()


def test_lanes_are_of_a_session(crew: Crew) -> None:
    before = crew.state
    crew.do(ev.LanesChanged(ONE, (StationId(2), None)))
    assert crew.state is before
    crew.media(1, "a")
    crew.do(ev.LanesChanged(ONE, (StationId(2), None)))
    assert crew.at(1).lanes == (2, None)
    crew.do(ev.SessionLost(ONE, A))
    assert crew.at(1).lanes == ()
