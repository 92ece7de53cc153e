"""Programs in the ears of real pages: who listens hears, one encode for all, voices over it, reloads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e import sound
from tests.e2e.pages import Phone, until
from tests.e2e.serve import Appliance

PROGRAM, VOICE = sound.tone_hz(4), sound.tone_hz(16)
TONES = [PROGRAM, VOICE]
LEVEL_DB = -20.0
"""Of a test tone, and of the laboratory microphone."""
DIM_DB = -14.0
PACKETS_PER_S = 50.0

SHOW = """
[show]
name = "Programs"

[[channel]]
id = "main"
name = "Main"

[[channel]]
id = "deck"
name = "Deck"

[[role]]
id = "lead"
name = "Lead"
seats = 1

[[role]]
id = "ear"
name = "Ear"
seats = 1
"""
WITHOUT = f"""{SHOW}
[[role]]
id = "other"
name = "Other"
seats = 1

[matrix]
columns = ["main", "deck"]

[matrix.rows]
lead = ["T", "T"]
ear = ["L", "L?"]
other = ["-", "TL"]
"""


def show(plays: str = f"tone_hz = {PROGRAM:.0f}", gain_db: float = 0) -> str:
    """With the port, which plays this."""
    return f"""{SHOW}
[[role.key]]
target = "music"
dim_db = {DIM_DB:.0f}

[[port]]
id = "music"
name = "Walk-in music"
{plays}
gain_db = {gain_db}

[[role]]
id = "other"
name = "Other"
seats = 1

[matrix]
columns = ["main", "deck", "music"]

