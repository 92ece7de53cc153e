from __future__ import annotations

import pytest

from soundmesh.core import keys
from soundmesh.core.ids import TargetId
from soundmesh.core.show import Latch
from soundmesh.core.state import HeldTalk

MAIN = TargetId("main")
HELD = HeldTalk(latched=False, pressed=True, target=MAIN)
LATCHED = HeldTalk(latched=True, pressed=False, target=MAIN)
CLOSING = HeldTalk(latched=False, pressed=True, closing=True, target=MAIN)
SUSPENDED = HeldTalk(latched=False, pressed=True, suspended=True, target=MAIN)


@pytest.mark.parametrize("latch", Latch)
def test_a_press_opens_a_closed_key_at_once(latch: Latch) -> None:
    assert keys.press(None, latch, MAIN) == HELD


@pytest.mark.parametrize("latch", Latch)
def test_a_press_without_the_release_before_it_stays_held(latch: Latch) -> None:
    assert keys.press(HELD, latch, MAIN) == HELD
    assert keys.press(CLOSING, latch, MAIN) == CLOSING


@pytest.mark.parametrize("latch", Latch)
def test_a_press_on_a_suspended_hold_opens_afresh(latch: Latch) -> None:
    assert keys.press(SUSPENDED, latch, MAIN) == HELD


@pytest.mark.parametrize(
    ("latch", "after"), [(Latch.AUTO, CLOSING), (Latch.LATCHING, None), (Latch.MOMENTARY, None)]
)
def test_a_press_on_a_latch_closes_it_or_holds_it_until_release(latch: Latch, after: HeldTalk | None) -> None:
    assert keys.press(LATCHED, latch, MAIN) == after


@pytest.mark.parametrize(
    ("latch", "held_ms", "after"),
    [
        (Latch.AUTO, 0.0, LATCHED),
        (Latch.AUTO, 200.0, LATCHED),
        (Latch.AUTO, 200.1, None),
        (Latch.MOMENTARY, 50.0, None),
        (Latch.LATCHING, 5000.0, LATCHED),
    ],
)
def test_a_release_latches_a_tap_and_closes_a_hold(
    latch: Latch, held_ms: float, after: HeldTalk | None
) -> None:
    assert keys.release(HELD, latch, held_ms, False, 200) == after


@pytest.mark.parametrize("latch", Latch)
@pytest.mark.parametrize("talk", [HELD, CLOSING, SUSPENDED])
def test_a_cancelled_release_never_latches(talk: HeldTalk, latch: Latch) -> None:
    assert keys.release(talk, latch, 10.0, True, 200) is None


@pytest.mark.parametrize("latch", Latch)
@pytest.mark.parametrize("talk", [CLOSING, SUSPENDED])
def test_a_tap_on_a_latch_or_a_suspended_hold_closes(talk: HeldTalk, latch: Latch) -> None:
    assert keys.release(talk, latch, 10.0, False, 200) is None


@pytest.mark.parametrize("talk", [None, LATCHED])
@pytest.mark.parametrize("cancelled", [True, False])
def test_a_release_of_nothing_held_changes_nothing(talk: HeldTalk | None, cancelled: bool) -> None:
    assert keys.release(talk, Latch.AUTO, 10.0, cancelled, 200) is talk


def test_a_beat_keeps_what_it_lists_and_ends_what_it_does_not() -> None:
    assert keys.beaten(HELD, True) is HELD
    assert keys.beaten(HELD, False) is None
    assert keys.beaten(SUSPENDED, True) == HELD
    assert keys.beaten(SUSPENDED, False) is None
    assert keys.beaten(LATCHED, False) is LATCHED
    assert keys.beaten(LATCHED, True) is LATCHED


def test_without_beats_a_hold_is_suspended_and_a_latch_closes() -> None:
    assert keys.outlived(HELD) == SUSPENDED
    assert keys.outlived(LATCHED) is None
