"""One encrypted transport (ICE, DTLS, SRTP) on the shared UDP port.

The only module that names internals of aiortc, aioice or pylibsrtp: their
versions are pinned and ``tests/media/test_seam.py`` fails when one moves.

Of aiortc only ``RTCDtlsTransport`` is used, over ``_Wire``, which stands in
for its ICE transport: RTP never enters aiortc's queue and an exception of
ours never enters its receive task, where it would end the session.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import string
import time
from collections.abc import Callable, Sequence
from typing import Any, cast

import aioice.ice
import pylibsrtp
from aioice import stun
from aioice.candidate import Candidate, candidate_priority
from aioice.ice import CandidatePair, Connection, StunProtocol
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from pylibsrtp._binding import ffi, lib

from soundmesh.media.mux import MAX_DATAGRAM_BYTES, Addr, Socket

log = logging.getLogger(__name__)

# Consent is the net below our own rule (no datagram for 40 s): it ends a path on
# which the phone is heard but does not hear. 16 failures, 2 s and 0.5 s apart, are
# about 40 s: a session has to outlive a hole of 30 s, after which a restart brings it
# back. Sending stops earlier, by the plan and by ``session.CONSENT_S``.
aioice.ice.CONSENT_INTERVAL = 2
aioice.ice.CONSENT_FAILURES = 16

MAX_PAIRS = 16
"""Each move of a phone adds one; aioice never removes any."""
MAX_QUEUED = 64
"""DTLS datagrams waiting; a handshake is a dozen."""
MAX_PLAIN_BYTES = 1300
"""Leaves room for every trailer in pylibsrtp's buffer of 1500."""
DTLS_ALERT = 21
LETTERS = string.ascii_letters + string.digits

Certificate = RTCCertificate
SrtpError = pylibsrtp.Error


def make_certificate() -> Certificate:
    """A fresh DTLS certificate; some milliseconds of work."""
    return RTCCertificate.generateCertificate()


def fingerprint_of(certificate: Certificate) -> str:
    """SHA-256, colon separated."""
    return str(next(f.value for f in certificate.getFingerprints() if f.algorithm == "sha-256"))


def new_ufrag() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(8))


def new_password() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(24))


class Crypt:
    """A ``pylibsrtp.Session`` without its copies: the packet is worked on where it lies.

    Holds the session, whose memory the raw pointers are.
    """

    def __init__(self, session: pylibsrtp.Session) -> None:
        self._session = session
        self._srtp = session._srtp[0]
        self._data = session._cdata
        self._buffer = session._buffer
        self._size = ffi.new("int *")

    def protect(self, packet: bytes) -> bytes:
        """Raises: SrtpError."""
        if len(packet) > MAX_PLAIN_BYTES:
            raise SrtpError("too long")
        return self._run(packet, lib.srtp_protect)

    def protect_rtcp(self, packet: bytes) -> bytes:
        if len(packet) > MAX_PLAIN_BYTES:
            raise SrtpError("too long")
        return self._run(packet, lib.srtp_protect_rtcp)

    def unprotect(self, packet: bytes) -> bytes:
        """Raises: SrtpError for anything not made with the key, or seen before."""
        return self._run(packet, lib.srtp_unprotect)

    def unprotect_rtcp(self, packet: bytes) -> bytes:
        return self._run(packet, lib.srtp_unprotect_rtcp)

    def _run(self, packet: bytes, work: Any) -> bytes:
        size = len(packet)
        if size > MAX_DATAGRAM_BYTES:
            raise SrtpError("too long")
        length = self._size
        length[0] = size
        buffer = self._buffer
        buffer[0:size] = packet
        code = work(self._srtp, self._data, length)
        if code:
            raise SrtpError(f"libsrtp code {code}")
        return buffer[0 : length[0]]  # type: ignore[no-any-return]


