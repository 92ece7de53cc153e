"""The media thread over a scripted engine: order, threads, failures and shutdown."""

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio

from soundmesh.bridge import priority
from soundmesh.bridge.media import BEAT_S, LAG_MEMORY_S, Lag, MediaThread
from soundmesh.core import events as ev
from soundmesh.core.ids import SessionId, StationId, TargetId
from soundmesh.core.media import MediaError, MediaSnapshot, ProgramPacket
from soundmesh.core.plan import EMPTY_PLAN, Plan
from soundmesh.core.show import FIRST_PORT, Media, Port

ANNA = StationId(1)


class ScriptedEngine:
    """Answers with the offer turned round; tells and records what a test wants."""

    def __init__(self, *, addresses: Any, port: int, media: Media, on_fact: Callable[..., None]) -> None:
        self.thread = threading.current_thread()
        self.on_fact = on_fact
        self.plans: list[Plan] = []
        self.done: list[str] = []
        self.sockets = [(a, port or 40000) for a in addresses]
        self.fail_start: Exception | None = None
        self.hold = asyncio.Event()

    async def start(self) -> None:
        if self.fail_start is not None:
            raise self.fail_start

    def set_plan(self, plan: Plan) -> None:
        assert threading.current_thread() is self.thread
        self.plans.append(plan)

    def set_addresses(self, addresses: Sequence[str]) -> None:
        self.sockets = [(a, 40000) for a in addresses]

    def play(self, program: StationId, packet: ProgramPacket) -> None:
        assert threading.current_thread() is self.thread
        self.done.append(f"play {program}")

    async def answer(self, session: SessionId, station: StationId, offer: str) -> str:
        if offer == "bad":
            raise MediaError("No.")
        if offer == "slow":
            self.on_fact(ev.SessionUp(station, session))
            await self.hold.wait()
        return offer[::-1]

    async def restart(self, session: SessionId, offer: str) -> str:
        return f"{session} {offer}"

    def close(self, session: SessionId) -> None:
        assert threading.current_thread() is self.thread
        self.done.append(f"close {session}")
        for n in range(100):
            self.on_fact(ev.LanesChanged(ANNA, (StationId(n + 1),)))

    def snapshot(self) -> MediaSnapshot:
        return MediaSnapshot(levels={ANNA: -20}, legs={}, stray_datagrams=3)

    async def aclose(self) -> None:
        await asyncio.sleep(0)
        self.done.append("aclose")


class Bench:
    def __init__(self, fail_start: Exception | None = None) -> None:
        self.engines: list[ScriptedEngine] = []
        self.facts: list[ev.MediaFact] = []
        self.fact_threads: set[threading.Thread] = set()
        self.fail_start = fail_start
        self.wanted, self.enough = 1, trio.Event()
        self.on_fact: Callable[[ev.MediaFact], None] = self.take
        self.media = MediaThread(
            addresses=["127.0.0.1"],
            port=0,
            media=Media(),
            on_fact=lambda fact: self.on_fact(fact),
            make_engine=self.make,
        )

    def make(self, **settings: Any) -> ScriptedEngine:
        engine = ScriptedEngine(**settings)
        engine.fail_start = self.fail_start
        self.engines.append(engine)
        return engine

    def take(self, fact: ev.MediaFact) -> None:
        self.fact_threads.add(threading.current_thread())
        self.facts.append(fact)
        if len(self.facts) >= self.wanted:
            self.enough.set()

    @property
    def engine(self) -> ScriptedEngine:
        return self.engines[-1]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[MediaThread]:
        async with trio.open_nursery() as nursery:
            assert await nursery.start(self.media.run) == [("127.0.0.1", 40000)]
            yield self.media
            nursery.cancel_scope.cancel()

    async def facts_at_least(self, count: int) -> None:
        self.wanted, self.enough = count, trio.Event()
        if len(self.facts) < count:
            await self.enough.wait()


