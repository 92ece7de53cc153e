"""From what a show file names (files, folders, .m3u lists) to the files to play, in order."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from soundmesh.broadcast.sources import reason

MAX_FILES = 1000
"""Of one program; more are left out and named as a trouble."""
MAX_M3U_BYTES = 256 * 1024
LISTS = frozenset({".m3u", ".m3u8"})
SOUNDS = frozenset(
    [
        ".aac",
        ".ac3",
        ".aif",
        ".aiff",
        ".amr",
        ".ape",
        ".asf",
        ".au",
        ".avi",
        ".caf",
        ".dsf",
        ".flac",
        ".flv",
        ".m4a",
        ".m4b",
        ".mka",
        ".mkv",
        ".mov",
        ".mp2",
        ".mp3",
        ".mp4",
        ".mpc",
        ".oga",
        ".ogg",
        ".opus",
        ".tak",
        ".tta",
        ".voc",
        ".w64",
        ".wav",
        ".webm",
        ".wma",
        ".wv",
    ]
)
"""What is played of a folder; a file that is named itself may be called anything."""


class Item(NamedTuple):
    name: str
    """As a person calls it: the path as the show or the list says it."""
    path: Path


class Listing(NamedTuple):
    items: tuple[Item, ...]
    troubles: tuple[tuple[str, str], ...]
    """(name, why), for people."""


def list_files(named: Sequence[str], folder: Path) -> Listing:
    """Everything there is to play now, paths from ``folder`` on. Reads folders and lists, no sound."""
    troubles: list[tuple[str, str]] = []
    items: list[Item] = []
    for name in named:
        items += itertools.islice(_expanded(name, folder, troubles), MAX_FILES + 1 - len(items))
    if len(items) > MAX_FILES:
        del items[MAX_FILES:]
        troubles.append((named[0], f"more than {MAX_FILES} files; the rest is left out"))
    return Listing(tuple(items), tuple(troubles))


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts as people count: ``2 b`` before ``10 a``, case ignored."""
    parts = re.findall(r"\d+|\D+", name.casefold())
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)


def _expanded(name: str, folder: Path, troubles: list[tuple[str, str]]) -> Iterator[Item]:
    item = _item(name, folder, troubles)
    if item is None:
        return
    try:
        if item.path.is_dir():
            yield from _of_folder(item, troubles)
        elif item.path.suffix.lower() in LISTS:
            yield from _of_list(item, troubles)
        else:
            yield item
    except OSError as error:
        troubles.append((name, reason(error)))


def _item(name: str, folder: Path, troubles: list[tuple[str, str]]) -> Item | None:
    if "://" in name:
        troubles.append((name, "addresses are not played, only files"))
        return None
    if not name.strip() or "\0" in name:
        troubles.append((name, "it is no path"))
        return None
    return Item(name, folder / os.path.expanduser(name))


def _of_folder(item: Item, troubles: list[tuple[str, str]]) -> Iterator[Item]:
    with os.scandir(item.path) as entries:
        found = [e.name for e in itertools.islice(entries, 10 * MAX_FILES) if _is_sound(e)]
    if not found:
        troubles.append((item.name, "it holds no sound files"))
    for name in sorted(found, key=natural):
        yield Item(os.path.join(item.name, name), item.path / name)


def _is_sound(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and os.path.splitext(entry.name)[1].lower() in SOUNDS


def _of_list(item: Item, troubles: list[tuple[str, str]]) -> Iterator[Item]:
    if item.path.exists() and not item.path.is_file():
        troubles.append((item.name, "it is not a file"))
        return
    with item.path.open("rb") as file:
        data = file.read(MAX_M3U_BYTES + 1)
    if len(data) > MAX_M3U_BYTES:
        troubles.append((item.name, f"it is longer than {MAX_M3U_BYTES // 1024} KiB; the rest is left out"))
        data = data[: data.rfind(b"\n", 0, MAX_M3U_BYTES) + 1]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # what .m3u was before .m3u8
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        entry = _item(line.replace("\\", "/") if "/" not in line else line, item.path.parent, troubles)
        if entry is None:
            continue
        if entry.path.is_dir() or entry.path.suffix.lower() in LISTS:
            troubles.append((line, f"a list in the list {item.name} is not followed"))
            continue
        yield entry
