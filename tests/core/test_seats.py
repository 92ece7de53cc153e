from __future__ import annotations

import pytest

from soundmesh.core import seats
from soundmesh.core.effects import Reason
from soundmesh.core.ids import LinkId, RoleId, SeatName, StationId
from soundmesh.core.seats import Claim, Refusal
from soundmesh.core.show import Role
from soundmesh.core.state import Station

from .crew import make_show

CAM1, CAM2 = SeatName("Cam 1"), SeatName("Cam 2")
NAMED = Role(RoleId("cam"), "Camera", (CAM1, CAM2), ())
TWO = Role(RoleId("cam"), "Camera", 2, ())
ANY = Role(RoleId("cam"), "Camera", 0, ())


def sitting(
    number: int, seat: str, *, lost_at: float | None = None, arriving: bool = False, role: str = "cam"
) -> Station:
    link = None if arriving or lost_at is not None else LinkId(number)
    return Station(
        StationId(number), RoleId(role), f"P{number}", SeatName(seat), link, lost_at, arriving=arriving
    )


def claim(
    role: Role,
    *stations: Station,
    wish: str | None = None,
    remembered: str | None = None,
    now: float | None = 100.0,
) -> Claim | Refusal:
    return seats.claim(
        {s.id: s for s in stations},
        role,
        wish=None if wish is None else SeatName(wish),
        remembered=None if remembered is None else SeatName(remembered),
        now=now,
    )


def test_counted_seats_are_numbered() -> None:
    assert list(seats.names(TWO)) == ["1", "2"]
    assert list(seats.names(NAMED)) == ["Cam 1", "Cam 2"]
    assert len(list(seats.names(ANY))) == seats.MAX_STATIONS


@pytest.mark.parametrize(("role", "first", "second"), [(NAMED, "Cam 1", "Cam 2"), (ANY, "1", "2")])
def test_without_a_wish_the_first_free_seat_is_given(role: Role, first: str, second: str) -> None:
    assert claim(role) == Claim(SeatName(first))
    assert claim(role, sitting(1, first)) == Claim(SeatName(second))


def test_any_number_of_seats_uses_the_lowest_free_number() -> None:
    assert claim(ANY, sitting(1, "1"), sitting(2, "3")) == Claim(SeatName("2"))


def test_the_seats_of_another_role_are_no_matter() -> None:
    assert claim(TWO, sitting(1, "1", role="td")) == Claim(SeatName("1"))


def test_a_wish_is_granted_when_free() -> None:
    assert claim(NAMED, wish="Cam 2") == Claim(CAM2)


def test_a_remembered_seat_is_preferred_when_free() -> None:
    assert claim(NAMED, remembered="Cam 2") == Claim(CAM2)
    assert claim(NAMED, sitting(1, "Cam 2"), remembered="Cam 2") == Claim(CAM1)


@pytest.mark.parametrize("wish", ["Cam 9", "", "0", "01"])
def test_a_seat_that_is_not_there_is_refused(wish: str) -> None:
    assert claim(NAMED, wish=wish) == Refusal(Reason.UNKNOWN_SEAT)
    assert claim(ANY, wish=wish) == Refusal(Reason.UNKNOWN_SEAT)


def test_a_taken_seat_is_refused_with_its_holder() -> None:
    refusal = Refusal(Reason.SEAT_TAKEN, ((CAM1, "P1"),))
    assert claim(NAMED, sitting(1, "Cam 1"), wish="Cam 1") == refusal
    assert claim(NAMED, sitting(1, "Cam 1"), sitting(2, "Cam 2", lost_at=90), wish="Cam 1") == refusal


def test_a_full_role_is_refused_with_everybody_who_sits_there() -> None:
    refusal = Refusal(Reason.ROLE_FULL, ((CAM1, "P2"), (CAM2, "P1")))
    assert claim(NAMED, sitting(1, "Cam 2"), sitting(2, "Cam 1")) == refusal


def test_a_lost_seat_is_kept_while_another_is_free() -> None:
    lost = sitting(1, "Cam 1", lost_at=90)
    assert claim(NAMED, lost) == Claim(CAM2)
    assert claim(NAMED, lost, wish="Cam 1") == Refusal(Reason.SEAT_TAKEN, ((CAM1, "P1"),))


@pytest.mark.parametrize("wish", [None, "Cam 1"])
def test_a_lost_seat_yields_when_no_other_is_free(wish: str | None) -> None:
    lost = sitting(1, "Cam 1", lost_at=100.0)
    assert claim(NAMED, lost, sitting(2, "Cam 2"), wish=wish) == Claim(CAM1, seats.away(lost))


def test_the_longest_lost_yields_first() -> None:
    longer = sitting(1, "Cam 2", lost_at=80)
    found = claim(NAMED, longer, sitting(2, "Cam 1", lost_at=90))
    assert found == Claim(CAM2, seats.away(longer))


def test_lost_seats_do_not_yield_to_who_did_not_join() -> None:
    found = claim(NAMED, sitting(1, "Cam 1", lost_at=90), sitting(2, "Cam 2"), now=None)
    assert isinstance(found, Refusal)
    assert found.reason is Reason.ROLE_FULL


def test_who_joined_a_moment_ago_does_not_yield() -> None:
    arriving = sitting(1, "Cam 1", lost_at=95, arriving=True)
    assert isinstance(claim(NAMED, arriving, sitting(2, "Cam 2"), now=104.9), Refusal)
    late = claim(NAMED, arriving, sitting(2, "Cam 2"), now=105.0)
    assert late == Claim(CAM1, seats.away(arriving))


def test_an_away_station_remembers_its_seat() -> None:
    away = seats.away(sitting(1, "Cam 1", lost_at=90))
    assert (away.seat, away.last_seat) == (None, CAM1)
    assert seats.away(away).last_seat == CAM1


def test_a_label_is_the_seat_or_the_numbered_role_with_its_person() -> None:
    show = make_show()
    assert seats.label(show, sitting(1, "Cam 1")) == "Cam 1 (P1)"
    assert seats.label(show, sitting(3, "2", role="guest")) == "Guest 2 (P3)"
    assert seats.label(show, sitting(4, "1", role="td")) == "Director (P4)"
    assert seats.place(show, sitting(3, "2", role="guest")) == "Guest 2"


def test_a_label_has_what_is_known() -> None:
    show = make_show()
    assert seats.label(show, Station(StationId(1), RoleId("guest"), "")) == "Guest"
    assert seats.label(show, Station(StationId(1), RoleId("cam"), "Jo")) == "Camera (Jo)"
    assert seats.label(show, Station(StationId(1), RoleId("gone"), "Jo")) == "gone (Jo)"
