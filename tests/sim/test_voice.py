"""How fake stations sound: told apart by pitch, without seams, never clipping."""

import numpy as np
import pytest

from soundmesh.dsp.tone import RATE_HZ, heard
from soundmesh.sim.voice import phrase, steady


@pytest.mark.parametrize("index", range(12))
def test_a_phrase_is_known_by_its_fundamental_and_by_no_other(index: int) -> None:
    looped = np.tile(phrase(index), 2)
    assert heard(looped, range(12)) == {index}


@pytest.mark.parametrize("index", [0, 5, 11])
def test_phrases_do_not_clip_and_fill_whole_packets(index: int) -> None:
    sound = phrase(index, 0.1)
    assert np.abs(sound).max() == pytest.approx(0.1)
    assert len(sound) % (RATE_HZ // 50) == 0
    assert sound.dtype == np.float32


@pytest.mark.parametrize("index", range(12))
def test_a_steady_tone_repeats_without_a_seam(index: int) -> None:
    sound = steady(index, 0.1)
    steepest = np.abs(np.diff(sound)).max()
    assert abs(sound[0] - sound[-1]) <= steepest * 1.01
    assert len(sound) % (RATE_HZ // 50) == 0
    assert heard(np.tile(sound, 2), range(12)) == {index}


def test_stations_next_to_each_other_have_phrases_of_their_own() -> None:
    shapes = {tuple(np.round(phrase(i)[:: RATE_HZ // 100], 3)) for i in range(8)}
    assert len(shapes) == 8
