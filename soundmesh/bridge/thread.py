"""An asyncio loop in a thread of its own, owned by a Trio nursery.

The rules of the border, each kept by a test:

* The thread lives as long as the Trio task ``run``: cancel that and the loop's
  main coroutine is cancelled, awaited for a bounded time, and the thread joined.
* A main coroutine that fails fails ``run``, and with it the program.
* ``call`` answers, raises what the coroutine raised, or raises ``LoopClosed``;
  it never waits for a loop that is gone. A cancelled ``call`` cancels its
  asyncio task and waits for it, so no work goes on without an owner.
* Every shielded wait has a deadline; the thread is a daemon, so a loop that
  hangs cannot keep the process.

Both sides share ``_stop``, ``_loop`` and ``_main``: each is written by one
thread and only read by the other, and the order of writes is what makes an
early cancellation safe (see ``_main_task`` and ``_cancel_main``). ``_ended``
belongs to the loop, ``_calls`` to Trio.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

import outcome
import trio
import uvloop

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

STOP_S = 5.0
"""Longest wait for cancelled work; the media engine promises to close in 2 s."""


class LoopClosed(RuntimeError):
    """The loop has not started or is over; nothing was done or it was cut short."""


class LoopThread:
    def __init__(
        self,
        name: str,
        *,
        loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = uvloop.new_event_loop,
        stop_s: float = STOP_S,
    ) -> None:
        """``loop_factory`` None: plain asyncio."""
        self.name = name
        self._factory = loop_factory
        self._stop_s = stop_s
        self._stop = False
        self._ran = False
        self._ended = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._token: trio.lowlevel.TrioToken | None = None
        self._calls: set[trio.Event] = set()

    async def run(
        self,
        main: Callable[[Callable[[object], None]], Coroutine[Any, Any, None]],
        *,
        task_status: trio.TaskStatus[Any] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """Host ``main(ready)`` until it returns, fails or this task is cancelled.

        ``nursery.start`` returns what ``main`` gives to ``ready``; a failure
        before that is raised from ``nursery.start``.
        """
        if self._ran:
            raise RuntimeError(f"{self.name} ran before: a LoopThread is used once")
        self._ran = True
        self._token = trio.lowlevel.current_trio_token()
        finished = trio.Event()
        results: list[outcome.Outcome[None]] = []

        def ready(value: object) -> None:
            self.post(tell, value)

        def tell(value: object) -> None:
            # A cancelled start has nobody to tell any more.
            if not self._stop:
                task_status.started(value)

        def end() -> None:
            for done in self._calls:
                done.set()
            finished.set()

        def body() -> None:
            results.append(outcome.capture(self._run_loop, main, ready))
            self._loop = None
            self.post(end)

        thread = threading.Thread(target=body, name=self.name, daemon=True)
        thread.start()
        cancelled = False
        try:
            await finished.wait()
        except trio.Cancelled:
            cancelled = True
            self._cancel_main()
            with trio.move_on_after(self._stop_s, shield=True):
                await finished.wait()
            raise
        finally:
            if finished.is_set():
                thread.join()
                self._judge(results[0], cancelled)
            else:
                log.error("%s did not end within %g s; leaving its thread behind", self.name, self._stop_s)

    async def call(self, fn: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Await ``fn(*args)`` in the loop. Raises: whatever it raises; LoopClosed."""
        loop, token = self._loop, self._token
        if loop is None or token is None:
            raise LoopClosed(f"{self.name} is not running")
        call = _Call(self, loop, token, lambda: fn(*args, **kwargs))
        self._calls.add(call.done)
        try:
            if not _schedule(loop, call.start):
                raise LoopClosed(f"{self.name} is over")
            try:
                await call.done.wait()
            except trio.Cancelled:
                _schedule(loop, call.cancel)
                with trio.move_on_after(self._stop_s, shield=True):
                    await call.done.wait()
                raise
        finally:
            self._calls.discard(call.done)
        if call.result is None:
            raise LoopClosed(f"{self.name} ended during a call")
        try:
            value: T = call.result.unwrap()
        except asyncio.CancelledError:
            raise LoopClosed(f"{self.name} ended during a call") from None
        return value

    def send(self, fn: Callable[..., object], *args: Any) -> bool:
        """Run ``fn(*args)`` in the loop soon, in order; False when there is no loop any more."""
        loop = self._loop
        return loop is not None and _schedule(loop, fn, *args)

    def post(self, fn: Callable[..., object], *args: Any, idempotent: bool = False) -> None:
        """Run ``fn(*args)`` on the Trio thread soon; nothing when Trio is over. Callable from any thread."""
        assert self._token is not None
        with contextlib.suppress(trio.RunFinishedError):
            self._token.run_sync_soon(fn, *args, idempotent=idempotent)

    def _run_loop(
        self,
        main: Callable[[Callable[[object], None]], Coroutine[Any, Any, None]],
        ready: Callable[[object], None],
    ) -> None:
        with asyncio.Runner(loop_factory=self._factory) as runner:
            runner.run(self._main_task(main, ready))

    async def _main_task(
        self,
        main: Callable[[Callable[[object], None]], Coroutine[Any, Any, None]],
        ready: Callable[[object], None],
    ) -> None:
        # Publish the task and the loop first, read the flag after: a canceller
        # writes the flag first and reads the loop after, so one sees the other.
        self._main = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        try:
            if not self._stop:
                await main(ready)
        finally:
            self._ended = True

    def _cancel_main(self) -> None:
        self._stop = True
        loop, main = self._loop, self._main
        if loop is not None and main is not None:
            _schedule(loop, main.cancel)

    def _judge(self, result: outcome.Outcome[None], cancelled: bool) -> None:
        """Raise what ended the loop, unless it was our own cancellation."""
        try:
            result.unwrap()
        except asyncio.CancelledError:
            if not cancelled:
                raise LoopClosed(f"the main task of {self.name} was cancelled from inside") from None


class _Call:
    """One call across the border; ``start`` and ``cancel`` run in the loop, in this order."""

    def __init__(
        self,
        thread: LoopThread,
        loop: asyncio.AbstractEventLoop,
        token: trio.lowlevel.TrioToken,
        make: Callable[[], Coroutine[Any, Any, Any]],
    ) -> None:
        self.done = trio.Event()
        self.result: outcome.Outcome[Any] | None = None
        self._thread = thread
        self._loop = loop
        self._token = token
        self._make = make
        self._task: asyncio.Task[Any] | None = None

    def start(self) -> None:
        if self._thread._ended:
            return  # the loop cancels no task born now; the end of the thread wakes the caller
        try:
            self._task = self._loop.create_task(self._make())
        except Exception as error:
            self._settle(outcome.Error(error))
        else:
            self._task.add_done_callback(lambda task: self._settle(outcome.capture(task.result)))

    def cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _settle(self, result: outcome.Outcome[Any]) -> None:
        self.result = result
        with contextlib.suppress(trio.RunFinishedError):
            self._token.run_sync_soon(self.done.set)


def _schedule(loop: asyncio.AbstractEventLoop, fn: Callable[..., object], *args: Any) -> bool:
    try:
        loop.call_soon_threadsafe(fn, *args)
    except RuntimeError:
        # The loop is closed: the only thing call_soon_threadsafe refuses for.
        return False
    return True
