"""The tone detector against values known on paper."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundmesh.dsp import tone
from soundmesh.dsp.tone import Samples, amplitude_for, heard, levels_dbfs, sine, tone_hz


def mix(*sounds: Samples) -> Samples:
    return np.sum(sounds, axis=0, dtype=np.float32)


@pytest.mark.parametrize(("amplitude", "dbfs"), [(1.0, 0.0), (0.1, -20.0), (0.01, -40.0), (0.001, -60.0)])
def test_a_sine_reads_as_its_peak_amplitude(amplitude: float, dbfs: float) -> None:
    assert levels_dbfs(sine(575, 1.2, amplitude), [575])[0] == pytest.approx(dbfs, abs=0.01)


@pytest.mark.parametrize("phase", [0.0, 0.7, 1.6, 3.0])
def test_the_phase_does_not_matter(phase: float) -> None:
    assert levels_dbfs(sine(650, 0.8, 0.1, phase), [650])[0] == pytest.approx(-20.0, abs=0.01)


def test_a_pitch_half_a_bin_off_loses_what_the_hann_window_says() -> None:
    # The scalloping loss of a Hann window at half a bin is 1.42 dB.
    assert levels_dbfs(sine(500 + 1.25, 0.8, 0.1), [500])[0] == pytest.approx(-20 - 1.42, abs=0.02)


def test_silence_and_too_little_sound_read_as_nothing() -> None:
    assert levels_dbfs(np.zeros(48_000, np.float32), [500, 575]).tolist() == [-120.0, -120.0]
    assert levels_dbfs(sine(500, 0.39), [500]).tolist() == [-120.0]
    assert heard(np.zeros(0, np.float32), range(12)) == frozenset()


def test_no_pitches_no_levels() -> None:
    assert levels_dbfs(sine(500, 1.0), []).size == 0
    assert heard(sine(500, 1.0), []) == frozenset()


def test_a_tone_does_not_show_at_another_stations_pitch() -> None:
    levels = levels_dbfs(sine(tone_hz(3), 2.0, 0.1), [tone_hz(i) for i in range(12)])
    assert levels[3] == pytest.approx(-20.0, abs=0.01)
    assert np.delete(levels, 3).max() < -100


def test_a_tone_that_comes_late_is_heard_and_one_that_only_was_is_not() -> None:
    late = np.concatenate([np.zeros(48_000, np.float32), sine(500, 1.2)])
    assert heard(late, range(4)) == {0}
    short = np.concatenate([sine(500, 0.4), np.zeros(96_000, np.float32)])
    assert heard(short, range(4)) == frozenset()


def test_the_maximum_of_short_windows_finds_a_blip() -> None:
    blip = np.concatenate([np.zeros(48_000, np.float32), sine(800, 0.15), np.zeros(48_000, np.float32)])
    assert levels_dbfs(blip, [800], window_s=tone.EDGE_S, percentile=100)[0] == pytest.approx(-20, abs=0.5)
    assert heard(blip, range(12), window_s=tone.EDGE_S, percentile=100) == {4}


@given(st.sets(st.integers(0, 11), max_size=12))
@settings(max_examples=25, deadline=None)
def test_exactly_the_tones_in_a_mix_are_heard(present: set[int]) -> None:
    amplitude = amplitude_for(len(present))
    sound = mix(np.zeros(57_600, np.float32), *(sine(tone_hz(i), 1.2, amplitude) for i in present))
    assert heard(sound, range(12)) == present


def test_a_tone_below_fifty_is_not_heard() -> None:
    assert heard(sine(500, 1.2, 10 ** (-49 / 20)), range(3)) == {0}
    assert heard(sine(500, 1.2, 10 ** (-51 / 20)), range(3)) == frozenset()


def test_a_tone_within_fifteen_decibels_of_the_floor_is_not_heard() -> None:
    floor = sine(2337.5, 1.2, 10 ** (-40 / 20))
    assert heard(mix(floor, sine(500, 1.2, 10 ** (-24 / 20))), range(3)) == {0}
    assert heard(mix(floor, sine(500, 1.2, 10 ** (-26 / 20))), range(3)) == frozenset()


def test_loud_noise_is_nobody() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 96_000).astype(np.float32)
    assert heard(noise, range(12)) == frozenset()


def test_pitches_are_on_bins_and_apart_from_the_unused() -> None:
    pitches = [tone_hz(i) for i in range(tone.MAX_TONES)]
    assert all(hz * tone.STEADY_S == int(hz * tone.STEADY_S) for hz in [*pitches, *tone.UNUSED_HZ])
    assert min(abs(a - b) for a in pitches for b in tone.UNUSED_HZ) >= 4 / tone.STEADY_S
    with pytest.raises(ValueError):
        tone_hz(tone.MAX_TONES)
    with pytest.raises(ValueError):
        tone_hz(-1)


def test_all_tones_together_do_not_clip() -> None:
    assert amplitude_for(0) == amplitude_for(5) == 0.1
    assert 12 * amplitude_for(12) <= 0.5
