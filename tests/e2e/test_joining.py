"""From a link or a PIN to the panel, and what a person reads when that is not possible."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.e2e import shows, sound
from tests.e2e.pages import Phone, launch, until
from tests.e2e.serve import Appliance

pytestmark = pytest.mark.e2e

TONES = [sound.tone_hz(0), sound.tone_hz(4)]


@pytest.fixture
def box(appliance: Callable[[str], Appliance]) -> Appliance:
    return appliance(shows.write(shows.THREE))


@pytest.fixture(scope="module")
def strict_browser(playwright: Playwright) -> Iterator[Browser]:
    """With the browser's usual rule: no sound before a person has touched the page."""
    launched = launch(playwright, autoplay=False)
    yield launched
    launched.close()


def test_the_join_tap_alone_is_enough_for_sound(strict_browser: Browser, box: Appliance) -> None:
    ada = Phone(strict_browser, name="Ada", hz=TONES[0])
    ben = Phone(strict_browser, name="Ben", hz=TONES[1])
    with ada, ben:
        ada.join(box.invite("director"))
        ben.join(box.invite("camera"))
        ben.tap("Stage")
        ben.sees_on_air("Stage")
        ada.until_hears({TONES[1]}, TONES)


def test_the_pages_own_request_for_a_microphone_works_with_a_real_device(
    browser: Browser, box: Appliance
) -> None:
    ada = Phone(browser, name="Ada", hz=TONES[0])
    real = Phone(browser, name="Real", hz=TONES[1], microphone="real")
    with ada, real:
        ada.join(box.invite("director"))
        real.join(box.invite("camera"))
        real.tap("Stage")
        real.sees_on_air("Stage")
        # Chromium's own device beeps about once a second.
        until(lambda: abs(ada.record(1.0)).max() > 0.01, 8, "the device's beep is heard")


def test_a_pin_opens_its_role_and_a_wrong_one_is_told(phone: Callable[..., Phone], box: Appliance) -> None:
    box.verb("pin", "set", "camera", "--pin", "4711")
    ada = phone(name="Ada", hz=TONES[0])
    ada.open(box.url)
    ada.page.get_by_role("radio", name="Camera").click()
    ada.page.get_by_label("Your name").fill("Ada")
    pin = ada.page.get_by_label("PIN of Camera")
    pin.fill("1234")
    ada.page.get_by_role("button", name="Join with sound").click()
    expect(ada.page.get_by_role("alert")).to_contain_text("PIN")
    pin.fill("4711")
    ada.page.get_by_role("button", name="Join with sound").click()
    expect(ada.talk("Stage")).to_be_visible(timeout=15_000)
    assert box.station("Ada")["role"] == "camera"


def test_looking_at_an_invite_spends_nothing_and_joining_spends_it(
    phone: Callable[..., Phone], box: Appliance
) -> None:
    link = box.invite("camera")
    preview = phone(name="Preview", hz=TONES[1])
    for _ in range(3):
        preview.open(link)
        expect(preview.page.get_by_text("You are invited as Camera")).to_be_visible()
    ada = phone(name="Ada", hz=TONES[0])
    ada.join(link)
    preview.open(link)
    expect(preview.page.get_by_role("alert")).to_contain_text("used up")


@pytest.mark.parametrize(
    ("microphone", "words"), [("denied", "Microphone blocked"), ("missing", "No microphone")]
)
def test_without_a_microphone_a_person_reads_why_and_can_listen(
    phone: Callable[..., Phone], box: Appliance, microphone: str, words: str
) -> None:
    ada = phone(name="Ada", hz=TONES[0], microphone=microphone)
    ada.open(box.invite("director"))
    ada.page.get_by_label("Your name").fill("Ada")
    ada.page.get_by_role("button", name="Join with sound").click()
    expect(ada.page.get_by_text(words).first).to_be_visible()
    ada.page.get_by_role("button", name="Listen without a microphone").click()
    ben = phone(name="Ben", hz=TONES[1])
    ben.join(box.invite("camera"))
    ben.tap("Stage")
    ada.until_hears({TONES[1]}, TONES)


def test_an_insecure_page_says_so(phone: Callable[..., Phone], box: Appliance) -> None:
    ada = phone(name="Ada", hz=TONES[0], microphone="real")
    ada.context.add_init_script(
        "Object.defineProperty(window, 'isSecureContext', { value: false });"
        "Object.defineProperty(navigator, 'mediaDevices', { value: undefined });"
    )
    ada.open(box.invite("director"))
    expect(ada.page.get_by_text("not secure").first).to_be_visible()
    expect(ada.page.get_by_text("https").first).to_be_visible()


def test_a_second_tab_takes_over_and_the_first_can_take_back(
    phone: Callable[..., Phone], box: Appliance
) -> None:
    ada = phone(name="Ada", hz=TONES[0])
    ada.join(box.invite("camera"))
    ada.tap("Stage")
    ada.sees_on_air("Stage")
    second = ada.context.new_page()
    second.goto(box.url)
    second.get_by_role("button", name="Join with sound").click()
    expect(second.locator("button[aria-label='Talk, Stage']")).to_be_visible(timeout=15_000)
    expect(ada.page.get_by_text("Open in another tab")).to_be_visible()
    assert box.station("Ada")["talks"] == [], "a takeover closes every talk"
    ada.page.get_by_role("button", name="Use it here").click()
    expect(ada.talk("Stage")).to_be_visible(timeout=15_000)
    expect(second.get_by_text("Open in another tab")).to_be_visible()