class _Path(StunProtocol):
    """aioice's view of one socket, and the mux's view of one session (``mux.Path``)."""

    def __init__(self, link: Link, connection: Connection, sock: Socket, preference: int) -> None:
        super().__init__(connection)
        self._link = link
        self.socket = sock
        self.closing = False
        host, port = sock.address
        self.local_candidate = Candidate(
            foundation=str(preference),
            component=1,
            transport="udp",
            priority=candidate_priority(1, "host", 65535 - preference),
            host=host,
            port=port,
            type="host",
        )
        self.connection_made(self)  # type: ignore[arg-type]  # it is its own transport

    # What aioice calls a transport.

    def sendto(self, data: bytes, addr: Addr) -> None:
        if data[0] == 0 and data[1] == 1:
            self.socket.expect(data[8:20], self)
        self.socket.send(data, addr)

    async def close(self) -> None:
        if not self.closing:
            self.closing = True
            self.socket.leave(self._link.ufrag, self)
            self.connection_lost(None)

    def send_stun(self, message: stun.Message, addr: Addr) -> None:
        if message.message_class == stun.Class.RESPONSE:  # only an authenticated check gets one
            self.socket.learn(addr, self)
            self._link.heard = time.monotonic()
        super().send_stun(message, addr)

    # What the mux calls.

    def on_stun(self, data: bytes, addr: Addr) -> None:
        if data[0] & 1:
            self._link.heard = time.monotonic()  # the mux saw its random transaction id
        self.datagram_received(data, addr)

    def on_dtls(self, data: bytes) -> None:
        self._link.take_dtls(data)

    def on_media(self, data: bytes) -> None:
        self._link.take_media(data)


def _path(pair: CandidatePair) -> _Path:
    return cast(_Path, pair.protocol)


class _Ice(Connection):
    """aioice's agent on our sockets."""

    def __init__(self, link: Link, sockets: Sequence[Socket], controlling: bool) -> None:
        super().__init__(controlling, local_username=new_ufrag(), local_password=new_password())
        self._link = link
        self._sockets = sockets
        self.ended = False

    async def get_component_candidates(
        self,
        component: int,
        addresses: list[str],
        timeout: int = 5,  # noqa: ASYNC109  # aioice's signature
    ) -> list[Candidate]:
        for number, sock in enumerate(self._sockets):
            path = _Path(self._link, self, sock, number + 1)
            sock.enter(self.local_username, path)
            self._protocols.append(path)
        return [path.local_candidate for path in self._protocols]

    def build_request(self, pair: CandidatePair, nominate: bool) -> stun.Message:
        # A caller nominates with each check, so that a new source address takes over at once.
        return super().build_request(pair, nominate or self.ice_controlling)

    def check_state(self, pair: CandidatePair, state: CandidatePair.State) -> None:
        super().check_state(pair, state)
        if state == CandidatePair.State.SUCCEEDED:
            path = _path(pair)
            path.socket.learn(pair.remote_addr, path)

    def check_complete(self, pair: CandidatePair) -> None:
        super().check_complete(pair)
        chosen = self._nominated.get(1)
        if chosen is not None:
            self._link.take_route(_path(chosen).socket, chosen.remote_addr)
            self._prune(chosen, pair)

    def _prune(self, *keep: CandidatePair) -> None:
        """Drop pairs of places the phone has left."""
        spare = [pair for pair in self._check_list if pair not in keep and pair.task is None]
        for pair in spare[: max(0, len(self._check_list) - MAX_PAIRS)]:
            self._check_list.remove(pair)
            path = _path(pair)
            path.socket.unlearn(pair.remote_addr, path)
            if all(other.remote_candidate is not pair.remote_candidate for other in self._check_list):
                self._remote_candidates.remove(pair.remote_candidate)

    def data_received(self, data: bytes, component: int) -> None:
        """Called for what is no STUN message: nothing of ours comes this way."""

    def respond_error(
        self, request: stun.Message, addr: Addr, protocol: StunProtocol, error_code: tuple[int, str]
    ) -> None:
        if cast(_Path, protocol).socket.budget.refusal(time.monotonic()):
            super().respond_error(request, addr, protocol, error_code)

    async def close(self) -> None:
        self.ended = True
        await super().close()
        self._link.over()

    def recheck(self) -> None:
        """Check every pair again: new credentials or a new source address."""
        for pair in self._check_list:
            if pair.task is None:
                self.check_state(pair, CandidatePair.State.WAITING)
                self.check_start_task(pair)


