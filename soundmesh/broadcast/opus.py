"""Opus of a program, by the libopus inside PyAV: mono at 48 kHz, 20 ms a packet."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np

from soundmesh.dsp.tone import RATE_HZ, Samples

FRAME = 960
"""Samples of 20 ms."""
FRAME_S = FRAME / RATE_HZ
BITRATE_BPS = 48_000
"""Music in mono needs more than the 32 kb/s of a voice; more is not heard on a headset."""
LOSS_PERCENT = 4
"""Switches error correction on where libopus codes speech; above 5 it would code music as speech."""
NO_LEVEL = -127


class Encoder:
    def __init__(self, bitrate_bps: int = BITRATE_BPS) -> None:
        codec = av.CodecContext.create("libopus", "w")
        codec.sample_rate = RATE_HZ
        codec.layout = "mono"
        codec.format = "flt"
        codec.bit_rate = bitrate_bps
        codec.time_base = Fraction(1, RATE_HZ)
        codec.options = {
            "application": "audio",
            "frame_duration": "20",
            "fec": "1",
            "packet_loss": str(LOSS_PERCENT),
        }
        self._codec = codec
        self._at = 0

    def encode(self, block: Samples) -> bytes:
        """One packet. Shape: (960,), -1 to 1."""
        frame = av.AudioFrame.from_ndarray(block.reshape(1, FRAME), format="flt", layout="mono")
        frame.sample_rate = RATE_HZ
        frame.pts = self._at
        self._at += FRAME
        packets = self._codec.encode(frame)
        return bytes(packets[0])


def level_dbov(block: Samples) -> int:
    """How loud a block is, as RFC 6464 counts: -127 to 0."""
    power = float(np.mean(np.square(block, dtype=np.float64)))
    return NO_LEVEL if power <= 0 else max(NO_LEVEL, min(0, round(10 * np.log10(power))))
