"""What is in a piece of sound: which tones, how loud, with which gaps, and when a chirp came."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

RATE_HZ = 48_000
WINDOW_S = 0.4
HEARD_DB = -50.0
SILENT_DB = -60.0
OVER_FLOOR_DB = 15.0
FLOOR_HZ = (462.5, 537.5, 2337.5)
"""Between and beside the stations' tones: nobody sends these."""
NOTHING_DB = -120.0
ENVELOPE_BOX_S = 0.0133
CHIRP_S = 0.06
CHIRP_EVERY_S = 0.5


def tone_hz(station: int) -> float:
    """The tone of the station with this number (from 0): on the detector's bins and 30 of them apart."""
    return 500.0 + 75.0 * station


def levels(samples: Samples, tones: list[float]) -> dict[float, float]:
    """The level of each tone, dBFS: 70th percentile over half-overlapping Hann windows of 0.4 s."""
    size = int(WINDOW_S * RATE_HZ)
    if len(samples) < size:
        raise ValueError(f"{len(samples)} samples are less than one window of {size}")
    window = np.hanning(size + 1)[:-1]
    starts = range(0, len(samples) - size + 1, size // 2)
    times = np.arange(size) / RATE_HZ
    waves = np.exp(-2j * np.pi * np.outer(np.array(tones), times)) * window
    amplitudes = [2 * np.abs(waves @ samples[s : s + size]) / window.sum() for s in starts]
    steady = np.percentile(np.array(amplitudes), 70, axis=0)
    return {hz: _db(a) for hz, a in zip(tones, steady, strict=True)}


def heard(samples: Samples, tones: list[float]) -> set[float]:
    """The tones a person hears: loud enough and well above what nobody sends."""
    floor = max(levels(samples, list(FLOOR_HZ)).values())
    return {hz for hz, db in levels(samples, tones).items() if db > max(HEARD_DB, floor + OVER_FLOOR_DB)}


def envelope(samples: Samples, hz: float) -> Samples:
    """Amplitude of one tone, one value per millisecond, over boxes of 13.3 ms centred on it."""
    wave = samples * np.exp(-2j * np.pi * hz * np.arange(len(samples)) / RATE_HZ)
    box = int(ENVELOPE_BOX_S * RATE_HZ)
    smooth = np.convolve(wave, np.ones(box) / box, mode="same")
    return (2 * np.abs(smooth[:: RATE_HZ // 1000])).astype(np.float32)


def gaps_ms(samples: Samples, hz: float, shortest_ms: int = 60) -> list[tuple[int, int]]:
    """Where a steady tone is below half its level for at least that long: (start, length).

    A tone that is not there at all is one gap.
    """
    level = envelope(samples, hz)
    usual = np.percentile(level, 90)
    if _db(usual) < HEARD_DB:
        return [(0, len(level))]
    quiet = level < usual / 2
    edges = np.flatnonzero(np.diff(np.concatenate(([0], quiet.astype(int), [0]))))
    runs = zip(edges[::2], edges[1::2], strict=True)
    return [(int(a), int(b - a)) for a, b in runs if b - a >= shortest_ms]


def edge_ms(
    samples: Samples, hz: float, level: float, *, rising: bool, after_ms: float = 0.0
) -> float | None:
    """How long after that moment the tone's envelope first crosses half of ``level``; None if never."""
    over = envelope(samples, hz)[round(after_ms) :] > level / 2
    hits = np.flatnonzero(over if rising else ~over)
    return float(hits[0]) if len(hits) else None


def click_db(samples: Samples, above_hz: float = 6000.0) -> float:
    """The loudest 5 ms of what lies far above any tone, against the whole: -22 dB for a cut."""
    spectrum = np.fft.rfft(samples)
    spectrum[: int(above_hz * len(samples) / RATE_HZ)] = 0
    high = np.fft.irfft(spectrum, len(samples))
    box = RATE_HZ // 200
    blocks = high[: len(high) // box * box].reshape(-1, box)[20:-20]  # the filter's own edges left out
    loudest = float(np.sqrt(np.mean(blocks**2, axis=1)).max())
    return _db(loudest) - _db(float(np.sqrt(np.mean(samples**2))))


def chirp() -> Samples:
    """The marker of the laboratory microphone."""
    count = round(CHIRP_S * RATE_HZ)
    t = np.arange(count) / RATE_HZ
    phase = 2 * np.pi * (2700 * t + (5850 - 2700) * t * t / (2 * CHIRP_S))
    return (np.sin(np.pi * np.arange(count) / count) ** 2 * np.sin(phase)).astype(np.float32)


def delay_ms(mouth: Samples, ear: Samples) -> float:
    """How much later the chirps are in the ear than in the mouth, 0 to 500 ms (both start together)."""
    folded = [_fold(np.abs(_matched(side))) for side in (mouth, ear)]
    entered, came = (int(np.argmax(f)) for f in folded)
    return ((came - entered) * 1000 / RATE_HZ) % (CHIRP_EVERY_S * 1000)


def _matched(samples: Samples) -> Samples:
    size = len(samples) + round(CHIRP_S * RATE_HZ)
    spectrum = np.fft.rfft(samples, size) * np.conj(np.fft.rfft(chirp(), size))
    return np.fft.irfft(spectrum, size)[: len(samples)].astype(np.float32)


def _fold(samples: Samples) -> Samples:
    period = int(CHIRP_EVERY_S * RATE_HZ)
    whole = len(samples) // period * period
    return np.median(samples[:whole].reshape(-1, period), axis=0)


def _db(amplitude: float) -> float:
    return max(NOTHING_DB, 20 * float(np.log10(max(amplitude, 1e-9))))
