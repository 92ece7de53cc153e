from __future__ import annotations

from dataclasses import replace

import pytest

from soundmesh.core import events as ev
from soundmesh.core.effects import (
    CloseSession,
    DropLink,
    Effect,
    Reason,
    RefuseStation,
    Seated,
    TalkClosed,
)
from soundmesh.core.ids import KeyId, LinkId, RoleId, SeatName, SessionId, StationId
from soundmesh.core.seats import MAX_STATIONS
from soundmesh.core.state import MediaLeg, Station
from soundmesh.core.step import next_deadline, step

from .crew import SEATS, Crew, make_show

ONE, TWO = StationId(1), StationId(2)
CAM1, CAM2 = SeatName("Cam 1"), SeatName("Cam 2")


def test_who_joins_sits_at_the_wished_seat() -> None:
    crew = Crew()
    assert crew.join(1, "cam", "Cam 2", "Jo") == (Seated(ONE, CAM2),)
    assert crew.at(1).person == "Jo"
    assert crew.link(1) == (Seated(ONE, CAM2),)


def test_an_unknown_role_is_refused() -> None:
    crew = Crew()
    assert crew.join(1, "nobody") == (RefuseStation(ONE, Reason.UNKNOWN_ROLE),)
    assert not crew.state.stations


def test_a_refused_join_leaves_no_record_and_names_the_holders() -> None:
    crew = Crew()
    crew.sit(1, "cam", "Cam 1", "Jo")
    assert crew.join(2, "cam", "Cam 1") == (RefuseStation(TWO, Reason.SEAT_TAKEN, ((CAM1, "Jo"),)),)
    assert crew.join(2, "cam", "Cam 7") == (RefuseStation(TWO, Reason.UNKNOWN_SEAT),)
    assert TWO not in crew.state.stations


def test_a_lost_station_keeps_its_seat_for_60_s_and_then_is_away() -> None:
    crew = Crew()
    crew.sit(1, "cam")
    crew.unlink(1)
    crew.wait(59.9)
    assert crew.at(1).seat == CAM1
    crew.wait(0.1)
    assert (crew.at(1).seat, crew.at(1).last_seat) == (None, CAM1)
    assert next_deadline(crew.show, crew.state) is None


def test_a_lost_station_holds_no_key_no_session_and_no_lane() -> None:
    crew = Crew()
    crew.sit(1, "cam")
    crew.tap(1, "main")
    crew.press(1, "td")
    crew.do(ev.LanesChanged(ONE, (TWO, None)))
    assert crew.unlink(1) == (
        TalkClosed(ONE, KeyId("main"), Reason.LINK_LOST),
        TalkClosed(ONE, KeyId("td"), Reason.LINK_LOST),
        CloseSession(SessionId("s1")),
    )
    assert not crew.at(1).talks
    assert crew.at(1).lanes == ()


def test_a_lost_seat_yields_to_the_next_who_joins_when_none_is_free() -> None:
    crew = Crew()
    crew.sit(1, "td")
    crew.unlink(1)
    assert crew.join(2, "td") == (Seated(TWO, SeatName("1")),)
    assert crew.at(1).seat is None
    assert crew.link(1)[0] == RefuseStation(ONE, Reason.ROLE_FULL, ((SeatName("1"), "P2"),))
    assert crew.at(1).link is None


def test_who_joins_without_ever_linking_gives_the_seat_up_after_60_s() -> None:
    crew = Crew()
    crew.join(1, "td")
    assert crew.join(2, "td")[0] == RefuseStation(TWO, Reason.ROLE_FULL, ((SeatName("1"), "P1"),))
    crew.wait(60)
    assert crew.at(1).seat is None


def test_an_away_station_returns_to_its_own_seat_when_it_is_free() -> None:
    crew = Crew()
    crew.sit(1, "cam", "Cam 2")
    crew.unlink(1)
    crew.wait(61)
    assert crew.link(1) == (Seated(ONE, CAM2),)


def test_an_away_station_returns_to_any_free_seat() -> None:
    crew = Crew()
    crew.sit(1, "cam", "Cam 2")
    crew.unlink(1)
    crew.wait(61)
    crew.sit(2, "cam", "Cam 2")
    assert crew.link(1) == (Seated(ONE, CAM1),)


def test_a_lost_seat_does_not_yield_to_who_returns_by_itself() -> None:
    crew = Crew()
    crew.sit(1, "td")
    crew.unlink(1)
    crew.wait(61)
    crew.sit(2, "td")
    crew.unlink(2)
    assert crew.link(1)[0] == RefuseStation(ONE, Reason.ROLE_FULL, ((SeatName("1"), "P2"),))


