"""The PINs that open roles, kept as argon2id hashes outside the show file."""

from __future__ import annotations

import logging
import threading
import tomllib
from pathlib import Path

import tomli_w
import trio
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from soundmesh.server.paths import set_aside, write_whole

log = logging.getLogger(__name__)

MIN_DIGITS = 4
MAX_DIGITS = 32

# OWASP's smaller figure, about 24 ms on a desktop; see research on a Pi 4: 5 to 8 times that.
_HASHER = PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)
# Two at once: the appliance's other cores belong to the sound.
_AT_ONCE = 2


class PinError(ValueError):
    """This cannot be a PIN; the text says why."""


class PinStore:
    """The PIN of each role. A broken file is kept aside and opens nothing."""

    def __init__(self, path: Path) -> None:
        """Reads the file. Raises: OSError when it is there and cannot be read."""
        self._path = path
        self._writing = threading.Lock()
        self._limiter = trio.CapacityLimiter(_AT_ONCE)
        self._hashes = _load(path)

    def has(self, role: str) -> bool:
        """Whether a PIN opens this role."""
        return role in self._hashes

    def set(self, role: str, pin: str) -> None:
        """Give a role its PIN. Blocks for a hash and a disk write. Raises: PinError, OSError."""
        if not (pin.isascii() and pin.isdigit() and MIN_DIGITS <= len(pin) <= MAX_DIGITS):
            raise PinError(f"A PIN is {MIN_DIGITS} to {MAX_DIGITS} digits.")
        self._change(role, _HASHER.hash(pin))

    def clear(self, role: str) -> None:
        """Take a role's PIN away; it then opens by invite only. Raises: OSError."""
        self._change(role, None)

    def verify(self, role: str, pin: str) -> bool:
        """Whether this is the role's PIN. Blocks for a hash: from a server, call ``check``."""
        known = self._hashes.get(role)
        if known is None or len(pin) > MAX_DIGITS:
            return False
        try:
            return _HASHER.verify(known, pin)
        except (VerificationError, InvalidHashError):
            return False

    async def check(self, role: str, pin: str) -> bool:
        """``verify`` in a worker thread, two at once at most."""
        return await trio.to_thread.run_sync(self.verify, role, pin, limiter=self._limiter)

    def _change(self, role: str, hashed: str | None) -> None:
        with self._writing:
            hashes = {k: v for k, v in self._hashes.items() if k != role}
            if hashed is not None:
                hashes[role] = hashed
            write_whole(self._path, tomli_w.dumps({"pins": hashes}).encode())
            # The dict is replaced, not changed: readers on other threads see one or the other.
            self._hashes = hashes


def _load(path: Path) -> dict[str, str]:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return {}
    try:
        pins = tomllib.loads(raw.decode()).get("pins", {})
        if not all(isinstance(v, str) for v in pins.values()):
            raise ValueError("a PIN is not a hash")
    except (ValueError, AttributeError) as error:
        aside = set_aside(path)
        log.warning("%s is broken (%s) and was kept as %s; no PIN opens a role now", path, error, aside.name)
        return {}
    path.chmod(0o600)
    return dict(pins)
