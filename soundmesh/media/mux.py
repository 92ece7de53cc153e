"""One UDP port for everybody: a datagram filter, and whose datagram it is.

=====================  ====================================================
first byte             goes to
=====================  ====================================================
0, 1 (STUN)            a request: the path whose ufrag it names, within a
                       budget; a response: the path that asked
20 to 63 (DTLS)        the path that learned this source address
128 to 191 (RTP/RTCP)  the same, without a queue
anything else          nobody, counted; so are empty and oversized ones
=====================  ====================================================

A source address is learned only when ICE has authenticated a check from it
(``Socket.learn``), so a stranger's datagram never reaches DTLS or SRTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

log = logging.getLogger(__name__)

Addr = tuple[str, int]

MAX_DATAGRAM_BYTES = 1500
"""pylibsrtp's buffer; longer ones are no one's media."""
MIN_MEDIA_BYTES = 12
PER_WAKE_UP = 64
"""Datagrams read before the loop's other work gets its turn."""
BUFFER_BYTES = 4 << 20
TOS_EF = 0xB8
"""DSCP 46, expedited forwarding: WMM's voice queue on Wi-Fi."""
MAX_ASKED = 4096
STRANGER_CHECKS_S = 40
"""A browser sends its checks 20 a second or slower."""
KNOWN_CHECKS_S = 200
ALL_CHECKS_S = 4000
REFUSALS_S = 50


class Path(Protocol):
    """One session behind one socket."""

    def on_stun(self, data: bytes, addr: Addr) -> None: ...
    def on_dtls(self, data: bytes) -> None: ...
    def on_media(self, data: bytes) -> None: ...


class Budget:
    """How much STUN each source may cost in a second. Windows, not buckets: cheap, and bounded in memory."""

    def __init__(self) -> None:
        self._window = -1
        self._spent: dict[Addr, int] = {}
        self._all = 0
        self._refused = 0

    def check(self, addr: Addr, known: bool, now: float) -> bool:
        """Whether one more check of this source is looked at."""
        self._turn(now)
        spent = self._spent.get(addr, 0)
        if spent >= (KNOWN_CHECKS_S if known else STRANGER_CHECKS_S) or self._all >= ALL_CHECKS_S:
            return False
        self._spent[addr] = spent + 1
        self._all += 1
        return True

    def refusal(self, now: float) -> bool:
        """Whether one more error response may be sent: an open reflector helps nobody."""
        self._turn(now)
        self._refused += 1
        return self._refused <= REFUSALS_S

    def _turn(self, now: float) -> None:
        window = int(now)
        if window != self._window:
            self._window = window
            self._spent.clear()
            self._all = self._refused = 0


