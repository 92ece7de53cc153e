"""An engine on loopback, the facts it told, and calling stations that hear each other through it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, NamedTuple

import pytest

from soundmesh.core.events import MediaFact, SessionUp
from soundmesh.core.ids import KeyId, SessionId, StationId, TargetId
from soundmesh.core.plan import Path, Plan
from soundmesh.core.show import Media
from soundmesh.media import forward, lane
from soundmesh.media.aiortc_seam import Certificate, make_certificate
from soundmesh.media.client import CallerSession
from soundmesh.media.engine import Engine, Timing
from soundmesh.media.rtp import SILENCE

TIMEOUT_S = 30.0
VOICE = bytes(range(60))
"""Stands for Opus: nothing between the phones looks into it."""


class Heard(NamedTuple):
    lane: int
    csrc: int
    seq: int
    ts: int
    payload: bytes


class Caller(CallerSession):
    """A calling station that keeps what it heard."""

    def __init__(self, station: int, session: str, certificate: Certificate, lanes: int) -> None:
        self.station = StationId(station)
        self.id = SessionId(session)
        self.heard: list[Heard] = []
        super().__init__(
            lanes=lanes,
            certificate=certificate,
            on_lane_packet=lambda *packet: self.heard.append(Heard(*packet)),
        )

    @property
    def voices(self) -> list[Heard]:
        """What was heard, closing frames left out."""
        return [packet for packet in self.heard if packet.payload != SILENCE]

    @property
    def talkers(self) -> set[int]:
        return {packet.csrc for packet in self.voices}


class Stage:
    """One engine and its callers."""

    def __init__(self, certificate: Certificate, timing: Timing, media: Media) -> None:
        self.facts: list[MediaFact] = []
        self.callers: list[Caller] = []
        self.engine = Engine(
            addresses=["127.0.0.1"], port=0, media=media, on_fact=self.facts.append, timing=timing
        )
        self._certificate = certificate

    async def caller(self, station: int, session: str = "", *, lanes: int = 4) -> Caller:
        """A station that is up."""
        caller = await self.dialling(station, session, lanes=lanes)
        await caller.connected()
        await self.told(SessionUp(caller.station, caller.id))
        return caller

    async def dialling(self, station: int, session: str = "", *, lanes: int = 4) -> Caller:
        """A station whose call is answered, and which begins to connect."""
        caller = Caller(station, session or f"s{station}", self._certificate, lanes)
        self.callers.append(caller)
        caller.accept(await self.engine.answer(caller.id, caller.station, await caller.offer()))
        return caller

    async def until(self, true: Callable[[], object]) -> None:
        """Wait for something to become true; bounded by the test's deadline."""
        while not true():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.005)

    async def told(self, fact: MediaFact) -> None:
        await self.until(lambda: fact in self.facts)

    async def pause(self) -> None:
        """A phone's 20 ms between two packets."""
        await asyncio.sleep(0.02)

    async def talk(
        self, *callers: Caller, packets: int = 5, level: int = -20, payload: bytes = VOICE
    ) -> None:
        """Everybody says so many packets at a phone's pace."""
        for _ in range(packets):
            for caller in callers:
                caller.send_opus(payload, level)
            await self.pause()

    def hears(self, ears: Mapping[int, Iterable[int]], priority: Mapping[int, int] | None = None) -> None:
        """Set the plan: per listener its talkers."""
        self.engine.set_plan(plan_of(ears, priority))

    async def aclose(self) -> None:
        await self.engine.aclose()
        for caller in self.callers:
            await caller.close()


def plan_of(ears: Mapping[int, Iterable[int]], priority: Mapping[int, int] | None = None) -> Plan:
    paths: dict[StationId, tuple[Path, ...]] = {}
    talkers: dict[StationId, tuple[StationId, ...]] = {}
    for listener, heard in ears.items():
        ranked = sorted(heard, key=lambda talker: -(priority or {}).get(talker, 0))
        paths[StationId(listener)] = tuple(
            Path(StationId(t), (TargetId("line"),), False, (priority or {}).get(t, 0)) for t in ranked
        )
        for talker in ranked:
            talkers[StationId(talker)] = (*talkers.get(StationId(talker), ()), StationId(listener))
    return Plan(
        ears=paths, talkers=talkers, talking={talker: frozenset({KeyId("line")}) for talker in talkers}
    )


@pytest.fixture(scope="session")
def certificate() -> Certificate:
    return make_certificate()


Play = Callable[..., None]


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine pauses this process for longer than a talker may: only plans close spurts."""
    monkeypatch.setattr(forward, "QUIET_S", 60.0)
    monkeypatch.setattr(lane, "REANCHOR_S", 60.0)


@pytest.fixture
def play(certificate: Certificate) -> Play:
    """Run a scenario on a stage in a loop of its own; nothing may be left behind or go wrong unseen."""

    def play(
        scenario: Callable[[Stage], Awaitable[Any]],
        timing: Timing | None = None,
        media: Media | None = None,
    ) -> None:
        async def run() -> None:
            stage = Stage(certificate, timing or Timing(), media or Media(lanes=4))
            await stage.engine.start()
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    await scenario(stage)
            finally:
                await stage.aclose()
            assert stage.engine.faults == 0
            left = [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            assert left == []

        asyncio.run(run())

    return play
