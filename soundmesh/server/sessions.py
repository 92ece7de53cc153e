"""Device sessions: which browser is which station. Random, revocable, kept as hashes."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from soundmesh.core.ids import StationId

COOKIE = "__Host-soundmesh"
"""The prefix makes browsers refuse it without Secure, with a Domain, or from another path."""
MAX_AGE_S = 180 * 24 * 3600
MAX_SESSIONS = 256
SEEN_STEP_S = 3600.0
"""How fine "last seen" is; finer would write the state file for nothing."""


@dataclass(frozen=True, slots=True)
class DeviceSession:
    """A browser that may be a station. Role and person are the station's own."""

    station: StationId
    created_s: float
    seen_s: float
    """Wall clock."""


class Sessions:
    """The sessions by the SHA-256 of their tokens; at most 256, those unused longest go first."""

    def __init__(self) -> None:
        self._by_hash: dict[str, DeviceSession] = {}
        self._floor_s = 0.0

    def __len__(self) -> int:
        return len(self._by_hash)

    @property
    def stations(self) -> frozenset[StationId]:
        """Stations some browser can still come back as."""
        return frozenset(session.station for session in self._by_hash.values())

    def make(self, station: StationId, now: float) -> str:
        """A new session's token (256 bits): the only time it is known here. ``now``: wall clock."""
        token = secrets.token_urlsafe(32)
        now = max(now, self._floor_s)
        self._by_hash[_hash(token)] = DeviceSession(station, now, now)
        while len(self._by_hash) > MAX_SESSIONS:
            del self._by_hash[min(self._by_hash, key=lambda h: self._by_hash[h].seen_s)]
        return token

    def find(self, token: str, now: float | None = None) -> DeviceSession | None:
        """The session of a token, or None when it is unknown, revoked or 180 days unused."""
        if not token:
            return None
        key = _hash(token)
        found = self._by_hash.get(key)
        if found is None:
            return None
        now = time.time() if now is None else now
        now = max(now, self._floor_s)
        if now - found.seen_s > MAX_AGE_S:
            del self._by_hash[key]
            return None
        if abs(now - found.seen_s) >= SEEN_STEP_S:
            found = replace(found, seen_s=now)
            self._by_hash[key] = found
        return found

    def revoke(self, station: StationId) -> None:
        """End every session of a station."""
        self._by_hash = {h: s for h, s in self._by_hash.items() if s.station != station}

    def dump(self) -> list[dict[str, Any]]:
        """For the state file: hashes only."""
        return [
            {"hash": key, "station": int(s.station), "created_s": s.created_s, "seen_s": s.seen_s}
            for key, s in self._by_hash.items()
        ]

    @classmethod
    def restore(cls, rows: Iterable[Mapping[str, Any]], now: float = 0.0) -> Sessions:
        """From the state file. Rows that make no sense, or 180 days unused at ``now``, are left out.

        ``now`` has certainly passed: a box without a battery clock dates nothing
        earlier, or the day its clock is set would end every session at once.
        """
        sessions = cls()
        sessions._floor_s = now
        for row in rows:
            try:
                key, station = str(row["hash"]), int(row["station"])
                made = DeviceSession(StationId(station), float(row["created_s"]), float(row["seen_s"]))
            except (KeyError, TypeError, ValueError):
                continue
            # Written so that a time that is no number fails it.
            fresh = now - made.seen_s <= MAX_AGE_S
            if fresh and len(key) == 64 and 1 <= station <= 65535 and len(sessions) < MAX_SESSIONS:
                sessions._by_hash[key] = made
        return sessions


def session_cookie(token: str) -> str:
    """The ``Set-Cookie`` value for a token; an empty one makes the browser forget it."""
    age = MAX_AGE_S if token else 0
    return f"{COOKIE}={token}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Strict"


def _hash(token: str) -> str:
    # A plain hash is enough: the token is 256 random bits, there is nothing to guess.
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
