"""Every way a hold can end ends it: it was heard, and within its bound it is not heard any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from tests.e2e import shows, sound
from tests.e2e.crew import TONES, Crew, join
from tests.e2e.holds import Fingers, Wire, hide, leave_window, return_to
from tests.e2e.pages import Phone, until
from tests.e2e.serve import Appliance

pytestmark = pytest.mark.e2e

PROMPT_MS = 700
"""A word to the appliance, its tail of 200 ms, the listener's jitter buffer, and a busy machine."""
BEATLESS_MS = 1500
"""750 ms without a beat, and the same."""
BEFORE_S = 0.5


def silent_after(crew: Crew, deed: Callable[[], None], within_ms: int, *, role: str = "camera") -> float:
    """The director hears this role until the deed, and not later than that after it.

    Returns when it ended, in ms after the deed began.
    """
    ear, hz = crew["director"], TONES[role]
    ear.until_hears({hz}, list(TONES.values()))
    ear.page.wait_for_timeout(BEFORE_S * 1000)
    start = ear.now_ms()
    deed()
    ear.page.wait_for_timeout(within_ms + 400)
    seconds = (ear.now_ms() - start) / 1000
    samples = ear.taken(start - BEFORE_S * 1000, BEFORE_S + seconds)
    level = sound.envelope(samples, hz)
    usual = float(np.percentile(level[: int(BEFORE_S * 1000)], 70))
    loud = np.flatnonzero(level > usual / 2)
    last = float(loud[-1]) - BEFORE_S * 1000
    assert last < within_ms, f"heard {last:.0f} ms after the deed, at most {within_ms}"
    until(lambda: crew.talks(role) == [], 2, "the appliance holds it closed")
    return last