[matrix.rows]
lead = ["T", "T", "-"]
ear = ["L", "L?", "L"]
other = ["-", "TL", "L?"]
"""


class Hall:
    """A lead who talks, an ear that listens to the program, and another who may."""

    def __init__(self, appliance: Appliance, phones: dict[str, Phone]) -> None:
        self.appliance = appliance
        self.lead, self.ear, self.other = phones["lead"], phones["ear"], phones["other"]

    def program(self) -> dict[str, Any]:
        [found] = self.appliance.status()["programs"]
        return dict(found)


@pytest.fixture(scope="module")
def hall_of_all(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    appliance = Appliance(tmp_path_factory.mktemp("hall"), show())
    appliance.start()
    mouths = {"lead": VOICE, "ear": sound.tone_hz(24), "other": sound.tone_hz(28)}
    phones = {role: Phone(browser, name=role.title(), hz=hz) for role, hz in mouths.items()}
    for role, person in phones.items():
        person.join(appliance.invite(role))
    made = Hall(appliance, phones)
    until(lambda: all(s["media"] for s in appliance.status()["stations"]), 10, "every phone is connected")
    yield made
    for person in phones.values():
        person.context.close()
    appliance.stop()


@pytest.fixture
def hall(hall_of_all: Hall) -> Iterator[Hall]:
    """The show as it was written, nobody talks, only the ear listens to the program."""
    revision = hall_of_all.appliance.status()["revision"]
    yield hall_of_all
    hall_of_all.lead.release()
    if hall_of_all.appliance.status()["revision"] != revision:
        hall_of_all.appliance.write_show(show())
        until(lambda: hall_of_all.appliance.status()["programs"], 5, "the port is back")


def test_the_page_that_listens_hears_the_program_as_loud_as_it_is_and_another_hears_nothing(
    hall: Hall,
) -> None:
    hall.ear.until_hears({PROGRAM}, TONES)
    assert sound.levels(hall.ear.record(1.0), TONES)[PROGRAM] == pytest.approx(LEVEL_DB, abs=1.0)
    assert hall.other.hears(TONES) == set()
    assert sound.levels(hall.other.record(1.0), TONES)[PROGRAM] < sound.SILENT_DB
    assert sound.levels(hall.lead.record(1.0), TONES)[PROGRAM] < sound.SILENT_DB


def test_it_plays_on_without_a_gap_for_five_seconds(hall: Hall) -> None:
    hall.ear.until_hears({PROGRAM}, TONES)
    assert sound.gaps_ms(hall.ear.record(5.0), PROGRAM) == []


def test_two_listeners_cost_one_encode(hall: Hall) -> None:
    hall.other.listen("Walk-in music").click()
    try:
        hall.other.until_hears({PROGRAM}, TONES)
        assert hall.program()["listeners"] == 2
        began, before = time.monotonic(), hall.program()["packets"]
        time.sleep(3.0)
        made, took = hall.program()["packets"] - before, time.monotonic() - began
        assert made / took == pytest.approx(PACKETS_PER_S, rel=0.15)
    finally:
        hall.other.listen("Walk-in music").click()
    hall.other.until_hears(set(), TONES)
    assert hall.program()["listeners"] == 1


def test_a_voice_is_heard_over_it_and_dims_it_by_14_db(hall: Hall) -> None:
    hall.ear.until_hears({PROGRAM}, TONES)
    hall.lead.press("Main")
    hall.ear.until_hears({PROGRAM, VOICE}, TONES)
    heard = sound.levels(hall.ear.record(1.0), TONES)
    assert heard[VOICE] == pytest.approx(LEVEL_DB, abs=1.5)
    assert heard[PROGRAM] == pytest.approx(LEVEL_DB + DIM_DB, abs=1.5)
    hall.lead.release()
    hall.ear.until_hears({PROGRAM}, TONES)
    hall.ear.page.wait_for_timeout(1500)
    assert sound.levels(hall.ear.record(1.0), TONES)[PROGRAM] == pytest.approx(LEVEL_DB, abs=1.0)


def test_a_reload_that_changes_the_gain_is_heard_without_a_gap(hall: Hall) -> None:
    hall.ear.until_hears({PROGRAM}, TONES)
    start = hall.ear.now_ms()
    hall.appliance.write_show(show(gain_db=-12))
    until(
        lambda: abs(sound.levels(hall.ear.record(0.5), TONES)[PROGRAM] - (LEVEL_DB - 12)) < 1.0,
        8,
        "12 dB less are heard",
    )
    seconds = min(6.0, (hall.ear.now_ms() - start) / 1000 - 0.2)
    level = sound.envelope(hall.ear.taken(start, seconds), PROGRAM)[20:-20]
    assert level.min() > 10 ** ((LEVEL_DB - 12 - 6) / 20), "there is a hole in it"


def test_a_reload_that_removes_the_port_silences_it_at_once(hall: Hall) -> None:
    hall.ear.until_hears({PROGRAM}, TONES)
    start = hall.ear.now_ms()
    hall.appliance.write_show(WITHOUT)
    until(lambda: not hall.appliance.status()["programs"], 5, "the show has no program")
    gone = hall.ear.now_ms()
    hall.ear.page.wait_for_timeout(1200)
    level = sound.envelope(hall.ear.taken(start, (gone - start) / 1000 + 1.0), PROGRAM)
    last = int((level > 10 ** (sound.HEARD_DB / 20)).nonzero()[0][-1])
    assert last < gone - start + 400, "it is heard after the reload"
    assert hall.ear.hears(TONES) == set()


def test_what_cannot_be_played_says_why_to_who_listens_until_it_can(hall: Hall) -> None:
    box, page = hall.appliance, hall.ear.page
    key = page.locator("[data-key=music]")
    (box.show.parent / "broken.mp3").write_bytes(b"no sound at all")
    box.write_show(show('files = ["broken.mp3"]'))
    expect(key).to_contain_text("nothing to play", timeout=8000)
    expect(page.get_by_text("Walk-in music: broken.mp3 is not readable")).to_be_visible()
    expect(hall.other.page.get_by_text("broken.mp3 is not readable")).to_have_count(0)
    assert "broken.mp3 is not readable: it is broken, or no sound file" in box.verb("status")
    box.write_show(show())
    expect(key).not_to_contain_text("nothing to play", timeout=8000)
    hall.ear.until_hears({PROGRAM}, TONES)
