"""One UDP port for everybody: datagrams are told apart before aiortc sees them.

============================  =====================================================
datagram                      goes to
============================  =====================================================
empty, over 1500 bytes        nobody: either ends aiortc's receive task
STUN request                  the leg whose local user name it carries
STUN response                 the leg that sent the request (transaction id)
SRTP, SRTCP (first byte >127) the leg that knows the source address, at once
DTLS                          the same, through ICE's queue
anything else, unknown source nobody, counted
============================  =====================================================

A source address becomes known only when ICE has authenticated a check from
it. Strangers have a budget, so that guessing user names costs them more than
it costs the appliance.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

log = logging.getLogger(__name__)

MAX_DATAGRAM_BYTES = 1500
PER_WAKE = 64
"""Datagrams taken per wake-up: a flood must not starve the loop."""
MAX_TRANSACTIONS = 4096
STRANGER_PER_S = 50
"""STUN requests answered a second for each address that is not authenticated yet."""
MAX_STRANGERS = 1024
EXPEDITED_FORWARDING = 0xB8
"""DSCP EF in the TOS byte (RFC 3246); Wi-Fi maps it to its voice queue (RFC 8325)."""
BUFFER_BYTES = 4 << 20

Address = tuple[str, int]


class StunSide(Protocol):
    """What a leg needs of aioice's StunProtocol."""

    receiver: Any

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None: ...
    def connection_lost(self, exc: Exception | None) -> None: ...


class MuxLeg:
    """What aioice takes for the datagram transport of one ICE connection."""

    __slots__ = ("addresses", "last_s", "mux", "name", "on_media", "protocol")

    def __init__(self, mux: Mux, name: str, protocol: StunSide) -> None:
        self.mux = mux
        self.name = name
        self.protocol = protocol
        self.addresses: set[Address] = set()
        self.on_media: Callable[[bytes], None] | None = None
        self.last_s = 0.0

    def sendto(self, data: bytes, address: Address) -> None:
        """As aioice calls it: STUN and DTLS."""
        if len(data) >= 20 and data[0] == 0 and data[1] == 1:
            self.mux.remember(data[8:20], self)
        self.mux.send(data, address)

    def send_now(self, data: bytes, address: Address) -> None:
        """Media: nothing to remember."""
        self.mux.send(data, address)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"sockname": self.mux.address, "socket": self.mux.socket}.get(name, default)

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        self.mux.forget(self)
        asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)


