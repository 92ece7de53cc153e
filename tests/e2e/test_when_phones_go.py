"""What is left of a phone that goes away, and what comes back after the appliance was gone."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e import shows
from tests.e2e.crew import TONES, TRIES, Crew
from tests.e2e.pages import Phone, until

pytestmark = pytest.mark.e2e

RETURN_S = 5.0
FREED_S = 2.0


def test_a_page_that_dies_while_talking_frees_its_talk_lanes_and_sockets(
    crew: Crew, phone: Callable[..., Phone]
) -> None:
    appliance = crew.appliance
    crew["guest"].tap("Office")
    talkers = iter(
        [crew["camera"], *(phone(name=f"Camera {n}", hz=TONES["camera"]) for n in range(2, TRIES + 1))]
    )
    sockets = appliance.open_sockets()
    victim = crew["camera"]

    def talk() -> None:
        nonlocal victim, sockets
        victim = next(talkers)
        if victim is not crew["camera"]:
            victim.join(appliance.invite("camera"))
            until(lambda: appliance.station(victim.name)["media"], 10, "sound is connected")
        victim.tap("Stage")
        crew["director"].until_hears({TONES["camera"], TONES["guest"]}, list(TONES.values()))
        sockets = appliance.open_sockets()

    def die() -> None:
        victim.crash()
        gone = until(lambda: _lost(appliance.station(victim.name)), FREED_S, "it is lost and silent")
        assert gone["seat"] is not None, "its seat stays reserved"
        until(lambda: appliance.open_sockets() < sockets, FREED_S, "its sockets are closed")
        assert appliance.station("Director")["hears"] == [appliance.station("Guest")["station"]]

    crew.expect_no_gap(die, [("director", "guest")], prepare=talk)
    crew["director"].until_hears({TONES["guest"]}, list(TONES.values()))


def _lost(station: dict) -> dict | None:
    free = station["link"] == "lost" and not station["media"] and station["talks"] == []
    return station if free else None


def test_the_seat_of_the_lost_yields_to_the_next_with_an_invite(
    crew: Crew, phone: Callable[..., Phone]
) -> None:
    crew["camera"].crash()
    until(lambda: _lost(crew.appliance.station("Camera")), FREED_S, "the camera is lost")
    next_one = phone(name="Second", hz=TONES["camera"])
    next_one.join(crew.appliance.invite("camera"))
    until(lambda: crew.appliance.station("Second")["media"], 10, "the second person has sound")
    next_one.tap("Stage")
    crew["director"].until_hears({TONES["camera"]}, list(TONES.values()))


def test_a_full_role_names_its_holder(crew: Crew, phone: Callable[..., Phone]) -> None:
    late = phone(name="Late", hz=TONES["camera"])
    late.open(crew.appliance.invite("camera"))
    late.page.get_by_label("Your name").fill("Late")
    late.page.get_by_role("button", name="Join with sound").click()
    expect(late.page.get_by_text("Camera").first).to_be_visible()
    expect(late.talk_buttons()).to_have_count(0)
    assert len(crew.appliance.status()["stations"]) == 3


def test_a_reloaded_page_is_back_in_its_seat_with_one_tap_and_no_talk(crew: Crew) -> None:
    seat = crew.appliance.station("Camera")["seat"]
    crew["camera"].tap("Stage")
    crew["camera"].sees_on_air("Stage")
    crew["camera"].page.reload()
    crew["camera"].page.get_by_role("button", name="Join with sound").click()
    crew["camera"].sees_off("Stage", 15)
    assert crew.appliance.station("Camera")["seat"] == seat
    until(crew.connected, 10, "sound is connected again")
    crew.expect_heard({role: set() for role in TONES})


def test_after_kill_9_everybody_is_back_by_itself_within_5_s_and_nobody_talks(crew: Crew) -> None:
    seats = {s["person"]: s["seat"] for s in crew.appliance.status()["stations"]}
    crew["camera"].tap("Stage")
    crew["camera"].sees_on_air("Stage")
    crew["director"].press("Office")
    crew["director"].sees_on_air("Office")

    crew.appliance.kill()
    crew.appliance.start()
    started = time.monotonic()
    until(crew.connected, RETURN_S, "every phone is back with its sound")
    took = time.monotonic() - started
    back = crew.appliance.status()["stations"]
    assert {s["person"]: s["seat"] for s in back} == seats
    assert all(s["talks"] == [] for s in back), f"a talk is open after {took:.1f} s"
    crew["director"].release()

    crew["guest"].tap("Office")
    crew.expect_heard(shows.hears(shows.THREE, {"guest": ("office",)}))


def test_sigterm_ends_it_within_5_s_with_phones_in_mid_talk(crew: Crew) -> None:
    crew["camera"].tap("Stage")
    crew["camera"].sees_on_air("Stage")
    assert crew.appliance.stop() < 5.0
    assert crew.appliance.process.returncode == 0
