"""Calls, cues, texts, kills and unlatches as people see and give them, on panels of a real appliance."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.e2e import sound
from tests.e2e.pages import Phone, until
from tests.e2e.serve import Appliance

pytestmark = pytest.mark.e2e

SHOW = """
[show]
name = "Signals"

[[channel]]
id = "main"
name = "Main"

[[role]]
id = "director"
name = "Director"
seats = 1
rights = ["calls", "kill"]

[[role]]
id = "camera"
name = "Camera"
seats = 1

[[role]]
id = "guest"
name = "Guest"
seats = 1

[matrix]
columns = ["main", "director", "camera", "guest"]

[matrix.rows]
director = ["TL", "-", "T", "T"]
camera   = ["TL", "T", "-", "-"]
guest    = ["L",  "-", "-", "-"]
"""
PEOPLE = {"director": "Maria", "camera": "Jo", "guest": "Gus"}
TONES = {role: sound.tone_hz(8 * n) for n, role in enumerate(PEOPLE)}
MARIA = "Director (Maria)"
SILENT_MS = 300
"""From the director's finger to a silent ear."""


class Floor:
    """A director, a camera with a key to the director, and a guest who has no key to anybody."""

    def __init__(self, appliance: Appliance, phones: dict[str, Phone]) -> None:
        self.appliance = appliance
        self.phones = phones
        self.director, self.camera, self.guest = (phones[role] for role in PEOPLE)

    def hears(self, ear: Phone, *roles: str) -> None:
        ear.until_hears({TONES[role] for role in roles}, list(TONES.values()))

    def crew_sheet(self) -> Locator:
        page = self.director.page
        page.get_by_role("button", name="Menu").click()
        page.get_by_role("button", name="Crew").click()
        return page.get_by_role("dialog", name="Crew")

    def director_sheet(self) -> Locator:
        page = self.director.page
        page.get_by_role("button", name="Cues and calls").first.click()
        return page.get_by_role("dialog", name="Cues and calls")

    def close_sheet(self) -> None:
        self.director.page.keyboard.press("Escape")
        expect(self.director.page.get_by_role("dialog")).to_have_count(0)

    def call(self, label: str) -> None:
        """From the sheet of the director's direct key."""
        self.director.page.get_by_role("button", name=re.compile(f"(More|Volume), {label}")).click()
        sheet = self.director.page.get_by_role("dialog", name=label)
        sheet.get_by_role("button", name="Call", exact=True).click()
        expect(sheet.get_by_role("button", name="End the call")).to_be_visible()
        self.close_sheet()


def key(phone: Phone, name: str) -> Locator:
    return phone.page.locator(f"[data-key='{name}']")


def banner(phone: Phone, kind: str) -> Locator:
    return phone.page.locator(f".signal[data-kind='{kind}']")


