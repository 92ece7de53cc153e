"""The media engine: takes plans and offers, moves packets, tells facts.

Everything here runs in the media thread's loop, ``snapshot`` excepted. Facts
go to ``on_fact`` in the order in which they happen.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from soundmesh.core.events import (
    LanesChanged,
    MediaFact,
    SessionLost,
    SessionUp,
    UplinkResumed,
    UplinkSilent,
    UplinkStalled,
)
from soundmesh.core.ids import SessionId, StationId
from soundmesh.core.media import LegStats, MediaError, MediaSnapshot, ProgramPacket
from soundmesh.core.plan import EMPTY_PLAN, Plan
from soundmesh.core.show import Media
from soundmesh.media.aiortc_seam import Certificate, make_certificate
from soundmesh.media.forward import Ear, fan_out, routes_of
from soundmesh.media.mux import Socket, bind_all
from soundmesh.media.reports import RECEIVER_REPORT_S, SENDER_REPORT_S, told_loss
from soundmesh.media.rtp import NO_LEVEL, Packet
from soundmesh.media.sdp import read_offer
from soundmesh.media.session import Session

log = logging.getLogger(__name__)

MAX_SESSIONS = 200
MAX_PER_STATION = 3
CLOSE_S = 2.0
TICK_S = 0.02
NOTHING = MediaSnapshot(levels={}, legs={}, stray_datagrams=0)


@dataclass(frozen=True, slots=True)
class Timing:
    """The engine's own deadlines. Units: seconds."""

    connect_s: float = 10.0
    lost_s: float = 40.0
    """Without a datagram. Longer than any hole a browser survives: a phone without a control link is out
    of the plan at once, and one with a link restarts by itself after 3 s."""
    pulse_s: float = 0.1
    """A phone hears something this often, so that it sees a stall within 0.3 s even while nobody talks."""
    stall_s: float = 1.0
    silent_s: float = 3.0
    publish_s: float = 0.05
    watch_s: float = 0.1
    stats_s: float = 0.25
    receiver_report_s: float = RECEIVER_REPORT_S
    sender_report_s: float = SENDER_REPORT_S


