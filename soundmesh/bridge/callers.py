"""Calling stations for the simulator and for tests: real WebRTC from the phone's side.

One thread hosts any number of callers. Each has a voice, Opus made once and
repeated; it sends the voice while it speaks and silence while it does not,
50 packets a second either way, as a phone does.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import trio

from soundmesh.bridge.thread import LoopClosed, LoopThread
from soundmesh.core.media import MediaError
from soundmesh.dsp.tone import RATE_HZ, Samples
from soundmesh.media.client import CallerSession
from soundmesh.media.opus import Decoder, Encoder

FRAME_S = 0.02
FRAME = round(FRAME_S * RATE_HZ)
SILENCE = b"\xf8\xff\xfe"
"""What a phone sends for digital silence, near enough: an Opus frame of nothing."""
SILENT_DBOV = -127
CATCH_UP = 5
"""Frames sent at once after a stall; what is older is skipped, as a phone would."""
CONNECT_S = 10.0


@dataclass(frozen=True, slots=True)
class Voice:
    """Opus to repeat without end, 20 ms a packet, and the loudness of each (dBov, -127 to 0)."""

    packets: tuple[bytes, ...]
    levels: tuple[int, ...]

    @classmethod
    def of(cls, samples: Samples, bitrate_bps: int = 32000) -> Voice:
        """Encode a loop. Shape: (n,) mono at 48 kHz; what is left of the last 20 ms is dropped.

        The loop is encoded twice and the second pass kept, so that its seam is not heard.
        """
        frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
        encoder = Encoder(bitrate_bps)
        both = [encoder.encode(frame) for frame in [*frames, *frames]]
        return cls(tuple(both[len(frames) :]), tuple(_dbov(frame) for frame in frames))


NO_VOICE = Voice((SILENCE,), (SILENT_DBOV,))


def _dbov(frame: Samples) -> int:
    rms = float(np.sqrt(np.mean(np.square(frame, dtype=np.float64))))
    return SILENT_DBOV if rms <= 0 else max(SILENT_DBOV, min(0, round(20 * np.log10(rms))))


class LanePacket(NamedTuple):
    lane: int
    csrc: int
    """The talker's station number; 0 when the packet names nobody."""
    seq: int
    ts: int
    payload: bytes


@dataclass(frozen=True)
class Recording:
    """What arrived on the lanes of one caller during a while."""

    packets: tuple[LanePacket, ...]

    @cached_property
    def talkers(self) -> frozenset[int]:
        """The station numbers on packets that carry more than a closing silence."""
        return frozenset(p.csrc for p in self.packets if p.csrc and p.payload != SILENCE)

    def lane_of(self, talker: int) -> frozenset[int]:
        return frozenset(p.lane for p in self.packets if p.csrc == talker)

    def sound(self, below: int | None = None) -> Samples:
        """What an ear hears: all lanes decoded, placed by their timestamps and added. Shape: (samples,).

        ``below``: without what the talkers from this number on say.
        """
        lanes: dict[int, list[LanePacket]] = defaultdict(list)
        for packet in self.packets:
            if below is None or packet.csrc < below:
                lanes[packet.lane].append(packet)
        sounds = [_decode_lane(packets) for packets in lanes.values()]
        mixed = np.zeros(max((len(s) for s in sounds), default=0), np.float32)
        for sound in sounds:
            mixed[: len(sound)] += sound
        return mixed


def _decode_lane(packets: Sequence[LanePacket]) -> Samples:
    first = packets[0]
    placed = sorted((_ahead(p.ts, first.ts, 32), p.payload) for p in packets)
    start = placed[0][0]
    decoder = Decoder()
    sound = np.zeros(placed[-1][0] - start + 6 * FRAME, np.float32)
    for at, payload in placed:
        pcm = decoder.decode(payload)
        offset = at - start
        sound[offset : offset + len(pcm)] = pcm[: len(sound) - offset]
    return sound[: placed[-1][0] - start + FRAME]


def _ahead(value: int, base: int, bits: int) -> int:
    """How far ``value`` is ahead of ``base`` on a circle of 2**bits; negative when behind."""
    half = 1 << (bits - 1)
    return (value - base + half) % (1 << bits) - half


