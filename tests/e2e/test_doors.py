"""Seats that change hands, people who are sent away, and how a panel loses its place, in real browsers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e import sound
from tests.e2e.pages import Phone, until
from tests.e2e.serve import Appliance

pytestmark = pytest.mark.e2e

SHOW = """
[show]
name = "Doors"
[[channel]]
id = "main"
name = "Stage"
[[role]]
id = "director"
name = "Director"
rights = ["approve", "calls", "kill"]
[[role]]
id = "camera"
name = "Camera"
[[role]]
id = "guest"
name = "Guest"
seats = 0
[matrix]
columns = ["main"]
[matrix.rows]
director = ["TL"]
camera = ["TL"]
guest = ["TL"]
"""
CAMERA = """[[role]]
id = "camera"
name = "Camera"
"""
ADA, CAY, SAM = sound.tone_hz(0), sound.tone_hz(4), sound.tone_hz(8)
TONES = [ADA, CAY, SAM]


@pytest.fixture
def box(appliance: Callable[[str], Appliance]) -> Appliance:
    return appliance(SHOW)


def at_the_door(sam: Phone, url: str) -> None:
    """Sam tries the invite and finds the role full."""
    sam.open(url)
    sam.page.get_by_label("Your name").fill("Sam")
    sam.page.get_by_role("button", name="Join with sound").click()
    expect(sam.page.get_by_role("alert")).to_contain_text("Camera is full: Cay", timeout=10_000)


def title(phone: Phone, text: str, seconds: float = 10.0) -> None:
    expect(phone.page.get_by_role("heading", name=text)).to_be_visible(timeout=seconds * 1000)


def test_a_hand_over_moves_the_seat_and_no_open_talk_survives_it(
    phone: Callable[..., Phone], box: Appliance
) -> None:
    ada, cay, sam = phone(name="Ada", hz=ADA), phone(name="Cay", hz=CAY), phone(name="Sam", hz=SAM)
    ada.join(box.invite("director"))
    cay.join(box.invite("camera"))
    cay.tap("Stage")
    ada.until_hears({CAY}, TONES)
    at_the_door(sam, box.invite("camera"))
    sam.page.get_by_role("button", name="Ask Cay to hand over").click()
    asked = cay.page.get_by_role("region", name="Sam asks for your seat")
    expect(asked).to_be_visible(timeout=10_000)
    asked.get_by_role("button", name="Hand over").click()
    title(cay, "You handed over to Sam")
    assert ada.hears(TONES) == set(), "the old panel's talk stood open"
    expect(sam.talk("Stage")).to_be_visible(timeout=15_000)
    assert box.station("Sam")["role"] == "camera"
    assert [one["person"] for one in box.status()["stations"] if one["role"] == "camera"] == ["Sam"]
    sam.tap("Stage")
    ada.until_hears({SAM}, TONES)
    cay.page.get_by_role("button", name="Choose a seat").click()
    expect(cay.page.get_by_label("Your name")).to_be_visible()


def test_who_keeps_the_seat_goes_on_and_the_asker_is_told(
    phone: Callable[..., Phone], box: Appliance
) -> None:
    cay, sam = phone(name="Cay", hz=CAY), phone(name="Sam", hz=SAM)
    cay.join(box.invite("camera"))
    at_the_door(sam, box.invite("camera"))
    sam.page.get_by_role("button", name="Ask Cay to hand over").click()
    cay.page.get_by_role("button", name="Keep it").click(timeout=10_000)
    expect(sam.page.get_by_role("alert")).to_contain_text("declined. Choose another seat", timeout=10_000)
    expect(cay.talk("Stage")).to_be_visible()
    assert box.station("Cay")["link"] == "here"


def test_who_closes_the_page_is_taken_off_the_holders_panel(
    phone: Callable[..., Phone], box: Appliance
) -> None:
    cay, sam = phone(name="Cay", hz=CAY), phone(name="Sam", hz=SAM)
    cay.join(box.invite("camera"))
    at_the_door(sam, box.invite("camera"))
    sam.page.get_by_role("button", name="Ask Cay to hand over").click()
    asked = cay.page.get_by_role("region", name="Sam asks for your seat")
    expect(asked).to_be_visible(timeout=10_000)
    sam.page.close(run_before_unload=False)
    expect(asked).to_have_count(0, timeout=12_000)


def test_who_is_sent_away_reads_it_and_is_silent_at_once(phone: Callable[..., Phone], box: Appliance) -> None:
    ada, cay = phone(name="Ada", hz=ADA), phone(name="Cay", hz=CAY)
    ada.join(box.invite("director"))
    cay.join(box.invite("camera"))
    cay.tap("Stage")
    ada.until_hears({CAY}, TONES)
    box.verb("kick", str(box.station("Cay")["station"]), "--why=Wrong seat.")
    title(cay, "You were sent away")
    expect(cay.page.get_by_text("Wrong seat.")).to_be_visible()
    assert ada.hears(TONES) == set()
    cay.page.reload()
    expect(cay.page.get_by_role("button", name="Join as somebody else")).to_have_count(0)


def test_a_show_without_my_role_says_so(phone: Callable[..., Phone], box: Appliance) -> None:
    cay = phone(name="Cay", hz=CAY)
    cay.join(box.invite("camera"))
    box.write_show(SHOW.replace(CAMERA, "").replace('camera = ["TL"]\n', ""))
    title(cay, "The show changed")


def test_a_box_that_is_gone_is_told_and_found_again_by_itself(
    phone: Callable[..., Phone], box: Appliance
) -> None:
    cay = phone(name="Cay", hz=CAY)
    cay.join(box.invite("camera"))
    box.kill()
    expect(cay.page.locator(".panel[data-live=false]")).to_be_visible(timeout=10_000)
    expect(cay.page.get_by_text("Reconnecting").or_(cay.page.get_by_text("No answer")).first).to_be_visible()
    box.start()
    until(lambda: box.status()["stations"] and box.station("Cay")["media"], 15, "back in the seat with sound")
    expect(cay.talk("Stage")).to_be_visible()
    cay.errors.clear()


def test_a_second_tab_takes_over_and_the_first_offers_to_take_it_back(
    phone: Callable[..., Phone], box: Appliance
) -> None:
    cay = phone(name="Cay", hz=CAY)
    cay.join(box.invite("camera"))
    second = cay.context.new_page()
    second.goto(box.url)
    second.get_by_role("button", name="Join with sound").click()
    title(cay, "Open in another tab")
    cay.page.get_by_role("button", name="Use it here").click()
    expect(cay.talk("Stage")).to_be_visible(timeout=15_000)
    expect(second.get_by_role("heading", name="Open in another tab")).to_be_visible(timeout=10_000)