class _Wire:
    """What ``RTCDtlsTransport`` needs of an ICE transport."""

    def __init__(self, ice: _Ice) -> None:
        self._ice = ice
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    @property
    def state(self) -> str:
        return "closed" if self._ice.ended else "completed"

    @property
    def role(self) -> str:
        return "controlling" if self._ice.ice_controlling else "controlled"

    def put(self, data: bytes | None) -> None:
        if data is None or self._queue.qsize() < MAX_QUEUED:
            self._queue.put_nowait(data)

    async def _recv(self) -> bytes:
        data = await self._queue.get()
        if data is None:
            raise ConnectionError("closed")
        return data

    async def _send(self, data: bytes) -> None:
        await self._ice.send(data)


class Link:
    """One transport. ``on_up`` is told once, ``on_down`` at most once and never after ``close``."""

    def __init__(
        self,
        sockets: Sequence[Socket],
        certificate: Certificate,
        *,
        calling: bool,
        on_rtp: Callable[[bytes, float], None],
        on_rtcp: Callable[[bytes, float], None],
        on_up: Callable[[], None],
        on_down: Callable[[], None],
    ) -> None:
        """``calling``: the offering side, which controls ICE and is the DTLS server."""
        self.heard = time.monotonic()
        """When an authenticated datagram came last."""
        self.up = False
        self.sent = 0
        """Datagrams of media and reports since it came up."""
        self.faults = 0
        self.unauthentic = 0
        self._on_rtp, self._on_rtcp, self._on_up, self._on_down = on_rtp, on_rtcp, on_up, on_down
        self._ice = _Ice(self, sockets, calling)
        self._wire = _Wire(self._ice)
        self._dtls = RTCDtlsTransport(self._wire, [certificate])  # type: ignore[arg-type]
        self._dtls._set_role("server" if calling else "client")
        self._dtls.on("statechange", self._dtls_changed)
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._route: tuple[Socket, Addr] | None = None
        self._rx: Crypt | None = None
        self._tx: Crypt | None = None

    # Setting up.

    @property
    def ufrag(self) -> str:
        return str(self._ice.local_username)

    @property
    def password(self) -> str:
        return str(self._ice.local_password)

    @property
    def profile(self) -> str:
        """The SRTP profile in use; for diagnosis."""
        chosen = self._dtls._ssl.get_selected_srtp_profile() if self._dtls._ssl else b""
        return bytes(chosen).decode()

    async def gather(self) -> list[str]:
        """The ``a=candidate`` values, one per socket."""
        # aioice asks the system for interfaces and hands them to our override, which needs none.
        self._ice._local_candidates = await self._ice.get_component_candidates(1, [])
        self._ice._local_candidates_start = self._ice._local_candidates_end = True
        return [candidate.to_sdp() for candidate in self._ice.local_candidates]

    def connect(
        self,
        ufrag: str,
        password: str,
        fingerprints: Sequence[tuple[str, str]],
        candidates: Sequence[str] = (),
    ) -> None:
        """Begin; ``on_up`` or ``on_down`` follows."""
        self._ice.remote_username, self._ice.remote_password = ufrag, password
        wanted = RTCDtlsParameters([RTCDtlsFingerprint(kind, value) for kind, value in fingerprints])
        for text in candidates:
            with contextlib.suppress(ValueError, IndexError):
                candidate = Candidate.from_sdp(text)
                self._ice._add_remote_candidate(candidate, candidate.host)
        self._task = asyncio.create_task(self._connect(wanted), name=f"connect {self.ufrag}")

    async def _connect(self, wanted: RTCDtlsParameters) -> None:
        try:
            await self._ice.connect()
            await self._dtls.start(wanted)
        except ConnectionError:
            pass
        except Exception:  # a peer's handshake may do what it likes; it ends its own session
            log.exception("a handshake failed unexpectedly")
        if self._dtls.state != "connected":
            self.over()
            return
        self._rx, self._tx = Crypt(self._dtls._rx_srtp), Crypt(self._dtls._tx_srtp)
        self.up = True
        self._on_up()

    def restart(self, ufrag: str, password: str) -> None:
        """New ICE credentials of the other side, under the same DTLS."""
        self._ice.remote_username, self._ice.remote_password = ufrag, password

    def rename(self) -> None:
        """New ICE credentials of this side."""
        old = self.ufrag
        self._ice._local_username, self._ice._local_password = new_ufrag(), new_password()
        for path in self._ice._protocols:
            cast(_Path, path).socket.rename(old, self.ufrag)

    def recheck(self) -> None:
        """Check all paths again; the caller's part of a restart or move."""
        self._ice.recheck()

    # What the mux brings.

    def take_dtls(self, data: bytes) -> None:
        # Alerts of a handshake are plain text: anybody could end it with one. It has its own deadline.
        if self.up or data[0] != DTLS_ALERT:
            self._wire.put(data)

    def take_media(self, data: bytes) -> None:
        rx = self._rx
        if rx is None:
            return
        rtcp = 192 <= data[1] <= 223
        try:
            plain = rx.unprotect_rtcp(data) if rtcp else rx.unprotect(data)
        except SrtpError:
            self.unauthentic += 1
            return
        now = time.monotonic()
        self.heard = now
        try:
            if rtcp:
                self._on_rtcp(plain, now)
            else:
                self._on_rtp(plain, now)
        except Exception:
            self._fault()

    def take_route(self, sock: Socket, addr: Addr) -> None:
        self._route = (sock, addr)

    # Sending.

    def send_rtp(self, packet: bytes) -> bytes | None:
        """Protect and send; what was sent, for resending, or None."""
        tx, route = self._tx, self._route
        if tx is None or route is None:
            return None
        try:
            data = tx.protect(packet)
        except SrtpError:
            self._fault()
            return None
        self.sent += 1
        route[0].send(data, route[1])
        return data

    def send_again(self, data: bytes) -> None:
        """Send what ``send_rtp`` returned once more."""
        if self._route is not None and self.up:
            self._route[0].send(data, self._route[1])

    def send_rtcp(self, packet: bytes) -> None:
        tx, route = self._tx, self._route
        if tx is None or route is None:
            return
        try:
            data = tx.protect_rtcp(packet)
        except SrtpError:
            self._fault()
            return
        self.sent += 1
        route[0].send(data, route[1])

    # The end.

    def over(self) -> None:
        """The transport is gone; told once."""
        if not self._closing:
            self._closing = True
            self._drop()
            self._on_down()

    async def close(self) -> None:
        """Free everything; may be called again."""
        self._closing = True
        self._drop()
        task, self._task = self._task, None
        if task is not None and task is not asyncio.current_task():
            task.cancel()
            await asyncio.wait([task])
        reader = self._dtls._task
        with contextlib.suppress(ConnectionError):
            await self._dtls.stop()
        self._wire.put(None)
        if reader is not None:
            await asyncio.wait([reader])
            if not reader.cancelled():
                reader.exception()
        await self._ice.close()
        self._dtls.remove_all_listeners()

    def _drop(self) -> None:
        self.up = False
        self._rx = self._tx = None

    def _dtls_changed(self) -> None:
        if self._dtls.state in ("closed", "failed") and self.up:
            self.over()

    def _fault(self) -> None:
        self.faults += 1
        if self.faults == 1:
            log.exception("a packet of a session could not be handled; further ones are only counted")
