"""Tells when the show file has changed, whatever way it was saved.

Editors write in place, or rename a new file over the old one; deployments
swap a symlink. So the folders are watched, not the file, each link of a
symlink's chain included, and what decides is not the event but whether the
file now looks different. A slow poll heals any event that went missing.
"""

from __future__ import annotations

import inspect
import logging
import os
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import trio
import watchfiles

log = logging.getLogger(__name__)

DEBOUNCE_S = 0.2
"""Quiet needed after the last change: editors save in several steps."""
LONGEST_S = 2.0
"""A file that never comes to rest is read anyway."""
POLL_S = 2.0
MAX_LINKS = 40


@dataclass(frozen=True, slots=True)
class Looks:
    """How the file looks from outside; a missing one has no inode."""

    target: str
    inode: int | None = None
    size: int = 0
    mtime_ns: int = 0
    ctime_ns: int = 0


def looks_of(path: Path) -> Looks:
    """How the file looks now. Take it before reading the file and give it to ``watch_show``."""
    target = os.path.realpath(path)
    try:
        found = os.stat(path)
    except OSError:
        return Looks(target)
    return Looks(target, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


async def watch_show(
    path: Path,
    on_change: Callable[[], Awaitable[None] | None],
    *,
    seen: Looks | None = None,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Call ``on_change`` once for every rest the file comes to after changing, until cancelled.

    ``seen``: how it looked when it was read last, so that a change between
    that and now is not missed. A deleted file is a change, and so is its return.
    """
    known = looks_of(path) if seen is None else seen
    poke = _Poke()
    async with trio.open_nursery() as nursery:
        await nursery.start(_watch_folders, path, poke)
        task_status.started()
        while True:
            now = await trio.to_thread.run_sync(looks_of, path)
            if now == known:
                with trio.move_on_after(POLL_S):
                    await poke.wait()
                continue
            known = await _rested(path, now)
            answer = on_change()
            if inspect.isawaitable(answer):
                await answer


async def _rested(path: Path, looks: Looks) -> Looks:
    """How the file looks once it has looked the same for 200 ms, or after 2 s of changing."""
    with trio.move_on_after(LONGEST_S):
        while True:
            await trio.sleep(DEBOUNCE_S)
            now = await trio.to_thread.run_sync(looks_of, path)
            if now == looks:
                break
            looks = now
    return looks


class _Poke:
    """Something happened in a folder: wakes the one waiter, remembered if nobody waits."""

    def __init__(self) -> None:
        self._event = trio.Event()
        self._token = trio.lowlevel.current_trio_token()

    def from_thread(self) -> None:
        try:
            self._token.run_sync_soon(self._set, idempotent=True)
        except trio.RunFinishedError:
            return

    def _set(self) -> None:
        self._event.set()

    async def wait(self) -> None:
        await self._event.wait()
        self._event = trio.Event()


async def _watch_folders(
    path: Path, poke: _Poke, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    """Poke at every event in the folders that matter; they are found anew when the links change."""
    task_status.started()
    while True:
        folders = await trio.to_thread.run_sync(folders_of, path)
        stop = threading.Event()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_stop_when_moved, path, folders, stop, nursery.cancel_scope)
            # A thread cannot be cancelled; the event ends it within a step of 50 ms.
            await trio.to_thread.run_sync(_watch_in_thread, folders, poke, stop)
            await trio.sleep(POLL_S)
            nursery.cancel_scope.cancel()


async def _stop_when_moved(
    path: Path, folders: tuple[str, ...], stop: threading.Event, scope: trio.CancelScope
) -> None:
    try:
        now = folders
        while now == folders:
            await trio.sleep(POLL_S)
            now = await trio.to_thread.run_sync(folders_of, path)
    finally:
        stop.set()
    scope.cancel()


def _watch_in_thread(folders: tuple[str, ...], poke: _Poke, stop: threading.Event) -> None:
    watches = watchfiles.watch(
        *folders,
        watch_filter=None,
        debounce=50,
        step=25,
        rust_timeout=250,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=False,
        recursive=False,
        ignore_permission_denied=True,
    )
    try:
        for turn, changes in enumerate(watches):
            # The first turn, too: a change may have come before the watch stood.
            if changes or turn == 0:
                poke.from_thread()
    except (OSError, RuntimeError) as error:
        # No inotify left, or the folder is gone: the poll sees changes meanwhile.
        log.info("watching %s by polling (%s)", ", ".join(folders), error)


def folders_of(path: Path) -> tuple[str, ...]:
    """The existing folders in which the file, or a link on the way to it, can be replaced."""
    folders: set[str] = set()
    at = os.path.abspath(path)
    for _ in range(MAX_LINKS):
        parent = os.path.dirname(at)
        folders.update(_with_links(parent))
        try:
            at = os.path.normpath(os.path.join(os.path.realpath(parent), os.readlink(at)))
        except OSError:
            break
    return tuple(sorted(f for f in folders if os.path.isdir(f)))


def _with_links(folder: str) -> set[str]:
    """The folder itself and, for each symlink among its parents, the folder the symlink lies in."""
    found = {os.path.realpath(folder)}
    while folder != os.path.dirname(folder):
        if os.path.islink(folder):
            found.add(os.path.realpath(os.path.dirname(folder)))
        folder = os.path.dirname(folder)
    return found
