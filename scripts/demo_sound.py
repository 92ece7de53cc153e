"""Makes the demo show's program: a soft loop of four chords with a slow melody, synthesised here.

``python scripts/demo_sound.py`` writes ``configs/shows/sounds/walk-in.ogg``. What
rings beyond the end is laid over the beginning, so that the loop has no seam.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE_HZ = 48_000
FRAME = 960
CHORD_S = 6.0
CHORDS = ((48, 55, 60, 64, 67), (45, 52, 57, 60, 64), (41, 48, 57, 60, 65), (43, 50, 55, 59, 62))
"""MIDI notes: C, A minor, F, G."""
MELODY = (
    (76, 0.5),
    (79, 2.0),
    (76, 3.5),
    (72, 6.5),
    (76, 8.0),
    (74, 9.5),
    (72, 12.5),
    (69, 14.0),
    (74, 18.5),
)
"""(note, seconds)"""
LENGTH = round(CHORD_S * len(CHORDS) * RATE_HZ)
BITRATE_BPS = 40_000
PEAK = 0.35


def note(midi: float, seconds: float, attack_s: float, decay_s: float) -> np.ndarray:
    """One voice with a few soft harmonics. Shape: (samples,)."""
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    hz = 440.0 * 2 ** ((midi - 69) / 12)
    wave = sum(np.sin(2 * np.pi * hz * n * t) / n**2.2 for n in range(1, 5))
    end = np.minimum(1.0, (seconds - t) / 0.5)
    return np.minimum(1.0, t / attack_s) * np.exp(-t / decay_s) * end * wave


def loop() -> np.ndarray:
    """Shape: (LENGTH,) float32."""
    sound = np.zeros(LENGTH)

    def lay(at_s: float, wave: np.ndarray, gain: float) -> None:
        where = (round(at_s * RATE_HZ) + np.arange(len(wave))) % LENGTH
        np.add.at(sound, where, gain * wave)

    for i, chord in enumerate(CHORDS):
        for midi in chord:
            lay(i * CHORD_S, note(midi, CHORD_S + 1.5, 1.2, 6.0), 0.12)
    for midi, at_s in MELODY:
        lay(at_s, note(midi, 3.0, 0.02, 0.9), 0.16)
    return (sound * (PEAK / np.abs(sound).max())).astype(np.float32)


def write(path: Path, sound: np.ndarray) -> None:
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE_HZ, layout="mono")
        stream.bit_rate = BITRATE_BPS
        stream.codec_context.time_base = Fraction(1, RATE_HZ)
        for at in range(0, len(sound), FRAME):
            block = np.zeros(FRAME, np.float32)
            block[: len(sound[at : at + FRAME])] = sound[at : at + FRAME]
            frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="flt", layout="mono")
            frame.sample_rate, frame.pts = RATE_HZ, at
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def main() -> int:
    path = Path(__file__).parents[1] / "configs" / "shows" / "sounds" / "walk-in.ogg"
    path.parent.mkdir(exist_ok=True)
    write(path, loop())
    print(f"{path}: {path.stat().st_size / 1024:.0f} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