class Engine:
    def __init__(
        self,
        *,
        addresses: Sequence[str],
        port: int,
        media: Media,
        on_fact: Callable[[MediaFact], None],
        timing: Timing | None = None,
    ) -> None:
        """``port`` 0: the system chooses one for each address."""
        self._addresses, self._port, self._media = tuple(addresses), port, media
        self._on_fact = on_fact
        self._timing = timing or Timing()
        self._sockets: list[Socket] = []
        self._certificate: Certificate | None = None
        self._sessions: dict[SessionId, Session] = {}
        """Answered and not closed or lost; newest last."""
        self._current: dict[StationId, Session] = {}
        """Per station the newest session that is up."""
        self._plan = EMPTY_PLAN
        self._routes: dict[StationId, list[tuple[Ear, int]]] = {}
        self._levels: dict[StationId, int] = {}
        self._played: dict[StationId, int] = {}
        """How loud each program was since the last publication."""
        self._legs: dict[SessionId, LegStats] = {}
        self._snapshot = NOTHING
        self._ticker: asyncio.Task[None] | None = None
        self._closers: set[asyncio.Task[None]] = set()
        self._due: dict[str, float] = {}
        self.faults = 0

    # What the bridge calls.

    async def start(self) -> None:
        """Bind every address. Raises: OSError."""
        self._certificate = await asyncio.to_thread(make_certificate)
        self._sockets = bind_all(self._addresses, self._port)

    @property
    def sockets(self) -> list[tuple[str, int]]:
        """The bound (address, port)s."""
        return [sock.address for sock in self._sockets]

    def set_addresses(self, addresses: Sequence[str]) -> None:
        """Serve these addresses from now on, as the machine's network comes and goes.

        A session goes on where it is; one whose address is gone restarts on another.
        """
        port = self._port or (self._sockets[0].address[1] if self._sockets else 0)
        kept = [sock for sock in self._sockets if sock.address[0] in addresses]
        for sock in self._sockets:
            if sock not in kept:
                sock.close()
        for address in addresses:
            if any(sock.address[0] == address for sock in kept):
                continue
            try:
                kept.append(Socket(address, port))
            except OSError as error:
                log.warning("no sound on %s: %s", address, error)
        self._sockets = kept

    def set_plan(self, plan: Plan) -> None:
        """Swap the plan."""
        before, self._plan = self._plan, plan
        for station in before.talking.keys() ^ plan.talking.keys():
            session = self._current.get(station)
            if session is not None:
                self._sounds(session, time.monotonic())
        self._follow_plan()

    def play(self, program: StationId, packet: ProgramPacket) -> None:
        """20 ms of a program, to whoever the plan lets hear it."""
        self._played[program] = max(packet.level, self._played.get(program, NO_LEVEL))
        routes = self._routes.get(program)
        if routes:
            seq, ts, level, payload = packet
            # Its number stands for the source: a program has no SSRC of its own.
            fan_out(routes, program, Packet(0, seq, ts, program, level, payload), time.monotonic())

    async def answer(self, session: SessionId, station: StationId, offer: str) -> str:
        """Make a session of an offer. Raises: MediaError."""
        read = read_offer(offer)
        if self._certificate is None or not self._sockets:
            raise MediaError("The sound of the appliance is stopping.")
        if session in self._sessions:
            raise MediaError("This session exists already.")
        if sum(known.station == station for known in self._sessions.values()) >= MAX_PER_STATION:
            raise MediaError("This station has too many sessions.")
        if len(self._sessions) >= MAX_SESSIONS:
            raise MediaError("The appliance has too many sessions.")
        made = Session(
            session,
            station,
            read,
            sockets=self._sockets,
            certificate=self._certificate,
            media=self._media,
            now=time.monotonic(),
            on_up=self._up,
            on_down=self._lost,
            on_packet=self._take_packet,
            on_owners=self._tell_owners,
        )
        self._sessions[session] = made
        if self._ticker is None:
            self._ticker = asyncio.create_task(self._tick_while_needed(), name="media ticker")
        return await made.answer()

    async def restart(self, session: SessionId, offer: str) -> str:
        """ICE restart under the same DTLS session. Raises: MediaError."""
        found = self._sessions.get(session)
        if found is None:
            raise MediaError("This session is over. Make a new one.")
        return found.restart(read_offer(offer), time.monotonic())

    def close(self, session: SessionId) -> None:
        """Free a session; unknown ones are ignored. No ``SessionLost`` follows."""
        found = self._sessions.pop(session, None)
        if found is not None:
            self._free(found)

    def snapshot(self) -> MediaSnapshot:
        """The last published levels and statistics; may be called from any thread."""
        return self._snapshot

    async def aclose(self) -> None:
        """Free everything, within two seconds."""
        for session in list(self._sessions):
            self.close(session)
        if self._ticker is not None:
            self._ticker.cancel()
        waiting = [*self._closers, *([self._ticker] if self._ticker else [])]
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=CLOSE_S)
            for task in late:
                task.cancel()
        for sock in self._sockets:
            sock.close()
        self._sockets = []

    # Sessions coming and going.

    def _up(self, session: Session) -> None:
        if self._sessions.get(session.id) is not session:
            return
        session.link.heard = session.packet_s = session.sounded_s = time.monotonic()
        self._tell(SessionUp(session.station, session.id))
        self._choose(session.station)

    def _lost(self, session: Session) -> None:
        if self._sessions.pop(session.id, None) is session:
            self._tell(SessionLost(session.station, session.id))
            self._free(session)

    def _free(self, session: Session) -> None:
        task = asyncio.create_task(self._close(session), name=f"close {session.id}")
        self._closers.add(task)
        task.add_done_callback(self._closers.discard)
        if self._current.get(session.station) is session:
            self._choose(session.station)

    async def _close(self, session: Session) -> None:
        try:
            await session.link.close()
        except Exception:
            self._fault("closing a session")

    def _choose(self, station: StationId) -> None:
        """The station's newest session that is up carries its media."""
        up = [one for one in self._sessions.values() if one.station == station and one.link.up]
        before = self._current.pop(station, None)
        if up:
            self._current[station] = up[-1]
        if before is not None and before is not self._current.get(station):
            before.ear.settle((), time.monotonic())
        self._follow_plan()

    # The plan.

    def _follow_plan(self) -> None:
        now = time.monotonic()
        ears = {station: session.ear for station, session in self._current.items()}
        for station, ear in ears.items():
            ear.settle([path.talker for path in self._plan.ears.get(station, ())], now)
        self._routes = routes_of(self._plan, ears)

    def _tell_owners(self, session: Session, owners: tuple[StationId | None, ...]) -> None:
        if self._current.get(session.station) in (session, None):
            self._tell(LanesChanged(session.station, owners))

    # Packets.

    def _take_packet(self, session: Session, packet: Packet, now: float) -> None:
        session.packet_s = now
        if not session.flowing:
            session.flowing = True
            session.sounded_s = now
            self._tell(UplinkResumed(session.station, session.id))
        if not Session.is_silence(packet) or session.station not in self._plan.talking:
            self._sounds(session, now)
        elif not session.silent and now - session.sounded_s >= self._timing.silent_s:
            session.silent = True
            self._tell(UplinkSilent(session.station, session.id, True))
        routes = self._routes.get(session.station)
        if routes and self._current.get(session.station) is session:
            fan_out(routes, session.station, packet, now)

    def _sounds(self, session: Session, now: float) -> None:
        """Silence is counted from here: a closed key is silent by design."""
        session.sounded_s = now
        if session.silent:
            session.silent = False
            self._tell(UplinkSilent(session.station, session.id, False))

    # The clock.

    async def _tick_while_needed(self) -> None:
        due = time.monotonic()
        while self._sessions:
            due = max(due + TICK_S, time.monotonic())
            await asyncio.sleep(due - time.monotonic())
            try:
                self._tick(time.monotonic())
            except Exception:
                self._fault("the ticker")
        self._ticker = None
        self._levels, self._legs = {}, {}
        self._publish()

    def _tick(self, now: float) -> None:
        timing = self._timing
        for session in self._current.values():
            session.ear.close_spurts(now)
            session.ask_again(now)
            session.pulse(now, timing.pulse_s)
        if self._is_due("watch", timing.watch_s, now):
            self._watch(now)
        if self._is_due("receiver reports", timing.receiver_report_s, now):
            self._send_receiver_reports(now)
        if self._is_due("sender reports", timing.sender_report_s, now):
            for session in self._current.values():
                session.send_sender_reports(now)
        if self._is_due("stats", timing.stats_s, now):
            self._legs = {key: session.stats() for key, session in self._sessions.items()}
        if self._is_due("publish", timing.publish_s, now):
            self._levels = {
                station: session.take_level() if session.flowing else NO_LEVEL
                for station, session in self._current.items()
            } | self._played
            self._played = {}
            self._publish()

    def _is_due(self, what: str, every_s: float, now: float) -> bool:
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + every_s - TICK_S / 2
        return True

    def _watch(self, now: float) -> None:
        timing = self._timing
        for session in list(self._sessions.values()):
            if not session.link.up:
                if now - session.answered_s > timing.connect_s:
                    self._lost(session)
            elif now - session.link.heard > timing.lost_s:
                self._lost(session)
            elif session.flowing and now - session.packet_s > timing.stall_s:
                session.flowing = False
                self._tell(UplinkStalled(session.station, session.id))

    def _send_receiver_reports(self, now: float) -> None:
        for session in self._current.values():
            session.note_loss()
            listeners = (ear.loss for ear, _ in self._routes.get(session.station, ()))
            session.send_receiver_report(told_loss(session.uplink_loss, listeners), now)

    def _publish(self) -> None:
        stray = sum(sock.stray for sock in self._sockets)
        self._snapshot = MediaSnapshot(levels=self._levels, legs=self._legs, stray_datagrams=stray)

    def _tell(self, fact: MediaFact) -> None:
        self._on_fact(fact)

    def _fault(self, what: str) -> None:
        self.faults += 1
        if self.faults == 1:
            log.exception("%s failed; further failures are only counted", what)
