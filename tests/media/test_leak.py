"""Nothing stays behind a session, however it ends and however long the show."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from soundmesh.core.events import SessionLost, SessionUp
from soundmesh.core.ids import SessionId, StationId
from soundmesh.core.media import MediaError
from soundmesh.core.plan import EMPTY_PLAN
from soundmesh.media import mux
from soundmesh.media.aiortc_seam import MAX_PAIRS
from soundmesh.media.engine import Timing
from tests.media.calls import Caller, House, held, house, plan, until

JOINS = 200
TOGETHER = 40
SHORT = Timing(connect_s=2.0, lost_s=1.5, watch_s=0.05)


async def hang_up(room: House, caller: Caller) -> None:
    await room.join_as(caller)
    await caller.session.close()


async def closed_by_the_appliance(room: House, caller: Caller) -> None:
    await room.join_as(caller)
    room.engine.close(SessionId(caller.name))
    room.engine.close(SessionId(caller.name))
    await caller.session.close()


async def vanish(room: House, caller: Caller) -> None:
    await room.join_as(caller)
    caller.session.vanish()
    await until(lambda: room.leg(caller) is None)
    await caller.session.close()


async def offer_only(room: House, caller: Caller) -> None:
    """The answer never reaches the phone."""
    await room.engine.answer(SessionId(caller.name), StationId(caller.number), await caller.session.offer())
    await until(lambda: room.leg(caller) is None)
    await caller.session.close()


async def closed_while_connecting(room: House, caller: Caller) -> None:
    await room.dial(caller)
    await asyncio.sleep(0.001 * (caller.number % 40))
    room.engine.close(SessionId(caller.name))
    await caller.session.close()


async def closed_at_once(room: House, caller: Caller) -> None:
    """Before the answer is even taken up."""
    asking = asyncio.create_task(room.dial(caller))
    for _ in range(caller.number % 5):
        await asyncio.sleep(0)
    room.engine.close(SessionId(caller.name))
    with contextlib.suppress(MediaError):
        await asking
    room.engine.close(SessionId(caller.name))
    await caller.session.close()


async def restart_then_hang_up(room: House, caller: Caller) -> None:
    await room.join_as(caller)
    answer = await room.engine.restart(SessionId(caller.name), caller.session.restart_offer())
    caller.session.accept_restart(answer)
    await caller.session.close()


async def talk_then_hang_up(room: House, caller: Caller) -> None:
    await room.join_as(caller)
    room.engine.set_plan(plan((caller.number, 1), (1, caller.number)))
    await room.speak(room.callers[0], caller, frames=3)
    await caller.session.close()
    room.engine.set_plan(EMPTY_PLAN)


WAYS: list[Callable[[House, Caller], Awaitable[None]]] = [
    hang_up,
    closed_by_the_appliance,
    vanish,
    offer_only,
    closed_while_connecting,
    closed_at_once,
    restart_then_hang_up,
    talk_then_hang_up,
]


def counts() -> tuple[int, Counter[str]]:
    """Open files, and tasks by the work they do."""
    tasks = Counter(task.get_coro().__qualname__ for task in asyncio.all_tasks())  # type: ignore[union-attr]
    return len(os.listdir("/proc/self/fd")), tasks


def live(kinds: tuple[str, ...]) -> Counter[str]:
    gc.collect()
    return Counter(name for thing in gc.get_objects() if (name := type(thing).__name__) in kinds)


def test_200_joins_and_leaves_of_every_kind_leave_nothing() -> None:
    async def main() -> None:
        async with house(timing=SHORT) as room:
            stays = await room.join(1)
            # It says nothing, so only its checks keep it here: far apart, for these deadlines.
            keep = asyncio.create_task(_talk_on(stays))
            kinds = ("Session", "Link", "_Ice", "RTCDtlsTransport", "Lane", "Ring", "_Path")
            await asyncio.gather(*(way(room, room.caller(100 + n)) for n, way in enumerate(WAYS)))
            await _calm(room)
            before, tables, things = counts(), held(room.engine), live(kinds)
            for start in range(0, JOINS, TOGETHER):
                await asyncio.gather(
                    *(WAYS[n % len(WAYS)](room, room.caller(200 + n)) for n in range(start, start + TOGETHER))
                )
                del room.callers[1:]
            await _calm(room)
            assert held(room.engine) == tables
            assert room.engine._sockets[0].sizes()[2] <= 2
            await until(lambda: counts() == before)
            assert live(kinds) <= things
            assert len(room.told(SessionUp)) > JOINS // 2
            assert all(fact.session != stays.name for fact in room.told(SessionLost))  # type: ignore[union-attr]
            assert room.engine.faults == 0
            keep.cancel()

    asyncio.run(main())


async def _talk_on(caller: Caller) -> None:
    while True:
        caller.say()
        await asyncio.sleep(0.1)


async def _calm(room: House) -> None:
    """Only the first caller is left."""
    await until(lambda: len(room.engine._sessions) == 1 and not room.engine._closers)
    room.facts[:] = [fact for fact in room.facts if isinstance(fact, SessionUp | SessionLost)]


def test_an_engine_closed_with_sessions_of_every_age_leaves_nothing() -> None:
    async def main() -> None:
        before = counts()
        for age in range(6):
            async with house() as room:
                ann = await room.join(1)
                bo, cy = room.caller(2), room.caller(3)
                await room.dial(bo)
                await asyncio.sleep(0.004 * age)
                await room.engine.answer(SessionId("c"), StationId(3), await cy.session.offer())
                room.engine.set_plan(plan((1, 2)))
                await room.speak(ann, frames=2)
                async with asyncio.timeout(2):
                    await room.engine.aclose()
                assert held(room.engine)["sessions"] == 0
                with pytest.raises(MediaError):
                    await room.dial(room.caller(4))
        await until(lambda: counts() == before)

    asyncio.run(main())


def test_a_phone_that_moves_all_evening_fills_no_table() -> None:
    async def main() -> None:
        async with house() as room:
            ann = await room.join(1)
            for _ in range(3 * MAX_PAIRS):
                ann.session.move()
                ann.session.link.recheck()
                await until(lambda: _at(room) == ann.session.socket._sock.getsockname()[1])
            names, addresses, transactions = room.engine._sockets[0].sizes()
            assert (names, addresses) <= (1, MAX_PAIRS + 2)
            assert transactions <= mux.MAX_ASKED
            assert len(room.engine._sessions[SessionId(ann.name)].link._ice._check_list) <= MAX_PAIRS + 1

    asyncio.run(main())


def _at(room: House) -> int | None:
    """The port the appliance sends the first session to."""
    route = next(iter(room.engine._sessions.values())).link._route
    return route[1][1] if route is not None else None


def test_requests_nobody_answers_are_forgotten() -> None:
    async def main() -> None:
        sock = mux.Socket("127.0.0.1", 0)
        for number in range(3 * mux.MAX_ASKED):
            sock.expect(number.to_bytes(12, "big"), None)  # type: ignore[arg-type]
        assert sock.sizes()[2] == mux.MAX_ASKED
        sock.close()

    asyncio.run(main())
