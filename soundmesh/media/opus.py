"""Opus by the libopus that PyAV brings: frames to packets and back (for simulated stations).

Shape: frames are (960,) float32, mono, 20 ms at 48 kHz.
"""

from __future__ import annotations

import fractions

import av
import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000
FRAME_SAMPLES = 960

Samples = NDArray[np.float32]


class OpusEncoder:
    """Mono speech at a bit rate, with in-band FEC as a phone makes it."""

    def __init__(self, bitrate_bps: int = 32_000) -> None:
        context = av.CodecContext.create("libopus", "w")
        context.sample_rate = RATE_HZ
        context.layout = "mono"
        context.format = "flt"
        context.bit_rate = bitrate_bps
        context.time_base = fractions.Fraction(1, RATE_HZ)
        context.options = {"frame_duration": "20", "application": "voip", "vbr": "on"}
        self._context = context
        self._pts = 0

    def encode(self, frame: Samples) -> bytes:
        """One packet for one frame. Raises: ValueError for another shape."""
        if frame.shape != (FRAME_SAMPLES,):
            raise ValueError(f"a frame has {FRAME_SAMPLES} samples, not {frame.shape}")
        block = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(frame, np.float32).reshape(1, -1), format="flt", layout="mono"
        )
        block.sample_rate = RATE_HZ
        block.pts = self._pts
        self._pts += FRAME_SAMPLES
        packets = self._context.encode(block)
        return b"".join(bytes(packet) for packet in packets)


class OpusDecoder:
    """Packets in order to sound. A missing packet is the caller's to bridge."""

    def __init__(self) -> None:
        context = av.CodecContext.create("libopus", "r")
        context.sample_rate = RATE_HZ
        context.layout = "mono"
        self._context = context

    def decode(self, packet: bytes) -> Samples:
        """The samples of one packet; silence for one that cannot be read. Shape: (n,) float32 mono."""
        try:
            frames = self._context.decode(av.Packet(packet))
        except av.FFmpegError:
            frames = []
        blocks = [_mono(frame) for frame in frames]
        return np.concatenate(blocks) if blocks else np.zeros(FRAME_SAMPLES, np.float32)


def _mono(frame: av.AudioFrame) -> Samples:
    data = frame.to_ndarray()
    channels = len(frame.layout.channels)
    if data.shape[0] == 1 and channels > 1:
        data = data.reshape(-1, channels).T
    samples = data.astype(np.float32).mean(axis=0)
    scale = 1 / 32768 if np.issubdtype(data.dtype, np.integer) else 1.0
    return np.asarray(samples * scale, np.float32)