class Mux:
    """Owns one UDP socket and the tables of who is behind which address."""

    def __init__(self, address: str, port: int) -> None:
        """Bind at once, inside the running loop. Raises: OSError."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._prepare(address, port, family)
        except OSError:
            self.socket.close()
            raise
        self.address: Address = self.socket.getsockname()[:2]
        self.dropped = 0
        """Datagrams the kernel would not take."""
        self.stray = 0
        """Datagrams that belong to nobody."""
        self._by_name: dict[str, MuxLeg] = {}
        self._by_address: dict[Address, MuxLeg] = {}
        self._by_transaction: OrderedDict[bytes, MuxLeg] = OrderedDict()
        self._strangers: OrderedDict[str, list[float]] = OrderedDict()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.socket.fileno(), self._readable)

    def _prepare(self, address: str, port: int, family: int) -> None:
        self.socket.bind((address, port))
        self.socket.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self.socket.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
        if family == socket.AF_INET:
            self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, EXPEDITED_FORWARDING)

    def close(self) -> None:
        """Idempotent."""
        if self.socket.fileno() >= 0:
            self._loop.remove_reader(self.socket.fileno())
            self.socket.close()

    def rebind(self) -> None:
        """The same legs on a new port of the same address."""
        self.close()
        self.socket = socket.socket(self.socket.family, socket.SOCK_DGRAM)
        self._prepare(self.address[0], 0, self.socket.family)
        self.address = self.socket.getsockname()[:2]
        self._loop.add_reader(self.socket.fileno(), self._readable)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Entries per table: names, addresses, transactions."""
        return len(self._by_name), len(self._by_address), len(self._by_transaction)

    def send(self, data: bytes, address: Address) -> None:
        """A datagram the kernel will not take is lost, as on any network."""
        try:
            self.socket.sendto(data, address)
        except OSError:
            self.dropped += 1

    def register(self, name: str, protocol: StunSide) -> MuxLeg:
        """A new leg by its local ICE user name."""
        leg = MuxLeg(self, name, protocol)
        self._by_name[name] = leg
        return leg

    def rename(self, old: str, new: str) -> None:
        """The leg has new local credentials (ICE restart)."""
        leg = self._by_name.pop(old, None)
        if leg is not None:
            leg.name = new
            self._by_name[new] = leg

    def remember(self, transaction: bytes, leg: MuxLeg) -> None:
        """The answer to this STUN request belongs to the leg."""
        self._by_transaction[transaction] = leg
        if len(self._by_transaction) > MAX_TRANSACTIONS:
            self._by_transaction.popitem(last=False)

    def forget(self, leg: MuxLeg) -> None:
        """Free everything of a leg."""
        self._by_name.pop(leg.name, None)
        for address in leg.addresses:
            if self._by_address.get(address) is leg:
                del self._by_address[address]
        leg.addresses.clear()
        for transaction in [t for t, owner in self._by_transaction.items() if owner is leg]:
            del self._by_transaction[transaction]

    def _readable(self) -> None:
        receive = self.socket.recvfrom
        known = self._by_address
        for _ in range(PER_WAKE):
            try:
                data, source = receive(2048)
            except OSError:
                # Nothing left, or an ICMP error of an earlier send.
                return
            if not 0 < len(data) <= MAX_DATAGRAM_BYTES:
                self.stray += 1
                continue
            address = source[:2]
            try:
                if data[0] > 3:
                    leg = known.get(address)
                    if leg is None:
                        self.stray += 1
                        continue
                    leg.last_s = self._loop.time()
                    if data[0] > 127:
                        if leg.on_media is not None and len(data) >= 12:
                            leg.on_media(data)
                    else:
                        leg.protocol.receiver.data_received(data, 1)
                else:
                    self._stun(data, address)
            except Exception:
                self.stray += 1
                log.debug("a datagram from %s could not be handled", address, exc_info=True)

    def _stun(self, data: bytes, address: Address) -> None:
        if len(data) < 20:
            self.stray += 1
            return
        if data[0] & 1:
            leg = self._by_transaction.pop(data[8:20], None)
            if leg is None:
                self.stray += 1
                return
            leg.last_s = self._loop.time()
            leg.protocol.datagram_received(data, address)
            return
        leg = self._by_name.get(_user_name(data))
        if leg is None or (address not in leg.addresses and not self._welcome(address)):
            self.stray += 1
            return
        leg.protocol.datagram_received(data, address)
        if self._by_address.get(address) is leg:
            leg.last_s = self._loop.time()
        elif leg.protocol.receiver.knows(address):
            self._by_address[address] = leg
            leg.addresses.add(address)
            leg.last_s = self._loop.time()
            leg.protocol.receiver.prune()

    def _welcome(self, address: Address) -> bool:
        """Whether an address that is not authenticated may be answered once more this second."""
        now = self._loop.time()
        budget = self._strangers.get(address[0])
        if budget is None:
            budget = self._strangers[address[0]] = [now, 0.0]
            if len(self._strangers) > MAX_STRANGERS:
                self._strangers.popitem(last=False)
        if now - budget[0] >= 1.0:
            budget[0], budget[1] = now, 0.0
        budget[1] += 1
        return budget[1] <= STRANGER_PER_S


def _user_name(data: bytes) -> str:
    """The local half of a STUN request's USERNAME; empty when there is none."""
    at, end = 20, min(len(data), 20 + struct.unpack_from("!H", data, 2)[0])
    while at + 4 <= end:
        kind, length = struct.unpack_from("!HH", data, at)
        if kind == 6:
            return data[at + 4 : at + 4 + length].split(b":")[0].decode("ascii", "replace")
        at += 4 + length + (-length % 4)
    return ""
