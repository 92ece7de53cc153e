"""An engine and its callers on loopback, in one loop, for the media tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from soundmesh.core.events import MediaFact, SessionUp
from soundmesh.core.ids import KeyId, SessionId, StationId
from soundmesh.core.plan import Path, Plan
from soundmesh.core.show import Media
from soundmesh.media.aiortc_seam import make_certificate
from soundmesh.media.client import CallerSession
from soundmesh.media.engine import Engine, Timing

LOCAL = "127.0.0.1"
FRAME_S = 0.02
VOICE = b"\x78" + bytes(59)
"""As long as a packet of speech."""
CERTIFICATE = make_certificate()
"""One for all callers: making one is the slowest part of a call."""


class Heard(NamedTuple):
    """One packet of a lane."""

    lane: int
    talker: int
    seq: int
    timestamp: int
    payload: bytes


def plan(*paths: tuple[int, int] | tuple[int, int, int]) -> Plan:
    """(talker, listener) or (talker, listener, priority)s, all open."""
    ears: dict[StationId, list[Path]] = {}
    talkers: dict[StationId, list[StationId]] = {}
    for talker, listener, *priority in paths:
        ears.setdefault(StationId(listener), []).append(
            Path(StationId(talker), (), False, priority[0] if priority else 0)
        )
        talkers.setdefault(StationId(talker), []).append(StationId(listener))
    return Plan(
        ears={ear: tuple(sorted(found, key=lambda path: -path.priority)) for ear, found in ears.items()},
        talkers={talker: tuple(found) for talker, found in talkers.items()},
        talking={talker: frozenset({KeyId("key")}) for talker in talkers},
    )


async def until(true: Callable[[], object], within_s: float = 8.0) -> None:
    """Wait for something that must come. Raises: TimeoutError."""
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110  what is waited for has no event
            await asyncio.sleep(0.005)


@dataclass
class Caller:
    """A station with one session."""

    number: int
    name: str
    session: CallerSession
    heard: list[Heard] = field(default_factory=list)

    def say(self, payload: bytes = VOICE, level: int = -30) -> None:
        self.session.send_opus(payload, level)

    def of(self, talker: int) -> list[Heard]:
        """What it heard of a talker, closing frames left out."""
        return [packet for packet in self.heard if packet.talker == talker and len(packet.payload) > 3]


class House:
    """An engine, what it told, and who has called it."""

    def __init__(self, engine: Engine, facts: list[MediaFact]) -> None:
        self.engine = engine
        self.facts = facts
        self.callers: list[Caller] = []
        self._names = 0

    def told(self, kind: type[MediaFact]) -> list[MediaFact]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def caller(self, number: int, lanes: int = 2) -> Caller:
        """A station that has not called yet."""
        self._names += 1
        session = CallerSession(LOCAL, lanes=lanes, certificate=CERTIFICATE)
        made = Caller(number, f"s{self._names}", session)
        session.on_lane_packet = lambda *packet: made.heard.append(Heard(*packet))
        self.callers.append(made)
        return made

    async def dial(self, caller: Caller) -> None:
        """Offer and take the answer; not connected yet."""
        answer = await self.engine.answer(
            SessionId(caller.name), StationId(caller.number), await caller.session.offer()
        )
        caller.session.accept(answer)

    async def join(self, number: int, lanes: int = 2) -> Caller:
        """A station with a session that is up on both sides."""
        caller = self.caller(number, lanes)
        await self.join_as(caller)
        return caller

    async def join_as(self, caller: Caller) -> None:
        await self.dial(caller)
        async with asyncio.timeout(8):
            await caller.session.connected()
        up = SessionUp(StationId(caller.number), SessionId(caller.name))
        await until(lambda: up in self.facts)

    def leg(self, caller: Caller) -> object:
        return self.engine._sessions.get(SessionId(caller.name))

    async def speak(self, *callers: Caller, frames: int = 5, level: int = -30) -> None:
        """So many packets of each, 20 ms apart, and the time for them to arrive."""
        for _ in range(frames):
            for caller in callers:
                caller.say(level=level)
            await asyncio.sleep(FRAME_S)
        await asyncio.sleep(FRAME_S)

    async def audible(self, talker: Caller, listener: Caller) -> None:
        """Wait, speaking, until a packet of the talker is heard. Raises: TimeoutError."""
        before = len(listener.of(talker.number))
        async with asyncio.timeout(8):
            while len(listener.of(talker.number)) == before:
                await self.speak(talker, frames=1)


@asynccontextmanager
async def house(
    *, media: Media | None = None, timing: Timing | None = None, addresses: Sequence[str] = (LOCAL,)
) -> AsyncIterator[House]:
    facts: list[MediaFact] = []
    engine = Engine(
        addresses=addresses, port=0, media=media or Media(lanes=2), on_fact=facts.append, timing=timing
    )
    await engine.start()
    made = House(engine, facts)
    try:
        yield made
    finally:
        for caller in made.callers:
            await caller.session.close()
        await engine.aclose()


def held(engine: Engine) -> Mapping[str, object]:
    """Everything that must be empty when nobody is there; requests under way come and go and are left out."""
    return {
        "sessions": len(engine._sessions),
        "current": len(engine._current),
        "routes": len(engine._routes),
        "closing": len(engine._closers),
        "names and addresses": [sock.sizes()[:2] for sock in engine._sockets],
    }
