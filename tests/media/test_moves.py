"""Phones at the edge: restarting too early, away for seconds, on another network, forged after death."""

from __future__ import annotations

import asyncio

import pytest

from soundmesh.core.events import SessionLost, UplinkStalled
from soundmesh.core.ids import SessionId, StationId
from soundmesh.core.media import MediaError
from soundmesh.media.engine import Timing
from tests.media.calls import LOCAL, Caller, House, house, plan, until

SHORT = Timing(lost_s=0.8, watch_s=0.02)


async def restart(room: House, caller: Caller) -> None:
    """As the web client does it over its control link."""
    offer = caller.session.restart_offer()
    caller.session.accept_restart(await room.engine.restart(SessionId(caller.name), offer))


def lost(caller: Caller) -> SessionLost:
    return SessionLost(StationId(caller.number), SessionId(caller.name))


def test_after_a_restart_the_old_user_name_is_nobodys() -> None:
    async def main() -> None:
        async with house() as room:
            ann = await room.join(1)
            before = set(room.engine._sockets[0]._by_ufrag)
            await restart(room, ann)
            assert before.isdisjoint(room.engine._sockets[0]._by_ufrag)
            assert len(room.engine._sockets[0]._by_ufrag) == 1

    asyncio.run(main())


def test_a_phone_back_after_a_hole_of_2_s_goes_on_in_its_session() -> None:
    async def main() -> None:
        async with house() as room:
            ann, bo = await room.join(1), await room.join(2)
            room.engine.set_plan(plan((1, 2), (2, 1)))
            await room.audible(ann, bo)
            loop, sock = asyncio.get_running_loop(), ann.session.socket
            loop.remove_reader(sock._sock.fileno())
            await until(lambda: room.told(UplinkStalled))
            await asyncio.sleep(1.0)
            ann.session.move()
            await restart(room, ann)
            await room.audible(ann, bo)
            await room.audible(bo, ann)
            assert room.told(SessionLost) == []

    asyncio.run(main())


def test_a_restart_before_the_session_is_up_connects_all_the_same() -> None:
    async def main() -> None:
        async with house() as room:
            ann, bo = room.caller(1), await room.join(2)
            await room.dial(ann)
            await restart(room, ann)
            async with asyncio.timeout(8):
                await ann.session.connected()
            room.engine.set_plan(plan((1, 2)))
            await room.audible(ann, bo)

    asyncio.run(main())


def test_a_bad_restart_offer_leaves_the_session_as_it_was() -> None:
    async def main() -> None:
        async with house() as room:
            ann, bo = await room.join(1), await room.join(2)
            room.engine.set_plan(plan((1, 2)))
            for offer in ("", "v=0\r\n", (await room.caller(3).session.offer())[:-200]):
                with pytest.raises(MediaError):
                    await room.engine.restart(SessionId(ann.name), offer)
            await room.audible(ann, bo)

    asyncio.run(main())


def test_a_phone_that_vanished_is_lost_once_and_the_others_go_on() -> None:
    async def main() -> None:
        async with house(timing=SHORT) as room:
            ann, bo, cy = await room.join(1), await room.join(2), await room.join(3)
            room.engine.set_plan(plan((1, 2), (2, 1), (3, 2)))
            await room.audible(ann, bo)
            ann.session.vanish()
            async with asyncio.timeout(8):
                while lost(ann) not in room.facts:
                    await room.speak(bo, cy, frames=1)
            await room.audible(cy, bo)
            assert room.told(SessionLost) == [lost(ann)]

    asyncio.run(main())


def test_a_phone_told_to_go_learns_it() -> None:
    async def main() -> None:
        async with house() as room:
            ann = await room.join(1)
            room.engine.close(SessionId(ann.name))
            async with asyncio.timeout(4):
                await ann.session.lost.wait()
            assert lost(ann) not in room.facts

    asyncio.run(main())


def test_a_forged_source_keeps_no_dead_phone_alive() -> None:
    async def main() -> None:
        async with house(timing=SHORT) as room:
            ann = await room.join(1)
            source = ann.session.socket.address
            ann.session.vanish()
            async with asyncio.timeout(8):
                while lost(ann) not in room.facts:
                    for data in (b"\x80\x6f" + bytes(60), b"\x16\xfe\xfd" + bytes(60)):
                        room.engine._sockets[0].take(data, source)
                    await asyncio.sleep(0.02)

    asyncio.run(main())


def test_a_phone_that_reaches_only_the_second_address_connects_by_it() -> None:
    async def main() -> None:
        async with house(addresses=(LOCAL, "127.0.0.2")) as room:
            first, second = room.engine._sockets
            asyncio.get_running_loop().remove_reader(first._sock.fileno())
            ann, bo = await room.join(1), await room.join(2)
            room.engine.set_plan(plan((1, 2)))
            await room.audible(ann, bo)
            assert second.sizes()[1] >= 2

    asyncio.run(main())
