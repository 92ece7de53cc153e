"""The laboratory itself: a tone microphone that is heard, an ear that hears what a person would."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.e2e import p2p, sound
from tests.e2e.pages import LabPage

pytestmark = pytest.mark.e2e

TONES = [sound.tone_hz(i) for i in range(6)]


@pytest.fixture
def call(lab_page: Callable[..., LabPage]) -> LabPage:
    page = lab_page(hz=TONES[2])
    page.page.route(p2p.ADDRESS, lambda route: route.fulfill(body=p2p.PAGE, content_type="text/html"))
    page.page.goto(p2p.ADDRESS)
    page.page.evaluate(p2p.CALL, False)
    return page


def test_the_ear_hears_the_microphones_tone_and_no_other(call: LabPage) -> None:
    call.until_hears({TONES[2]}, TONES)
    level = sound.levels(call.record(1.0), [TONES[2]])[TONES[2]]
    assert -24 < level < -16
    assert call.lab("problems") == []


@pytest.mark.parametrize("quiet", ["muted = true", "volume = 0", "pause()", "srcObject = null"])
def test_what_nobody_would_hear_is_not_heard(call: LabPage, quiet: str) -> None:
    call.until_hears({TONES[2]}, TONES)
    call.page.evaluate(f"() => {{ window.__call.element.{quiet} }}")
    call.until_hears(set(), TONES)
    assert np.abs(call.record(0.5)).max() == 0


def test_a_closed_microphone_is_a_gap_of_its_length(call: LabPage) -> None:
    call.until_hears({TONES[2]}, TONES)
    start = call.now_ms()
    call.page.wait_for_timeout(600)
    call.page.evaluate(
        "async () => { const t = window.__call.track; t.enabled = false;"
        " await new Promise((r) => setTimeout(r, 300)); t.enabled = true; }"
    )
    call.page.wait_for_timeout(1200)
    gaps = sound.gaps_ms(call.taken(start, 1.8), TONES[2])
    assert len(gaps) == 1
    assert 200 < gaps[0][1] < 500


def test_chirps_tell_the_delay_between_two_recordings() -> None:
    rng = np.random.default_rng(3)
    mouth = np.zeros(4 * sound.RATE_HZ, dtype=np.float32)
    for start in range(0, len(mouth), sound.RATE_HZ // 2):
        mouth[start : start + len(sound.chirp())] += 0.15 * sound.chirp()
    late = np.roll(mouth, round(0.0623 * sound.RATE_HZ)) + rng.normal(0, 0.01, len(mouth))
    assert abs(sound.delay_ms(mouth, late.astype(np.float32)) - 62.3) < 0.1


def test_two_tones_at_once_are_both_heard_and_a_neighbour_is_not() -> None:
    t = np.arange(sound.RATE_HZ) / sound.RATE_HZ
    both = 0.1 * np.sin(2 * np.pi * TONES[0] * t) + 0.05 * np.sin(2 * np.pi * TONES[3] * t)
    assert sound.heard(both.astype(np.float32), TONES) == {TONES[0], TONES[3]}
