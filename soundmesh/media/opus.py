"""Opus by the libopus that PyAV's wheel carries: 20 ms mono frames at 48 kHz.

Not PyAV itself: its decoders have no call for in-band FEC or concealment.
"""

from __future__ import annotations

import functools
import glob
import os
from typing import Any

import numpy as np
from cffi import FFI  # type: ignore[import-untyped]
from numpy.typing import NDArray

RATE_HZ = 48_000
FRAME = 960
"""Samples of 20 ms."""
MAX_FRAME = 5760
"""The longest Opus packet, 120 ms."""
MAX_PACKET_BYTES = 1275

Samples = NDArray[np.float32]

_VOIP = 2048
_SET_BITRATE, _SET_INBAND_FEC, _SET_LOSS, _SET_DTX = 4002, 4012, 4014, 4016

ffi = FFI()
ffi.cdef("""
typedef struct OpusEncoder OpusEncoder;
typedef struct OpusDecoder OpusDecoder;
OpusEncoder *opus_encoder_create(int32_t rate, int channels, int application, int *error);
void opus_encoder_destroy(OpusEncoder *);
int opus_encoder_ctl(OpusEncoder *, int request, ...);
int32_t opus_encode_float(OpusEncoder *, const float *pcm, int frame, unsigned char *data, int32_t max);
OpusDecoder *opus_decoder_create(int32_t rate, int channels, int *error);
void opus_decoder_destroy(OpusDecoder *);
int opus_decode_float(OpusDecoder *, const unsigned char *data, int32_t size, float *pcm, int frame, int fec);
const char *opus_get_version_string(void);
""")


class OpusError(ValueError):
    """A packet that is not Opus, or a library that is not there."""


@functools.cache
def library() -> Any:
    """The library. Raises: OpusError."""
    import av

    beside = os.path.join(os.path.dirname(av.__file__), os.pardir, "av.libs", "libopus-*.so*")
    for path in [*sorted(glob.glob(beside)), "libopus.so.0"]:
        try:
            return ffi.dlopen(path)
        except OSError:
            continue
    raise OpusError("libopus was not found, neither in PyAV nor in the system")


def version() -> str:
    text: bytes = ffi.string(library().opus_get_version_string())
    return text.decode()


class Encoder:
    def __init__(self, bitrate_bps: int = 32_000, loss_percent: int = 0) -> None:
        """``loss_percent`` above 0 switches in-band FEC on, as a browser does when told of loss."""
        self._lib = library()
        error = ffi.new("int *")
        made = self._lib.opus_encoder_create(RATE_HZ, 1, _VOIP, error)
        if error[0]:
            raise OpusError(f"libopus code {error[0]}")
        self._encoder = ffi.gc(made, self._lib.opus_encoder_destroy)
        self._out = ffi.new("unsigned char[]", MAX_PACKET_BYTES)
        for request, value in (
            (_SET_BITRATE, bitrate_bps),
            (_SET_INBAND_FEC, 1),
            (_SET_LOSS, loss_percent),
            (_SET_DTX, 0),
        ):
            self._lib.opus_encoder_ctl(self._encoder, request, ffi.cast("int32_t", value))

    def encode(self, samples: Samples) -> bytes:
        """One packet. Shape: ``samples`` (960,), -1 to 1. Raises: OpusError."""
        frame = np.ascontiguousarray(samples, np.float32)
        if frame.shape != (FRAME,):
            raise OpusError(f"a frame has {FRAME} samples, not {frame.shape}")
        pcm = ffi.cast("const float *", frame.ctypes.data)
        size = self._lib.opus_encode_float(self._encoder, pcm, FRAME, self._out, MAX_PACKET_BYTES)
        if size < 0:
            raise OpusError(f"libopus code {size}")
        return bytes(ffi.buffer(self._out, size))


class Decoder:
    def __init__(self) -> None:
        self._lib = library()
        error = ffi.new("int *")
        made = self._lib.opus_decoder_create(RATE_HZ, 1, error)
        if error[0]:
            raise OpusError(f"libopus code {error[0]}")
        self._decoder = ffi.gc(made, self._lib.opus_decoder_destroy)
        self._pcm = np.empty(MAX_FRAME, np.float32)
        self._out = ffi.cast("float *", self._pcm.ctypes.data)

    def decode(self, packet: bytes) -> Samples:
        """A packet's sound. Shape: (960,) for 20 ms. Raises: OpusError."""
        if not packet:
            raise OpusError("an empty packet")
        return self._run(packet, len(packet), MAX_FRAME, 0)

    def recover(self, following: bytes) -> Samples:
        """A lost packet's sound, from the FEC in the one after it; else concealed. Shape: (960,)."""
        return self._run(following, len(following), FRAME, 1)

    def conceal(self) -> Samples:
        """A guess at a lost packet. Shape: (960,)."""
        return self._run(ffi.NULL, 0, FRAME, 0)

    def _run(self, packet: Any, size: int, room: int, fec: int) -> Samples:
        count = self._lib.opus_decode_float(self._decoder, packet, size, self._out, room, fec)
        if count < 0:
            raise OpusError(f"libopus code {count}")
        return self._pcm[:count].copy()


def encode(samples: Samples, bitrate_bps: int = 32_000) -> list[bytes]:
    """Whole 20 ms frames of a sound; a rest shorter than a frame is left out."""
    encoder = Encoder(bitrate_bps)
    return [encoder.encode(samples[at : at + FRAME]) for at in range(0, len(samples) - FRAME + 1, FRAME)]


def decode(packets: list[bytes]) -> Samples:
    """The sound of packets in a row."""
    decoder = Decoder()
    frames = [decoder.decode(packet) for packet in packets]
    return np.concatenate(frames) if frames else np.zeros(0, np.float32)
