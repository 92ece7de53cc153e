"""The media engine: sessions, the plan, and each packet's way from one mouth to its ears.

It lives in one asyncio loop. Nothing is decoded. A packet is forwarded when
the plan has its talker; the plan is swapped as a whole, and what it closes
falls silent with closing frames on the lane.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from soundmesh.core import events as ev
from soundmesh.core.ids import SessionId, StationId
from soundmesh.core.media import MediaError, MediaSnapshot
from soundmesh.core.plan import EMPTY_PLAN, Plan
from soundmesh.core.show import Media
from soundmesh.media import rtp, sdp
from soundmesh.media.aiortc_seam import Transport, fingerprint_of, make_certificate
from soundmesh.media.lane import Lane
from soundmesh.media.mux import Mux
from soundmesh.media.session import Session

log = logging.getLogger(__name__)

TICK_S = 0.05
REPORT_EVERY_S = 1.0
STALL_S = 1.0
GONE_S = 10.0
"""Without any datagram a phone is gone: a live browser checks ICE at least every 2.5 s."""
CONNECT_S = 10.0
CLOSE_S = 2.0
FRAME_S = 0.02
MAX_SESSIONS = 200
MAX_PER_STATION = 3

Route = tuple[Session, int]
"""A listener's session and the path's priority."""


class Engine:
    """See ``server.engine.MediaEngine`` for the promises."""

    def __init__(
        self,
        *,
        addresses: Sequence[str],
        port: int,
        media: Media,
        on_fact: Callable[[ev.MediaFact], None],
        gone_s: float = GONE_S,
    ) -> None:
        """Inside the media loop. ``port`` 0: chosen by the system."""
        self._addresses = tuple(addresses)
        self._port = port
        self._media = media
        self._on_fact = on_fact
        self._gone_s = gone_s
        self._muxes: list[Mux] = []
        self._sessions: dict[SessionId, Session] = {}
        self._active: dict[StationId, Session] = {}
        self._plan: Plan = EMPTY_PLAN
        self._routes: dict[StationId, list[Route]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._repairs: set[SessionId] = set()
        self._snapshot = MediaSnapshot(levels={}, legs={}, stray_datagrams=0)
        self._levels: dict[StationId, int] = {}
        self._answers = 0
        self._closing = False

    async def start(self) -> None:
        """Bind the port on each address. Raises: OSError."""
        self._loop = asyncio.get_running_loop()
        self._certificate = await self._loop.run_in_executor(None, make_certificate)
        try:
            for address in self._addresses:
                self._muxes.append(Mux(address, self._port))
        except OSError:
            self._close_ports()
            raise
        self._spawn(self._tick(), "media tick")

    @property
    def sockets(self) -> list[tuple[str, int]]:
        """The bound (address, port)s."""
        return [mux.address for mux in self._muxes]

    @property
    def sizes(self) -> dict[str, int]:
        """How much is held, for leak tests: sessions, tasks and the ports' tables."""
        tables = [sum(sizes) for sizes in zip(*(mux.sizes for mux in self._muxes), strict=True)]
        return {
            "sessions": len(self._sessions),
            "active": len(self._active),
            "tasks": len(self._tasks),
            **dict(zip(("names", "addresses", "transactions"), tables, strict=True)),
        }

    # Plans.

    def set_plan(self, plan: Plan) -> None:
        """Swap the plan."""
        before, self._plan = self._plan, plan
        now = self._loop.time()
        for session in self._active.values():
            self._settle(session, now)
        for station in before.talking.keys() - plan.talking.keys():
            self._hush(station)
        self._reroute()

    def _settle(self, session: Session, now: float) -> None:
        talkers = [path.talker for path in self._plan.ears.get(session.station, ())]
        for lane, frames in session.settle(talkers, now):
            self._close_lane(session, lane, frames)

    def _close_lane(self, session: Session, lane: Lane, frames: list[bytes]) -> None:
        for number, frame in enumerate(frames):
            if number == 0:
                session.transport.send_rtp(frame)
            else:
                self._loop.call_later(number * FRAME_S, session.transport.send_rtp, frame)

    def _hush(self, station: StationId) -> None:
        session = self._active.get(station)
        if session is not None:
            session.uplink.closed()
            self._note_silence(session, False)

    def _reroute(self) -> None:
        routes: dict[StationId, list[Route]] = {}
        for listener, paths in self._plan.ears.items():
            session = self._active.get(listener)
            if session is not None and session.lanes:
                for path in paths:
                    routes.setdefault(path.talker, []).append((session, path.priority))
        self._routes = routes

    # Sessions.

    async def answer(self, session: SessionId, station: StationId, offer: str) -> str:
        """Make a session and answer its offer. Raises: MediaError."""
        asked = sdp.read_offer(offer)
        self._check_room(session, station)
        uplink = sdp.uplink_of(asked)
        lanes = sdp.lanes_of(asked, self._media.lanes)
        made = Session(
            session,
            station,
            level_id=uplink.level_id if uplink is not None else 0,
            uplink_type=uplink.opus if uplink is not None else None,
            lane_types=[line.opus for line in lanes],
            on_lanes=self._lanes_changed,
        )
        made.transport = Transport(
            self._certificate,
            self._muxes,
            on_rtp=lambda data: self._take_rtp(made, data),
            on_rtcp=lambda data: made.take_rtcp(data, self._loop.time(), time.time()),
            on_state=lambda state: self._session_is(made, state),
        )
        made.deadline_s = self._loop.time() + CONNECT_S
        self._sessions[session] = made
        candidates = await made.transport.gather()
        text = self._answer_text(made, asked, candidates)
        self._spawn(
            made.transport.connect(asked.ufrag, asked.password, asked.fingerprints, client=True),
            f"connect {session}",
        )
        return text

    async def restart(self, session: SessionId, offer: str) -> str:
        """ICE restart. Raises: MediaError."""
        found = self._sessions.get(session)
        if found is None:
            raise MediaError("This session is over. Make a new one.")
        asked = sdp.read_offer(offer)
        found.transport.restart(asked.ufrag, asked.password)
        return self._answer_text(found, asked, await found.transport.gather())

    def close(self, session: SessionId) -> None:
        """Free a session; idempotent."""
        found = self._sessions.pop(session, None)
        if found is None:
            return
        found.up = False
        self._repairs.discard(session)
        if self._active.get(found.station) is found:
            self._promote(found.station)
        self._spawn(self._stop(found), f"close {session}")

    def snapshot(self) -> MediaSnapshot:
        """The last published one; safe from any thread."""
        return self._snapshot

    async def aclose(self) -> None:
        """Close everything, within ``CLOSE_S`` or so."""
        for session in list(self._sessions):
            self.close(session)
        self._closing = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSE_S)
        for task in self._tasks:
            task.cancel()
        self._close_ports()

    def _check_room(self, session: SessionId, station: StationId) -> None:
        if self._closing:
            raise MediaError("The appliance is stopping.")
        if session in self._sessions:
            raise MediaError("This session exists already.")
        if sum(s.station == station for s in self._sessions.values()) >= MAX_PER_STATION:
            raise MediaError("This station has too many sessions.")
        if len(self._sessions) >= MAX_SESSIONS:
            raise MediaError("The appliance has too many sessions.")

    def _answer_text(self, session: Session, asked: sdp.Offer, candidates: list[str]) -> str:
        self._answers += 1
        local = sdp.Local(
            ufrag=session.transport.username,
            password=session.transport.password,
            fingerprint=fingerprint_of(self._certificate),
            candidates=candidates,
            lane_ssrcs=[lane.ssrc for lane in session.lanes],
            bitrate_bps=self._media.bitrate_bps,
            nack=self._media.nack,
        )
        return sdp.write_answer(asked, local, self._answers)

    def _session_is(self, session: Session, state: str) -> None:
        if session.id not in self._sessions:
            return
        if state == "connected":
            session.up = True
            session.deadline_s = None
            self._on_fact(ev.SessionUp(session.station, session.id))
            self._promote(session.station)
        else:
            self._lose(session)

    def _lose(self, session: Session) -> None:
        self.close(session.id)
        self._on_fact(ev.SessionLost(session.station, session.id))

    def _promote(self, station: StationId) -> None:
        """The station's newest session that is up carries its media."""
        newest = next((s for s in reversed(self._sessions.values()) if s.station == station and s.up), None)
        if newest is None:
            self._active.pop(station, None)
        else:
            self._active[station] = newest
            self._settle(newest, self._loop.time())
            self._lanes_changed(newest)
        self._reroute()

    async def _stop(self, session: Session) -> None:
        try:
            await asyncio.wait_for(session.transport.close(), CLOSE_S)
        except TimeoutError:
            log.warning("session %s did not close in time", session.id)

    def _lanes_changed(self, session: Session) -> None:
        if self._active.get(session.station) is session:
            self._on_fact(ev.LanesChanged(session.station, session.table.owners))

    # Packets.

    def _take_rtp(self, session: Session, data: bytes) -> None:
        packet = rtp.read_rtp(data, session.level_id)
        if packet is None or packet.payload_type != session.uplink_type:
            return
        now = self._loop.time()
        station = session.station
        holes = session.uplink.arrived(packet.ssrc, packet.seq, packet.timestamp, now)
        if holes and self._media.nack and session.id not in self._repairs:
            self._repairs.add(session.id)
            self._loop.call_later(holes, self._repair, session)
        if self._active.get(station) is not session:
            return
        if not session.flowing:
            session.flowing = True
            self._on_fact(ev.UplinkResumed(station, session.id))
        if station in self._plan.talking:
            session.uplink.note_level(packet.level, len(packet.payload), now)
        for listener, priority in self._routes.get(station, ()):
            listener.forward(station, priority, packet, now)

    def _repair(self, session: Session) -> None:
        if session.id not in self._sessions:
            return
        now = self._loop.time()
        again = session.ask_again(now)
        if again is None:
            self._repairs.discard(session.id)
        else:
            self._loop.call_later(max(0.001, again - now), self._repair, session)

    # Time.

    async def _tick(self) -> None:
        reported = 0.0
        while not self._closing:
            await asyncio.sleep(TICK_S)
            now = self._loop.time()
            for session in list(self._sessions.values()):
                self._watch(session, now)
            if now - reported >= REPORT_EVERY_S:
                reported = now
                self._report(now)
            self._publish()

    def _watch(self, session: Session, now: float) -> None:
        if session.deadline_s is not None and now > session.deadline_s:
            self._lose(session)
            return
        if not session.up:
            return
        if now - session.transport.last_datagram_s > self._gone_s:
            self._lose(session)
            return
        last = session.uplink.last_s
        if session.flowing and last is not None and now - last >= STALL_S:
            session.flowing = False
            self._on_fact(ev.UplinkStalled(session.station, session.id))
        if session.station in self._plan.talking:
            self._note_silence(session, session.flowing and session.uplink.silent(now))

    def _note_silence(self, session: Session, silent: bool) -> None:
        if silent != session.silent:
            session.silent = silent
            self._on_fact(ev.UplinkSilent(session.station, session.id, silent))

    def _report(self, now: float) -> None:
        wall_s = time.time()
        for session in self._sessions.values():
            if session.up:
                listeners = self._routes.get(session.station, ())
                worst = max((listener.down_loss for listener, _ in listeners), default=0.0)
                session.send_reports(worst, now, wall_s)

    def _publish(self) -> None:
        talking = self._plan.talking
        taken = {s: a.uplink.take_level() for s, a in self._active.items() if s in talking}
        levels = {s: max(level, self._levels.get(s, rtp.NO_LEVEL)) for s, level in taken.items()}
        self._levels = taken
        self._snapshot = MediaSnapshot(
            levels=levels,
            legs={session.id: session.stats() for session in self._sessions.values()},
            stray_datagrams=sum(mux.stray for mux in self._muxes),
        )

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        task = self._loop.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("%s failed", task.get_name(), exc_info=task.exception())

    def _close_ports(self) -> None:
        for mux in self._muxes:
            mux.close()
        self._muxes.clear()