def test_a_return_restores_listens_and_volumes_and_no_latch() -> None:
    crew = Crew()
    crew.sit(1, "cam")
    crew.hear(1, "main", False)
    crew.volume(1, "prod", -9.0, muted=True)
    crew.do(ev.MasterSet(ONE, -3.0))
    crew.tap(1, "td")
    crew.unlink(1)
    crew.wait(1)
    crew.link(1)
    assert crew.talks(1) == set()
    assert not crew.at(1).listens[KeyId("main")].on
    assert crew.at(1).listens[KeyId("prod")].volume_db == -9.0
    assert crew.at(1).listens[KeyId("prod")].muted
    assert crew.at(1).master_db == -3.0


def test_a_second_link_takes_over_and_ends_everything_of_the_first() -> None:
    crew = Crew()
    crew.sit(1, "cam")
    crew.tap(1, "main")
    assert crew.link(1) == (
        CloseSession(SessionId("s1")),
        DropLink(ONE, LinkId(1), Reason.TAKEN_OVER),
        Seated(ONE, CAM1),
    )
    assert crew.talks(1) == set()
    assert crew.at(1).link == 2


def test_the_end_of_a_link_that_was_taken_over_changes_nothing() -> None:
    crew = Crew()
    crew.sit(1, "cam")
    crew.link(1)
    before = crew.state
    assert crew.do(ev.StationUnlinked(ONE, LinkId(1))) == ()
    assert crew.state is before


def test_the_same_link_twice_changes_nothing() -> None:
    crew = Crew()
    crew.sit(1, "cam")
    crew.press(1, "main")
    before = crew.state
    assert crew.do(ev.StationLinked(ONE, LinkId(1))) == ()
    assert crew.state is before


def test_a_link_of_nobody_is_refused() -> None:
    assert Crew().link(9) == (RefuseStation(StationId(9), Reason.NOT_SEATED),)


def test_who_leaves_is_forgotten_and_the_seat_is_free_at_once() -> None:
    crew = Crew()
    crew.sit(1, "td")
    assert crew.do(ev.StationLeft(ONE)) == (
        CloseSession(SessionId("s1")),
        DropLink(ONE, LinkId(1), Reason.LEFT),
    )
    assert not crew.state.stations
    assert crew.join(2, "td") == (Seated(TWO, SeatName("1")),)


def test_who_is_sent_away_is_told_by_whom_and_why() -> None:
    crew = Crew()
    crew.sit(1, "td")
    crew.tap(1, "main")
    assert crew.do(ev.StationLeft(ONE, Reason.KICKED, "Maria (Director)", "Wrong seat.")) == (
        CloseSession(SessionId("s1")),
        DropLink(ONE, LinkId(1), Reason.KICKED, "Maria (Director)", "Wrong seat."),
    )
    assert not crew.state.stations


def hand_over(crew: Crew, seat: str = "Cam 1", role: str = "cam", giver: int = 1) -> tuple[Effect, ...]:
    return crew.do(
        ev.SeatHandedOver(
            StationId(giver), TWO, RoleId(role), "Sam", SeatName(seat), Reason.HANDED_OVER, "Sam"
        )
    )


def test_a_seat_changes_hands_in_one_step_and_no_talk_survives() -> None:
    crew = Crew()
    crew.sit(1, "cam", "Cam 1", "Jo")
    crew.sit(3, "td")
    crew.tap(1, "main")
    crew.press(1, "td")
    assert crew.talks(1) == {"main", "td"}
    assert hand_over(crew) == (
        CloseSession(SessionId("s1")),
        DropLink(ONE, LinkId(1), Reason.HANDED_OVER, "Sam"),
        Seated(TWO, CAM1),
    )
    assert ONE not in crew.state.stations
    assert (crew.at(2).seat, crew.at(2).person, crew.at(2).talks) == (CAM1, "Sam", {})
    assert crew.ears(3) == {}
    assert crew.link(2) == (Seated(TWO, CAM1),)


def test_a_hand_over_moves_somebody_who_sits_elsewhere() -> None:
    crew = Crew()
    crew.sit(1, "cam", "Cam 1")
    crew.sit(2, "td")
    crew.tap(2, "main")
    effects = hand_over(crew)
    assert DropLink(TWO, LinkId(2), Reason.TAKEN_OVER) in effects
    assert effects[-1] == Seated(TWO, CAM1)
    assert crew.talks(2) == set()
    assert crew.join(4, "td") == (Seated(StationId(4), SeatName("1")),)


