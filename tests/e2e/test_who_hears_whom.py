"""Three phones with different tones: exactly the allowed ears hear exactly the allowed tones."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e import shows, sound
from tests.e2e.crew import TONES, Crew
from tests.e2e.pages import until

pytestmark = pytest.mark.e2e

ALL_TALK = {"director": ("stage", "office"), "camera": ("stage",), "guest": ("office",)}
NOBODY = {role: set[str]() for role in shows.THREE}


def everybody_talks(crew: Crew) -> None:
    for role in ALL_TALK:
        for label in shows.may_talk(shows.THREE, role):
            crew[role].tap(label)
            crew[role].sees_on_air(label)


def test_exactly_the_allowed_ears_hear_exactly_the_allowed_tones(crew: Crew) -> None:
    crew.expect_heard(NOBODY)
    everybody_talks(crew)
    expected = shows.hears(shows.THREE, ALL_TALK)
    assert "guest" not in expected["camera"]
    assert "camera" not in expected["guest"]
    crew.expect_heard(expected)
    crew["director"].tap("Stage")
    crew["director"].sees_off("Stage")
    crew.expect_heard(shows.hears(shows.THREE, {**ALL_TALK, "director": ("office",)}))


def test_a_panel_offers_only_the_lines_its_role_may_use(crew: Crew) -> None:
    for role, cells in shows.THREE.items():
        for column, cell in zip(shows.COLUMNS, cells, strict=True):
            count = 1 if "T" in cell else 0
            expect(crew[role].talk(shows.LABELS[column])).to_have_count(count)


def test_a_held_key_is_heard_and_a_released_one_is_silent(crew: Crew) -> None:
    crew["camera"].press("Stage")
    crew["camera"].sees_on_air("Stage")
    crew.expect_heard(shows.hears(shows.THREE, {"camera": ("stage",)}))
    crew["camera"].release()
    crew["camera"].sees_off("Stage")
    crew.expect_heard(NOBODY)
    assert crew.talks("camera") == []


def test_a_closed_listen_is_not_heard_and_not_sent(crew: Crew) -> None:
    crew["camera"].tap("Stage")
    crew.expect_heard(shows.hears(shows.THREE, {"camera": ("stage",)}))
    crew["director"].listen("Stage").click()
    expect(crew["director"].listen("Stage")).to_have_attribute("aria-pressed", "false")
    crew.expect_heard(NOBODY)
    before = received_bytes(crew)
    crew["director"].page.wait_for_timeout(1000)
    assert received_bytes(crew) == before
    crew["director"].listen("Stage").click()
    crew.expect_heard(shows.hears(shows.THREE, {"camera": ("stage",)}))


def received_bytes(crew: Crew) -> int:
    """What the director's lanes have received so far."""
    return int(crew["director"].lab("received()"))


def test_a_saved_show_cuts_a_running_talk_it_forbids_and_leaves_no_gap_in_the_others(crew: Crew) -> None:
    everybody_talks(crew)
    crew.expect_heard(shows.hears(shows.THREE, ALL_TALK))
    stricter = {**shows.THREE, "camera": ("L", "-")}
    start = crew["guest"].now_ms()
    crew.appliance.write_show(shows.write(stricter))
    until(lambda: crew.talks("camera") == [], 5, "the camera's talk is closed")
    crew["camera"].page.wait_for_timeout(1500)
    crew.expect_heard(shows.hears(stricter, ALL_TALK))
    for ear, mouth in [("guest", "director"), ("director", "guest"), ("camera", "director")]:
        assert sound.gaps_ms(crew[ear].taken(start, 2.5), TONES[mouth]) == [], f"{ear} lost {mouth}"
    assert crew.talks("director") == ["office", "stage"]
    assert crew.talks("guest") == ["office"]


def test_a_broken_show_file_changes_nothing(crew: Crew) -> None:
    everybody_talks(crew)
    crew.expect_heard(shows.hears(shows.THREE, ALL_TALK))
    start = crew["guest"].now_ms()
    crew.appliance.write_show(shows.write(shows.THREE).replace('"TL", "TL"', '"TL", "TLX"'))
    problems = until(lambda: crew.appliance.status()["problems"], 5, "the mistake is told")
    assert "TLX" in problems[0]
    crew["guest"].page.wait_for_timeout(500)
    assert sound.gaps_ms(crew["guest"].taken(start, 1.0), TONES["director"]) == []
    crew.expect_heard(shows.hears(shows.THREE, ALL_TALK))
