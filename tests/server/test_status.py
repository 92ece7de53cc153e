"""What ``soundmesh status`` says of what stands over the crew."""

from __future__ import annotations

from soundmesh.core import events as ev
from soundmesh.core.ids import LinkId, RoleId, StationId
from soundmesh.core.state import SignalKind, State
from soundmesh.core.step import step
from soundmesh.server.remote import standing
from soundmesh.server.status import make_kills, make_signals
from soundmesh.wire import http as w

from .crewshow import crew_show

ONE, TWO = StationId(1), StationId(2)


def status(state: State, now: float) -> w.Status:
    fixed = dict.fromkeys(("version", "show", "file", "trust_url", "fingerprint"), "")
    return w.Status(
        **fixed,
        revision=1,
        problems=[],
        urls=[],
        media=[],
        stations=[],
        uptime_s=0.0,
        kills=make_kills(state),
        signals=make_signals(crew_show(), state, now),
    )


def test_kills_are_named_with_who_gave_them_and_signals_with_how_many_answered() -> None:
    show, state = crew_show(), State()
    for event in (
        ev.StationJoined(ONE, RoleId("td"), "Ann"),
        ev.StationLinked(ONE, LinkId(1)),
        ev.StationJoined(TWO, RoleId("cam"), "Bo"),
        ev.StationLinked(TWO, LinkId(2)),
        ev.KillSet("*", True, ONE),
        ev.KillSet("cam", True),
        ev.SignalGiven(ONE, SignalKind.TEXT, "main", "Two minutes"),
        ev.SignalGiven(TWO, SignalKind.CALL, "main"),
        ev.SignalSeen(TWO, 1),
    ):
        state, _ = step(show, state, event, 10.0)
    assert standing(status(state, 12.4)) == [
        "closed: *, by TD (Ann)",
        "closed: cam, by the box",
        'text: TD (Ann) to main "Two minutes", 1 of 1 answered, 2 s ago',
        "call: Cam 1 (Bo) to main, 0 of 1 answered, 2 s ago",
    ]


def test_nothing_that_stands_is_no_line() -> None:
    assert standing(status(State(), 0.0)) == []
