"""A peak limiter for blocks: quiet sound passes as it is, loud sound never clips."""

from __future__ import annotations

import numpy as np

from soundmesh.dsp.tone import Samples

CEILING = 0.97
"""-0.3 dBFS: room for what a lossy encoder adds to a peak."""
RELEASE = 1.06
"""The gain comes back by half a decibel a block, 25 dB a second at 20 ms: slow enough not to pump."""


class Limiter:
    """Looks one block ahead, so its output is one block late and its gain never jumps."""

    def __init__(self) -> None:
        self._held: Samples | None = None
        self._held_most = 1.0
        self._gain = 1.0
        """At the end of the block given out last."""

    def push(self, block: Samples) -> Samples:
        """The block before this one, limited; of the first, silence. Shape: both (n,)."""
        peak = float(np.abs(block).max(initial=0.0))
        most = min(1.0, CEILING / peak) if peak > 0 else 1.0
        held, held_most = self._held, self._held_most
        self._held, self._held_most = block, most
        if held is None:
            self._gain = most
            return np.zeros_like(block)
        # Both ends of the ramp are within what this block may have, so all of it is.
        begin, self._gain = self._gain, min(held_most, most, self._gain * RELEASE, 1.0)
        if begin == self._gain == 1.0:
            return held
        ramp = np.linspace(begin, self._gain, len(held), endpoint=False, dtype=np.float32)
        return np.asarray(held * ramp, np.float32)
