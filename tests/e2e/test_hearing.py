"""What one person hears, and how they change it: sides, solo, people, dims, tones, sound check."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, expect

from tests.e2e import sound
from tests.e2e.pages import Phone, until
from tests.e2e.serve import Appliance

SHOW = """
[show]
name = "Ears"

[[channel]]
id = "bed"
name = "Bed"

[[channel]]
id = "voice"
name = "Voice"
priority = 2

[[role]]
id = "player"
name = "Player"
seats = 1

[[role]]
id = "director"
name = "Director"
seats = 1

[[role]]
id = "ear"
name = "Ear"
seats = 1

[[role.key]]
target = "bed"
dim_db = -14

[matrix]
columns = ["bed", "voice"]

[matrix.rows]
player = ["T", "-"]
director = ["T", "T"]
ear = ["L", "TL"]
"""
BED, VOICE, OWN = sound.tone_hz(0), sound.tone_hz(8), sound.tone_hz(16)
TONES = [BED, VOICE, OWN]
LEVEL_DB = -20.0
"""Of the laboratory microphone."""
DIM_DB = -14.0
STAYS_MS = 40
ATTACK_MS, HOLD_MS, RELEASE_MS = 50, 700, 400


class Ears:
    """A player and a director who talk, and the ear that listens to both."""

    def __init__(self, appliance: Appliance, phones: dict[str, Phone]) -> None:
        self.appliance = appliance
        self.player, self.director, self.ear = phones["player"], phones["director"], phones["ear"]

    def choose(self, **prefs: Any) -> None:
        """What the ear's phone remembers; the page is joined anew."""
        page = self.ear.page
        page.evaluate("prefs => localStorage.setItem('soundmesh.prefs', JSON.stringify(prefs))", prefs)
        page.reload()
        page.get_by_role("button", name="Join with sound").click()
        expect(self.ear.listen("Bed")).to_be_visible()
        until(lambda: self.appliance.station("Ear")["media"], 10, "the ear's sound is connected")

    def sheet(self, label: str) -> Any:
        self.ear.page.get_by_role("button", name=f"Volume, {label}").click()
        return self.ear.page.get_by_role("dialog", name=label)

    def close_sheet(self) -> None:
        self.ear.page.keyboard.press("Escape")
        expect(self.ear.page.get_by_role("dialog")).to_have_count(0)

    def levels(self, side: str = "ear", seconds: float = 0.8) -> dict[float, float]:
        return sound.levels(self.ear.record(seconds, side), TONES)


@pytest.fixture(scope="module")
def crew(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ears]:
    appliance = Appliance(tmp_path_factory.mktemp("ears"), SHOW)
    appliance.start()
    mouths = {"player": BED, "director": VOICE, "ear": OWN}
    phones = {role: Phone(browser, name=role.title(), hz=hz) for role, hz in mouths.items()}
    for role, person in phones.items():
        person.join(appliance.invite(role))
    crew = Ears(appliance, phones)
    until(lambda: all(s["media"] for s in appliance.status()["stations"]), 10, "every phone is connected")
    yield crew
    for person in phones.values():
        person.context.close()
    appliance.stop()


@pytest.fixture
def ears(crew: Ears) -> Iterator[Ears]:
    """Nobody talks, and the ear has chosen nothing."""
    crew.choose()
    yield crew
    for person in (crew.player, crew.director, crew.ear):
        person.page.mouse.up()
        off = person.page.get_by_role("button", name="All talk off")
        if off.count():
            off.click()


def test_a_voice_reaches_the_ear_as_loud_as_it_was_said_on_both_sides(ears: Ears) -> None:
    ears.player.tap("Bed")
    ears.ear.until_hears({BED}, TONES)
    left, right = ears.levels("ear")[BED], ears.levels("right")[BED]
    assert left == pytest.approx(LEVEL_DB, abs=1.0)
    assert right == pytest.approx(left, abs=0.2)


def test_a_key_sits_on_the_side_its_person_chose_and_still_does_after_a_reload(ears: Ears) -> None:
    ears.player.tap("Bed")
    ears.sheet("Bed").get_by_role("button", name="Left").click()
    ears.close_sheet()
    ears.ear.until_hears({BED}, TONES)
    left, right = ears.levels("ear")[BED], ears.levels("right")[BED]
    # Equal power: what one side loses the other gets.
    assert left == pytest.approx(LEVEL_DB + 3, abs=1.0)
    assert right < sound.SILENT_DB
    ears.ear.page.reload()
    ears.ear.page.get_by_role("button", name="Join with sound").click()
    ears.ear.until_hears({BED}, TONES, 12)
    assert ears.levels("right")[BED] < sound.SILENT_DB


