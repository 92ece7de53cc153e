"""Where the appliance keeps its own files, and how it writes them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

FOLDER_MODE = 0o750
FILE_MODE = 0o600
SOCKET_PATH_BYTES = 107
"""``sun_path`` has 108 bytes with its closing zero. Source: unix(7)."""


class DataDirError(Exception):
    """The data folder cannot be used; the text is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class DataDir:
    """The layout of the data folder."""

    root: Path

    @classmethod
    def find(cls, given: Path | None) -> DataDir:
        """The folder that was given, or the default one; nothing is made and it need not exist."""
        return cls((given or default_root()).expanduser().absolute())

    @classmethod
    def make(cls, given: Path | None) -> DataDir:
        """The same, made where it is missing and tried for writing. Raises: DataDirError."""
        data = cls.find(given)
        for folder in (data.root, data.tls):
            _make_folder(folder)
        _try_writing(data.root)
        data._place_socket()
        return data

    @property
    def state(self) -> Path:
        return self.root / "state.toml"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets.toml"

    @property
    def tls(self) -> Path:
        """The folder of the certificates."""
        return self.root / "tls"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def control_socket(self) -> Path:
        """The Unix socket: in the folder, or where ``make`` recorded when the folder lies too deep."""
        try:
            return Path(self._socket_record.read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError):
            return self.root / "control.sock"

    @property
    def _socket_record(self) -> Path:
        return self.root / "control.path"

    def _place_socket(self) -> None:
        if len(os.fsencode(self.root / "control.sock")) <= SOCKET_PATH_BYTES:
            self._socket_record.unlink(missing_ok=True)
            return
        name = "soundmesh-" + hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        folder = _runtime_root() / name
        path = folder / "control.sock"
        if len(os.fsencode(path)) > SOCKET_PATH_BYTES:
            raise DataDirError(
                f"{self.root} is too deep for a Unix socket. Give a data folder with a shorter path."
            )
        _make_folder(folder)
        _require_own(folder)
        write_whole(self._socket_record, f"{path}\n".encode())


def default_root() -> Path:
    """systemd's state folder, else the XDG one."""
    given = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if given:
        return Path(given)
    state_home = os.environ.get("XDG_STATE_HOME", "")
    # The XDG specification: a relative path is to be ignored.
    home = Path(state_home) if os.path.isabs(state_home) else Path.home() / ".local" / "state"
    return home / "soundmesh"


def write_whole(path: Path, data: bytes, *, mode: int = FILE_MODE, sync: bool = True) -> None:
    """Replace a file in one step: a crash at any moment leaves the old bytes or the new ones.

    ``sync`` False gives up the promise for a power cut, not for a crash.
    Raises: OSError.
    """
    handle, temp = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temp, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temp)
        raise
    if sync:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def set_aside(path: Path, keep: int = 5) -> Path:
    """Rename a broken file to ``NAME.broken-N`` and return its new name; the newest ``keep`` stay."""
    prefix = f"{path.name}.broken-"
    numbers = sorted(
        int(tail) for p in path.parent.glob(f"{prefix}*") if (tail := p.name.removeprefix(prefix)).isdigit()
    )
    for number in numbers[: max(0, len(numbers) - keep + 1)]:
        path.with_name(f"{prefix}{number}").unlink(missing_ok=True)
    aside = path.with_name(f"{prefix}{numbers[-1] + 1 if numbers else 1}")
    path.rename(aside)
    return aside


def _make_folder(folder: Path) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            folder.mkdir(mode=FOLDER_MODE)
        except FileExistsError:
            if not folder.is_dir():
                raise
        else:
            folder.chmod(FOLDER_MODE)
    except PermissionError:
        raise DataDirError(
            f"There is no permission to make the data folder {folder}. "
            "Give another with --data-dir, or make it yours."
        ) from None
    except (FileExistsError, NotADirectoryError):
        raise DataDirError(
            f"{folder} cannot be a data folder because a file is in its way. Give another with --data-dir."
        ) from None
    except OSError as error:
        raise DataDirError(
            f"The data folder {folder} cannot be made ({error.strerror}). Give another with --data-dir."
        ) from None


def _try_writing(folder: Path) -> None:
    try:
        handle, name = tempfile.mkstemp(prefix=".try-", dir=folder)
    except OSError as error:
        raise DataDirError(
            f"The data folder {folder} cannot be written ({error.strerror}). "
            "Make it yours, or give another with --data-dir."
        ) from None
    os.close(handle)
    os.unlink(name)


def _runtime_root() -> Path:
    for name in ("RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"):
        given = os.environ.get(name, "").split(":")[0]
        if given and os.path.isdir(given):
            return Path(given)
    return Path("/tmp")


def _require_own(folder: Path) -> None:
    """Refuse a folder that somebody else put there before us: the socket's credential is its place."""
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o027:
        raise DataDirError(f"{folder} is not private to this user. Give a data folder with a shorter path.")
