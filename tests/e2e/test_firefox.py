"""The crew panel in Firefox, against a real appliance and a Chromium on the same line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e import shows
from tests.e2e.crew import TONES
from tests.e2e.firefox import Firefox, own_address
from tests.e2e.pages import Phone, until
from tests.e2e.serve import Appliance

pytestmark = pytest.mark.e2e

STAGE = "button[aria-label='Talk, Stage']"
NAME = "input[autocomplete], input[name='name'], input"
JOIN = "button[type='submit'], button.main"
HEARD_DB = -50.0
SILENT_DB = -75.0
ALL = list(TONES.values())


class Pair:
    """A director in Chromium and a camera in Firefox, both with sound."""

    def __init__(self, appliance: Appliance, director: Phone, camera: Firefox) -> None:
        self.appliance = appliance
        self.director = director
        self.camera = camera

    def talks(self) -> list[str]:
        return list(self.appliance.station("Camera")["talks"])


@pytest.fixture
def pair(tmp_path: Path, phone: Callable[..., Phone]) -> Iterator[Pair]:
    (tmp_path / "box").mkdir()
    box = Appliance(tmp_path / "box", shows.write(shows.THREE), bind=own_address())
    box.start()
    director = phone(name="Director", hz=TONES["director"])
    director.join(box.invite("director"))
    camera = Firefox(tmp_path / "firefox", hz=TONES["camera"])
    try:
        camera.go(box.invite("camera"))
        until(lambda: camera.has(NAME), 10, "the join form is there")
        camera.click(NAME)
        camera.type("Camera")
        camera.click(JOIN)
        until(lambda: camera.has(STAGE), 15, "the panel is there")
        until(lambda: box.station("Camera")["media"], 10, "sound is connected")
        until(lambda: box.station("Director")["media"], 10, "sound is connected")
        yield Pair(box, director, camera)
    finally:
        camera.close()
        box.stop()


def test_firefox_is_heard_while_its_key_is_held_and_hears_the_others(pair: Pair) -> None:
    camera, director = pair.camera, pair.director
    camera.press(STAGE)
    until(lambda: camera.attribute(STAGE, "aria-pressed") == "true", 6, "the key says on air")
    assert pair.talks() == ["stage"]
    director.until_hears({TONES["camera"]}, ALL)
    camera.release()
    until(lambda: camera.attribute(STAGE, "aria-pressed") == "false", 3, "the key says off")
    director.until_hears(set(), ALL)
    assert pair.talks() == []

    assert camera.hears(TONES["director"]) < SILENT_DB
    director.press("Stage")
    until(lambda: camera.hears(TONES["director"]) > HEARD_DB, 6, "Firefox plays the director's tone")
    director.page.wait_for_timeout(300)
    director.release()
    until(lambda: camera.hears(TONES["director"]) < SILENT_DB, 3, "and is silent after it")


def test_a_tap_in_firefox_latches_until_the_next(pair: Pair) -> None:
    pair.camera.click(STAGE)
    until(lambda: pair.camera.attribute(STAGE, "aria-pressed") == "true", 6, "the key says on air")
    pair.director.until_hears({TONES["camera"]}, ALL)
    assert pair.talks() == ["stage"]
    pair.camera.click(STAGE)
    until(lambda: pair.talks() == [], 3, "the next tap closes it")


def test_another_tab_in_front_of_firefox_ends_the_hold_and_nothing_opens_on_return(pair: Pair) -> None:
    camera = pair.camera
    camera.press(STAGE)
    pair.director.until_hears({TONES["camera"]}, ALL)
    other = camera.leave_tab()
    until(lambda: pair.talks() == [], 1.5, "the hold is closed")
    camera.command("browsingContext.close", {"context": other})
    camera.release()
    pair.director.until_hears(set(), ALL)
    assert pair.talks() == []


def test_a_reloaded_firefox_is_back_in_its_seat_with_one_tap(pair: Pair) -> None:
    camera = pair.camera
    seat = pair.appliance.station("Camera")["seat"]
    camera.go(pair.appliance.url)
    until(lambda: camera.has("button.main"), 10, "the way back is offered")
    camera.click("button.main")
    until(lambda: camera.has(STAGE), 15, "the panel is there")
    until(lambda: pair.appliance.station("Camera")["media"], 10, "sound is connected")
    assert pair.appliance.station("Camera")["seat"] == seat
    camera.press(STAGE)
    pair.director.until_hears({TONES["camera"]}, ALL)
    camera.release()
