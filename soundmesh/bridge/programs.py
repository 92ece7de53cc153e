"""The show's programs: a thread for each port, awake while somebody listens to it.

A file that hangs (a network folder that went away) stops its own program and
nothing else. Packets go to the media engine, which sends them to whoever the
plan says.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sized
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import trio

from soundmesh.bridge.priority import raise_a_little
from soundmesh.core.ids import StationId, TargetId
from soundmesh.core.media import ProgramPacket
from soundmesh.core.show import Port
from soundmesh.wire import http as w

if TYPE_CHECKING:
    from soundmesh.broadcast.player import ProgramState

log = logging.getLogger(__name__)

JOIN_S = 2.0
LOOK_S = 1.0
MOST_TOLD = 3
"""Troubles of one program that panels are told; the rest is in the status and the log."""
AGAIN_S = 3.0
"""A program that failed is tried again after this."""
STALE_S = 0.1
"""An older packet is not sent any more: after a hang the phones are to hear the program's present."""

Send = Callable[[StationId, ProgramPacket], object]


class Trouble(NamedTuple):
    """Something a program cannot play."""

    text: str
    """For people."""
    program: StationId
    alarm: bool
    """Nor has it anything else: its listeners hear silence."""


class Programs:
    """All programs of the show. Its methods are for one thread, and never wait for a program."""

    def __init__(self, folder: Path, send: Send) -> None:
        """``folder``: where the ports' paths begin. ``send``: called in the programs' threads."""
        self._folder = folder
        self._send = send
        self._running: dict[TargetId, _Program] = {}
        self._heard: Collection[StationId] = ()

    def follow(self, ports: Mapping[TargetId, Port]) -> None:
        """Play these ports from now on; what plays goes on when it stays the same."""
        for name in [name for name in self._running if name not in ports]:
            self._running.pop(name).close()
        for name, port in ports.items():
            if name in self._running:
                self._running[name].change(port)
            else:
                self._running[name] = _Program(port, self._folder, self._send)
        self.hear(self._heard)

    def hear(self, talkers: Collection[StationId]) -> None:
        """Who has listeners, of all talkers: a program that is not among them rests."""
        self._heard = talkers
        for program in self._running.values():
            program.hear(program.port.number in talkers)

    def states(self) -> dict[TargetId, ProgramState]:
        """What each program does."""
        return {name: program.state for name, program in self._running.items() if program.state is not None}

    def status(self, talkers: Mapping[StationId, Sized]) -> list[w.ProgramStatus]:
        """What each program does, for people. ``talkers``: the plan's, with their listeners."""
        return [
            w.ProgramStatus(
                id=name,
                playing=state.playing,
                listeners=len(talkers.get(self._running[name].port.number, ())),
                packets=state.packets,
                alarm=state.alarm,
                ended=state.ended,
                troubles=list(state.troubles),
            )
            for name, state in self.states().items()
        ]

    async def watch(
        self, warn: Callable[[Trouble], object], fall_silent: Callable[[frozenset[TargetId]], object]
    ) -> None:
        """Tell each new trouble once, and who has nothing to play whenever that changes, until cancelled."""
        told: set[Trouble] = set()
        silent: frozenset[TargetId] = frozenset()
        while True:
            states = self.states()
            troubles = {
                Trouble(f"{port.name or port.id}: {trouble}.", port.number, state.alarm)
                for port, state in ((self._running[name].port, state) for name, state in states.items())
                for trouble in state.troubles[:MOST_TOLD]
            }
            for trouble in sorted(troubles - told):
                warn(trouble)
            told = troubles
            before, silent = silent, frozenset(name for name, state in states.items() if state.alarm)
            if silent != before:
                fall_silent(silent)
            await trio.sleep(LOOK_S)

    def close(self) -> None:
        """End every program. Waits up to ``JOIN_S`` for all of them."""
        programs = [*self._running.values()]
        self._running.clear()
        for program in programs:
            program.close()
        until = time.monotonic() + JOIN_S
        for program in programs:
            program.join(max(0.0, until - time.monotonic()))


class Feed:
    """Packets on their way from the programs' threads to the media loop; bounded while that hangs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[tuple[float, StationId, ProgramPacket]] = deque()
        self._called = False

    def put(self, now: float, program: StationId, packet: ProgramPacket) -> bool:
        """True: somebody must be called to ``take``; nobody has been since the last time."""
        with self._lock:
            self._forget(now)
            self._waiting.append((now, program, packet))
            called, self._called = self._called, True
            return not called

    def take(self, now: float) -> list[tuple[StationId, ProgramPacket]]:
        """Everything of the last ``STALE_S``, in order."""
        with self._lock:
            self._called = False
            self._forget(now)
            taken = [(program, packet) for _, program, packet in self._waiting]
            self._waiting.clear()
            return taken

    def __len__(self) -> int:
        return len(self._waiting)

    def _forget(self, now: float) -> None:
        while self._waiting and now - self._waiting[0][0] > STALE_S:
            self._waiting.popleft()


class _Program:
    def __init__(self, port: Port, folder: Path, send: Send) -> None:
        self.port = port
        self.state: ProgramState | None = None
        self._folder = folder
        self._send = send
        self._heard = False
        self._closed = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"program {port.id}", daemon=True)
        self._thread.start()

    def change(self, port: Port) -> None:
        if port != self.port:
            self.port = port
            self._wake.set()

    def hear(self, heard: bool) -> None:
        if heard != self._heard:
            self._heard = heard
            self._wake.set()

    def close(self) -> None:
        self._closed = True
        self._wake.set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        raise_a_little()
        while not self._closed:
            try:
                self._play()
            except Exception:
                # A broken file or decoder must not take the crew's sound with it.
                log.exception("program %s failed and begins again in %g s", self.port.id, AGAIN_S)
                self._wait(AGAIN_S)

    def _play(self) -> None:
        # Imported when it is wanted: a show without programs loads no decoder.
        from soundmesh.broadcast.player import Player

        port = self.port
        number = port.number
        player = Player(port, self._folder, lambda packet: self._send(number, packet), time.monotonic())
        try:
            while not self._closed and self.port.number == number:
                if self.port != port:
                    port = self.port
                    player.change(port, time.monotonic())
                delay = player.turn(time.monotonic(), self._heard)
                self.state = player.state
                self._wait(delay)
        finally:
            player.close()

    def _wait(self, seconds: float | None) -> None:
        self._wake.wait(seconds)
        self._wake.clear()
