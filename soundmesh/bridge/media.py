"""The media engine as the Trio side sees it: ``server.engine.MediaEngine`` over a thread.

Plans and closes go down as scheduled calls, in order. Facts come up through
one deque with one pending wake-up, in order, and are told by the task of
``run``: a callback that fails fails the program.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import trio

from soundmesh.bridge.priority import quick_switching, raise_priority
from soundmesh.bridge.programs import Feed, Programs
from soundmesh.bridge.thread import LoopClosed, LoopThread
from soundmesh.core.events import MediaFact
from soundmesh.core.ids import SessionId, StationId, TargetId
from soundmesh.core.media import MediaError, MediaSnapshot, ProgramPacket
from soundmesh.core.plan import EMPTY_PLAN, Plan
from soundmesh.core.show import Media, Port

log = logging.getLogger(__name__)

BEAT_S = 0.1
LAG_MEMORY_S = 2.0
"""A late heartbeat is shown for this long."""
NOTHING = MediaSnapshot(levels={}, legs={}, stray_datagrams=0)
STOPPING = "The sound of the appliance is stopping."


class LoopEngine(Protocol):
    """What is needed of ``media.engine.Engine``; lives in the thread, ``snapshot`` is read from outside."""

    @property
    def sockets(self) -> list[tuple[str, int]]: ...
    async def start(self) -> None: ...
    def set_plan(self, plan: Plan) -> None: ...
    def set_addresses(self, addresses: Sequence[str]) -> None: ...
    def play(self, program: StationId, packet: ProgramPacket) -> None: ...
    async def answer(self, session: SessionId, station: StationId, offer: str) -> str: ...
    async def restart(self, session: SessionId, offer: str) -> str: ...
    def close(self, session: SessionId) -> None: ...
    def snapshot(self) -> MediaSnapshot: ...
    async def aclose(self) -> None: ...


class MediaThread:
    def __init__(
        self,
        *,
        addresses: Sequence[str],
        port: int,
        media: Media,
        on_fact: Callable[[MediaFact], object],
        make_engine: Callable[..., LoopEngine] | None = None,
        folder: Path = Path(),
    ) -> None:
        """``make_engine``: takes the arguments of ``media.engine.Engine``, which is the default.

        ``folder``: where the paths of programs begin.
        """
        self._make_engine = make_engine or _real_engine
        self._settings = {"addresses": addresses, "port": port, "media": media}
        self._on_fact = on_fact
        self._thread = LoopThread("soundmesh-media")
        self._engine: LoopEngine | None = None
        self._plan: Plan = EMPTY_PLAN
        self._facts: deque[MediaFact] = deque()
        self._facts_wait = trio.Event()
        self._lag = Lag()
        self._feed = Feed()
        self.programs = Programs(folder, self._play)

    async def run(
        self, *, task_status: trio.TaskStatus[list[tuple[str, int]]] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Run the engine until cancelled; ``nursery.start`` returns its bound (address, port)s.

        Raises: OSError when an address cannot be bound, before it has started.
        """
        refused: OSError | None = None
        with quick_switching(), closing(self.programs):
            async with trio.open_nursery() as nursery:
                try:
                    sockets = await nursery.start(self._thread.run, self._main)
                except OSError as error:
                    refused = error  # raised below, outside the nursery, so that it is not in a group
                else:
                    task_status.started(sockets)
                    await self._tell_facts()
        if refused is not None:
            raise refused

    # server.engine.MediaEngine

    def set_plan(self, plan: Plan) -> None:
        self._plan = plan
        self._thread.send(self._take_plan)
        self.programs.hear(plan.talkers.keys())

    def set_ports(self, ports: Mapping[TargetId, Port]) -> None:
        self.programs.follow(ports)

    def set_addresses(self, addresses: Sequence[str]) -> None:
        """Serve these addresses from now on."""
        if self._engine is not None:
            self._thread.send(self._engine.set_addresses, tuple(addresses))

    async def answer(self, session: SessionId, station: StationId, offer: str) -> str:
        try:
            return await self._call("answer", session, station, offer)
        except trio.Cancelled:
            # Whoever asked is gone and nobody else knows this session.
            self.close(session)
            raise

    async def restart(self, session: SessionId, offer: str) -> str:
        return await self._call("restart", session, offer)

    def close(self, session: SessionId) -> None:
        if self._engine is not None:
            self._thread.send(self._engine.close, session)

    def snapshot(self) -> MediaSnapshot:
        return NOTHING if self._engine is None else self._engine.snapshot()

    @property
    def loop_lag_s(self) -> float:
        """How late the media loop ran lately, or is now when it hangs."""
        return self._lag.read(time.monotonic())

    def _play(self, program: StationId, packet: ProgramPacket) -> None:
        """In a program's thread."""
        if self._engine is not None and self._feed.put(time.monotonic(), program, packet):
            self._thread.send(self._play_waiting)

    async def _call(self, method: str, *args: Any) -> str:
        if self._engine is None:
            raise MediaError(STOPPING)
        try:
            answer: str = await self._thread.call(getattr(self._engine, method), *args)
        except LoopClosed:
            raise MediaError(STOPPING) from None
        return answer

    async def _tell_facts(self) -> None:
        while True:
            await self._facts_wait.wait()
            self._facts_wait = trio.Event()
            while self._facts:
                self._on_fact(self._facts.popleft())

    def _wake(self) -> None:
        self._facts_wait.set()

    # In the media thread.

    async def _main(self, ready: Callable[[object], None]) -> None:
        permitted = raise_priority()
        engine = self._make_engine(**self._settings, on_fact=self._take_fact)
        try:
            await engine.start()
            self._engine = engine
            self._take_plan()
            log.info("sound on %s, %s priority", engine.sockets, permitted)
            ready(list(engine.sockets))
            await self._lag.keep()
        finally:
            await engine.aclose()

    def _take_plan(self) -> None:
        if self._engine is not None:
            self._engine.set_plan(self._plan)

    def _play_waiting(self) -> None:
        assert self._engine is not None
        for program, packet in self._feed.take(time.monotonic()):
            self._engine.play(program, packet)

    def _take_fact(self, fact: MediaFact) -> None:
        self._facts.append(fact)
        self._thread.post(self._wake, idempotent=True)


class Lag:
    """How late a loop's heartbeat is: written by the loop, read from anywhere."""

    def __init__(self) -> None:
        self._due_s: float | None = None
        self._late: deque[tuple[float, float]] = deque(maxlen=int(LAG_MEMORY_S / BEAT_S))

    async def keep(self) -> None:
        """Beat for ever."""
        while True:
            due = time.monotonic() + BEAT_S
            self.expect(due)
            await asyncio.sleep(BEAT_S)
            self.note(due, time.monotonic())

    def expect(self, due: float) -> None:
        self._due_s = due

    def note(self, due: float, now: float) -> None:
        self._late.append((now, max(0.0, now - due)))

    def read(self, now: float) -> float:
        """Units: seconds; 0 before the first beat."""
        late = [lag for at, lag in tuple(self._late) if now - at <= LAG_MEMORY_S]
        overdue = 0.0 if self._due_s is None else now - self._due_s
        return max(0.0, overdue, *late)


def _real_engine(**settings: Any) -> LoopEngine:
    # Imported when it is wanted: who only needs the fake engine does not load aiortc.
    from soundmesh.media.engine import Engine

    engine: LoopEngine = Engine(**settings)
    return engine