@pytest.fixture(scope="module")
def show(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    appliance = Appliance(tmp_path_factory.mktemp("signals"), SHOW)
    appliance.start()
    phones = {role: Phone(browser, name=person, hz=TONES[role]) for role, person in PEOPLE.items()}
    for role, person in phones.items():
        person.join(appliance.invite(role))
    until(lambda: all(s["media"] for s in appliance.status()["stations"]), 10, "every phone is connected")
    yield Floor(appliance, phones)
    for person in phones.values():
        person.context.close()
    appliance.stop()


@pytest.fixture
def floor(show: Floor) -> Iterator[Floor]:
    """Nobody talks before or after, no sheet is open, and no page complains."""
    yield show
    for person in show.phones.values():
        person.page.mouse.up()
        person.page.keyboard.press("Escape")
        assert person.errors == []


def test_a_call_flashes_on_the_key_to_its_caller_and_is_answered_by_holding_it(floor: Floor) -> None:
    floor.call("Camera")
    lamp = key(floor.camera, "director")
    expect(lamp).to_have_attribute("data-call", "true")
    expect(lamp).to_contain_text(MARIA)
    floor.camera.press("Director")
    floor.hears(floor.director, "camera")
    expect(lamp).not_to_have_attribute("data-call", "true")
    floor.hears(floor.guest)
    floor.camera.release()
    floor.hears(floor.director)


def test_who_has_no_key_to_the_caller_answers_by_the_reply_key_and_is_heard_by_the_caller_alone(
    floor: Floor,
) -> None:
    floor.call("Guest")
    reply = floor.guest.page.get_by_role("button", name=f"Reply, {MARIA}")
    expect(reply).to_have_attribute("data-call", "true")
    expect(reply).to_contain_text("Maria")
    floor.guest.hold(reply)
    floor.hears(floor.director, "guest")
    floor.hears(floor.camera)
    expect(reply).not_to_have_attribute("data-call", "true")
    floor.guest.release()
    floor.hears(floor.director)


def test_a_standby_is_acknowledged_and_the_go_takes_its_place(floor: Floor) -> None:
    sheet = floor.director_sheet()
    sheet.get_by_role("combobox").select_option("main")
    words = sheet.get_by_label("Words, at most one line")
    words.fill("Cue 5")
    sheet.get_by_role("button", name="Standby").click()
    standby = banner(floor.camera, "standby")
    expect(standby).to_contain_text("Cue 5")
    expect(standby).to_contain_text(MARIA)
    standby.get_by_role("button", name="Got it").click()
    expect(standby).to_have_count(0)
    given = sheet.locator(".row").filter(has_text="Cue 5")
    expect(given.get_by_text(re.compile(r"Camera \(Jo\) · .*\d+\.\d"))).to_be_visible()
    expect(given.get_by_text(re.compile(r"Guest \(Gus\) · .*\d+\.\d"))).to_have_count(0)
    words.fill("Cue 5")
    sheet.get_by_role("button", name="Go", exact=True).click()
    expect(banner(floor.camera, "go")).to_contain_text("Cue 5")
    expect(banner(floor.guest, "go")).to_contain_text("Cue 5")
    expect(banner(floor.guest, "standby")).to_have_count(0)
    for phone in (floor.camera, floor.guest):
        banner(phone, "go").get_by_role("button", name="Got it").click()


def test_a_text_goes_to_one_role_alone(floor: Floor) -> None:
    sheet = floor.director_sheet()
    sheet.get_by_role("combobox").select_option("guest")
    sheet.get_by_label("Words, at most one line").fill("Two minutes")
    sheet.get_by_role("button", name="Send").click()
    expect(banner(floor.guest, "text")).to_contain_text("Two minutes")
    expect(banner(floor.camera, "text")).to_have_count(0)
    banner(floor.guest, "text").get_by_role("button", name="Got it").click()
    expect(banner(floor.guest, "text")).to_have_count(0)


def test_a_kill_silences_a_live_microphone_at_once_and_says_who_did_it(floor: Floor) -> None:
    floor.camera.tap("Main")
    floor.hears(floor.director, "camera")
    sheet = floor.crew_sheet()
    sheet.get_by_role("button", name="Actions for Jo").click()
    sheet.get_by_role("button", name="Close microphone").click()
    before = floor.director.taken(floor.director.now_ms() - 700, 0.5)
    said = floor.director.now_ms()
    sheet.get_by_role("button", name="Yes").click()
    note = floor.camera.page.locator("[data-note='killed']")
    expect(note).to_contain_text(f"closed by {MARIA}")
    expect(key(floor.camera, "main")).to_contain_text(f"closed by {MARIA}")
    floor.camera.sees_off("Main")
    level = float(sound.envelope(before, TONES["camera"]).mean())
    floor.director.page.wait_for_timeout(800)
    heard = floor.director.taken(said, 0.8)
    silent = sound.edge_ms(heard, TONES["camera"], level, rising=False)
    assert silent is not None
    assert silent < SILENT_MS
    floor.hears(floor.director)

    floor.camera.tap("Main")
    floor.camera.page.wait_for_timeout(400)
    floor.camera.sees_off("Main")
    sheet.get_by_role("button", name="Open microphone again").click()
    expect(note).to_have_count(0)
    floor.camera.press("Main")
    floor.hears(floor.director, "camera")
    floor.camera.release()


def test_an_unlatch_ends_an_open_talk_once(floor: Floor) -> None:
    floor.camera.tap("Main")
    floor.hears(floor.director, "camera")
    sheet = floor.crew_sheet()
    sheet.get_by_role("button", name="Actions for Jo").click()
    sheet.get_by_role("button", name="End open talks").click()
    sheet.get_by_role("button", name="Yes").click()
    floor.camera.sees_off("Main")
    expect(key(floor.camera, "main")).to_contain_text(f"closed by {MARIA}")
    floor.hears(floor.director)
    expect(floor.camera.page.locator("[data-note='killed']")).to_have_count(0)
    floor.camera.tap("Main")
    floor.camera.sees_on_air("Main")
    floor.camera.tap("Main")


def test_whoever_closes_everybody_else_goes_on_talking(floor: Floor) -> None:
    sheet = floor.director_sheet()
    sheet.get_by_role("combobox").select_option("*")
    sheet.get_by_role("button", name="Close these microphones").click()
    sheet.get_by_role("button", name="Yes").click()
    expect(floor.camera.page.locator("[data-note='killed']")).to_contain_text(MARIA)
    expect(sheet.get_by_role("button", name="Open these microphones again")).to_be_visible()
    floor.close_sheet()
    floor.director.press("Main")
    floor.hears(floor.camera, "director")
    floor.director.release()
    sheet = floor.director_sheet()
    sheet.get_by_role("combobox").select_option("*")
    sheet.get_by_role("button", name="Open these microphones again").click()
    expect(floor.camera.page.locator("[data-note='killed']")).to_have_count(0)
