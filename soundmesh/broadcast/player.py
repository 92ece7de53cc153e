"""One program as it is heard: paced by the clock, with its gain, encoded once for everybody.

A program is a running clock: everybody hears the same moment of it, and who
comes late comes in the middle. While nobody listens nothing is decoded or
encoded; the position is found again when somebody does. A program without
loop begins with its first listener instead, and again after everybody left it.

``turn`` does what is due and says when it wants the next one:

===============================  =============================================
when it                          then
===============================  =============================================
is on time                       one packet
is up to ``SKIP_S`` late         two packets a turn until it has caught up
is later (the machine stood)     the missed sound is left out: the clock is right
has nothing to play              a look every ``RETRY_S`` whether there is now
===============================  =============================================
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from soundmesh.broadcast.opus import FRAME, FRAME_S, Encoder, level_dbov
from soundmesh.broadcast.playlist import Playlist
from soundmesh.broadcast.sources import Tone
from soundmesh.core.media import ProgramPacket
from soundmesh.core.show import Port
from soundmesh.dsp.limit import Limiter
from soundmesh.dsp.tone import RATE_HZ, Samples

MOST_AT_ONCE = 2
"""Packets a turn: a burst would make every phone's jitter buffer grow."""
CATCH_UP_S = FRAME_S / 2
SKIP_S = 0.2
"""Longer than this a phone has run dry and the lane begins a new spurt anyway."""
RETRY_S = 3.0


@dataclass(frozen=True, slots=True)
class ProgramState:
    """What a program does, for status and panels."""

    playing: str = ""
    """The file or tone that is heard; nothing while nobody listens."""
    troubles: tuple[str, ...] = ()
    """One sentence for each thing that cannot be played."""
    alarm: bool = False
    """There is nothing that can be played: its listeners hear silence."""
    ended: bool = False
    packets: int = 0
    """Encoded since the start."""


class Source(Protocol):
    alarm: bool
    ended: bool

    @property
    def playing(self) -> str: ...
    @property
    def troubles(self) -> tuple[str, ...]: ...
    def survey(self) -> None: ...
    def block(self) -> Samples | None: ...
    def move_on(self, seconds: float) -> None: ...
    def rewind(self) -> None: ...
    def close(self) -> None: ...


class ToneSource:
    """A test tone: always there."""

    alarm = False
    ended = False
    troubles: tuple[str, ...] = ()

    def __init__(self, hz: int) -> None:
        self._tone = Tone(hz)
        self.playing = f"tone of {hz} Hz"

    def block(self) -> Samples:
        return self._tone.read(FRAME)

    def survey(self) -> None: ...
    def move_on(self, seconds: float) -> None: ...
    def rewind(self) -> None: ...
    def close(self) -> None: ...


class Player:
    """Lives in its program's thread, ``state`` excepted, which is replaced whole."""

    def __init__(self, port: Port, folder: Path, send: Callable[[ProgramPacket], object], now: float) -> None:
        """``folder``: where the port's paths begin. ``send``: called once a packet, from ``turn``."""
        self.state = ProgramState()
        self._port = port
        self._folder = folder
        self._send = send
        self._source = self._make_source()
        self._heard = False
        self._silent = False
        """There was nothing to play in the last turn, so nothing of the program is missed meanwhile."""
        self._paused_s = now
        self._next_s = now
        self._look_s = now
        self._seq = 0
        self._ts = 0
        self._packets = 0
        self._encoder: Encoder | None = None
        self._limiter = Limiter()
        self._gain = 0.0
        """At the end of the last block: 0 at a beginning, so that it fades in."""

    def change(self, port: Port, now: float) -> None:
        """Take the port as a reload made it; what plays goes on when it is still to be played."""
        before, self._port = self._port, port
        if (port.files, port.tone_hz) != (before.files, before.tone_hz):
            self._source.close()
            self._source = self._make_source()
            self._paused_s = self._look_s = now
            self._gain = 0.0
        elif isinstance(self._source, Playlist):
            self._source.loop = port.loop
            if port.loop and self._source.ended:
                self._source.rewind()

    def turn(self, now: float, heard: bool) -> float | None:
        """Do what is due. Returns: seconds until the next turn; None: when somebody listens."""
        if not heard:
            return self._rest(now)
        if not self._heard:
            self._heard = True
            self._resume(now)
        late = now - self._next_s
        if late > SKIP_S:
            if not self._silent:
                self._source.move_on(late)
            self._next_s += late
            self._ts += round(late / FRAME_S) * FRAME
        self._silent = False
        for _ in range(MOST_AT_ONCE):
            if self._next_s > now or not self._play():
                break
        self._tell()
        if self._source.alarm or self._source.ended:
            self._silent = True
            return RETRY_S if self._source.alarm else None
        return self._next_s - now if self._next_s > now else CATCH_UP_S

    def close(self) -> None:
        self._source.close()

    def _make_source(self) -> Source:
        port = self._port
        if not port.files:
            return ToneSource(port.tone_hz)
        return Playlist(port.id, port.files, self._folder, loop=port.loop)

    def _rest(self, now: float) -> float | None:
        if self._heard:
            self._heard = False
            self._paused_s = now
            self._encoder = None
            if self._source.ended:
                self._source.rewind()
            self._source.close()
        if now >= self._look_s:
            self._source.survey()
            self._look_s = now + RETRY_S
        self._tell()
        return self._look_s - now if self._source.troubles else None

    def _resume(self, now: float) -> None:
        self._source.move_on(now - self._paused_s)
        self._encoder = Encoder()
        self._limiter = Limiter()
        self._gain = 0.0
        self._next_s = now
        self._ts = round(now * RATE_HZ)

    def _play(self) -> bool:
        """One packet; False when there is nothing to play."""
        block = self._source.block()
        if block is None or self._encoder is None:
            return False
        before, self._gain = self._gain, 10 ** (self._port.gain_db / 20)
        if before == self._gain:
            block = block * np.float32(self._gain)
        else:
            block = block * np.linspace(before, self._gain, FRAME, dtype=np.float32)
        block = self._limiter.push(block)
        payload = self._encoder.encode(block)
        self._send(ProgramPacket(self._seq & 0xFFFF, self._ts & 0xFFFFFFFF, level_dbov(block), payload))
        self._seq += 1
        self._packets += 1
        self._ts += FRAME
        self._next_s += FRAME_S
        return True

    def _tell(self) -> None:
        source = self._source
        playing = source.playing if self._heard else ""
        state = ProgramState(playing, source.troubles, source.alarm, source.ended, self._packets)
        if state != self.state:
            self.state = state
