import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from soundmesh.core.ids import KeyId, LinkId, RoleId, SeatName, SessionId, StationId, TargetId
from soundmesh.core.state import Author, Counters, Hearing, HeldTalk, MediaLeg, State, Station
from soundmesh.server.invites import Invites
from soundmesh.server.memory import dump, restore, wall_floor_s
from soundmesh.server.sessions import Sessions
from soundmesh.server.statefile import StateFile

from .crewshow import TEXT, crew_show

CAM, TD = RoleId("cam"), RoleId("td")
NOW = time.time()


def station(number: int, seat: str | None = "Cam 1", role: RoleId = CAM) -> Station:
    return Station(
        id=StationId(number),
        role=role,
        person=f"Person {number}",
        seat=SeatName(seat) if seat else None,
        link=LinkId(number),
        beat_s=99.0,
        talks={KeyId("main"): HeldTalk(latched=True, pressed=True, target=TargetId("main"))},
        listens={
            KeyId("main"): Hearing(on=True, volume_db=-6.0),
            KeyId("td"): Hearing(on=False, muted=True),
        },
        counters={KeyId("main"): Counters(talk=7, listen=3)},
        master_db=-3.0,
        media=MediaLeg(session=SessionId("1.a"), up=True, flowing=True),
        last_seat=SeatName("Cam 2"),
    )


def house(*stations: Station, killed: Mapping[str, Author] | None = None) -> tuple[State, Sessions]:
    sessions = Sessions()
    for s in stations:
        sessions.make(s.id, NOW)
    return State(stations={s.id: s for s in stations}, killed=killed or {}), sessions


def round_trip(tmp_path: Path, state: State, sessions: Sessions, text: str = TEXT) -> State:
    """Through a real state file, as a restart goes."""
    StateFile(tmp_path / "state.toml").save(dump(state, sessions, Invites(), NOW))
    return restore(StateFile(tmp_path / "state.toml").load(), crew_show(text), 500.0)[0]


def test_a_seat_comes_back_lost_with_its_listens_and_volumes(tmp_path: Path) -> None:
    state, sessions = house(station(7))
    (back,) = round_trip(tmp_path, state, sessions).stations.values()
    before = station(7)
    assert (back.id, back.role, back.person, back.seat) == (before.id, CAM, "Person 7", "Cam 1")
    assert back.listens == before.listens
    assert back.master_db == -3.0
    assert back.last_seat == "Cam 2"
    assert back.lost_at_s == 500.0


def test_nobody_comes_back_talking_linked_or_with_sound(tmp_path: Path) -> None:
    state, sessions = house(station(7))
    (back,) = round_trip(tmp_path, state, sessions).stations.values()
    assert back.talks == {}
    assert back.link is None
    assert back.media == MediaLeg()
    assert back.tail is None
    assert back.lanes == ()


def test_kills_sessions_and_invites_come_back() -> None:
    kills = {"*": Author("TD (Ann)", RoleId("td")), "cam/Cam 1": Author()}
    state, sessions = house(station(7), killed=kills)
    token = sessions.make(StationId(7), NOW)
    invites = Invites()
    invite = invites.make("cam", 2, 60, NOW)
    back, sessions, invites = restore(dump(state, sessions, invites, NOW), crew_show(), 500.0)
    assert back.killed == kills
    found = sessions.find(token, NOW)
    assert found is not None
    assert found.station == 7
    assert invites.look(invite, NOW) is not None


def test_kills_of_an_older_file_and_half_written_ones_close_what_they_name() -> None:
    saved = {"killed": ["main", {"address": "cam", "by": 4, "role": 5}, {"by": "TD"}, 6]}
    assert restore(saved, crew_show(), 0.0)[0].killed == {"main": Author(), "cam": Author("4")}


def test_an_away_station_stays_away_and_remembers_its_seat(tmp_path: Path) -> None:
    state, sessions = house(station(7, None))
    (back,) = round_trip(tmp_path, state, sessions).stations.values()
    assert back.seat is None
    assert back.last_seat == "Cam 2"


