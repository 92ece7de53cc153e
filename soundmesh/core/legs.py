"""What the facts of the media engine do to a station's media leg.

A station has one session that carries its media and at most one newer that is
not connected yet; the newer takes over when it is up. A session nobody knows
is told to close, so that none outlives its station.

A lost station keeps a connected session for ``presence.KEPT_S``: a page that
comes back goes on with it. Meanwhile the plan has neither ears nor talks of
the station, so the session carries nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from soundmesh.core.effects import CloseSession, Effect
from soundmesh.core.events import (
    LanesChanged,
    SessionLost,
    SessionStarted,
    SessionUp,
    UplinkResumed,
    UplinkSilent,
    UplinkStalled,
)
from soundmesh.core.state import MediaLeg, Station
from soundmesh.core.talks import Changed


def sessions(station: Station) -> tuple[CloseSession, ...]:
    """The orders that free every session of the station."""
    found = (station.media.session, station.media.pending)
    return tuple(CloseSession(session) for session in found if session is not None)


def kept(station: Station) -> Changed:
    """The station with what its page finds when it comes back: the session, if it is connected."""
    leg = station.media
    if not (station.tab and leg.up):
        return without(station)
    closed = () if leg.pending is None else (CloseSession(leg.pending),)
    return replace(station, media=replace(leg, pending=None)), closed


def without(station: Station) -> Changed:
    """The station with all its sessions freed."""
    return replace(station, media=MediaLeg(), lanes=()), sessions(station)


def started(station: Station, event: SessionStarted) -> Changed:
    """An offer was answered; a session that is up goes on until the new one is."""
    leg = station.media
    if station.link is None:
        return station, (CloseSession(event.session),)
    if event.session in (leg.session, leg.pending):
        return station, ()
    old = leg.pending if leg.up else leg.session
    closed = () if old is None else (CloseSession(old),)
    leg = replace(leg, pending=event.session) if leg.up else MediaLeg(session=event.session)
    return replace(station, media=leg), closed


def up(station: Station, event: SessionUp) -> Changed:
    """The session is connected and carries the media from now on."""
    leg = station.media
    if event.session == leg.session:
        return replace(station, media=replace(leg, up=True)), ()
    if event.session != leg.pending:
        return station, (CloseSession(event.session),)
    closed = () if leg.session is None else (CloseSession(leg.session),)
    return replace(station, media=MediaLeg(session=event.session, up=True)), closed


def lost(station: Station, event: SessionLost) -> Changed:
    """The session is gone. Talks stay wanted while the control link lives; nothing of them is heard."""
    leg = station.media
    if event.session == leg.session:
        return replace(station, media=MediaLeg(session=leg.pending), lanes=()), ()
    if event.session == leg.pending:
        return replace(station, media=replace(leg, pending=None)), ()
    return station, ()


def resumed(station: Station, event: UplinkResumed) -> Changed:
    """Packets arrive, so the session is connected whether or not that was said."""
    station, effects = up(station, SessionUp(event.station, event.session))
    if station.media.session != event.session:
        return station, effects
    return replace(station, media=replace(station.media, flowing=True)), effects


def stalled(station: Station, event: UplinkStalled) -> Changed:
    if station.media.session != event.session:
        return station, ()
    return replace(station, media=replace(station.media, flowing=False)), ()


def silent(station: Station, event: UplinkSilent) -> Changed:
    if station.media.session != event.session:
        return station, ()
    return replace(station, media=replace(station.media, silent=event.on)), ()


def lanes(station: Station, event: LanesChanged) -> Changed:
    """Who is on which lane; of a station without a session it is old news."""
    if station.media.session is None:
        return station, ()
    return replace(station, lanes=event.lanes), ()


FACTS: Mapping[type, Callable[[Station, Any], Changed]] = {
    SessionStarted: started,
    SessionUp: up,
    SessionLost: lost,
    UplinkResumed: resumed,
    UplinkStalled: stalled,
    UplinkSilent: silent,
    LanesChanged: lanes,
}


def of_nobody(event: Any) -> tuple[Effect, ...]:
    """What a fact about a station without a record asks for: a live session is closed."""
    if isinstance(event, SessionStarted | SessionUp | UplinkResumed):
        return (CloseSession(event.session),)
    return ()
