"""Who hears whom, by spectrum: each station sends a pitch of its own, each ear is searched for all.

Levels are peak amplitudes in dBFS: a sine of amplitude 0.1 is at -20. The
rules (window, percentile, thresholds, pitches) are measured ones: with them
what Opus makes by itself at a pitch nobody sends stays below "heard".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000
STEADY_S = 0.4
"""Window for a tone that stays: bins of 2.5 Hz. Half of it is shared with the next window."""
STEADY_PERCENTILE = 70.0
EDGE_S = 0.1
"""Window for leaks and edges: bins of 10 Hz; take the maximum (percentile 100)."""

HEARD_DBFS = -50.0
OVER_FLOOR_DB = 15.0
NOTHING_DBFS = -120.0
"""What an ear without sound reads."""
UNUSED_HZ = (462.5, 537.5, 2337.5)
"""Pitches nobody sends; the loudest is the floor."""

FIRST_HZ = 500.0
STEP_HZ = 75.0
MAX_TONES = 24
"""Beyond, pitches would come near the highest unused one."""

Samples = NDArray[np.float32]


def tone_hz(index: int) -> float:
    """The pitch of station ``index``, from 0. Raises: ValueError from ``MAX_TONES`` on."""
    if not 0 <= index < MAX_TONES:
        raise ValueError(f"there are {MAX_TONES} tones, numbered from 0: {index}")
    return FIRST_HZ + STEP_HZ * index


def amplitude_for(talkers: int) -> float:
    """An amplitude at which so many tones together never clip."""
    return min(0.1, 0.5 / max(1, talkers))


def sine(hz: float, seconds: float, amplitude: float = 0.1, phase: float = 0.0) -> Samples:
    """A tone. Shape: (samples,) float32, mono. Units: ``phase`` in radians."""
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (amplitude * np.sin(2 * np.pi * hz * t + phase)).astype(np.float32)


def levels_dbfs(
    samples: Samples,
    pitches_hz: Sequence[float],
    *,
    window_s: float = STEADY_S,
    percentile: float = STEADY_PERCENTILE,
) -> NDArray[np.float64]:
    """How loud each pitch is. Shape: ``samples`` (n,) at 48 kHz, mono; returns (pitches,).

    Sound shorter than one window reads as nothing.
    """
    size = round(window_s * RATE_HZ)
    if not len(pitches_hz):
        return np.empty(0)
    if len(samples) < size:
        return np.full(len(pitches_hz), NOTHING_DBFS)
    windows = np.lib.stride_tricks.sliding_window_view(samples, size)[:: size // 2]
    amplitudes = np.abs(windows @ _probe(tuple(pitches_hz), size))
    loud = np.percentile(amplitudes, percentile, axis=0).astype(np.float64)
    levels: NDArray[np.float64] = 20 * np.log10(np.maximum(loud, 10 ** (NOTHING_DBFS / 20)))
    return levels


def heard(
    samples: Samples,
    tones: Iterable[int],
    *,
    window_s: float = STEADY_S,
    percentile: float = STEADY_PERCENTILE,
) -> frozenset[int]:
    """Which of these tones an ear hears: above -50 dBFS and 15 dB over the floor."""
    asked = tuple(tones)
    pitches = [tone_hz(i) for i in asked]
    found = levels_dbfs(samples, [*pitches, *UNUSED_HZ], window_s=window_s, percentile=percentile)
    limit = max(HEARD_DBFS, float(found[len(asked) :].max()) + OVER_FLOOR_DB)
    return frozenset(i for i, level in zip(asked, found, strict=False) if level > limit)


@lru_cache(maxsize=64)
def _probe(pitches_hz: tuple[float, ...], size: int) -> NDArray[np.complex64]:
    """One Hann-windowed turn per pitch, scaled so that a sine reads as its peak amplitude."""
    window = np.hanning(size + 1)[:-1]
    turns = np.exp(-2j * np.pi * np.outer(np.arange(size), pitches_hz) / RATE_HZ)
    probe: NDArray[np.complex64] = (turns * (2 * window / window.sum())[:, None]).astype(np.complex64)
    return probe