def in_trio(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def bounded() -> None:
        with trio.fail_after(20):
            await scenario()

    trio.run(bounded)


def test_the_engine_lives_in_a_thread_of_its_own_and_is_closed_at_the_end() -> None:
    async def scenario() -> None:
        bench = Bench()
        async with bench.running():
            assert bench.engine.thread is not threading.current_thread()
        assert bench.engine.done == ["aclose"]
        assert not bench.engine.thread.is_alive()

    in_trio(scenario)


def test_an_address_that_cannot_be_bound_is_an_oserror_from_start() -> None:
    async def scenario() -> None:
        bench = Bench(fail_start=OSError(98, "in use"))
        async with trio.open_nursery() as nursery:
            with pytest.raises(OSError, match="in use"):
                await nursery.start(bench.media.run)
        assert bench.engine.done == ["aclose"]

    in_trio(scenario)


def test_answers_and_refusals_come_back() -> None:
    async def scenario() -> None:
        bench = Bench()
        async with bench.running() as media:
            assert await media.answer(SessionId("a"), ANNA, "abc") == "cba"
            assert await media.restart(SessionId("a"), "x") == "a x"
            with pytest.raises(MediaError, match="No"):
                await media.answer(SessionId("b"), ANNA, "bad")

    in_trio(scenario)


def test_a_plan_set_before_the_engine_runs_is_its_first() -> None:
    plan = Plan(ears={}, talkers={}, talking={ANNA: frozenset()})

    async def scenario() -> None:
        bench = Bench()
        bench.media.set_plan(plan)
        async with bench.running():
            assert bench.engine.plans == [plan]

    in_trio(scenario)


def test_the_last_plan_wins() -> None:
    async def scenario() -> None:
        bench = Bench()
        async with bench.running() as media:
            for n in range(1, 50):
                media.set_plan(Plan(ears={}, talkers={}, talking={StationId(n): frozenset()}))
            media.set_plan(EMPTY_PLAN)
            await media.answer(SessionId("after"), ANNA, "x")
            assert bench.engine.plans[-1] is EMPTY_PLAN

    in_trio(scenario)


def test_facts_arrive_in_order_on_the_trio_thread() -> None:
    async def scenario() -> None:
        bench = Bench()
        async with bench.running() as media:
            media.close(SessionId("a"))
            media.close(SessionId("b"))
            await bench.facts_at_least(200)
        assert [f.lanes[0] for f in bench.facts if isinstance(f, ev.LanesChanged)] == [
            *range(1, 101),
            *range(1, 101),
        ]
        assert bench.fact_threads == {threading.current_thread()}

    in_trio(scenario)


def test_a_fact_that_cannot_be_applied_ends_the_program() -> None:
    async def scenario() -> None:
        bench = Bench()

        def refuse(fact: ev.MediaFact) -> None:
            raise ZeroDivisionError

        bench.on_fact = refuse
        async with bench.running() as media:
            media.close(SessionId("a"))
            await trio.sleep_forever()

    with pytest.RaisesGroup(pytest.RaisesGroup(ZeroDivisionError)):
        in_trio(scenario)


def test_an_answer_nobody_waits_for_any_more_leaves_no_session() -> None:
    async def scenario() -> None:
        bench = Bench()
        async with bench.running() as media:
            with trio.CancelScope() as scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(media.answer, SessionId("a"), ANNA, "slow")
                    await bench.facts_at_least(1)
                    scope.cancel()
            await media.answer(SessionId("b"), ANNA, "x")
            assert bench.engine.done == ["close a"]

    in_trio(scenario)


def test_before_and_after_its_life_the_engine_refuses_and_tells_nothing() -> None:
    async def scenario() -> None:
        bench = Bench()
        for _ in range(2):
            with pytest.raises(MediaError, match="stopping"):
                await bench.media.answer(SessionId("a"), ANNA, "x")
            bench.media.close(SessionId("a"))
            bench.media.set_plan(EMPTY_PLAN)
            if not bench.engines:
                assert bench.media.snapshot().levels == {}
                assert bench.media.loop_lag_s == 0.0
                async with bench.running() as media:
                    assert media.snapshot().levels == {ANNA: -20}

    in_trio(scenario)


def test_a_program_does_not_pile_up_before_a_loop_that_hangs() -> None:
    port = Port(TargetId("tone"), StationId(FIRST_PORT), tone_hz=440)
    gate = threading.Event()

    async def scenario() -> None:
        bench = Bench()
        async with bench.running() as media:
            media.set_ports({port.id: port})
            media.set_plan(Plan(ears={}, talkers={port.number: (ANNA,)}, talking={}))
            while not bench.engine.done:  # noqa: ASYNC110  the thread has no event for it
                await trio.sleep(0.005)
            media._thread.send(gate.wait, 10)
            made = media.programs.states()[port.id].packets
            while media.programs.states()[port.id].packets < made + 20:  # noqa: ASYNC110
                await trio.sleep(0.005)
            assert 0 < len(media._feed) <= 7
            before = len(bench.engine.done)
            gate.set()
            while len(bench.engine.done) == before:  # noqa: ASYNC110
                await trio.sleep(0.005)

    in_trio(scenario)


def test_the_interpreter_switches_quickly_only_while_the_engine_runs() -> None:
    before = sys.getswitchinterval()

    async def scenario() -> None:
        async with Bench().running():
            assert sys.getswitchinterval() == pytest.approx(priority.SWITCH_S)

    in_trio(scenario)
    assert sys.getswitchinterval() == pytest.approx(before)


def test_a_system_that_permits_nothing_still_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*_: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", forbid)
    monkeypatch.setattr(os, "setpriority", forbid)
    assert priority.raise_priority() == "normal"


def test_a_programs_thread_alone_stands_a_little_above_ordinary_ones() -> None:
    found: list[tuple[str, int]] = []

    def step_up() -> None:
        permitted = priority.raise_a_little()
        found.append((permitted, os.getpriority(os.PRIO_PROCESS, threading.get_native_id())))

    mine = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    thread = threading.Thread(target=step_up)
    thread.start()
    thread.join()
    assert found in ([("nice", priority.NICE)], [("normal", mine)])
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == mine


def test_nice_is_second_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, ...]] = []

    def forbid(*_: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", forbid)
    monkeypatch.setattr(os, "setpriority", lambda *args: seen.append(args))
    assert priority.raise_priority() == "nice"
    assert seen == [(os.PRIO_PROCESS, threading.get_native_id(), priority.NICE)]


def test_lag_is_the_worst_of_late_beats_and_the_beat_that_is_overdue() -> None:
    lag = Lag()
    assert lag.read(100.0) == 0.0
    lag.note(due=100.0, now=100.25)
    lag.expect(100.25 + BEAT_S)
    assert lag.read(100.3) == pytest.approx(0.25)
    assert lag.read(101.35) == pytest.approx(1.0)
    lag.note(due=101.35, now=101.35)
    lag.expect(200.0)
    assert lag.read(101.35 + LAG_MEMORY_S + 0.01) == 0.0
