"""From a saved file to the live show: read, check, and swap only what is whole."""

from __future__ import annotations

import logging
from pathlib import Path

import trio

from soundmesh.config.load import load_show
from soundmesh.config.problems import Problem
from soundmesh.core.show import Show
from soundmesh.server.switchboard import Switchboard
from soundmesh.server.watcher import Looks, watch_show

log = logging.getLogger(__name__)


class Reloader:
    """Watches the show file. A bad file changes nothing and its problems stay in ``problems``."""

    def __init__(self, path: Path, board: Switchboard, seen: Looks) -> None:
        """``seen``: what the file looked like before the running show was read from it."""
        self.path = path
        self.problems: tuple[Problem, ...] = ()
        self._board = board
        self._seen = seen

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Until cancelled."""
        await watch_show(self.path, self.reload, seen=self._seen, task_status=task_status)

    async def reload(self) -> None:
        """One reload transaction."""
        loaded = await trio.to_thread.run_sync(load_show, self.path)
        self.problems = loaded.problems
        for problem in loaded.problems:
            log.warning("%s", problem)
        if loaded.show is None:
            log.warning("%s was not applied; the show goes on unchanged", self.path.name)
            return
        old = self._board.show
        if loaded.show == old:
            return
        self._board.change_show(loaded.show)
        log.info("revision %d of %s is live", self._board.revision, self.path.name)
        later = _needs_restart(old, loaded.show)
        if later:
            log.warning("%s: applies after a restart", ", ".join(later))


def _needs_restart(old: Show, new: Show) -> list[str]:
    return [
        f"network.{name}"
        for name in old.network.__dataclass_fields__
        if getattr(old.network, name) != getattr(new.network, name)
    ]
