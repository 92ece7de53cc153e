from http.cookies import SimpleCookie

import pytest

from soundmesh.core.ids import StationId
from soundmesh.server.sessions import COOKIE, MAX_AGE_S, MAX_SESSIONS, Sessions, session_cookie

ONE, TWO = StationId(1), StationId(2)


def test_a_token_finds_its_station() -> None:
    sessions = Sessions()
    token = sessions.make(ONE, 1000.0)
    found = sessions.find(token, 1001.0)
    assert found is not None
    assert found.station == ONE


@pytest.mark.parametrize("token", ["", "nonsense", "\ud800", "x" * 100_000])
def test_a_strange_token_finds_nothing(token: str) -> None:
    sessions = Sessions()
    sessions.make(ONE, 1000.0)
    assert sessions.find(token, 1000.0) is None


def test_tokens_are_long_and_never_the_same() -> None:
    sessions = Sessions()
    tokens = {sessions.make(ONE, 0.0) for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) >= 43 for token in tokens)


def test_a_revoked_station_has_no_session_left() -> None:
    sessions = Sessions()
    mine = [sessions.make(ONE, 0.0), sessions.make(ONE, 0.0)]
    other = sessions.make(TWO, 0.0)
    sessions.revoke(ONE)
    assert [sessions.find(token, 0.0) for token in mine] == [None, None]
    assert sessions.find(other, 0.0) is not None
    assert sessions.stations == {TWO}


def test_a_session_unused_for_180_days_is_over() -> None:
    sessions = Sessions()
    token = sessions.make(ONE, 0.0)
    assert sessions.find(token, MAX_AGE_S - 1) is not None
    # That was a use, so the days count anew.
    assert sessions.find(token, 2 * MAX_AGE_S - 2) is not None
    assert sessions.find(token, 3 * MAX_AGE_S - 1) is None
    assert len(sessions) == 0


def test_a_clock_set_back_ends_no_session() -> None:
    sessions = Sessions()
    token = sessions.make(ONE, 2e9)
    assert sessions.find(token, 1e9) is not None


def test_the_session_unused_longest_makes_room() -> None:
    sessions = Sessions()
    tokens = [sessions.make(StationId(n + 1), float(n)) for n in range(MAX_SESSIONS)]
    sessions.find(tokens[0], 10_000.0)
    sessions.make(TWO, 10_000.0)
    assert len(sessions) == MAX_SESSIONS
    assert sessions.find(tokens[0], 10_000.0) is not None
    assert sessions.find(tokens[1], 10_000.0) is None


def test_what_is_saved_finds_stations_and_holds_no_token() -> None:
    sessions = Sessions()
    token = sessions.make(ONE, 1000.0)
    saved = sessions.dump()
    assert token not in repr(saved)
    found = Sessions.restore(saved).find(token, 1001.0)
    assert found is not None
    assert found.station == ONE


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"hash": "ab", "station": 1, "created_s": 0.0, "seen_s": 0.0},
        {"hash": "a" * 64, "station": 0, "created_s": 0.0, "seen_s": 0.0},
        {"hash": "a" * 64, "station": "x", "created_s": 0.0, "seen_s": 0.0},
        {"hash": "a" * 64, "station": 1, "created_s": [], "seen_s": 0.0},
    ],
)
def test_a_row_that_makes_no_sense_is_left_out(row: dict[str, object]) -> None:
    assert len(Sessions.restore([row])) == 0


def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_http() -> None:
    cookie = SimpleCookie(session_cookie("abc"))[COOKIE]
    assert cookie.value == "abc"
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert cookie["max-age"] == str(180 * 24 * 3600)


def test_an_empty_cookie_is_forgotten_at_once() -> None:
    assert "Max-Age=0" in session_cookie("")
