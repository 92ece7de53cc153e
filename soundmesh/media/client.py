"""The calling side: a station without a browser, for the simulator and for tests.

It offers what a phone offers, one sending line and some receiving ones, and
speaks the same ICE, DTLS and SRTP.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from soundmesh.core.media import MediaError
from soundmesh.media import rtp, sdp
from soundmesh.media.aiortc_seam import Transport, fingerprint_of, make_certificate
from soundmesh.media.mux import Mux

CONNECT_S = 10.0
PAYLOAD_TYPE = 111
LEVEL_ID = 1
KEPT_PACKETS = 128

OnLanePacket = Callable[[int, int | None, int, int, bytes], None]
"""(lane, CSRC, sequence number, timestamp, payload)"""


class CallerSession:
    """One session from the phone's side; lives in one asyncio loop."""

    def __init__(
        self,
        address: str,
        *,
        lanes: int,
        on_lane_packet: OnLanePacket,
        on_closed: Callable[[], None] = lambda: None,
        port: int = 0,
    ) -> None:
        """Binds ``address`` at once. ``on_closed``: the appliance ended the session. Raises: OSError."""
        self.lanes = lanes
        self.resends = True
        """Answer NACKs, as browsers do."""
        self.reports: list[rtp.Report] = []
        """What RTCP the appliance sent, newest last, at most 100."""
        self.fractions: list[float] = []
        """The loss told to this talker, newest last, at most 100."""
        self._on_lane_packet = on_lane_packet
        self._on_closed = on_closed
        self._mux = Mux(address, port)
        self._certificate = make_certificate()
        self._transport = Transport(
            self._certificate,
            [self._mux],
            on_rtp=self._take_rtp,
            on_rtcp=self._take_rtcp,
            on_state=self._state_is,
            controlling=True,
        )
        self._connected = asyncio.Event()
        self._failed = False
        self._closed = False
        self._task: asyncio.Task[None] | None = None
        self._lane_of: dict[int, int] = {}
        self._ssrc = secrets.randbits(32)
        self._seq = secrets.randbits(15)
        self._timestamp = secrets.randbits(31)
        self._kept: dict[int, bytes] = {}
        self._version = 0

    @property
    def mux(self) -> Mux:
        """The caller's own port, for tests that move or abuse it."""
        return self._mux

    async def offer(self) -> str:
        """The first offer."""
        return self._offer_text(await self._transport.gather())

    async def accept(self, answer: str) -> None:
        """Connect with an answer, or go on with it after ``restart``. Raises: MediaError."""
        given = sdp.read_answer(answer)
        if self._task is not None:
            self._transport.restart_answered(given.ufrag, given.password)
            self._transport.check_again()
            return
        self._lane_of = {ssrc: number for number, ssrc in enumerate(given.lane_ssrcs)}
        for candidate in given.candidates:
            await self._transport.add_candidate(candidate)
        self._task = asyncio.get_running_loop().create_task(
            self._transport.connect(given.ufrag, given.password, given.fingerprints, client=False),
            name="caller connect",
        )
        try:
            await asyncio.wait_for(self._connected.wait(), CONNECT_S)
        except TimeoutError:
            raise MediaError("The session was not connected in time.") from None
        if self._failed:
            raise MediaError("The session could not be connected.")

    async def restart(self) -> str:
        """An offer with new credentials for the running session."""
        self._transport.restart(*self._transport.remote_credentials)
        return self._offer_text(await self._transport.gather())

    def move(self) -> None:
        """Be on a new source port from now on, as behind another network."""
        self._mux.rebind()

    def send_opus(self, payload: bytes, voice_level: int) -> None:
        """One 20 ms packet with its loudness in dBov. Call it 50 times a second."""
        self._seq = (self._seq + 1) & 0xFFFF
        self._timestamp = (self._timestamp + rtp.FRAME_SAMPLES) & 0xFFFFFFFF
        packet = rtp.level_packet(
            PAYLOAD_TYPE, self._seq, self._timestamp, self._ssrc, LEVEL_ID, voice_level, payload
        )
        self._kept[self._seq] = packet
        self._kept.pop((self._seq - KEPT_PACKETS) & 0xFFFF, None)
        self._transport.send_rtp(packet)

    def skip_opus(self) -> None:
        """Make a packet but lose it on the way: a hole for the appliance to repair."""
        self._seq = (self._seq + 1) & 0xFFFF
        self._timestamp = (self._timestamp + rtp.FRAME_SAMPLES) & 0xFFFFFFFF
        self._kept[self._seq] = rtp.level_packet(
            PAYLOAD_TYPE, self._seq, self._timestamp, self._ssrc, LEVEL_ID, -30, rtp.SILENCE
        )

    def ask_again(self, lane: int, seqs: list[int]) -> None:
        """A NACK for packets of a lane, as a browser sends it."""
        ssrc = next(ssrc for ssrc, number in self._lane_of.items() if number == lane)
        self._transport.send_rtcp(rtp.nack(self._ssrc, ssrc, seqs))

    def report_loss(self, lane: int, fraction: float) -> None:
        """A receiver report about a lane."""
        ssrc = next(ssrc for ssrc, number in self._lane_of.items() if number == lane)
        self._transport.send_rtcp(
            rtp.receiver_report(
                self._ssrc,
                ssrc,
                fraction=fraction,
                lost=0,
                highest=0,
                jitter=0,
                last_sr=0,
                delay_since_sr=0,
            )
        )

    async def close(self) -> None:
        """Leave; idempotent."""
        if self._closed:
            return
        self._closed = True
        await self._transport.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._mux.close()

    def vanish(self) -> None:
        """Be gone without a word, as a phone that loses power: nothing is sent or read any more."""
        self._mux.close()

    def _offer_text(self, candidates: list[str]) -> str:
        self._version += 1
        return sdp.write_offer(
            self._transport.username,
            self._transport.password,
            fingerprint_of(self._certificate),
            candidates,
            self.lanes,
            self._version,
        )

    def _state_is(self, state: str) -> None:
        if state == "connected":
            self._connected.set()
            return
        self._failed = True
        if self._connected.is_set() and not self._closed:
            self._on_closed()
        self._connected.set()

    def _take_rtp(self, data: bytes) -> None:
        packet = rtp.read_rtp(data, 0)
        if packet is None:
            return
        lane = self._lane_of.get(packet.ssrc)
        if lane is not None:
            csrc = int.from_bytes(data[12:16], "big") if data[0] & 0x0F else None
            self._on_lane_packet(lane, csrc, packet.seq, packet.timestamp, packet.payload)

    def _take_rtcp(self, data: bytes) -> None:
        report = rtp.read_rtcp(data)
        self.reports = [*self.reports[-99:], report]
        self.fractions += [block.fraction for block in report.blocks if block.ssrc == self._ssrc]
        del self.fractions[:-100]
        if self.resends:
            for ssrc, seq in report.nacks:
                packet = self._kept.get(seq)
                if ssrc == self._ssrc and packet is not None:
                    self._transport.send_rtp(packet)