def test_solo_silences_the_other_line_says_so_and_ends(ears: Ears) -> None:
    ears.player.tap("Bed")
    ears.director.tap("Voice")
    ears.ear.until_hears({BED, VOICE}, TONES)
    ears.sheet("Bed").get_by_role("switch", name="Solo").click()
    ears.close_sheet()
    ears.ear.until_hears({BED}, TONES)
    note = ears.ear.page.locator("[data-note=solo]")
    expect(note).to_contain_text("Solo: Bed")
    note.get_by_role("button", name="End solo").click()
    ears.ear.until_hears({BED, VOICE}, TONES)
    expect(note).to_have_count(0)


def test_one_person_is_turned_down_and_off_while_the_other_on_the_line_stays(ears: Ears) -> None:
    ears.player.tap("Bed")
    ears.director.tap("Bed")
    ears.ear.until_hears({BED, VOICE}, TONES)
    sheet = ears.sheet("Bed")
    quieter = sheet.get_by_role("button", name="Volume of Player (Player) down")
    for _ in range(3):
        quieter.click()
    levels = ears.levels()
    assert levels[BED] - levels[VOICE] == pytest.approx(-9, abs=1.0)
    sheet.get_by_role("button", name="Mute Player (Player)").click()
    ears.ear.until_hears({VOICE}, TONES)
    ears.close_sheet()


def test_a_line_that_dims_falls_by_14_db_while_a_voice_with_priority_speaks(ears: Ears) -> None:
    ears.player.tap("Bed")
    ears.ear.until_hears({BED}, TONES)
    rounds = []
    for _ in range(3):
        start = ears.ear.now_ms()
        ears.ear.page.wait_for_timeout(400)
        ears.director.press("Voice")
        ears.director.page.wait_for_timeout(1200)
        ears.director.release()
        ears.director.page.wait_for_timeout(1900)
        rounds.append(_dim(ears.ear.taken(start, 3.4)))
    print(rounds)
    for found in rounds:
        assert found["drop_db"] == pytest.approx(DIM_DB, abs=1.5)
        assert found["after_db"] == pytest.approx(0, abs=1.0)
    # A busy machine makes it later, never earlier: the best of three is the phone's own time.
    assert min(found["attack_ms"] for found in rounds) <= ATTACK_MS
    assert np.median([found["hold_ms"] for found in rounds]) == pytest.approx(HOLD_MS, abs=100)
    assert np.median([found["release_ms"] for found in rounds]) == pytest.approx(RELEASE_MS, abs=80)


def test_a_voice_without_priority_over_it_dims_nothing(ears: Ears) -> None:
    ears.player.tap("Bed")
    ears.ear.until_hears({BED}, TONES)
    ears.director.tap("Bed")
    ears.ear.until_hears({BED, VOICE}, TONES)
    assert ears.levels()[BED] == pytest.approx(LEVEL_DB, abs=1.0)


@pytest.fixture
def loud(ears: Ears) -> Iterator[Ears]:
    """Every fader of the ear 6 dB up, and down again after it."""
    _push(ears, "up")
    yield ears
    _push(ears, "down")


def _push(ears: Ears, way: str) -> None:
    for label in ("Bed", "Voice"):
        sheet = ears.sheet(label)
        for _ in range(2):
            sheet.get_by_role("button", name=f"Volume of {label} {way}").click()
        ears.close_sheet()
    ears.ear.page.get_by_role("button", name="Menu").click()
    for _ in range(2):
        ears.ear.page.get_by_role("button", name=f"Master volume {way}").click()
    ears.close_sheet()


def test_the_sum_of_what_is_heard_never_leaves_the_ceiling(loud: Ears) -> None:
    loud.director.tap("Bed")
    loud.ear.until_hears({VOICE}, TONES)
    samples = loud.ear.record(1.0)
    # 12 dB over what was said, and still below the knee: nothing but louder.
    assert sound.levels(samples, [VOICE])[VOICE] == pytest.approx(LEVEL_DB + 12, abs=1.0)
    assert sound.levels(samples, [3 * VOICE])[3 * VOICE] < sound.SILENT_DB
    loud.player.tap("Bed")
    loud.ear.until_hears({BED, VOICE}, TONES)
    # 0.4 and 0.4 are 0.8: over the knee, under the ceiling.
    peak = float(np.abs(loud.ear.record(1.0)).max())
    assert 0.71 < peak < 0.97


def test_quiet_voices_are_lifted_where_a_person_wants_it(ears: Ears) -> None:
    ears.choose(evenOut=True)
    ears.player.tap("Bed")
    # A tone of -20 dBFS has -23 dBFS RMS; the aim is -20.
    ears.ear.page.wait_for_timeout(4000)
    assert ears.levels()[BED] == pytest.approx(LEVEL_DB + 3, abs=1.0)