def test_a_role_no_longer_in_the_show_is_dropped_with_its_session() -> None:
    state, sessions = house(station(7), station(8, "TD", TD))
    text = TEXT.replace('id = "cam"', 'id = "camera"').replace('cam = ["', 'camera = ["')
    back, sessions, _ = restore(dump(state, sessions, Invites(), NOW), crew_show(text), 500.0)
    assert set(back.stations) == {8}
    assert sessions.stations == {8}


def test_a_seat_no_longer_in_the_show_makes_its_holder_away(tmp_path: Path) -> None:
    state, sessions = house(station(7))
    text = TEXT.replace('"Cam 1", "Cam 2"', '"Left", "Right"')
    (back,) = round_trip(tmp_path, state, sessions, text).stations.values()
    assert back.seat is None
    assert back.last_seat == "Cam 1"


def test_two_stations_never_come_back_to_one_seat(tmp_path: Path) -> None:
    state, sessions = house(station(7), replace(station(8), person="Late"))
    back = round_trip(tmp_path, state, sessions)
    assert [s.seat for s in back.stations.values()] == ["Cam 1", None]


def test_a_station_no_browser_can_return_as_is_not_kept() -> None:
    state, _ = house(station(7))
    assert dump(state, Sessions(), Invites(), NOW)["stations"] == []


@pytest.mark.parametrize(
    "saved",
    [
        {},
        {"stations": 3, "sessions": "x", "invites": [1, 2], "killed": 4},
        {"stations": [3, {}, {"number": True, "role": "cam"}, {"number": 99999, "role": "cam"}]},
        {"stations": [{"number": 1, "role": ["cam"]}]},
        {"sessions": [{"hash": "a" * 64, "station": 1, "created_s": 9e9, "seen_s": 9e9}]},
    ],
)
def test_what_makes_no_sense_is_left_out(saved: dict[str, object]) -> None:
    state, sessions, invites = restore(saved, crew_show(), 0.0)
    assert state == State()
    assert len(sessions) == len(invites) == 0


def test_values_out_of_range_are_brought_into_it() -> None:
    state, sessions = house(station(7))
    saved = dump(state, sessions, Invites(), NOW)
    saved["stations"][0]["master_db"] = 1e9
    saved["stations"][0]["listens"]["main"] = {"on": "yes", "volume_db": "loud"}
    (back,) = restore(saved, crew_show(), 0.0)[0].stations.values()
    assert back.master_db == 24.0
    assert back.listens[KeyId("main")] == Hearing(on=False)


def test_a_session_unused_for_half_a_year_is_not_restored() -> None:
    state, sessions = house(station(7))
    saved = dump(state, sessions, Invites(), NOW)
    saved["sessions"][0]["seen_s"] = NOW - 181 * 86400
    back, sessions, _ = restore(saved, crew_show(), 500.0)
    assert back.stations == {}
    assert len(sessions) == 0


def test_a_box_that_boots_in_the_past_dates_no_session_before_its_last_save() -> None:
    saved = dump(State(), Sessions(), Invites(), NOW + 86400)
    sessions = restore(saved, crew_show(), 500.0)[1]
    token = sessions.make(StationId(7), 1000.0)
    assert sessions.find(token, NOW + 86400) is not None


def test_a_press_alone_changes_nothing_that_is_saved() -> None:
    state, sessions = house(station(7))
    pressed = replace(station(7), counters={KeyId("main"): Counters(talk=8)}, beat_s=100.0)
    later = State(stations={pressed.id: pressed})
    assert dump(state, sessions, Invites(), NOW) == dump(later, sessions, Invites(), NOW)


def test_the_floor_of_wall_time_is_the_later_of_the_build_and_the_last_save() -> None:
    built = wall_floor_s({})
    assert 1.7e9 < built < time.time() + 86400
    assert wall_floor_s({"wall_s": 5e9}) == 5e9
    assert wall_floor_s({"wall_s": 5.0}) == built
    assert wall_floor_s({"wall_s": "late"}) == built