@pytest.fixture(scope="module")
def joined(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    """One crew for all tests that leave every page alive."""
    appliance = Appliance(tmp_path_factory.mktemp("holds"), shows.write(shows.THREE))
    appliance.start()
    phones: list[Phone] = []

    def make(**given: Any) -> Phone:
        phones.append(Phone(browser, **given))
        return phones[-1]

    try:
        yield join(appliance, make)
    finally:
        for made in phones:
            made.context.close()
        appliance.stop()


@pytest.fixture
def standing(joined: Crew) -> Iterator[Crew]:
    """That crew, everybody at a page in front, no finger down, nobody talking."""
    yield joined
    for person in joined.phones.values():
        return_to(person.page)
        person.page.mouse.up()
        Fingers(person.page).up()
        person.page.keyboard.press("Escape")
    until(lambda: not any(joined.talks(role) for role in joined.phones), 3, "nobody talks")
    until(lambda: all(p.lab("problems") == [] for p in joined.phones.values()), 1, "the laboratory is well")
    joined["camera"].page.wait_for_timeout(400)


@pytest.fixture
def wired(appliance: Callable[[str], Appliance], phone: Callable[..., Phone]) -> tuple[Crew, Wire]:
    """The crew with the camera's control link in the test's hand."""
    wires: list[Wire] = []

    def make(**given: object) -> Phone:
        made = phone(**given)
        if given["name"] == "Camera":
            wires.append(Wire(made.page))
        return made

    return join(appliance(shows.write(shows.THREE)), make), wires[0]


# The finger and the mouse.


def test_a_touch_that_the_system_takes_away_closes_and_never_latches(standing: Crew) -> None:
    crew = standing
    camera = crew["camera"]
    fingers = Fingers(camera.page)
    fingers.down(camera.talk("Stage"))
    silent_after(crew, fingers.cancel, PROMPT_MS)
    fingers.down(camera.talk("Stage"))
    fingers.cancel()
    camera.sees_off("Stage")
    camera.page.wait_for_timeout(500)
    assert crew.talks("camera") == []


def test_a_finger_that_slides_off_keeps_talking_and_closes_where_it_lifts(standing: Crew) -> None:
    crew = standing
    camera = crew["camera"]
    camera.press("Stage")
    camera.sees_on_air("Stage")
    camera.page.mouse.move(5, 5)
    camera.page.wait_for_timeout(300)
    assert crew.talks("camera") == ["stage"]
    silent_after(crew, camera.release, PROMPT_MS)


def test_a_pointer_whose_capture_is_lost_closes(standing: Crew) -> None:
    crew = standing
    camera = crew["camera"]
    camera.press("Stage")
    take = "for (const one of document.querySelectorAll('.talk')) one.releasePointerCapture(1)"
    silent_after(crew, lambda: camera.page.evaluate(take), PROMPT_MS)


def test_a_key_that_leaves_the_page_under_a_finger_closes(standing: Crew) -> None:
    crew = standing
    camera = crew["camera"]
    camera.press("Stage")
    silent_after(
        crew,
        lambda: crew.appliance.write_show(shows.write({**shows.THREE, "camera": ("L", "-")})),
        2000,
    )
    crew.appliance.write_show(shows.write(shows.THREE))
    expect(camera.talk("Stage")).not_to_have_attribute("aria-disabled", "true")
    camera.page.wait_for_timeout(1200)
    assert crew.talks("camera") == [], "the finger that is still down opens nothing by itself"


def test_two_fingers_hold_two_talks_and_a_palm_ends_every_one(standing: Crew) -> None:
    crew = standing
    director = crew["director"]
    fingers = Fingers(director.page)
    fingers.down(director.talk("Stage"), director.talk("Office"))
    director.sees_on_air("Stage")
    director.sees_on_air("Office")
    director.page.wait_for_timeout(250)
    fingers.up()
    director.sees_off("Stage")
    fingers.palm(director.talk("Stage"))
    director.page.wait_for_timeout(600)
    assert crew.talks("director") == []
    fingers.up()
    director.page.wait_for_timeout(300)
    assert crew.talks("director") == [], "a palm that lifts soon latches nothing"
    fingers.down(director.talk("Stage"))
    director.sees_on_air("Stage")


def test_the_hand_that_wakes_the_screen_opens_nothing(standing: Crew) -> None:
    crew = standing
    camera = crew["camera"]
    fingers = Fingers(camera.page)
    hide(camera.page)
    hide(camera.page, False)
    fingers.down(camera.talk("Stage"))
    fingers.up()
    camera.page.wait_for_timeout(500)
    assert crew.talks("camera") == []
    fingers.down(camera.talk("Stage"))
    camera.sees_on_air("Stage")


# The window and the page.


def test_another_window_in_front_ends_a_hold_and_leaves_a_latch(standing: Crew) -> None:
    crew = standing
    director = crew["director"]
    director.tap("Office")
    director.sees_on_air("Office")
    director.press("Stage")
    director.sees_on_air("Stage")
    leave_window(director.page)
    until(lambda: crew.talks("director") == ["office"], 1.5, "the hold is closed, the latch stays")
    crew["guest"].until_hears({TONES["director"]}, list(TONES.values()))


@pytest.mark.parametrize("stroke", ["1", "Space"])
def test_another_window_in_front_ends_a_hold_of_the_keyboard(standing: Crew, stroke: str) -> None:
    crew = standing
    camera = crew["camera"]
    camera.page.keyboard.down(stroke)
    camera.sees_on_air("Stage")
    silent_after(crew, lambda: leave_window(camera.page), PROMPT_MS)
    camera.page.keyboard.up(stroke)
    camera.page.wait_for_timeout(300)
    assert crew.talks("camera") == []


@pytest.mark.parametrize("latched", [False, True], ids=["held", "latched"])
def test_a_hidden_page_of_a_phone_closes_every_talk(standing: Crew, latched: bool) -> None:
    crew = standing
    camera = crew["camera"]
    (camera.tap if latched else camera.press)("Stage")
    silent_after(crew, lambda: hide(camera.page), PROMPT_MS)


def test_a_page_that_is_left_closes_every_talk(crew: Crew) -> None:
    camera = crew["camera"]
    camera.press("Stage")
    silent_after(crew, lambda: void(camera.page.goto("about:blank")), PROMPT_MS + 500)


def test_a_page_that_dies_is_silent_at_once(crew: Crew) -> None:
    crew["camera"].press("Stage")
    silent_after(crew, crew["camera"].crash, PROMPT_MS + 1000)


def test_a_second_tab_ends_the_hold_of_the_first(crew: Crew) -> None:
    camera = crew["camera"]
    camera.press("Stage")
    second = camera.context.new_page()
    second.goto(crew.appliance.url)
    silent_after(crew, lambda: second.get_by_role("button", name="Join with sound").click(), PROMPT_MS + 1500)
    camera.release()


# The microphone.


@pytest.mark.parametrize("event", ["mute", "ended"])
@pytest.mark.parametrize("latched", [False, True], ids=["held", "latched"])
def test_a_microphone_that_the_headset_or_the_system_takes_closes_every_talk(
    standing: Crew, event: str, latched: bool
) -> None:
    crew = standing
    camera = crew["camera"]
    (camera.tap if latched else camera.press)("Stage")
    silent_after(crew, lambda: camera.lab(f"takeMicrophone('{event}')"), PROMPT_MS)
    camera.release()
    camera.lab("takeMicrophone('unmute')")
    camera.tap("Stage")
    camera.sees_on_air("Stage")


# The person.


@pytest.mark.parametrize("latched", [False, True], ids=["held", "latched"])
def test_escape_closes_every_talk(standing: Crew, latched: bool) -> None:
    crew = standing
    camera = crew["camera"]
    (camera.tap if latched else camera.press)("Stage")
    silent_after(crew, lambda: camera.page.keyboard.press("Escape"), PROMPT_MS)


def test_all_talk_off_closes_every_talk(standing: Crew) -> None:
    crew = standing
    camera = crew["camera"]
    camera.tap("Stage")
    off = camera.page.get_by_role("button", name="All talk off")
    silent_after(crew, off.click, PROMPT_MS)


# The network.


def test_a_stalled_link_that_delivers_down_and_up_together_never_latches(wired: tuple[Crew, Wire]) -> None:
    crew, wire = wired
    camera = crew["camera"]
    wire.stall()
    camera.press("Stage")
    camera.page.wait_for_timeout(600)
    camera.release()
    said = wire.deliver()
    kinds = [kind for line in said for kind in ("press", "release") if f'"t":"{kind}"' in line]
    assert kinds == ["press", "release"]
    camera.page.wait_for_timeout(700)
    assert crew.talks("camera") == []
    camera.sees_off("Stage")
    # The same link latches a real tap, so it was the 600 ms that told them apart.
    camera.tap("Stage")
    camera.sees_on_air("Stage")
    assert crew.talks("camera") == ["stage"]


def test_a_link_that_stalls_under_a_held_key_closes_it(wired: tuple[Crew, Wire]) -> None:
    crew, wire = wired
    crew["camera"].press("Stage")
    silent_after(crew, wire.stall, BEATLESS_MS)


@pytest.mark.parametrize("latched", [False, True], ids=["held", "latched"])
def test_a_link_that_breaks_closes_every_talk(wired: tuple[Crew, Wire], latched: bool) -> None:
    crew, wire = wired
    (crew["camera"].tap if latched else crew["camera"].press)("Stage")
    silent_after(crew, wire.cut, PROMPT_MS)


def void(_: object) -> None:
    """For a deed whose answer does not matter."""
