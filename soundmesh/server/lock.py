"""One appliance per data folder: a second one would delete the first one's control socket."""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path
from types import TracebackType

from soundmesh.server.paths import FILE_MODE, DataDir


class LockError(Exception):
    """Another appliance has the data folder; the text names it."""


class DataDirLock:
    """Holds the data folder while entered. The kernel frees it with the process, even after kill -9."""

    def __init__(self, data: DataDir) -> None:
        self._data = data
        self._handle: int | None = None

    def __enter__(self) -> DataDirLock:
        """Raises: LockError when another process has it."""
        handle = os.open(self._data.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(handle, 400, 0).decode(errors="replace").strip()
            os.close(handle)
            raise LockError(
                f"Another SoundMesh already uses {self._data.root}: {holder or 'it is just starting'}. "
                "Stop it, or give this one its own --data-dir."
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f'"{_own_name()}", pid {os.getpid()}\n'.encode(), 0)
        self._handle = handle
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None:
            os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None


def _own_name() -> str:
    """The command line as a person would recognise it, without options that could be long."""
    words = [Path(word).name for word in sys.argv[:3] if not word.startswith("-")]
    if words and words[0] == "__main__.py":
        words[0] = "soundmesh"
    return " ".join(words)[:200] or "soundmesh"
