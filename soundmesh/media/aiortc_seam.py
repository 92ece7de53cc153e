"""The only module that names internals of aiortc, aioice and pylibsrtp.

Public there: ICE gatherer and transport, DTLS transport, certificate. Private
and used here: ``RTCIceGatherer._connection``, ``RTCDtlsTransport._set_role``,
``._rx_srtp``, ``._tx_srtp``; of ``aioice.ice`` ``Connection`` with
``get_component_candidates``, ``data_received``, ``_protocols``, ``_queue``,
``_nominated``, ``_remote_candidates``, ``_early_checks``, ``_check_list``,
``_local_username``, ``_local_password``, ``StunProtocol``, ``CandidatePair``,
``CONSENT_INTERVAL`` and ``CONSENT_FAILURES``. The versions are pinned and
``tests/media/test_seam.py`` fails when one of these moves.

``RTCPeerConnection`` and its senders and receivers are not used: an idle
sender polls 50 times a second and each receiver starts a decoding thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

import aioice.ice
import pylibsrtp
from aioice.candidate import Candidate, candidate_foundation
from aioice.utils import random_string
from aiortc import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    RTCIceGatherer,
    RTCIceParameters,
    RTCIceTransport,
)

from soundmesh.media.mux import Mux, MuxLeg

log = logging.getLogger(__name__)

SrtpError = pylibsrtp.Error
MAX_QUEUED_DATAGRAMS = 256
MAX_ADDRESSES = 8
"""Remote addresses kept of a phone that roams; the oldest unused are forgotten."""

aioice.ice.CONSENT_INTERVAL = 2
aioice.ice.CONSENT_FAILURES = 4
"""As shipped 5 s and 6: a dead phone would be noticed after half a minute. 2 s and 4 outlast a short roam."""


def make_certificate() -> RTCCertificate:
    """A certificate for DTLS; takes some milliseconds."""
    return RTCCertificate.generateCertificate()


def fingerprint_of(certificate: RTCCertificate) -> str:
    """Its SHA-256 fingerprint, colon separated."""
    return next(str(f.value) for f in certificate.getFingerprints() if f.algorithm == "sha-256")


class _MuxConnection(aioice.ice.Connection):
    """An ICE connection whose host candidates are the appliance's one port on each address."""

    def __init__(self, muxes: Sequence[Mux], controlling: bool) -> None:
        super().__init__(ice_controlling=controlling)
        self.muxes = muxes

    async def get_component_candidates(
        self,
        component: int,
        addresses: list[str],
        timeout: int = 5,  # noqa: ASYNC109  the signature is aioice's
    ) -> list[Candidate]:
        for number, mux in enumerate(self.muxes):
            protocol = aioice.ice.StunProtocol(self)
            leg = mux.register(self.local_username, protocol)
            protocol.connection_made(leg)  # type: ignore[arg-type]
            host, port = mux.address
            protocol.local_candidate = Candidate(
                foundation=candidate_foundation("host", "udp", host),
                component=component,
                transport="udp",
                # RFC 8445 section 5.1.2.1: type 126, local preference falls with the address's place.
                priority=(126 << 24) | ((65535 - number) << 8) | (256 - component),
                host=host,
                port=port,
                type="host",
            )
            self._protocols.append(protocol)
        return [protocol.local_candidate for protocol in self._protocols]

    def data_received(self, data: bytes, component: int) -> None:
        """Only DTLS comes this way; anything else ends aiortc's receive task, and a flood fills its queue."""
        if 20 <= data[0] <= 63 and self._queue.qsize() < MAX_QUEUED_DATAGRAMS:
            super().data_received(data, component)

    def knows(self, address: tuple[str, int]) -> bool:
        """Whether a check from this address was authenticated."""
        return any(
            c._network_host == address[0] and c.port == address[1] for c in self._remote_candidates
        ) or any(check[1] == address for check in self._early_checks)

    def prune(self) -> None:
        """Forget old addresses of a phone that moved often."""
        nominated = {id(pair) for pair in self._nominated.values()}
        spare = [pair for pair in self._check_list if id(pair) not in nominated and pair.task is None]
        for pair in spare[: max(0, len(self._check_list) - MAX_ADDRESSES)]:
            self._check_list.remove(pair)
            if not any(p.remote_candidate is pair.remote_candidate for p in self._check_list):
                self._remote_candidates.remove(pair.remote_candidate)


