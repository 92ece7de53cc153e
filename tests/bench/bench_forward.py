"""What forwarding costs: one talker, 50 listeners, from the datagram that came to the datagrams that left.

Run it: ``python tests/bench/bench_forward.py [DATAGRAMS]``. Real sessions on
loopback; the callers are not read while the time is taken, so that the
appliance's work alone counts: filter, unprotect, parse, and for each listener
lane, protect, send. Beside it, in turns with it, the same number of bare
``sendto`` of 110 bytes, which is a lane's packet at 32 kb/s. The ratio compares
across machines. Exits with 1 when it is over 4.
"""

from __future__ import annotations

import asyncio
import socket
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from soundmesh.core.show import Media
from soundmesh.media.engine import Timing
from soundmesh.media.mux import Addr
from tests.media.calls import LOCAL, Caller, House, house, plan

LISTENERS = 50
LANES = 8
DATAGRAMS = 1500
ROUND = 100
"""Datagrams between two turns of the loop and of the bare sends."""
PAYLOAD = b"\x78" + bytes(83)
"""With RTP header, talker's number and authentication tag 110 bytes."""
LIMIT = 4.0


def recorded(talker: Caller, count: int) -> list[bytes]:
    """A talker's protected packets, not sent."""
    taken: list[bytes] = []
    sock = talker.session.socket
    send = sock.send

    def take(data: bytes, addr: Addr) -> None:
        taken.append(data)

    sock.send = take  # type: ignore[method-assign]
    for _ in range(count):
        talker.say(PAYLOAD)
    sock.send = send  # type: ignore[method-assign]
    return taken


def deaf(room: House) -> None:
    """Nobody reads what the callers get."""
    loop = asyncio.get_running_loop()
    for caller in room.callers:
        loop.remove_reader(caller.session.socket._sock.fileno())


async def measure(datagrams: int) -> tuple[list[float], float, float]:
    """(seconds per datagram in, CPU seconds per packet out, CPU seconds per bare send)"""
    async with house(media=Media(lanes=LANES), timing=Timing(lost_s=600)) as room:
        talker = await room.join(1, LANES)
        listeners = [await room.join(number, LANES) for number in range(2, 2 + LISTENERS)]
        room.engine.set_plan(plan(*((1, listener.number) for listener in listeners)))
        await room.audible(talker, listeners[-1])
        packets = recorded(talker, datagrams)
        deaf(room)
        port = room.engine._sockets[0]
        source = talker.session.socket.address
        sinks = [listener.session.socket.address for listener in listeners]
        before = sum(sum(session.ear.packets) for session in room.engine._sessions.values())
        took: list[float] = []
        forwarding = bare = 0.0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for start in range(0, datagrams, ROUND):
                part = packets[start : start + ROUND]
                forwarding -= time.thread_time()
                for data in part:
                    began = time.perf_counter()
                    port.take(data, source)
                    took.append(time.perf_counter() - began)
                forwarding += time.thread_time()
                bare -= time.thread_time()
                for _ in part:
                    for sink in sinks:
                        sock.sendto(bytes(110), sink)
                bare += time.thread_time()
                await asyncio.sleep(0)
        sent = sum(sum(session.ear.packets) for session in room.engine._sessions.values()) - before
        if sent != datagrams * LISTENERS:
            raise SystemExit(f"{sent} packets left, {datagrams * LISTENERS} should have")
        return took, forwarding / sent, bare / sent


def main() -> int:
    datagrams = int(sys.argv[1]) if len(sys.argv) > 1 else DATAGRAMS
    took, forwarding, bare = asyncio.run(measure(datagrams))
    cuts = statistics.quantiles(took, n=100)
    ratio = forwarding / bare
    print(f"one talker, {LISTENERS} listeners, {datagrams} datagrams on {LOCAL}")
    print(f"CPU per forwarded packet   {forwarding * 1e6:7.2f} us")
    print(f"CPU per bare sendto        {bare * 1e6:7.2f} us")
    print(f"ratio                      {ratio:7.2f}      (limit {LIMIT})")
    print(f"one datagram to all ears   {cuts[49] * 1e6:7.0f} us p50, {cuts[98] * 1e6:.0f} us p99")
    print(f"a core carries             {1 / forwarding:7.0f} packets a second")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
