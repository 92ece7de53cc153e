"""Three phones with different tones: exactly the allowed ears hear exactly the allowed tones."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e import shows
from tests.e2e.crew import Crew
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
    stricter = {**shows.THREE, "camera": ("L", "-")}

    def everybody_may() -> None:
        crew.appliance.write_show(shows.write(shows.THREE))
        expect(crew["camera"].talk("Stage")).not_to_have_attribute("aria-disabled", "true")
        if not crew.talks("camera"):
            crew["camera"].tap("Stage")
        crew.expect_heard(shows.hears(shows.THREE, ALL_TALK))

    def forbid() -> None:
        crew.appliance.write_show(shows.write(stricter))
        until(lambda: crew.talks("camera") == [], 5, "the camera's talk is closed")

    others = [("guest", "director"), ("director", "guest"), ("camera", "director")]
    crew.expect_no_gap(forbid, others, prepare=everybody_may)
    crew.expect_heard(shows.hears(stricter, ALL_TALK))
    assert crew.talks("director") == ["office", "stage"]
    assert crew.talks("guest") == ["office"]


def test_a_broken_show_file_changes_nothing(crew: Crew) -> None:
    everybody_talks(crew)
    right = shows.write(shows.THREE)

    def mended() -> None:
        crew.appliance.write_show(right)
        until(lambda: crew.appliance.status()["problems"] == [], 5, "the file is right")
        crew.expect_heard(shows.hears(shows.THREE, ALL_TALK))

    def break_it() -> None:
        crew.appliance.write_show(right.replace('"TL", "TL"', '"TL", "TLX"'))
        problems = until(lambda: crew.appliance.status()["problems"], 5, "the mistake is told")
        assert "TLX" in problems[0]

    crew.expect_no_gap(break_it, [("guest", "director"), ("director", "camera")], prepare=mended)
    crew.expect_heard(shows.hears(shows.THREE, ALL_TALK))
