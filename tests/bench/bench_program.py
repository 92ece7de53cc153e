"""What programs cost the voices: one talker, 20 listeners, with three programs heard and with none, in turns.

Run it: ``python tests/bench/bench_program.py [ROUNDS]``. Real sessions on loopback whose callers are not
read; the programs play in threads of their own as in the appliance (two tones and the demo's sound file) and
go to every listener; the loop has the priority of the media thread. In each round a talker's datagrams come
at a phone's pace for ``WINDOW_S`` while the programs are heard, and for as long while they are not. Taken are
the time from a datagram that came to the datagrams that left, how late the loop wakes up for it, and the
processor time of the programs' own threads.
Exits with 1 when the median of forwarding with programs is more than ``LIMIT`` times that without.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from soundmesh.bridge.priority import quick_switching, raise_priority
from soundmesh.bridge.programs import Feed, Programs
from soundmesh.core.ids import StationId, TargetId
from soundmesh.core.media import ProgramPacket
from soundmesh.core.show import FIRST_PORT, Media, Port
from soundmesh.media.engine import Timing
from soundmesh.media.mux import Addr
from tests.bench.bench_forward import PAYLOAD, deaf
from tests.media.calls import Caller, House, house, plan

LISTENERS = 20
LANES = 8
ROUNDS = 5
WINDOW_S = 3.0
SETTLE_S = 0.5
FRAME_S = 0.02
LIMIT = 2.0
SHOWS = Path(__file__).parents[2] / "configs" / "shows"
PORTS = [
    Port(TargetId("file"), StationId(FIRST_PORT), files=("sounds",)),
    Port(TargetId("low"), StationId(FIRST_PORT + 1), tone_hz=440),
    Port(TargetId("high"), StationId(FIRST_PORT + 2), tone_hz=880),
]


class Stage:
    """The programs beside an engine, their packets through the feed of the media thread."""

    def __init__(self, room: House) -> None:
        loop = asyncio.get_running_loop()
        feed = Feed()
        self.played = 0

        def take() -> None:
            for program, packet in feed.take(time.monotonic()):
                room.engine.play(program, packet)
                self.played += 1

        def send(program: StationId, packet: ProgramPacket) -> None:
            if feed.put(time.monotonic(), program, packet):
                loop.call_soon_threadsafe(take)

        self.programs = Programs(SHOWS, send)
        self.programs.follow({port.id: port for port in PORTS})

    def hear(self, on: bool) -> None:
        self.programs.hear([port.number for port in PORTS] if on else [])

    def cpu_s(self) -> list[float]:
        """Processor time of each program's thread so far."""
        threads = [program._thread.ident for program in self.programs._running.values()]
        return [time.clock_gettime(time.pthread_getcpuclockid(ident)) for ident in threads if ident]


class Taken:
    """What one of the two kinds of window gave."""

    def __init__(self) -> None:
        self.forward_s: list[float] = []
        self.late_s: list[float] = []
        self.cpu: list[list[float]] = []
        """Per window, the share of a core of each program."""


def say(talker: Caller) -> bytes:
    """The talker's next protected datagram, not sent."""
    made: list[bytes] = []
    sock = talker.session.socket

    def keep(data: bytes, addr: Addr) -> None:
        made.append(data)

    send, sock.send = sock.send, keep  # type: ignore[method-assign]
    talker.say(PAYLOAD)
    sock.send = send  # type: ignore[method-assign]
    return made[0]


async def window(room: House, stage: Stage, talker: Caller, taken: Taken) -> None:
    port = room.engine._sockets[0]
    source = talker.session.socket.address
    before, began = stage.cpu_s(), time.monotonic()
    due = began
    while due < began + WINDOW_S:
        data = say(talker)
        due += FRAME_S
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        taken.late_s.append(max(0.0, time.monotonic() - due))
        at = time.perf_counter()
        port.take(data, source)
        taken.forward_s.append(time.perf_counter() - at)
    took = time.monotonic() - began
    taken.cpu.append([(b - a) / took for a, b in zip(before, stage.cpu_s(), strict=True)])


async def measure(rounds: int) -> dict[bool, Taken]:
    taken: dict[bool, Taken] = defaultdict(Taken)
    async with house(media=Media(lanes=LANES), timing=Timing(lost_s=600)) as room:
        talker = await room.join(1, LANES)
        listeners = [await room.join(number, LANES) for number in range(2, 2 + LISTENERS)]
        talkers = [1, *(port.number for port in PORTS)]
        room.engine.set_plan(plan(*((who, ear.number) for who in talkers for ear in listeners)))
        await room.audible(talker, listeners[-1])
        deaf(room)
        stage = Stage(room)
        try:
            for _ in range(rounds):
                for heard in (True, False):
                    stage.hear(heard)
                    await asyncio.sleep(SETTLE_S)
                    played = stage.played
                    await window(room, stage, talker, taken[heard])
                    if (stage.played > played) is not heard:
                        raise SystemExit("the programs did not play as they should have")
        finally:
            stage.programs.close()
    return taken


def cuts_us(values: Sequence[float]) -> tuple[float, float]:
    """p50 and p99."""
    cuts = statistics.quantiles(values, n=100)
    return cuts[49] * 1e6, cuts[98] * 1e6


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with quick_switching():
        permitted = raise_priority()
        taken = asyncio.run(measure(rounds))
    print(f"one talker, {LISTENERS} listeners, {rounds} rounds of {WINDOW_S:g} s each, {permitted} priority")
    print(f"{'us':<24}{'with 3 programs':>20}{'with none':>20}{'ratio':>16}")
    ratios = []
    for name, which in (("forwarding", "forward_s"), ("loop late by", "late_s")):
        on, off = (cuts_us(getattr(taken[heard], which)) for heard in (True, False))
        ratios.append([a / b for a, b in zip(on, off, strict=True)])
        cells = [f"{p50:.0f} p50 {p99:.0f} p99" for p50, p99 in (on, off)]
        print(f"{name:<24}{cells[0]:>20}{cells[1]:>20}{ratios[-1][0]:>8.2f}{ratios[-1][1]:>8.2f}")
    for at, port in enumerate(PORTS):
        on, off = (statistics.median(w[at] for w in taken[heard].cpu) for heard in (True, False))
        print(f"CPU of {port.id:<17}{on:>19.2%} {off:>19.2%}      of a core")
    return int(ratios[0][0] > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