def test_a_hand_over_of_a_seat_the_giver_left_is_a_join_that_asks_for_it() -> None:
    crew = Crew()
    assert hand_over(crew) == (Seated(TWO, CAM1),)
    crew = Crew()
    crew.sit(1, "cam", "Cam 2", "Jo")
    assert hand_over(crew) == (Seated(TWO, CAM1),)
    assert crew.at(1).seat == CAM2
    crew = Crew()
    crew.sit(3, "cam", "Cam 1", "Ann")
    assert hand_over(crew) == (RefuseStation(TWO, Reason.SEAT_TAKEN, ((CAM1, "Ann"),)),)


def test_nobody_hands_a_seat_to_themself() -> None:
    crew = Crew()
    crew.sit(2, "cam", "Cam 1", "Sam")
    assert hand_over(crew, giver=2)[-1] == Seated(TWO, CAM1)
    assert crew.at(2).seat == CAM1


def test_a_hand_over_that_finds_no_seat_takes_nothing_from_the_giver() -> None:
    crew = Crew()
    crew.sit(1, "cam", "Cam 1", "Jo")
    crew.change(make_show(seats={**SEATS, "cam": ("Cam 1",)}))
    crew.tap(1, "main")
    before = crew.state
    # The seat the giver had a moment ago is not in the show that came meanwhile.
    crew.show = make_show(seats={**SEATS, "cam": ("Cam 9",)})
    state, effects = step(
        crew.show,
        before,
        ev.SeatHandedOver(ONE, TWO, RoleId("cam"), "Sam", CAM1),
        crew.now,
    )
    assert effects == (RefuseStation(TWO, Reason.UNKNOWN_SEAT),)
    assert state is before


def test_a_leave_or_an_unlink_of_nobody_changes_nothing() -> None:
    crew = Crew()
    before = crew.state
    assert crew.do(ev.StationLeft(ONE)) == ()
    assert crew.do(ev.StationUnlinked(ONE, LinkId(1))) == ()
    assert crew.state is before


def test_who_joins_again_moves_and_ends_the_old_link() -> None:
    crew = Crew()
    crew.sit(1, "cam", "Cam 1", "Jo")
    crew.press(1, "main")
    assert crew.join(1, "td", person="Jo B") == (
        CloseSession(SessionId("s1")),
        DropLink(ONE, LinkId(1), Reason.TAKEN_OVER),
        Seated(ONE, SeatName("1")),
    )
    assert (crew.at(1).role, crew.at(1).person, crew.at(1).talks) == ("td", "Jo B", {})


def test_who_joins_the_same_role_again_keeps_the_seat() -> None:
    crew = Crew()
    crew.sit(1, "cam", "Cam 2")
    assert crew.join(1, "cam")[-1] == Seated(ONE, CAM2)
    crew.wait(61)
    assert crew.at(1).seat is None
    assert crew.join(1, "cam")[-1] == Seated(ONE, CAM2)


def test_a_refused_second_join_leaves_the_first_as_it_was() -> None:
    crew = Crew()
    crew.sit(1, "td")
    crew.sit(2, "cam")
    before = crew.state
    crew.join(2, "td")
    assert crew.state is before


def test_the_longest_away_is_forgotten_when_there_are_too_many_records() -> None:
    crew = Crew()
    stations = {
        StationId(n): Station(StationId(n), RoleId("guest"), f"P{n}", lost_at_s=500.0 - (n == 77))
        for n in range(1, MAX_STATIONS + 1)
    }
    crew.state = replace(crew.state, stations=stations)
    crew.join(1000, "td")
    assert len(crew.state.stations) == MAX_STATIONS
    assert StationId(77) not in crew.state.stations


def test_nobody_here_is_forgotten_for_a_newcomer() -> None:
    crew = Crew()
    stations = {
        StationId(n): Station(StationId(n), RoleId("guest"), f"P{n}", SeatName(str(n)), lost_at_s=crew.now)
        for n in range(1, MAX_STATIONS + 1)
    }
    crew.state = replace(crew.state, stations=stations)
    assert crew.join(1000, "td") == (RefuseStation(StationId(1000), Reason.ROLE_FULL),)


def test_a_restored_station_whose_seat_is_no_more_gets_another() -> None:
    crew = Crew()
    restored = Station(ONE, RoleId("cam"), "Jo", SeatName("Cam 9"), lost_at_s=crew.now)
    crew.state = replace(crew.state, stations={ONE: restored})
    assert crew.link(1) == (Seated(ONE, CAM1),)


def test_a_restored_station_of_a_lost_role_is_refused() -> None:
    crew = Crew()
    restored = Station(ONE, RoleId("sound"), "Jo", lost_at_s=crew.now)
    crew.state = replace(crew.state, stations={ONE: restored})
    assert crew.link(1) == (RefuseStation(ONE, Reason.UNKNOWN_ROLE),)


