"""The appliance's own account of itself: addresses and who is here."""

from __future__ import annotations

from dataclasses import dataclass, field

import trio

from soundmesh import __version__
from soundmesh.core.ids import StationId
from soundmesh.core.media import LegStats
from soundmesh.core.seats import label
from soundmesh.core.show import Show
from soundmesh.core.state import State, Station
from soundmesh.server.reload import Reloader
from soundmesh.server.switchboard import Switchboard
from soundmesh.server.tls import Authority
from soundmesh.wire import http as w


@dataclass(slots=True)
class Addresses:
    """Where the appliance is reached; filled in as the listeners open."""

    hosts: list[str] = field(default_factory=list)
    panel_port: int = 0
    trust_port: int = 0
    media: list[str] = field(default_factory=list)

    @property
    def urls(self) -> list[str]:
        return [_url("https", host, self.panel_port, 443) for host in self.hosts]

    @property
    def trust_url(self) -> str:
        return _url("http", self.hosts[0], self.trust_port, 80)


def _url(scheme: str, host: str, port: int, usual: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" if port == usual else f"{scheme}://{shown}:{port}"


def make_status(
    board: Switchboard,
    reloader: Reloader,
    authority: Authority,
    where: Addresses,
    programs: list[w.ProgramStatus],
    started_s: float,
) -> w.Status:
    """GET /status."""
    legs: dict[StationId, LegStats] = {leg.station: leg for leg in board.media.snapshot().legs.values()}
    return w.Status(
        version=__version__,
        show=board.show.name,
        file=str(reloader.path),
        revision=board.revision,
        problems=[str(p) for p in reloader.problems],
        urls=where.urls,
        trust_url=where.trust_url,
        fingerprint=authority.fingerprint_sha256,
        media=where.media,
        stations=[_station(board, s, legs.get(s.id)) for s in board.stations()],
        uptime_s=trio.current_time() - started_s,
        programs=programs,
        kills=make_kills(board.state),
        signals=make_signals(board.show, board.state, trio.current_time()),
    )


def make_kills(state: State) -> list[w.KillStatus]:
    """The mic kills that stand, by address."""
    return [w.KillStatus(address, by.label) for address, by in sorted(state.killed.items())]


def make_signals(show: Show, state: State, now: float) -> list[w.SignalStatus]:
    """The calls, cues and texts that stand, the oldest first."""
    return [
        w.SignalStatus(
            kind=signal.kind,
            sender=label(show, state.stations[signal.sender]),
            to=signal.to,
            text=signal.text,
            given_to=len(signal.audience),
            acknowledged=len(signal.answers),
            age_s=round(now - signal.at_s, 1),
        )
        for signal in state.signals
    ]


def _station(board: Switchboard, station: Station, leg: LegStats | None) -> w.StationStatus:
    link = "here" if station.link is not None else "away" if station.seat is None else "lost"
    return w.StationStatus(
        station=station.id,
        role=station.role,
        seat=station.seat,
        person=station.person,
        link=link,
        media=station.link is not None and station.media.up,
        talks=sorted(board.plan.talking.get(station.id, ())),
        hears=sorted(path.talker for path in board.plan.ears.get(station.id, ())),
        loss=leg.uplink_loss if leg else None,
        rtt_ms=leg.rtt_ms if leg else None,
    )
