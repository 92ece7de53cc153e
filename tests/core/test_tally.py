from __future__ import annotations

from dataclasses import replace

import pytest

from soundmesh.core import events as ev
from soundmesh.core.effects import Reason
from soundmesh.core.ids import KeyId, SessionId, StationId
from soundmesh.core.reply import REPLY
from soundmesh.core.state import MediaLeg
from soundmesh.core.tally import AirLamp, KeyTally, TalkLamp, make_tally

from .crew import Crew, changed, make_show

ONE, TWO, THREE = StationId(1), StationId(2), StationId(3)
MAIN, PROD, TD, CAM = KeyId("main"), KeyId("prod"), KeyId("td"), KeyId("cam")


@pytest.fixture
def crew() -> Crew:
    """A director (1) and two cameras (2, 3)."""
    crew = Crew()
    crew.sit(1, "td", person="Di")
    crew.sit(2, "cam", person="Jo")
    crew.sit(3, "cam", person="Al")
    return crew


def test_a_quiet_panel_shows_listens_and_who_is_on_each_line(crew: Crew) -> None:
    tally = crew.tally(2)
    off = {"talk": TalkLamp.OFF, "air": AirLamp.OFF, "volume_db": 0.0, "muted": False, "open_to": 0}
    off |= {"talk_counter": 0, "listen_counter": 0, "speakers": ()}
    assert tally.seat == "Cam 1"
    assert tally.media
    assert tally.keys == {
        MAIN: KeyTally(**off, listen=True, online=2),
        PROD: KeyTally(**off, listen=False, online=2),
        TD: KeyTally(**off, listen=False, online=1),
        CAM: KeyTally(**off, listen=False, online=1),
        REPLY: KeyTally(**off, listen=False, online=0),
    }
    assert (tally.via, tally.people, tally.lanes) == ({}, {}, ())


def test_an_open_key_says_how_and_to_how_many(crew: Crew) -> None:
    crew.press(2, "main")
    crew.press(2, "td")
    assert crew.tally(2).keys[MAIN].talk is TalkLamp.HELD
    assert (crew.tally(2).keys[MAIN].open_to, crew.tally(2).keys[TD].open_to) == (2, 1)
    crew.release(2, "td", 100)
    assert crew.tally(2).keys[TD].talk is TalkLamp.LATCHED


def test_on_air_needs_a_session_and_packets_and_sound(crew: Crew) -> None:
    session = SessionId("s2")
    crew.tap(2, "main")
    air = []
    for fact in (
        ev.UplinkSilent(TWO, session, True),
        ev.UplinkSilent(TWO, session, False),
        ev.UplinkStalled(TWO, session),
        ev.UplinkResumed(TWO, session),
        ev.SessionLost(TWO, session),
    ):
        crew.do(fact)
        air.append(crew.tally(2).keys[MAIN].air)
    assert air == [AirLamp.SILENT, AirLamp.ON, AirLamp.NO_SOUND, AirLamp.ON, AirLamp.NO_SOUND]
    assert not crew.tally(2).media


def test_a_session_that_is_up_without_packets_has_no_sound() -> None:
    crew = Crew()
    crew.join(1, "td")
    crew.link(1)
    crew.press(1, "main")
    assert crew.tally(1).keys[MAIN].air is AirLamp.NO_SOUND
    crew.do(ev.SessionStarted(ONE, SessionId("a")))
    crew.do(ev.SessionUp(ONE, SessionId("a")))
    assert crew.tally(1).keys[MAIN].air is AirLamp.NO_SOUND


def test_packets_without_a_connected_session_are_not_on_air(crew: Crew) -> None:
    crew.press(2, "main")
    odd = replace(crew.at(2), media=MediaLeg(SessionId("s2"), up=False, flowing=True))
    state = replace(crew.state, stations={**crew.state.stations, TWO: odd})
    assert make_tally(crew.show, state, crew.plan, TWO).keys[MAIN].air is AirLamp.NO_SOUND


def test_a_suspended_hold_and_a_tail_are_dark(crew: Crew) -> None:
    crew.press(2, "main")
    crew.wait(0.8)
    assert crew.tally(2).keys[MAIN].talk is TalkLamp.OFF
    crew.press(3, "main")
    crew.release(3, "main")
    lamp = crew.tally(3).keys[MAIN]
    assert (lamp.talk, lamp.air, lamp.open_to) == (TalkLamp.OFF, AirLamp.OFF, 0)


