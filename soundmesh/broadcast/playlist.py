"""Files one after another without a gap, on a clock that runs on while nobody listens.

====================  ========================================================
a file that           is
====================  ========================================================
plays                 followed by the next within the same 20 ms
cannot be read        skipped, told once in the log, and named in ``troubles``
breaks in the middle  left there; the next goes on
====================  ========================================================

After the last file the list is made anew (folders and .m3u files may have
changed) and begins again, or ``ended`` says that it is over. When not one
file gave sound, ``alarm`` is set and ``block`` gives None until a file does.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from soundmesh.broadcast.listing import Item, Listing, list_files
from soundmesh.broadcast.opus import FRAME
from soundmesh.broadcast.sources import FileSound, Unreadable
from soundmesh.dsp.tone import RATE_HZ, Samples

log = logging.getLogger(__name__)

END_S = 0.05
"""Nobody comes in for less than this of a file's end."""


class Playlist:
    def __init__(self, program: str, files: Sequence[str], folder: Path, *, loop: bool) -> None:
        """``program``: its name, for the log."""
        self.alarm = False
        """There is nothing that can be played."""
        self.ended = False
        self.loop = loop
        self._program = program
        self._files = tuple(files)
        self._folder = folder
        self._listing = Listing((), ())
        self._at = 0
        """Of the item that plays, or is next; ``_into_s``: from where, while it is not open."""
        self._into_s = 0.0
        self._sound: FileSound | None = None
        self._sounded = False
        """The open file gave sound."""
        self._begun = False
        self._rest: Samples = np.empty(0, np.float32)
        self._wrong: dict[str, str] = {}
        self._lengths: dict[Path, tuple[tuple[int, int], float | None]] = {}

    @property
    def playing(self) -> str:
        """The name of the open file, or nothing."""
        return self._listing.items[self._at].name if self._sound is not None else ""

    @property
    def troubles(self) -> tuple[str, ...]:
        """One sentence for each thing that cannot be played."""
        return tuple(f"{name} is not readable: {why}" for name, why in self._wrong.items())

    def survey(self) -> None:
        """Look at every file without playing: finds what is wrong before anybody listens."""
        if self._sound is None:
            self._list()
        lengths = [self._length(item) for item in self._listing.items]
        self.alarm = all(length is None for length in lengths)

    def block(self) -> Samples | None:
        """The next 20 ms, at a file's end joined with the next file's beginning. Shape: (960,).

        None when there is nothing to play now: ``alarm`` or ``ended`` says which.
        """
        parts: list[Samples] = []
        need = FRAME
        while need:
            if not len(self._rest):
                piece = self._piece()
                if piece is None:
                    if not parts:
                        return None
                    piece = np.zeros(need, np.float32)
                self._rest = piece
            parts.append(self._rest[:need])
            self._rest = self._rest[need:]
            need -= len(parts[-1])
        return np.concatenate(parts)

    def move_on(self, seconds: float) -> None:
        """Let that much time pass unheard. A program without loop waits for its first listener."""
        if self.ended or not (self.loop or self._begun):
            return
        if not self._listing.items:
            self._list()
        self.close()
        self._find(self._into_s + seconds)

    def rewind(self) -> None:
        """Begin again with the next ``block``."""
        self.close()
        self._at, self._into_s = 0, 0.0
        self._begun = self.ended = False
        self._listing = Listing((), ())

    def close(self) -> None:
        """Close the open file; ``block`` goes on where it was."""
        if self._sound is not None:
            self._into_s = self._sound.position_s - len(self._rest) / RATE_HZ
            self._sound.close()
            self._sound = None
        self._rest = self._rest[:0]

    def _find(self, at_s: float) -> None:
        """Point at what plays ``at_s`` after the beginning of the current item."""
        items = self._listing.items
        lengths = [self._length(item) or 0.0 for item in items]
        whole = sum(lengths)
        if whole <= 0:
            return
        begun_s = sum(lengths[: self._at])
        if not self.loop and begun_s + at_s >= whole:
            self._end()
            return
        left = (begun_s + at_s) % whole
        for at, length in enumerate(lengths):
            if left < length - END_S:
                self._at, self._into_s = at, left
                return
            left = max(0.0, left - length)
        self._at, self._into_s = 0, 0.0

    def _piece(self) -> Samples | None:
        """More sound from this file or the next one that has some."""
        tried = 0
        while not self.ended:
            if self._sound is None:
                if not self._listing.items or self._at >= len(self._listing.items):
                    self._at, self._into_s = 0, 0.0
                    self._list()
                if tried >= max(1, len(self._listing.items)):
                    self.alarm = True
                    return None
                if not self._listing.items or not self._try_open():
                    tried += 1
                    self._next()
                    continue
            piece = self._read()
            if piece is not None:
                self.alarm = False
                return piece
            tried += not self._sounded
            self.close()
            self._next()
        return None

    def _try_open(self) -> bool:
        item = self._listing.items[self._at]
        self._begun = True
        self._sounded = self._into_s > 0
        try:
            self._sound = FileSound(item.path, self._into_s)
        except Unreadable as error:
            self._note(item, str(error))
            return False
        return True

    def _read(self) -> Samples | None:
        assert self._sound is not None
        item = self._listing.items[self._at]
        try:
            piece = self._sound.read()
        except Unreadable as error:
            self._note(item, str(error))
            return None
        if piece is not None and not self._sounded:
            self._sounded = True
            self._note(item, None)
        if piece is None and not self._sounded:
            self._note(item, "it holds no sound")
        return piece

    def _next(self) -> None:
        self._at, self._into_s = self._at + 1, 0.0
        if self._at >= len(self._listing.items) and not self.loop and self._any_readable():
            self._end()

    def _any_readable(self) -> bool:
        return any(item.name not in self._wrong for item in self._listing.items)

    def _end(self) -> None:
        self.ended = True
        self._at, self._into_s = 0, 0.0

    def _list(self) -> None:
        """Make the list of files anew."""
        self._listing = list_files(self._files, self._folder)
        named = {item.name for item in self._listing.items}
        told = dict(self._listing.troubles)
        for name, why in told.items():
            self._tell(name, why)
        self._wrong = {n: why for n, why in self._wrong.items() if n in named} | told
        paths = {item.path for item in self._listing.items}
        self._lengths = {path: length for path, length in self._lengths.items() if path in paths}

    def _length(self, item: Item) -> float | None:
        """In seconds, 0 when the file does not say; None when it cannot be read."""
        try:
            now = item.path.stat()
        except OSError:
            now = None
        look = (0, 0) if now is None else (now.st_mtime_ns, now.st_size)
        known = self._lengths.get(item.path)
        if known is not None and known[0] == look:
            return known[1]
        length = None
        try:
            sound = FileSound(item.path)
            length = sound.length_s or 0.0
            sound.close()
            self._note(item, None)
        except Unreadable as error:
            self._note(item, str(error))
        self._lengths[item.path] = (look, length)
        return length

    def _note(self, item: Item, why: str | None) -> None:
        if why is None:
            if self._wrong.pop(item.name, None) is not None:
                log.info("program %s: %s is readable again", self._program, item.name)
            return
        self._tell(item.name, why)
        self._wrong[item.name] = why

    def _tell(self, name: str, why: str) -> None:
        if self._wrong.get(name) != why:
            log.warning("program %s: %s is not readable: %s", self._program, name, why)
