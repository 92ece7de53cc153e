"""How fake stations sound: a steady tone to be measured, or a soft phrase to be listened to."""

from __future__ import annotations

import numpy as np

from soundmesh.dsp.tone import RATE_HZ, Samples, sine, tone_hz

TONE_S = 2.0
"""A whole number of turns of every tone, so that the loop has no seam."""
SYLLABLE_S = 0.32
PHRASES = (
    (1.0, 1.0, 0.75, 1.0, 1.0, 1.125, 1.0, 1.0),
    (1.0, 0.75, 1.0, 1.0, 1.0, 1.0, 0.6667, 1.0),
    (1.0, 1.0, 1.0, 1.125, 1.0, 0.75, 1.0, 1.0),
    (0.6667, 1.0, 1.0, 1.0, 0.75, 1.0, 1.0, 1.0),
)
"""Melodies, as ratios to the station's own note. The note itself has at least six of eight syllables:
that is what an ear is searched for."""
VOWELS = ((1.0, 0.32, 0.10), (1.0, 0.12, 0.20), (1.0, 0.22, 0.05), (1.0, 0.06, 0.03))
"""Strengths of the first three harmonics. The second and third of a tone are no other station's tone."""


def steady(index: int, amplitude: float) -> Samples:
    """The tone of station ``index``, made to be repeated without a seam. Shape: (samples,)."""
    return sine(tone_hz(index), TONE_S, amplitude)


def phrase(index: int, amplitude: float = 0.1) -> Samples:
    """A little melody around the station's tone, with the harmonics of a vowel. Shape: (samples,)."""
    melody = PHRASES[index % len(PHRASES)]
    vowel = VOWELS[(index // len(PHRASES) + index) % len(VOWELS)]
    sung = [_syllable(tone_hz(index) * ratio, vowel) for ratio in melody]
    whole = np.concatenate(sung)
    return np.asarray(whole * (amplitude / np.abs(whole).max()), dtype=np.float32)


def _syllable(hz: float, vowel: tuple[float, ...]) -> Samples:
    """One soft note: it swells and falls and never quite stops."""
    t = np.arange(round(SYLLABLE_S * RATE_HZ)) / RATE_HZ
    swell = 0.35 + 0.65 * np.sin(np.pi * t / SYLLABLE_S) ** 2
    edges = np.minimum(1.0, np.minimum(t, SYLLABLE_S - t) / 0.012)
    note = sum(strength * np.sin(2 * np.pi * hz * (n + 1) * t) for n, strength in enumerate(vowel))
    return np.asarray(note * swell * edges, dtype=np.float32)