def test_a_restored_seat_without_a_time_is_given_up_at_the_first_tick() -> None:
    crew = Crew()
    restored = Station(ONE, RoleId("cam"), "Jo", CAM1)
    crew.state = replace(crew.state, stations={ONE: restored})
    crew.do(ev.Tick())
    assert crew.at(1).seat is None


# The session that waits for its page.


@pytest.fixture
def page() -> Crew:
    """A director on page "a" who hears a camera."""
    crew = Crew()
    crew.join(1, "td")
    crew.link(1, "a")
    crew.media(1)
    crew.sit(2, "cam")
    crew.press(2, "main")
    crew.do(ev.LanesChanged(ONE, (TWO, None)))
    return crew


def test_a_lost_page_keeps_its_session_and_carries_nothing(page: Crew) -> None:
    page.tap(1, "main")
    page.press(1, "cam")
    assert page.ears(1) == {2: ("main",)}
    assert page.unlink(1) == (
        TalkClosed(ONE, KeyId("cam"), Reason.LINK_LOST),
        TalkClosed(ONE, KeyId("main"), Reason.LINK_LOST),
    )
    assert page.at(1).media.session == "s1"
    assert page.ears(1) == page.ears(2) == {}
    assert ONE not in page.plan.talkers


def test_a_page_that_returns_goes_on_with_its_session_and_hears_at_once(page: Crew) -> None:
    page.tap(1, "cam")
    page.unlink(1)
    page.beating(10.0, {2: ("main",)})
    assert page.link(1, "a") == (Seated(ONE, SeatName("1")),)
    assert page.at(1).media == MediaLeg(SessionId("s1"), up=True, flowing=True)
    assert page.ears(1) == {2: ("main",)}
    assert page.talks(1) == set()


def test_a_page_that_returns_before_it_was_missed_goes_on_too(page: Crew) -> None:
    page.tap(1, "main")
    assert page.link(1, "a") == (
        DropLink(ONE, LinkId(1), Reason.TAKEN_OVER),
        Seated(ONE, SeatName("1")),
    )
    assert page.at(1).media.session == "s1"
    assert page.at(1).lanes == (2, None)
    assert page.talks(1) == set()


@pytest.mark.parametrize("tab", ["b", ""])
def test_any_other_page_ends_the_session(page: Crew, tab: str) -> None:
    page.unlink(1)
    assert page.link(1, tab) == (CloseSession(SessionId("s1")), Seated(ONE, SeatName("1")))
    assert page.at(1).media == MediaLeg()


def test_a_session_waits_30_s_and_the_seat_goes_on_waiting(page: Crew) -> None:
    page.unlink(1)
    page.wait(29.9)
    assert page.at(1).media.up
    assert CloseSession(SessionId("s1")) in page.wait(0.2)
    assert (page.at(1).media, page.at(1).lanes) == (MediaLeg(), ())
    assert page.at(1).seat == "1"
    assert page.link(1, "a") == (Seated(ONE, SeatName("1")),)


def test_a_tick_that_comes_late_frees_session_and_seat_together(page: Crew) -> None:
    page.unlink(1)
    page.now += 70
    assert CloseSession(SessionId("s1")) in page.do(ev.Tick())
    assert page.at(1).seat is None


def test_a_session_that_is_not_connected_or_not_the_current_one_waits_for_nobody(page: Crew) -> None:
    page.do(ev.SessionStarted(ONE, SessionId("new")))
    assert page.unlink(1) == (CloseSession(SessionId("new")),)
    page.do(ev.SessionLost(ONE, SessionId("s1")))
    page.link(1, "a")
    page.do(ev.SessionStarted(ONE, SessionId("half")))
    assert page.unlink(1) == (CloseSession(SessionId("half")),)
    assert page.at(1).media == MediaLeg()


def test_the_one_who_gets_a_yielded_seat_ends_the_session_of_the_lost(page: Crew) -> None:
    page.unlink(1)
    assert page.join(3, "td") == (CloseSession(SessionId("s1")), Seated(StationId(3), SeatName("1")))
    assert page.at(1).media == MediaLeg()


def test_a_session_of_a_lost_page_that_dies_is_not_there_on_return(page: Crew) -> None:
    page.unlink(1)
    page.do(ev.SessionLost(ONE, SessionId("s1")))
    page.link(1, "a")
    assert page.at(1).media == MediaLeg()


def test_leaving_and_a_reload_without_the_role_end_a_waiting_session(page: Crew) -> None:
    page.unlink(1)
    assert page.do(ev.StationLeft(ONE)) == (CloseSession(SessionId("s1")),)
    other = Crew()
    other.join(1, "td")
    other.link(1, "a")
    other.media(1)
    other.unlink(1)
    assert other.change(make_show({"cam": {"main": "TL"}})) == (CloseSession(SessionId("s1")),)
