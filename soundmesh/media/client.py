"""The calling side: a station without a browser, for the simulator and the tests.

It offers like a browser (one sending line, K receiving ones), repairs like
Chromium (asks for lost packets, answers being asked) and sends from an
address of its choice, loopback included.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable

from soundmesh.media import rtp
from soundmesh.media.aiortc_seam import Certificate, Link, fingerprint_of, make_certificate
from soundmesh.media.mux import Socket
from soundmesh.media.repair import Reception, Ring
from soundmesh.media.sdp import Answer, read_answer, write_offer

OPUS = 111
LEVEL_ID = 1
TICK_S = 0.02
REPORT_S = 1.0

LanePacket = Callable[[int, int, int, int, bytes], None]
"""(lane index, CSRC or 0, sequence number, timestamp, payload)"""


class CallerSession:
    """One call: ``offer``, ``accept`` the answer, ``connected``, then ``send_opus`` each 20 ms; ``close``."""

    def __init__(
        self,
        address: str = "127.0.0.1",
        *,
        lanes: int = 8,
        on_lane_packet: LanePacket | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        """``address``: the local address to send from. Made in a running loop. Raises: OSError."""
        self.on_lane_packet = on_lane_packet
        self.lost = asyncio.Event()
        """The other side, or the path to it, is gone."""
        self.told_loss: float | None = None
        """What the newest receiver report says of our uplink: 0 to 1."""
        self.asked = 0
        """Packets we were asked to send again, and did."""
        self.answers_nacks = True
        self.repair = True
        """Whether lost lane packets are asked for."""
        self.drop: Callable[[bytes], bool] | None = None
        """A test's loss on lanes: sees each datagram of RTP before it is read."""
        self.seq = secrets.randbelow(0x8000)
        self.timestamp = secrets.randbits(32)
        self.ssrc = secrets.randbits(31) + 1
        self._lanes = lanes
        self._certificate = certificate or make_certificate()
        self._socket = Socket(address, 0)
        self._candidates: list[str] = []
        self._version = 0
        self._up = asyncio.Event()
        self._ring = Ring()
        self._lane_of: dict[int, int] = {}
        self._receptions: dict[int, Reception] = {}
        self._reports: dict[int, tuple[int, float]] = {}
        self._ticker: asyncio.Task[None] | None = None
        self._closed = False
        self.link = Link(
            [self._socket],
            self._certificate,
            calling=True,
            on_rtp=self._take_rtp,
            on_rtcp=self._take_rtcp,
            on_up=self._up.set,
            on_down=self.lost.set,
        )
        receive = self.link.take_media

        def take_media(data: bytes) -> None:
            if self.drop is None or 192 <= data[1] <= 223 or not self.drop(data):
                receive(data)

        self.link.take_media = take_media  # type: ignore[method-assign]

    # Negotiation.

    async def offer(self) -> str:
        self._candidates = await self.link.gather()
        return self._write_offer()

    def _write_offer(self) -> str:
        self._version += 1
        return write_offer(
            self.link.ufrag,
            self.link.password,
            fingerprint_of(self._certificate),
            self._candidates,
            self._lanes,
            self._version,
        )

    def accept(self, answer: str) -> None:
        """Begin to connect. Raises: MediaError for what is no answer."""
        read = read_answer(answer)
        self._note_lanes(read)
        self.link.connect(read.ufrag, read.password, read.fingerprints, read.candidates)
        self._ticker = asyncio.create_task(self._tick(), name=f"caller {self.link.ufrag}")

    def _note_lanes(self, answer: Answer) -> None:
        self._lane_of = {ssrc: number for number, ssrc in enumerate(answer.lane_ssrcs)}

    async def connected(self) -> None:
        """Wait until media flows. Raises: ConnectionError when it cannot."""
        up, lost = asyncio.create_task(self._up.wait()), asyncio.create_task(self.lost.wait())
        try:
            await asyncio.wait([up, lost], return_when=asyncio.FIRST_COMPLETED)
        finally:
            up.cancel()
            lost.cancel()
        if not self._up.is_set():
            raise ConnectionError("The appliance could not be reached.")

    def restart_offer(self) -> str:
        """An ICE restart: give it to the engine, its answer to ``accept_restart``."""
        self.link.rename()
        return self._write_offer()

    def accept_restart(self, answer: str) -> None:
        read = read_answer(answer)
        self.link.restart(read.ufrag, read.password)
        self.link.recheck()

    def move(self) -> None:
        """Send from another port from now on, as after a change of network."""
        self._socket.rebind()

    @property
    def socket(self) -> Socket:
        return self._socket

    # Sending.

    def send_opus(self, payload: bytes, voice_level: int = -30) -> None:
        """One 20 ms packet. ``voice_level``: dBov, -127 to 0."""
        self.seq = (self.seq + 1) & 0xFFFF
        self.timestamp = (self.timestamp + rtp.FRAME_SAMPLES) & 0xFFFFFFFF
        packet = rtp.level_packet(OPUS, self.seq, self.timestamp, self.ssrc, LEVEL_ID, voice_level, payload)
        data = self.link.send_rtp(packet)
        if data is not None:
            self._ring.put(self.seq, data)

    def lose_opus(self, payload: bytes, voice_level: int = -30) -> None:
        """One 20 ms packet that never arrives; it can be asked for."""
        sock, send = self._socket, self._socket.send
        try:
            sock.send = lambda data, addr: None  # type: ignore[method-assign]
            self.send_opus(payload, voice_level)
        finally:
            sock.send = send  # type: ignore[method-assign]

    # Receiving.

    def _take_rtp(self, data: bytes, now: float) -> None:
        packet = rtp.read_rtp(data, 0)
        lane = self._lane_of.get(packet.ssrc) if packet is not None else None
        if packet is None or lane is None:
            return
        self._receptions.setdefault(packet.ssrc, Reception()).take(
            packet.ssrc, packet.seq, packet.timestamp, now
        )
        if self.on_lane_packet is not None:
            csrc = int.from_bytes(data[12:16], "big") if data[0] & 0x0F else 0
            self.on_lane_packet(lane, csrc, packet.seq, packet.timestamp, packet.payload)

    def _take_rtcp(self, data: bytes, now: float) -> None:
        report = rtp.read_rtcp(data)
        if report.sender is not None:
            self._reports[report.sender[0]] = (report.sender[1], now)
        for block in report.blocks:
            if block.ssrc == self.ssrc:
                self.told_loss = block.fraction
        for ssrc, seq in report.nacks:
            again = self._ring.get(seq) if ssrc == self.ssrc else None
            if again is not None and self.answers_nacks:
                self.asked += 1
                self.link.send_again(again)

    async def _tick(self) -> None:
        report_at = time.monotonic() + REPORT_S
        while True:
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            for ssrc, reception in self._receptions.items():
                if self.repair and reception.holes:
                    seqs = reception.asks(now, 0.0)
                    if seqs:
                        self.link.send_rtcp(rtp.nack(self.ssrc, ssrc, seqs))
            if now >= report_at:
                report_at = now + REPORT_S
                self._report(now)

    def _report(self, now: float) -> None:
        for ssrc, reception in self._receptions.items():
            last_sr, at = self._reports.get(ssrc, (0, now))
            self.link.send_rtcp(
                rtp.receiver_report(
                    self.ssrc,
                    ssrc,
                    fraction=reception.interval_loss(),
                    lost=reception.lost,
                    highest=reception.highest,
                    jitter=round(reception.jitter),
                    last_sr=last_sr,
                    delay_since_sr=round((now - at) * 65536),
                )
            )

    # The end.

    def vanish(self) -> None:
        """Stop without a word, as a phone with an empty battery; ``close`` must follow."""
        self._socket.close()

    async def close(self) -> None:
        """Hang up and free everything; may be called again."""
        if self._closed:
            return
        self._closed = True
        if self._ticker is not None:
            self._ticker.cancel()
            await asyncio.wait([self._ticker])
        await self.link.close()
        self._socket.close()