def test_counters_are_echoed_even_of_what_was_refused(crew: Crew) -> None:
    crew.press(2, "prod", 11)
    crew.hear(2, "prod", True, 12)
    lamp = crew.tally(2).keys[PROD]
    assert (lamp.talk, lamp.talk_counter, lamp.listen_counter) == (TalkLamp.OFF, 11, 12)


def test_a_killed_key_says_so(crew: Crew) -> None:
    crew.kill("main")
    assert crew.tally(2).keys[MAIN].why is Reason.KILLED
    assert crew.tally(2).keys[TD].why is None
    assert crew.tally(2).keys[PROD].why is None


def test_speakers_are_shown_whether_or_not_they_are_heard_and_never_oneself(crew: Crew) -> None:
    crew.hear(2, "main", False)
    crew.press(1, "main")
    crew.press(2, "main")
    tally = crew.tally(2)
    assert tally.keys[MAIN].speakers == (ONE,)
    assert tally.via == {}
    assert tally.people == {ONE: "Director (Di)"}


def test_a_talker_is_heard_over_the_own_keys_it_comes_by(crew: Crew) -> None:
    crew.hear(2, "prod", True)
    crew.press(1, "main", 1)
    crew.press(1, "prod", 1)
    assert crew.tally(2).via == {ONE: (MAIN, PROD)}


def test_a_talker_in_this_ear_comes_with_its_priority_and_the_address_of_its_seat(crew: Crew) -> None:
    crew.press(1, "main", 1)
    (path,) = crew.plan.ears[TWO]
    assert crew.tally(2).priority == {ONE: path.priority}
    seat = crew.state.stations[ONE].seat
    assert crew.tally(2).addresses == {ONE: f"td/{seat}"}
    assert crew.tally(1).addresses == {}


def test_a_direct_is_heard_over_the_key_to_its_talkers_role(crew: Crew) -> None:
    crew.press(1, "cam", 1)
    crew.press(1, "main", 1)
    assert crew.tally(2).via == {ONE: (TD, MAIN)}


def test_what_another_says_directly_to_a_role_is_not_shown_on_my_key_to_it() -> None:
    crew = Crew(make_show())
    crew.sit(1, "td")
    crew.sit(2, "cam")
    crew.sit(3, "cam")
    crew.press(2, "td")
    assert crew.tally(3).keys[TD].speakers == ()
    crew.press(1, "cam")
    assert crew.tally(3).keys[TD].speakers == (ONE,)


def test_a_direct_without_a_key_back_is_heard_over_none() -> None:
    crew = Crew(make_show(changed({"cam": {"main": "TL"}})))
    crew.sit(1, "td")
    crew.sit(2, "cam")
    crew.press(1, "cam")
    assert crew.tally(2).via == {ONE: ()}


def test_a_direct_shows_on_the_key_of_whom_it_comes_from_and_to_nobody_else(crew: Crew) -> None:
    crew.press(1, "cam")
    assert crew.tally(2).keys[TD].speakers == (ONE,)
    crew.press(3, "td")
    assert crew.tally(1).keys[CAM].speakers == (THREE,)
    assert crew.tally(2).keys[TD].speakers == (ONE,)
    assert THREE not in crew.tally(2).people


def test_lanes_show_only_who_is_in_this_ear(crew: Crew) -> None:
    crew.press(1, "main")
    crew.do(ev.LanesChanged(TWO, (ONE, THREE, None)))
    tally = crew.tally(2)
    assert tally.lanes == (ONE, None, None)
    assert tally.people == {ONE: "Director (Di)"}


def test_volumes_are_told(crew: Crew) -> None:
    crew.volume(2, "td", -8.0, muted=True)
    crew.do(ev.MasterSet(TWO, -4.0))
    tally = crew.tally(2)
    assert (tally.keys[TD].volume_db, tally.keys[TD].muted, tally.master_db) == (-8.0, True, -4.0)


def test_a_lost_station_counts_on_no_line(crew: Crew) -> None:
    crew.unlink(2)
    assert crew.tally(3).keys[MAIN].online == 1
    assert crew.tally(2).keys[MAIN].online == 2
