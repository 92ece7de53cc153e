"""A media engine without sound, for tests of everything above it.

It keeps the promises of ``server.engine.MediaEngine``: offers are looked at,
sessions have the lives that a test gives them, plans become lanes. Facts that
a test causes (``bring_up``, ``stall`` …) arrive at once; facts that a call of
the program causes arrive after it, as with the real engine, so that ``apply``
is never entered twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import trio

from soundmesh.core.events import (
    LanesChanged,
    MediaFact,
    SessionLost,
    SessionUp,
    UplinkResumed,
    UplinkSilent,
    UplinkStalled,
)
from soundmesh.core.ids import SessionId, StationId, TargetId
from soundmesh.core.media import LegStats, MediaError, MediaSnapshot
from soundmesh.core.plan import EMPTY_PLAN, Plan
from soundmesh.core.show import FIRST_PORT, Port

OPUS = re.compile(r"^a=rtpmap:(\d+) opus/48000", re.MULTILINE | re.IGNORECASE)
MAX_OFFER_BYTES = 64 * 1024
MAX_LINES = 17
MAX_PER_STATION = 3
MAX_SESSIONS = 200
TONE_DBOV = -23
"""Of a test tone without gain."""


@dataclass(slots=True)
class FakeSession:
    id: SessionId
    station: StationId
    lanes: int
    offers: list[str] = field(default_factory=list)
    up: bool = False
    flowing: bool = False


class FakeMedia:
    def __init__(self, on_fact: Callable[[MediaFact], None], *, lanes: int = 8) -> None:
        self.plans: list[Plan] = []
        """Every plan set, oldest first."""
        self.sessions: dict[SessionId, FakeSession] = {}
        """Answered and not closed or lost; newest last."""
        self.closed: list[SessionId] = []
        """Every session given to ``close``, in order."""
        self.refuse: str | None = None
        """When set, the text with which each offer and restart is refused."""
        self._on_fact = on_fact
        self._max_lanes = lanes
        self._levels: dict[StationId, int] = {}
        self.ports: Mapping[TargetId, Port] = {}
        self._lanes: dict[StationId, tuple[StationId | None, ...]] = {}
        self._facts: list[MediaFact] = []

    @property
    def plan(self) -> Plan:
        return self.plans[-1] if self.plans else EMPTY_PLAN

    # What the program calls: server.engine.MediaEngine.

    def set_plan(self, plan: Plan) -> None:
        self.plans.append(plan)
        self._settle_lanes()
        self._deliver_soon()

    def set_ports(self, ports: Mapping[TargetId, Port]) -> None:
        self.ports = ports

    async def answer(self, session: SessionId, station: StationId, offer: str) -> str:
        await trio.lowlevel.checkpoint()
        lanes = min(self._read(offer), self._max_lanes)
        if session in self.sessions:
            raise MediaError("This session exists already.")
        if sum(s.station == station for s in self.sessions.values()) >= MAX_PER_STATION:
            raise MediaError("This station has too many sessions.")
        if len(self.sessions) >= MAX_SESSIONS:
            raise MediaError("The appliance has too many sessions.")
        self.sessions[session] = FakeSession(session, station, lanes, [offer])
        return _answer(offer, lanes)

    async def restart(self, session: SessionId, offer: str) -> str:
        await trio.lowlevel.checkpoint()
        self._read(offer)
        found = self.sessions.get(session)
        if found is None:
            raise MediaError("This session is over. Make a new one.")
        found.offers.append(offer)
        return _answer(offer, found.lanes)

    def close(self, session: SessionId) -> None:
        self.closed.append(session)
        if self.sessions.pop(session, None) is not None:
            self._settle_lanes()
            self._deliver_soon()

    def snapshot(self) -> MediaSnapshot:
        legs = {s.id: _leg(s) for s in self.sessions.values()}
        heard = {
            p.number: TONE_DBOV for p in self.ports.values() if p.tone_hz and p.number in self.plan.talkers
        }
        return MediaSnapshot(levels=heard | self._levels, legs=legs, stray_datagrams=0)

    @property
    def loop_lag_s(self) -> float:
        return 0.0

    # What a test calls.

    def session_of(self, station: StationId) -> SessionId:
        """The station's newest session."""
        return next(s.id for s in reversed(self.sessions.values()) if s.station == station)

    def bring_up(self, session: SessionId, *, flowing: bool = True) -> None:
        """The phone connects; with ``flowing`` its microphone sends."""
        found = self.sessions[session]
        found.up = True
        self._tell(SessionUp(found.station, session))
        if flowing:
            self.resume(session)
        self._settle_lanes()
        self.deliver()

    def resume(self, session: SessionId) -> None:
        found = self.sessions[session]
        found.flowing = True
        self._tell(UplinkResumed(found.station, session))

    def stall(self, session: SessionId) -> None:
        """No packets of this microphone any more."""
        found = self.sessions[session]
        found.flowing = False
        self._tell(UplinkStalled(found.station, session))

    def fall_silent(self, session: SessionId, *, on: bool = True) -> None:
        self._tell(UplinkSilent(self.sessions[session].station, session, on))

    def lose(self, session: SessionId) -> None:
        """The transport dies: battery, radio, a closed page."""
        found = self.sessions.pop(session)
        self._tell(SessionLost(found.station, session))
        self._settle_lanes()
        self.deliver()

    def set_levels(self, levels: Mapping[StationId, int]) -> None:
        """What ``snapshot`` says of loudness, dBov."""
        self._levels = dict(levels)

    def deliver(self) -> None:
        """Hand over the facts that wait, in order."""
        while self._facts:
            self._on_fact(self._facts.pop(0))

    def _tell(self, fact: MediaFact) -> None:
        self._facts.append(fact)
        self.deliver()

    def _deliver_soon(self) -> None:
        if self._facts and trio.lowlevel.in_trio_run():
            trio.lowlevel.current_trio_token().run_sync_soon(self.deliver, idempotent=True)

    def _read(self, offer: str) -> int:
        if self.refuse is not None:
            raise MediaError(self.refuse)
        return _offered_lanes(offer)

    def _settle_lanes(self) -> None:
        sizes = {s.station: s.lanes for s in self.sessions.values() if s.up}
        for station in {*sizes, *self._lanes}:
            before = self._lanes.get(station, ())
            talkers = [path.talker for path in self.plan.ears.get(station, ())]
            after = _place(before, talkers, sizes.get(station, 0))
            if after == before:
                continue
            self._lanes[station] = after
            self._facts.append(LanesChanged(station, after))
        self._lanes = {station: lanes for station, lanes in self._lanes.items() if lanes}