class Transport:
    """One ICE and DTLS-SRTP transport. RTP and RTCP go straight to the callbacks, unprotected."""

    def __init__(
        self,
        certificate: RTCCertificate,
        muxes: Sequence[Mux],
        *,
        on_rtp: Callable[[bytes], None],
        on_rtcp: Callable[[bytes], None],
        on_state: Callable[[str], None],
        controlling: bool = False,
    ) -> None:
        """``on_state`` gets ``connected`` once, and ``closed`` when either transport ended by itself."""
        self._on_rtp = on_rtp
        self._on_rtcp = on_rtcp
        self._on_state = on_state
        self._gatherer = RTCIceGatherer(iceServers=[])
        self._connection = _MuxConnection(muxes, controlling)
        self._gatherer._connection = self._connection
        self._ice = RTCIceTransport(self._gatherer)
        self._dtls = RTCDtlsTransport(self._ice, [certificate])
        self._closing = False
        self._connected = False
        self.faults = 0
        """Packets that could not be unprotected or that a hook failed on."""
        self._dtls.on("statechange", self._changed)
        self._ice.on("statechange", self._changed)

    @property
    def last_datagram_s(self) -> float:
        """Loop time of the last datagram from the phone, 0 before the first."""
        return max((leg.last_s for leg in self._legs()), default=0.0)

    @property
    def username(self) -> str:
        return str(self._connection.local_username)

    @property
    def password(self) -> str:
        return str(self._connection.local_password)

    @property
    def remote_address(self) -> tuple[str, int] | None:
        """Where the phone is now; it moves when the phone roams."""
        pair = self._connection._nominated.get(1)
        return pair.remote_addr if pair is not None else None

    @property
    def remote_credentials(self) -> tuple[str, str]:
        """The phone's ICE user name and password."""
        return str(self._connection.remote_username), str(self._connection.remote_password)

    def _legs(self) -> list[MuxLeg]:
        legs: list[Any] = [protocol.transport for protocol in self._connection._protocols]
        return legs

    async def gather(self) -> list[str]:
        """Register on the ports. Returns the candidates as in ``a=candidate:``."""
        await self._gatherer.gather()
        for leg in self._legs():
            leg.on_media = self._take
        return [
            f"{c.foundation[:8]} 1 udp {c.priority} {c.host} {c.port} typ host"
            for c in self._connection.local_candidates
        ]

    async def connect(
        self, username: str, password: str, fingerprints: Sequence[tuple[str, str]], *, client: bool
    ) -> None:
        """ICE, then DTLS, as its client or server. Returns when connected or failed; see ``on_state``."""
        self._dtls._set_role("client" if client else "server")
        await self._ice.start(RTCIceParameters(username, password))
        if self._ice.state == "completed" and not self._closing:
            await self._dtls.start(RTCDtlsParameters([RTCDtlsFingerprint(a, v) for a, v in fingerprints]))

    async def add_candidate(self, candidate: str) -> None:
        """A remote candidate as in ``a=candidate:`` (for the calling side)."""
        await self._connection.add_remote_candidate(Candidate.from_sdp(candidate))

    def restart(self, username: str, password: str) -> None:
        """ICE restart: new credentials on both sides, the same DTLS session (RFC 8445 section 9)."""
        connection = self._connection
        connection.remote_username, connection.remote_password = username, password
        old = connection._local_username
        connection._local_username, connection._local_password = random_string(4), random_string(22)
        for leg in self._legs():
            leg.mux.rename(old, connection._local_username)

    def check_again(self) -> None:
        """As the controlling side after a restart: check and nominate the current pair anew."""
        connection = self._connection
        for pair in list(connection._check_list):
            if pair.task is None:
                pair.task = asyncio.ensure_future(connection.check_start(pair))

    def restart_answered(self, username: str, password: str) -> None:
        """The calling side takes the answer's new credentials."""
        self._connection.remote_username, self._connection.remote_password = username, password

    def send_rtp(self, packet: bytes) -> bool:
        """Protect and send one RTP packet; whether it left."""
        srtp = self._dtls._tx_srtp
        pair = self._connection._nominated.get(1)
        if srtp is None or pair is None or self._closing:
            return False
        leg: Any = pair.protocol.transport
        leg.send_now(srtp.protect(packet), pair.remote_addr)
        return True

    def send_rtcp(self, packet: bytes) -> bool:
        """Protect and send one RTCP packet; whether it left."""
        srtp = self._dtls._tx_srtp
        pair = self._connection._nominated.get(1)
        if srtp is None or pair is None or self._closing:
            return False
        leg: Any = pair.protocol.transport
        leg.send_now(srtp.protect_rtcp(packet), pair.remote_addr)
        return True

    async def close(self) -> None:
        """Stop DTLS and ICE, also when the phone was first; stopping one alone leaks the other's tasks."""
        self._closing = True
        await self._dtls.stop()
        await self._ice.stop()
        self._dtls.remove_all_listeners()

    def _take(self, data: bytes) -> None:
        srtp = self._dtls._rx_srtp
        if srtp is None or self._closing:
            return
        try:
            if 192 <= data[1] <= 223:
                self._on_rtcp(srtp.unprotect_rtcp(data))
            else:
                self._on_rtp(srtp.unprotect(data))
        except SrtpError:
            self.faults += 1
        except Exception:
            # A fault of ours in one packet must not end the session.
            self.faults += 1
            log.exception("a packet could not be handled")

    def _changed(self) -> None:
        if self._closing:
            return
        if self._dtls.state == "connected" and not self._connected:
            self._connected = True
            self._on_state("connected")
        elif self._dtls.state in ("closed", "failed") or self._ice.state in ("closed", "failed"):
            self._on_state("closed")
