"""The state file: what a restart must remember, in one TOML file the program owns.

The first line is a checksum of the rest. Each save leaves the generation
before as ``state.toml.prev``. Whatever the moment of a crash or a power cut,
one of the two loads.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tomli_w
import trio

from soundmesh.server.paths import DataDirError, set_aside, write_whole

log = logging.getLogger(__name__)

EVERY_S = 0.25
RETRY_S = 5.0
"""After a failed write, as on a full disk."""
LAST_S = 3.0
"""How long the last write of a shutdown may take."""

Snapshot = Callable[[], dict[str, Any]]


class StateFile:
    """Loads, saves and, while ``run`` runs, saves again soon after each ``touch``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._dirty = False
        self._wake = trio.Event()
        self._writing = trio.Lock()
        self._written: bytes | None = None

    @property
    def previous(self) -> Path:
        return self.path.with_name(f"{self.path.name}.prev")

    def load(self) -> dict[str, Any]:
        """What was saved last; {} when nothing was.

        A broken file is kept aside and the generation before takes its place.

        Raises: DataDirError when the file is there and may not be read.
        """
        try:
            return _parse(self.path.read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            aside = set_aside(self.path)
            log.warning("%s is broken (%s) and was kept as %s", self.path, error, aside.name)
        except OSError as error:
            raise DataDirError(f"{self.path} cannot be read ({error.strerror}). Make it yours.") from None
        try:
            found = _parse(self.previous.read_bytes())
        except (OSError, ValueError):
            log.warning("the appliance starts without its memory: everybody joins again")
            return {}
        log.warning("the state saved before it is used instead")
        return found

    def save(self, state: dict[str, Any]) -> None:
        """Write it now, whole and synced. Blocks. Raises: OSError; TypeError for what TOML cannot say."""
        data = _format(state)
        if data == self._written:
            return
        self._keep_previous()
        write_whole(self.path, data)
        self._written = data

    def touch(self) -> None:
        """The state changed: save it within 250 ms. Only on the Trio thread."""
        self._dirty = True
        self._wake.set()

    async def run(
        self, get_snapshot: Snapshot, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Save after touches, at most each 250 ms, until cancelled; then once more if need be."""
        task_status.started()
        try:
            while True:
                while not self._dirty:
                    self._wake = trio.Event()
                    await self._wake.wait()
                saved = await self.flush(get_snapshot)
                await trio.sleep(EVERY_S if saved else RETRY_S)
        finally:
            if self._dirty:
                with trio.move_on_after(LAST_S, shield=True):
                    await self.flush(get_snapshot)

    async def flush(self, get_snapshot: Snapshot) -> bool:
        """Save now, off the Trio thread; False (and logged) when the disk refused."""
        async with self._writing:
            return await self._save_now(get_snapshot)

    async def settle(self, get_snapshot: Snapshot) -> bool:
        """Wait until what was touched before is on the disk; False when the disk refused."""
        async with self._writing:
            return not self._dirty or await self._save_now(get_snapshot)

    async def _save_now(self, get_snapshot: Snapshot) -> bool:
        self._dirty = False
        snapshot = get_snapshot()
        try:
            await trio.to_thread.run_sync(self.save, snapshot)
        except OSError as error:
            log.warning("%s was not saved (%s); trying again", self.path, error.strerror)
            self.touch()
            return False
        except BaseException:
            self.touch()
            raise
        return True

    def _keep_previous(self) -> None:
        """Give the present file its second name, so that no moment is without a whole file."""
        if not self.path.exists():
            return
        temp = self.path.with_name(f".{self.previous.name}.new")
        temp.unlink(missing_ok=True)
        try:
            os.link(self.path, temp)
        except OSError:
            # A file system without hard links.
            shutil.copyfile(self.path, temp)
            temp.chmod(0o600)
        os.replace(temp, self.previous)


def _format(state: dict[str, Any]) -> bytes:
    body = tomli_w.dumps(state).encode()
    return b"# SoundMesh state, sha256 " + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def _parse(data: bytes) -> dict[str, Any]:
    """Raises: ValueError."""
    head, _, body = data.partition(b"\n")
    if head.rpartition(b" ")[2] != hashlib.sha256(body).hexdigest().encode():
        raise ValueError("its checksum is wrong")
    return tomllib.loads(body.decode())