def _place(
    before: tuple[StationId | None, ...], talkers: list[StationId], size: int
) -> tuple[StationId | None, ...]:
    """Who stays keeps the lane; who comes takes the first free one, highest priority first.

    A voice that finds none takes a program's, as by speaking.
    """
    if not size:
        return ()
    kept = [who if who in talkers else None for who in before[:size]]
    lanes = kept + [None] * (size - len(kept))
    for talker in talkers:
        if talker not in lanes and None in lanes:
            lanes[lanes.index(None)] = talker
    for talker in talkers:
        programs = [at for at, who in enumerate(lanes) if who is not None and who >= FIRST_PORT]
        if talker < FIRST_PORT and talker not in lanes and programs:
            lanes[programs[-1]] = talker
    return tuple(lanes)


def _offered_lanes(offer: str) -> int:
    """How many lanes a well-formed offer asks for. Raises: MediaError."""
    if len(offer.encode()) > MAX_OFFER_BYTES:
        raise MediaError("The offer is too long.")
    sections = re.split(r"^m=", offer, flags=re.MULTILINE)
    head, media = sections[0], sections[1:]
    if not head.startswith("v=0") or not media or len(media) > MAX_LINES:
        raise MediaError("The offer is not a session description of sound.")
    for section in media:
        if not section.startswith("audio ") or not re.search(
            r"^a=rtpmap:\d+ opus/48000", section, re.M | re.I
        ):
            raise MediaError("The offer has no Opus.")
    for needed in ("a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:"):
        if needed not in offer:
            raise MediaError(f"The offer lacks {needed[2:-1]}.")
    return sum("a=recvonly" in section for section in media)


def _answer(offer: str, lanes: int) -> str:
    lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]
    mids = re.findall(r"^a=mid:(\S+)", offer, re.M)
    numbers = OPUS.findall(offer)
    lines.append("a=group:BUNDLE " + " ".join(mids))
    given = 0
    for mid, number, section in zip(mids, numbers, offer.split("m=audio")[1:], strict=False):
        direction = "recvonly"
        if "a=recvonly" in section:
            given += 1
            direction = "sendonly" if given <= lanes else "inactive"
        lines += [
            f"m=audio 9 UDP/TLS/RTP/SAVPF {number}",
            "c=IN IP4 0.0.0.0",
            "a=rtcp-mux",
            "a=ice-ufrag:fake",
            "a=ice-pwd:fakefakefakefakefakefake",
            "a=fingerprint:sha-256 " + ":".join(["00"] * 32),
            "a=setup:active",
            f"a=mid:{mid}",
            f"a={direction}",
            f"a=rtpmap:{number} opus/48000/2",
        ]
        if direction == "sendonly":
            lines += [f"a=msid:lane{given} lane{given}", f"a=ssrc:{given} cname:soundmesh"]
    return "\r\n".join(lines) + "\r\n"


def _leg(session: FakeSession) -> LegStats:
    return LegStats(
        station=session.station,
        connected=session.up,
        uplink_packets=0,
        uplink_lost=0,
        uplink_loss=0.0,
        uplink_repaired=0,
        downlink_packets=0,
        downlink_loss=0.0,
        downlink_repaired=0,
        rtt_ms=None,
    )
