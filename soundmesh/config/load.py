"""A show file on disk to a show or its problems: the only file read of ``config``."""

from __future__ import annotations

from pathlib import Path

from soundmesh.config.compile import read_show
from soundmesh.config.parse import LIMIT_BYTES
from soundmesh.config.problems import LoadedShow, Problem

__all__ = ["LoadedShow", "load_show"]


def load_show(path: Path) -> LoadedShow:
    """The show in a file, or why there is none. A file that cannot be read is a problem like others."""
    name = str(path)
    try:
        with path.open("rb") as file:
            # One byte more than allowed, so that a file that is too large is seen without reading all of it.
            data = file.read(LIMIT_BYTES + 1)
    except FileNotFoundError:
        return _refused(name, "there is no such file.")
    except IsADirectoryError:
        return _refused(name, "is a folder; name the show file in it.")
    except PermissionError:
        return _refused(name, "may not be read by this user. Check its owner and mode.")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        return _refused(name, f"cannot be read ({reason}).")
    return read_show(data, name)


def _refused(name: str, reason: str) -> LoadedShow:
    return LoadedShow(None, (Problem(name, 0, "", reason),))