def test_sidetone_is_heard_while_a_talk_is_open_and_only_then(ears: Ears) -> None:
    ears.choose(sidetone={"on": True, "db": -6})
    assert ears.ear.hears(TONES) == set()
    ears.ear.tap("Voice")
    ears.ear.until_hears({OWN}, TONES)
    assert ears.levels()[OWN] == pytest.approx(LEVEL_DB - 6, abs=1.0)
    ears.ear.page.get_by_role("button", name="All talk off").click()
    ears.ear.until_hears(set(), TONES)


def test_a_sound_check_at_a_seat_is_heard_by_nobody_else(ears: Ears) -> None:
    page = ears.ear.page
    ears.director.page.bring_to_front()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Open").click()
    page.get_by_role("button", name="Sound check").click()
    expect(page.locator("[data-verdict]")).to_have_text("We hear you well.")
    before = ears.appliance.station("Ear")["talks"]
    page.get_by_role("button", name="Hear yourself", exact=True).click()
    start = ears.ear.now_ms()
    page.wait_for_timeout(6800)
    said = sound.envelope(ears.ear.taken(start, 6.5), OWN)
    assert np.median(said[500:2500]) < 0.001, "it plays while it records"
    assert np.median(said[3800:5800]) == pytest.approx(0.1, rel=0.15)
    assert list(before) == list(ears.appliance.station("Ear")["talks"]) == []
    assert not page.evaluate("window.__lab.sending()")
    page.keyboard.press("Escape")


def test_a_sound_check_before_joining_leaves_no_microphone_behind(ears: Ears, browser: Browser) -> None:
    early = Phone(browser, name="Early", hz=OWN)
    with early:
        early.open(ears.appliance.url)
        early.page.get_by_role("button", name="Check your sound first").click()
        early.page.get_by_role("button", name="Start").click()
        expect(early.page.locator("[data-verdict=good]")).to_be_visible()
        assert early.page.evaluate("window.__lab.open()") > 0
        early.page.keyboard.press("Escape")
        until(lambda: early.page.evaluate("window.__lab.open()") == 0, 3, "every track of it has ended")


def test_a_lost_connection_and_its_return_are_heard(ears: Ears) -> None:
    expect(ears.ear.page.locator(".pill[data-state=live]")).to_be_visible()
    start = ears.ear.now_ms()
    ears.appliance.stop()
    ears.ear.page.wait_for_timeout(3000)
    ears.appliance.start()
    until(lambda: ears.appliance.station("Ear")["media"], 20, "the ear is back")
    ears.ear.page.wait_for_timeout(1500)
    seconds = (ears.ear.now_ms() - start) / 1000
    heard = ears.ear.taken(start, seconds)
    high, low = (np.flatnonzero(sound.envelope(heard, hz) > 0.04) for hz in (660, 440))
    assert len(high) > 0
    assert len(low) > 0
    # Falling first, rising last.
    assert high[0] < low[0]
    assert low[-1] < high[-1]


def _dim(samples: sound.Samples) -> dict[str, float]:
    """How the bed moved around the voice: levels in dB against before, times in ms."""
    bed, voice = sound.envelope(samples, BED), sound.envelope(samples, VOICE)
    spoken = np.flatnonzero(voice > np.percentile(voice, 80) / 2)
    begin, end = int(spoken[0]), int(spoken[-1])
    usual = float(np.median(bed[50 : begin - 50]))
    low = float(np.median(bed[begin + 200 : end - 50]))
    # A tone that starts or stops splashes over the other's envelope for a few ms: only what stays counts.
    down = begin + _first(bed[begin:] < low * 10 ** (1.5 / 20))
    rising = end + _first(bed[end:] > low * 10 ** (1 / 20))
    up = next(i for i in range(rising, len(bed)) if bed[i] > usual * 10 ** (-1 / 20))
    return {
        "drop_db": 20 * float(np.log10(low / usual)),
        "after_db": 20 * float(np.log10(np.median(bed[up + 50 :]) / usual)),
        "attack_ms": down - begin,
        "hold_ms": rising - end - RELEASE_MS / -DIM_DB,
        "release_ms": (up - rising) * -DIM_DB / (-DIM_DB - 2),
    }


def _first(holds: NDArray[np.bool_]) -> int:
    """When it begins to hold for most of the next ``STAYS_MS``."""
    share = np.convolve(holds, np.ones(STAYS_MS) / STAYS_MS, mode="valid")
    return int(np.flatnonzero(share > 0.5)[0]) + STAYS_MS // 2
