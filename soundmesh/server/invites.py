"""Invites: links that open one role, for a number of people, until a time."""

from __future__ import annotations

import hashlib
import io
import secrets
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import segno

MAX_INVITES = 256


@dataclass(frozen=True, slots=True)
class Invite:
    role: str
    uses: int
    """How many joins are left."""
    expires_s: float
    """Wall clock."""


class Invites:
    """The open invites by the SHA-256 of their tokens."""

    def __init__(self) -> None:
        self._by_hash: dict[str, Invite] = {}

    def __len__(self) -> int:
        return len(self._by_hash)

    def make(self, role: str, uses: int, minutes: float, now: float) -> str:
        """A new invite's token, said only now. 128 bits: short enough for an easy QR code."""
        self._forget_old(now)
        while len(self._by_hash) >= MAX_INVITES:
            del self._by_hash[min(self._by_hash, key=lambda h: self._by_hash[h].expires_s)]
        token = secrets.token_urlsafe(16)
        self._by_hash[_hash(token)] = Invite(role, uses, now + minutes * 60)
        return token

    def look(self, token: str, now: float) -> Invite | None:
        """What a token opens now, or None. Spends nothing: a link preview is free."""
        found = self._by_hash.get(_hash(token))
        return found if found is not None and now < found.expires_s else None

    def spend(self, token: str, now: float) -> bool:
        """Take one use; False when there was none left to take."""
        found = self.look(token, now)
        if found is None:
            return False
        if found.uses <= 1:
            del self._by_hash[_hash(token)]
        else:
            self._by_hash[_hash(token)] = replace(found, uses=found.uses - 1)
        return True

    def dump(self, now: float) -> list[dict[str, Any]]:
        """For the state file: hashes only, and only invites still open."""
        self._forget_old(now)
        return [
            {"hash": key, "role": i.role, "uses": i.uses, "expires_s": i.expires_s}
            for key, i in self._by_hash.items()
        ]

    @classmethod
    def restore(cls, rows: Iterable[Mapping[str, Any]]) -> Invites:
        """From the state file. Rows that make no sense are left out."""
        invites = cls()
        for row in rows:
            try:
                key = str(row["hash"])
                made = Invite(str(row["role"]), int(row["uses"]), float(row["expires_s"]))
            except (KeyError, TypeError, ValueError):
                continue
            if len(key) == 64 and made.uses > 0 and len(invites) < MAX_INVITES:
                invites._by_hash[key] = made
        return invites

    def _forget_old(self, now: float) -> None:
        self._by_hash = {h: i for h, i in self._by_hash.items() if now < i.expires_s}


def qr_terminal(url: str, ansi: bool | None = None) -> str:
    """A QR code in half blocks, two modules a character high.

    ``ansi`` paints it black on white whatever the terminal's colours are (by
    default when standard output is a terminal); without, the light modules
    are the inked ones, as a dark terminal needs.
    """
    ansi = sys.stdout.isatty() if ansi is None else ansi
    rows = [list(row) for row in segno.make(url, error="m", micro=False).matrix_iter(border=2)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    lines = []
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        text = "".join(" ▄▀█"[2 * (not up) + (not low)] for up, low in zip(upper, lower, strict=True))
        lines.append(f"\x1b[97;40m{text}\x1b[0m" if ansi else text)
    return "\n".join(lines)


def qr_svg(url: str) -> str:
    """A QR code as an SVG element, dark on white with its quiet zone."""
    return str(segno.make(url, error="m", micro=False).svg_inline(scale=4, border=4, light="white"))


def qr_png(url: str) -> bytes:
    """A QR code as a PNG image."""
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(out, kind="png", scale=8, border=4)
    return out.getvalue()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
