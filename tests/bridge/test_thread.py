"""The border between Trio and asyncio: nothing hangs, nothing is lost quietly, nothing runs on."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import trio
import uvloop

from soundmesh.bridge.thread import LoopClosed, LoopThread

pytestmark = pytest.mark.parametrize(
    "factory", [pytest.param(None, id="asyncio"), pytest.param(uvloop.new_event_loop, id="uvloop")]
)
Factory = Callable[[], asyncio.AbstractEventLoop] | None
Ready = Callable[[object], None]
TIMEOUT_S = 20.0


class Boom(Exception):
    pass


async def idle(ready: Ready) -> None:
    ready("on")
    await asyncio.Event().wait()


def in_trio(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def bounded() -> None:
        with trio.fail_after(TIMEOUT_S):
            await scenario()

    trio.run(bounded)


def threads_named(name: str) -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == name]


def test_start_returns_what_main_makes_ready(factory: Factory) -> None:
    async def scenario() -> None:
        thread = LoopThread("t-start", loop_factory=factory)
        async with trio.open_nursery() as nursery:
            assert await nursery.start(thread.run, idle) == "on"
            nursery.cancel_scope.cancel()
        assert not threads_named("t-start")

    in_trio(scenario)


def test_the_loop_is_the_one_asked_for(factory: Factory) -> None:
    async def scenario() -> None:
        async def which() -> type:
            return type(asyncio.get_running_loop())

        thread = LoopThread("t-kind", loop_factory=factory)
        async with trio.open_nursery() as nursery:
            await nursery.start(thread.run, idle)
            assert (await thread.call(which) is uvloop.Loop) == (factory is not None)
            nursery.cancel_scope.cancel()

    in_trio(scenario)


def test_a_failure_before_ready_is_raised_from_start(factory: Factory) -> None:
    async def scenario() -> None:
        async def taken(ready: Ready) -> None:
            raise OSError("address in use")

        async with trio.open_nursery() as nursery:
            with pytest.raises(OSError, match="in use"):
                await nursery.start(LoopThread("t-bind", loop_factory=factory).run, taken)

    in_trio(scenario)


def test_a_crash_of_main_ends_the_nursery(factory: Factory) -> None:
    async def scenario() -> None:
        async def crash(ready: Ready) -> None:
            ready(None)
            await asyncio.sleep(0)
            raise Boom

        with pytest.RaisesGroup(Boom):
            async with trio.open_nursery() as nursery:
                await nursery.start(LoopThread("t-crash", loop_factory=factory).run, crash)
                await trio.sleep_forever()
        assert not threads_named("t-crash")

    in_trio(scenario)


def test_a_cancellation_from_inside_is_a_failure_not_a_silence(factory: Factory) -> None:
    async def scenario() -> None:
        async def give_up(ready: Ready) -> None:
            ready(None)
            raise asyncio.CancelledError

        with pytest.RaisesGroup(LoopClosed):
            async with trio.open_nursery() as nursery:
                await nursery.start(LoopThread("t-inside", loop_factory=factory).run, give_up)
                await trio.sleep_forever()

    in_trio(scenario)


def test_cancelling_run_lets_main_clean_up_and_joins_the_thread(factory: Factory) -> None:
    seen: list[str] = []

    async def scenario() -> None:
        async def careful(ready: Ready) -> None:
            try:
                await idle(ready)
            finally:
                await asyncio.sleep(0)
                seen.append("closed")

        async with trio.open_nursery() as nursery:
            await nursery.start(LoopThread("t-clean", loop_factory=factory).run, careful)
            nursery.cancel_scope.cancel()
        assert seen == ["closed"]
        assert not threads_named("t-clean")

    in_trio(scenario)


def test_an_error_during_shutdown_is_not_swallowed(factory: Factory) -> None:
    async def scenario() -> None:
        async def spoiled(ready: Ready) -> None:
            try:
                await idle(ready)
            finally:
                raise Boom

        with pytest.RaisesGroup(Boom):
            async with trio.open_nursery() as nursery:
                await nursery.start(LoopThread("t-spoiled", loop_factory=factory).run, spoiled)
                nursery.cancel_scope.cancel()

    in_trio(scenario)


def test_thirty_early_cancels_leave_no_thread(factory: Factory) -> None:
    async def scenario() -> None:
        for steps in range(30):
            thread = LoopThread("t-early", loop_factory=factory)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(thread.run, idle)
                for _ in range(steps % 6):
                    await trio.lowlevel.checkpoint()
                nursery.cancel_scope.cancel()
        assert not threads_named("t-early")

    in_trio(scenario)


def test_a_main_that_swallows_cancellation_delays_shutdown_by_no_more_than_the_deadline(
    factory: Factory,
) -> None:
    let_go = threading.Event()

    async def scenario() -> None:
        async def deaf(ready: Ready) -> None:
            ready(None)
            while not let_go.is_set():
                try:
                    await asyncio.sleep(0.01)
                except asyncio.CancelledError:
                    continue

        async with trio.open_nursery() as nursery:
            await nursery.start(LoopThread("t-deaf", loop_factory=factory, stop_s=0.05).run, deaf)
            nursery.cancel_scope.cancel()
        assert all(t.daemon for t in threads_named("t-deaf"))

    in_trio(scenario)
    let_go.set()
    for thread in threads_named("t-deaf"):
        thread.join(TIMEOUT_S)


def test_a_call_returns_and_raises_what_its_coroutine_does(factory: Factory) -> None:
    async def scenario() -> None:
        async def double(x: int) -> int:
            await asyncio.sleep(0)
            return 2 * x

        async def fail() -> None:
            raise Boom

        thread = LoopThread("t-call", loop_factory=factory)
        async with trio.open_nursery() as nursery:
            await nursery.start(thread.run, idle)
            assert await thread.call(double, 21) == 42
            with pytest.raises(Boom):
                await thread.call(fail)
            assert await thread.call(double, 1) == 2
            nursery.cancel_scope.cancel()

    in_trio(scenario)


def test_a_call_of_something_that_cannot_be_called_raises_and_does_not_wait(factory: Factory) -> None:
    async def scenario() -> None:
        def refuse() -> Coroutine[Any, Any, None]:
            raise Boom

        thread = LoopThread("t-refuse", loop_factory=factory)
        async with trio.open_nursery() as nursery:
            await nursery.start(thread.run, idle)
            with pytest.raises(Boom):
                await thread.call(refuse)
            nursery.cancel_scope.cancel()

    in_trio(scenario)


def test_a_cancelled_call_cancels_its_work_alone_and_waits_for_it(factory: Factory) -> None:
    seen: list[str] = []

    async def scenario() -> None:
        async def work(begun: Callable[[], None]) -> None:
            begun()
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0.01)
                seen.append("ended")

        async def live() -> str:
            return "alive"

        thread = LoopThread("t-cancel", loop_factory=factory)
        begun = trio.Event()
        async with trio.open_nursery() as nursery:
            await nursery.start(thread.run, idle)
            with trio.CancelScope() as scope:
                async with trio.open_nursery() as inner:
                    inner.start_soon(thread.call, work, lambda: thread.post(begun.set))
                    await begun.wait()
                    scope.cancel()
            assert seen == ["ended"]
            assert await thread.call(live) == "alive"
            nursery.cancel_scope.cancel()

    in_trio(scenario)


def test_a_call_that_swallows_its_cancellation_is_left_after_the_deadline(factory: Factory) -> None:
    async def scenario() -> None:
        let_go = threading.Event()

        async def deaf(begun: Callable[[], None]) -> None:
            begun()
            while not let_go.is_set():
                try:
                    await asyncio.sleep(0.01)
                except asyncio.CancelledError:
                    continue

        thread = LoopThread("t-deaf-call", loop_factory=factory, stop_s=0.05)
        begun = trio.Event()
        async with trio.open_nursery() as nursery:
            await nursery.start(thread.run, idle)
            with trio.CancelScope() as scope:
                async with trio.open_nursery() as inner:
                    inner.start_soon(thread.call, deaf, lambda: thread.post(begun.set))
                    await begun.wait()
                    scope.cancel()
            assert scope.cancelled_caught
            let_go.set()
            nursery.cancel_scope.cancel()

    in_trio(scenario)


def test_calls_before_and_after_the_loop_raise_at_once(factory: Factory) -> None:
    async def scenario() -> None:
        async def never() -> None:
            raise AssertionError

        thread = LoopThread("t-edges", loop_factory=factory)
        with pytest.raises(LoopClosed):
            await thread.call(never)
        assert not thread.send(print)
        async with trio.open_nursery() as nursery:
            await nursery.start(thread.run, idle)
            nursery.cancel_scope.cancel()
        with pytest.raises(LoopClosed):
            await thread.call(never)
        assert not thread.send(print)

    in_trio(scenario)


def test_twelve_hundred_calls_racing_with_the_end_all_come_back(factory: Factory) -> None:
    outcomes: list[str] = []

    async def scenario() -> None:
        async def brief() -> None:
            await asyncio.sleep(0)

        async def endless() -> None:
            await asyncio.Event().wait()

        async def one(thread: LoopThread, i: int) -> None:
            try:
                await thread.call(endless if i % 2 else brief)
            except LoopClosed:
                outcomes.append("closed")
            else:
                outcomes.append("done")

        async def race(callers: int) -> None:
            end: list[asyncio.Event] = []

            async def until_told(ready: Ready) -> None:
                end.append(asyncio.Event())
                ready(None)
                await end[0].wait()

            thread = LoopThread("t-race", loop_factory=factory)
            async with trio.open_nursery() as nursery:
                await nursery.start(thread.run, until_told)
                for i in range(callers):
                    if i == callers // 2:
                        thread.send(end[0].set)
                    nursery.start_soon(one, thread, i)
                    if i % 3 == 0:
                        await trio.lowlevel.checkpoint()

        for _ in range(30):
            await race(40)

    in_trio(scenario)
    assert len(outcomes) == 1200
    assert set(outcomes) == {"done", "closed"}


def test_calls_open_at_a_crash_are_closed_with_it(factory: Factory) -> None:
    seen: list[str] = []

    async def scenario() -> None:
        async def crash_soon(ready: Ready) -> None:
            ready(None)
            await asyncio.sleep(0.02)
            raise Boom

        async def forever() -> None:
            await asyncio.Event().wait()

        async def one(thread: LoopThread) -> None:
            try:
                with trio.CancelScope(shield=True):
                    await thread.call(forever)
            except LoopClosed:
                seen.append("closed")

        thread = LoopThread("t-open", loop_factory=factory)
        with pytest.RaisesGroup(Boom):
            async with trio.open_nursery() as nursery:
                await nursery.start(thread.run, crash_soon)
                for _ in range(5):
                    nursery.start_soon(one, thread)

    in_trio(scenario)
    assert seen == ["closed"] * 5


def test_sends_and_posts_keep_their_order(factory: Factory) -> None:
    async def scenario() -> None:
        down: list[int] = []
        up: list[int] = []
        done = trio.Event()
        thread = LoopThread("t-order", loop_factory=factory)

        def back(i: int) -> None:
            down.append(i)
            thread.post(up.append, i)
            if i == 499:
                thread.post(done.set)

        async with trio.open_nursery() as nursery:
            await nursery.start(thread.run, idle)
            for i in range(500):
                assert thread.send(back, i)
            await done.wait()
            nursery.cancel_scope.cancel()
        assert down == up == list(range(500))

    in_trio(scenario)


def test_posting_after_trio_is_over_does_nothing(factory: Factory) -> None:
    thread = LoopThread("t-over", loop_factory=factory)

    async def scenario() -> None:
        async with trio.open_nursery() as nursery:
            await nursery.start(thread.run, idle)
            nursery.cancel_scope.cancel()

    in_trio(scenario)
    fired: list[int] = []
    thread.post(fired.append, 1)
    assert fired == []


def test_a_thread_host_is_used_once(factory: Factory) -> None:
    async def scenario() -> None:
        thread = LoopThread("t-twice", loop_factory=factory)
        async with trio.open_nursery() as nursery:
            await nursery.start(thread.run, idle)
            with pytest.raises(RuntimeError, match="once"):
                await thread.run(idle)
            nursery.cancel_scope.cancel()

    in_trio(scenario)
