"""How long somebody who typed wrong PINs waits: growing, at most 10 s, never a ban.

Crews share one address behind a router, so an address is slowed and never
shut, and a device that joined before is not slowed at all.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

MAX_WAIT_S = 10.0
FIRST_WAIT_S = 0.5
FREE_PER_ADDRESS = 3
"""Wrong PINs without a wait: a thumb slips."""
FREE_PER_ROLE = 10
"""More than for an address: a whole crew may be typing."""
FORGET_ONE_S = 30.0
MAX_ADDRESSES = 1024


@dataclass(slots=True)
class _Tries:
    wrong: float = 0.0
    at_s: float = 0.0

    def left(self, now: float) -> float:
        """The wrong tries that still count: one is forgotten each 30 s."""
        return max(0.0, self.wrong - max(0.0, now - self.at_s) / FORGET_ONE_S)

    def add(self, now: float) -> None:
        self.wrong = min(self.left(now) + 1.0, 64.0)
        self.at_s = now

    def wait_s(self, free: int, now: float) -> float:
        """The wait is counted from the last wrong PIN and doubles with each beyond the free ones."""
        over = int(self.wrong) - free
        if over <= 0:
            return 0.0
        wait = min(MAX_WAIT_S, FIRST_WAIT_S * 2.0 ** min(over - 1, 8))
        return max(0.0, min(wait, self.at_s + wait - now))


class Throttle:
    """Wrong PINs by address and by role. ``now`` is monotonic seconds."""

    def __init__(self) -> None:
        self._addresses: dict[str, _Tries] = {}
        self._roles: dict[str, _Tries] = {}

    def wait_s(self, address: str, role: str, now: float, *, known: bool) -> float:
        """Seconds until this address may try this role again; 0 for a device that joined before."""
        if known:
            return 0.0
        by_address = self._addresses.get(_key(address))
        by_role = self._roles.get(role)
        return max(
            by_address.wait_s(FREE_PER_ADDRESS, now) if by_address else 0.0,
            by_role.wait_s(FREE_PER_ROLE, now) if by_role else 0.0,
        )

    def wrong(self, address: str, role: str, now: float) -> None:
        """A wrong PIN was typed."""
        key = _key(address)
        tries = self._addresses.pop(key, None) or _Tries()
        tries.add(now)
        self._addresses[key] = tries
        if len(self._addresses) > MAX_ADDRESSES:
            del self._addresses[next(iter(self._addresses))]
        self._roles.setdefault(role, _Tries()).add(now)

    def right(self, address: str, role: str) -> None:
        """The right PIN was typed: whoever is there belongs to the crew."""
        self._addresses.pop(_key(address), None)
        self._roles.pop(role, None)


def _key(address: str) -> str:
    """The address; of IPv6 its /64, which one phone can fill by itself."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address