class CallerThread:
    """Hosts callers; its ``run`` is started in a nursery before the first is made."""

    def __init__(self, *, address: str = "127.0.0.1") -> None:
        """``address``: the local address the callers send from."""
        self.address = address
        self._thread = LoopThread("soundmesh-callers")
        self._callers: list[Caller] = []

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        await self._thread.run(self._main, task_status=task_status)

    def caller(self, voice: Voice = NO_VOICE, *, lanes: int = 8) -> Caller:
        """A new calling station; it connects by ``offer`` and ``accept``."""
        return Caller(self, voice, lanes)

    async def _main(self, ready: Callable[[object], None]) -> None:
        ready(None)
        loop = asyncio.get_running_loop()
        due = loop.time()
        try:
            while True:
                due = max(due + FRAME_S, loop.time() - CATCH_UP * FRAME_S)
                await asyncio.sleep(max(0.0, due - loop.time()))
                for caller in tuple(self._callers):
                    caller._send_frame()
        finally:
            await asyncio.gather(*(c._drop() for c in tuple(self._callers)), return_exceptions=True)


class Caller:
    """One calling station. All methods are for the Trio side."""

    def __init__(self, host: CallerThread, voice: Voice, lanes: int) -> None:
        self.voice = voice
        self.lanes = lanes
        self.connected = False
        self._host = host
        self._thread = host._thread
        self._session: CallerSession | None = None
        self._speaking = False
        self._at = 0
        self._heard: list[LanePacket] | None = None
        self._over = trio.Event()
        self._watch: asyncio.Task[None] | None = None

    async def offer(self) -> str:
        """A new session's offer; an older session is dropped."""
        self._over = trio.Event()
        return await self._thread.call(self._offer, self._over)

    async def accept(self, answer: str) -> None:
        """Connect with an answer. Raises: MediaError when that does not come about."""
        await self._thread.call(self._accept, answer)

    async def restart(self) -> str:
        """An offer for an ICE restart of the running session; its answer goes to ``accept``."""
        return await self._thread.call(self._restart)

    async def ended(self) -> None:
        """Wait until the session of the last ``offer`` is over, by whomever."""
        await self._over.wait()

    def speak(self, on: bool) -> None:
        """Send the voice from its beginning, or silence."""
        if on and not self._speaking:
            self._at = 0
        self._speaking = on

    def record(self) -> None:
        """Begin a recording of all lanes, dropping one that runs."""
        self._heard = []

    @property
    def recorded(self) -> int:
        """How many packets the running recording has."""
        return len(self._heard or ())

    def take(self) -> Recording:
        """End the recording and return it."""
        heard, self._heard = self._heard, None
        return Recording(tuple(heard or ()))

    async def close(self) -> None:
        """Leave, as a page that is closed; idempotent."""
        try:
            await self._thread.call(self._drop)
        except LoopClosed:
            self._over.set()

    # In the callers' thread.

    async def _offer(self, over: trio.Event) -> str:
        await self._drop()
        session = CallerSession(self._host.address, lanes=self.lanes, on_lane_packet=self._take)
        self._session = session
        self._host._callers.append(self)
        self._watch = asyncio.create_task(self._watch_end(session, over), name="caller end")
        return await session.offer()

    async def _accept(self, answer: str) -> None:
        session = self._session
        if session is None:
            raise MediaError("This caller has no session.")
        if self.connected:
            session.accept_restart(answer)
            return
        session.accept(answer)
        try:
            async with asyncio.timeout(CONNECT_S):
                await session.connected()
        except (TimeoutError, ConnectionError):
            raise MediaError("The appliance could not be reached.") from None
        self.connected = True

    async def _restart(self) -> str:
        if self._session is None:
            raise MediaError("This caller has no session.")
        return self._session.restart_offer()

    async def _watch_end(self, session: CallerSession, over: trio.Event) -> None:
        try:
            await session.lost.wait()
        finally:
            self._thread.post(self._end, over)

    async def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None and self._watch is not None:
            self._watch.cancel()
            self._host._callers.remove(self)
            self.connected = False
            await session.close()

    def _send_frame(self) -> None:
        session = self._session
        if session is None or not self.connected:
            return
        voice, at = (self.voice, self._at) if self._speaking else (NO_VOICE, 0)
        at %= len(voice.packets)
        self._at = at + 1
        session.send_opus(voice.packets[at], voice.levels[at])

    def _take(self, lane: int, csrc: int, seq: int, ts: int, payload: bytes) -> None:
        heard = self._heard
        if heard is not None:
            heard.append(LanePacket(lane, csrc, seq, ts, payload))

    def _end(self, over: trio.Event) -> None:
        if over is self._over:
            self.connected = False
        over.set()
