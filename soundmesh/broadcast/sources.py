"""What a program is made of: sound files of any format, and a test tone, as mono at 48 kHz.

Two channels become one by the -3 dB law: (left + right) * 0.707. What is the
same on both sides gets 3 dB louder, what is on one side 3 dB softer; peaks
above full scale are the limiter's. More than two are mixed to two first.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import numpy as np

from soundmesh.dsp.tone import RATE_HZ, Samples

HALF_POWER = 0.70710678
MAX_SAMPLE = 4.0
"""12 dB above full scale; a file with more is broken, and the limiter is to find its way back."""
TONE_AMPLITUDE = 0.1
"""-20 dBFS, the usual alignment level."""
MAX_BAD_PACKETS = 50
"""In a row; then the file is given up."""
MAX_MUTE_PACKETS = 5000
"""Packets in a row that give no sound: a file without an end in sight is given up."""
PREROLL_S = 0.1
"""Decoded and dropped after a seek: decoders need a few frames to come true."""
FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,eac3,flac,flv,matroska,mov,mp3,mpc,mpc8,mpeg,mpegts,ogg,tak,"
    "tta,voc,w64,wav,wv"
)
"""Containers of sound, and none that names other files or addresses."""
OPTIONS = {"protocol_whitelist": "file", "format_whitelist": FORMATS}


class Unreadable(Exception):
    """A file that gives no sound; the text says why, for people."""


class FileSound:
    """One open file, read from a point on."""

    def __init__(self, path: Path, at_s: float = 0.0) -> None:
        """Raises: Unreadable."""
        self.path = path
        self._container, self._stream = _open(path)
        self._resampler: av.AudioResampler | None = None
        self._shape: tuple[Any, ...] = ()
        self._start_s = _seconds(self._stream.start_time, self._stream.time_base) or 0.0
        self._drop = 0
        self._target_s: float | None = None
        self._given = round(at_s * RATE_HZ)
        if at_s > 0:
            self._seek(at_s)
        self._pieces = self._decoded()

    @property
    def length_s(self) -> float | None:
        """As the file says it, or None."""
        told = _seconds(self._stream.duration, self._stream.time_base)
        if told is None and self._container.duration is not None:
            told = self._container.duration / av.time_base
        return told if told is not None and told > 0 else None

    @property
    def position_s(self) -> float:
        """How far into the file the next sample is."""
        return self._given / RATE_HZ

    def read(self) -> Samples | None:
        """The next piece, of any length above 0; None at the end. Raises: Unreadable."""
        try:
            for piece in self._pieces:
                if self._drop:
                    dropped = min(self._drop, len(piece))
                    self._drop -= dropped
                    piece = piece[dropped:]
                if len(piece):
                    self._given += len(piece)
                    return piece
        except (av.FFmpegError, OSError, ValueError) as error:
            raise Unreadable(reason(error)) from None
        return None

    def close(self) -> None:
        self._container.close()

    def _seek(self, at_s: float) -> None:
        with suppress(av.FFmpegError, OSError):  # what cannot be sought in plays from its beginning
            self._container.seek(round((self._start_s + max(0.0, at_s - PREROLL_S)) * av.time_base))
            self._target_s = self._start_s + at_s

    def _decoded(self) -> Iterator[Samples]:
        bad = mute = 0
        for packet in self._container.demux(self._stream):
            try:
                frames = packet.decode()
            except av.FFmpegError as error:
                bad += 1
                if bad >= MAX_BAD_PACKETS:
                    raise Unreadable(reason(error)) from None
                continue
            bad, mute = (0, 0) if frames else (bad, mute + 1)
            if mute >= MAX_MUTE_PACKETS:
                raise Unreadable("it goes on without sound")
            for frame in frames:
                yield from self._converted(frame)
        yield from self._flushed()

    def _converted(self, frame: Any) -> Iterator[Samples]:
        if self._target_s is not None:
            if frame.time is not None:
                self._drop = max(0, round((self._target_s - frame.time) * RATE_HZ))
            self._target_s = None
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:
            yield from self._flushed()
            layout = "mono" if frame.layout.nb_channels == 1 else "stereo"
            self._shape, self._resampler = shape, av.AudioResampler("fltp", layout, RATE_HZ)
        assert self._resampler is not None
        for made in self._resampler.resample(frame):
            yield _mono(made)

    def _flushed(self) -> Iterator[Samples]:
        resampler, self._resampler = self._resampler, None
        if resampler is not None:
            for made in resampler.resample(None):
                yield _mono(made)


class Tone:
    """A sine without end; its phase is exact however long it runs."""

    def __init__(self, hz: int) -> None:
        self.hz = hz
        self._at = 0

    def read(self, count: int) -> Samples:
        """Shape: (count,)."""
        turns = (np.arange(self._at, self._at + count, dtype=np.int64) * self.hz) % RATE_HZ
        self._at = (self._at + count) % RATE_HZ  # a whole number of turns fits into each second
        return np.asarray(TONE_AMPLITUDE * np.sin(2 * np.pi / RATE_HZ * turns), np.float32)


def _open(path: Path) -> tuple[Any, Any]:
    try:
        # A pipe would never come back; an absolute path is never taken for an address.
        if not stat.S_ISREG(path.stat().st_mode):
            raise Unreadable("it is not a file")
        container = av.open(os.fspath(path.absolute()), options=OPTIONS)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise Unreadable(reason(error)) from None
    if not container.streams.audio:
        container.close()
        raise Unreadable("it holds no sound")
    return container, container.streams.audio[0]


def _mono(frame: Any) -> Samples:
    sides = frame.to_ndarray()
    mono = sides[0] if len(sides) == 1 else (sides[0] + sides[1]) * np.float32(HALF_POWER)
    np.nan_to_num(mono, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    return np.asarray(np.clip(mono, -MAX_SAMPLE, MAX_SAMPLE), np.float32)


def _seconds(ticks: int | None, base: Any) -> float | None:
    return None if ticks is None or base is None else float(ticks * base)


def reason(error: Exception) -> str:
    """Why, in a few words without the path."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, PermissionError):
        return "the appliance may not read it"
    if isinstance(error, av.error.InvalidDataError):
        return "it is broken, or no sound file"
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:1].lower() + text[1:] or "it could not be read"