class Socket:
    """One bound UDP address and the tables of who is behind it."""

    def __init__(self, address: str, port: int) -> None:
        """Raises: OSError when it cannot be bound."""
        self._loop = asyncio.get_running_loop()
        self._sock = _bound(address, port)
        self.address: Addr = (address, self._sock.getsockname()[1])
        self.budget = Budget()
        self.stray = 0
        """Datagrams dropped by the filter."""
        self.unsent = 0
        self.faults = 0
        self._by_ufrag: dict[bytes, Path] = {}
        self._by_addr: dict[Addr, Path] = {}
        self._by_tid: OrderedDict[bytes, Path] = OrderedDict()
        self._loop.add_reader(self._sock.fileno(), self._readable)

    def close(self) -> None:
        if self._sock.fileno() >= 0:
            self._loop.remove_reader(self._sock.fileno())
            self._sock.close()

    def rebind(self) -> None:
        """A new source port under everything that lives here: what a NAT or a new network does."""
        self._loop.remove_reader(self._sock.fileno())
        self._sock.close()
        self._sock = _bound(self.address[0], 0)
        self._loop.add_reader(self._sock.fileno(), self._readable)

    def send(self, data: bytes, addr: Addr) -> None:
        """Send or drop: UDP never waits."""
        try:
            self._sock.sendto(data, addr)
        except OSError:
            self.unsent += 1

    # Who is behind it.

    def enter(self, ufrag: str, path: Path) -> None:
        self._by_ufrag[ufrag.encode()] = path

    def leave(self, ufrag: str, path: Path) -> None:
        """Forget a path wholly."""
        self._by_ufrag.pop(ufrag.encode(), None)
        for addr in [addr for addr, known in self._by_addr.items() if known is path]:
            del self._by_addr[addr]
        for tid in [tid for tid, asked in self._by_tid.items() if asked is path]:
            del self._by_tid[tid]

    def rename(self, old: str, new: str) -> None:
        self._by_ufrag[new.encode()] = self._by_ufrag.pop(old.encode())

    def learn(self, addr: Addr, path: Path) -> None:
        """ICE authenticated this source."""
        self._by_addr[addr] = path

    def unlearn(self, addr: Addr, path: Path) -> None:
        if self._by_addr.get(addr) is path:
            del self._by_addr[addr]

    def expect(self, tid: bytes, path: Path) -> None:
        """A response with this transaction id is for the path."""
        self._by_tid[tid] = path
        if len(self._by_tid) > MAX_ASKED:
            self._by_tid.popitem(last=False)

    def sizes(self) -> tuple[int, int, int]:
        """How many names, addresses and transactions are known; for the leak tests."""
        return len(self._by_ufrag), len(self._by_addr), len(self._by_tid)

    # What comes in.

    def _readable(self) -> None:
        for _ in range(PER_WAKE_UP):
            try:
                data, addr = self._sock.recvfrom(2048)
            except BlockingIOError:
                return
            except OSError:  # an ICMP error of an earlier send
                continue
            try:
                self.take(data, addr)
            except Exception:
                self.faults += 1
                if self.faults == 1:
                    log.exception("a datagram could not be handled; further ones are only counted")

    def take(self, data: bytes, addr: Addr) -> None:
        """One datagram, of anybody."""
        if not 0 < len(data) <= MAX_DATAGRAM_BYTES:
            self.stray += 1
            return
        if len(addr) != 2:  # IPv6 tells flow and scope too
            addr = (addr[0], addr[1])
        first = data[0]
        path = self._by_addr.get(addr)
        if 127 < first < 192:
            if path is not None and len(data) >= MIN_MEDIA_BYTES:
                path.on_media(data)
                return
        elif 19 < first < 64:
            if path is not None:
                path.on_dtls(data)
                return
        elif first < 2:
            path = self._stun_path(data, addr, path)
            if path is not None:
                path.on_stun(data, addr)
                return
        self.stray += 1

    def _stun_path(self, data: bytes, addr: Addr, known: Path | None) -> Path | None:
        if len(data) < 20:
            return None
        if data[0] & 1:
            return self._by_tid.pop(data[8:20], None)
        ufrag = _asked_ufrag(data)
        path = self._by_ufrag.get(ufrag) if ufrag is not None else None
        if path is None or not self.budget.check(addr, known is path, self._loop.time()):
            return None
        return path


def _asked_ufrag(data: bytes) -> bytes | None:
    """The local half of a request's USERNAME."""
    at, end = 20, min(len(data), 20 + int.from_bytes(data[2:4], "big"))
    while at + 4 <= end:
        kind, size = struct.unpack_from("!HH", data, at)
        if kind == 6:
            return data[at + 4 : min(end, at + 4 + size)].partition(b":")[0]
        at += 4 + size + (-size % 4)
    return None


def _bound(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
        with contextlib.suppress(OSError):  # not everywhere permitted, nowhere needed
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, TOS_EF)
            else:
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, TOS_EF)
        sock.bind((address, port))
    except OSError:
        sock.close()
        raise
    return sock


def bind_all(addresses: Sequence[str], port: int) -> list[Socket]:
    """One socket per address. Raises: OSError; then none stays open."""
    sockets: list[Socket] = []
    try:
        for address in addresses:
            sockets.append(Socket(address, port))
    except OSError:
        for done in sockets:
            done.close()
        raise
    return sockets
