"""What one station's lamps show, derived from show, state and plan."""

from __future__ import annotations

from soundmesh.core import behind, signalviews
from soundmesh.core.effects import Reason
from soundmesh.core.ids import KeyId, SeatName, StationId
from soundmesh.core.lamps import (
    AckView,
    AirLamp,
    CallLamp,
    KeyTally,
    ReplyView,
    SentView,
    SignalView,
    TalkLamp,
    Tally,
)
from soundmesh.core.permissions import (
    killed_by,
    may_listen,
    may_talk_to,
    names_whole,
    talk_target,
    talk_verdict,
)
from soundmesh.core.plan import Line, Plan
from soundmesh.core.reply import REPLY, aimed_at
from soundmesh.core.show import Key, Show
from soundmesh.core.state import Hearing, ReplyEntry, SignalKind, State, Station
from soundmesh.core.talks import counters

__all__ = [
    "AckView",
    "AirLamp",
    "CallLamp",
    "KeyTally",
    "ReplyView",
    "SentView",
    "SignalKind",
    "SignalView",
    "TalkLamp",
    "Tally",
    "make_tally",
]

_CLOSED = Hearing(on=False)


def make_tally(show: Show, state: State, plan: Plan, station_id: StationId) -> Tally:
    """The lamps of a seated station of a role of the show. ``plan`` must be the one of this state."""
    station = state.stations[station_id]
    keys = show.roles[station.role].keys
    via = behind.via(show, state, plan, station)
    tallies = {key.id: _key(show, state, plan, station, key, via) for key in keys}
    if show.roles[station.role].reply or station.replies:
        tallies[REPLY] = _reply_key(show, state, plan, station, via)
    tallies = signalviews.with_calls(show, state, station, tallies)
    killer = names_whole(state.killed, station)
    lanes = tuple(owner if owner in via else None for owner in station.lanes)
    mentioned = set(via).union(*(tally.speakers for tally in tallies.values()))
    return Tally(
        seat=station.seat or SeatName(""),
        keys=tallies,
        lanes=lanes,
        via=via,
        people={s: behind.called(show, state, s) for s in sorted(mentioned)},
        master_db=station.master_db,
        media=station.media.up,
        addresses={s: behind.address(show, state, s) for s in sorted(via)},
        priority={path.talker: path.priority for path in plan.ears.get(station_id, ())},
        signals=signalviews.seen(show, state, station_id),
        sent=signalviews.sent(show, state, station_id),
        killed=killer is not None,
        killed_by="" if killer is None else killer.label,
        reply=tuple(_reply(show, state, station, entry) for entry in station.replies),
    )


def _reply_key(show: Show, state: State, plan: Plan, station: Station, via: behind.Via) -> KeyTally:
    """The lamps of the reply key: towards the person it leads to; heard over it is who has no key of mine."""
    talk = _talk_lamp(plan, station, REPLY)
    target = talk_target(show, station, REPLY)
    other = None if target is None else state.stations.get(aimed_at(target) or StationId(0))
    here = other is not None and other.link is not None
    reached = {} if target is None else plan.reach.get(station.id, {})
    killed = talk_verdict(show, state, station, REPLY) is Reason.KILLED
    return KeyTally(
        talk=talk,
        air=AirLamp.OFF if talk is TalkLamp.OFF else _air_lamp(station),
        listen=False,
        volume_db=0.0,
        muted=False,
        talk_counter=counters(station, REPLY).talk,
        listen_counter=0,
        open_to=0 if talk is TalkLamp.OFF or target is None else reached.get(target, 0),
        online=int(here),
        speakers=tuple(talker for talker in sorted(via) if not via[talker]),
        why=Reason.KILLED if killed else None,
        by=killed_by(show, state, station, REPLY) if killed else "",
        in_use=other is not None and not plan.private.get(other.id, frozenset()) <= {station.id},
    )


def _reply(show: Show, state: State, station: Station, entry: ReplyEntry) -> ReplyView:
    return ReplyView(
        station=entry.station,
        label=behind.called(show, state, entry.station),
        calling=signalviews.is_calling(state, station.id, entry.station),
        may_talk=may_talk_to(show, state, station, entry.station),
    )


def _key(
    show: Show,
    state: State,
    plan: Plan,
    station: Station,
    key: Key,
    via: behind.Via,
) -> KeyTally:
    talk = _talk_lamp(plan, station, key.id)
    hearing = station.listens.get(key.id, _CLOSED)
    line = plan.lines.get(key.target, Line())
    used = counters(station, key.id)
    killed = talk_verdict(show, state, station, key.id) is Reason.KILLED
    online = behind.others(show, station, line, key.target)
    return KeyTally(
        talk=talk,
        air=AirLamp.OFF if talk is TalkLamp.OFF else _air_lamp(station),
        listen=hearing.on and may_listen(show, station.role, key.target),
        volume_db=hearing.volume_db,
        muted=hearing.muted,
        talk_counter=used.talk,
        listen_counter=used.listen,
        open_to=0 if talk is TalkLamp.OFF else plan.reach.get(station.id, {}).get(key.target, 0),
        online=online,
        speakers=behind.speakers(show, station, key, line, via),
        why=Reason.KILLED if killed else None,
        by=killed_by(show, state, station, key.id) if killed else "",
        in_use=behind.in_use(show, state, plan, station, key, online),
        trouble=any(key.target in show.feeds.get(program, ()) for program in state.silent_programs),
    )


def _talk_lamp(plan: Plan, station: Station, key: KeyId) -> TalkLamp:
    if key not in plan.talking.get(station.id, ()):
        return TalkLamp.OFF
    return TalkLamp.LATCHED if station.talks[key].latched else TalkLamp.HELD


def _air_lamp(station: Station) -> AirLamp:
    media = station.media
    if not (media.up and media.flowing):
        return AirLamp.NO_SOUND
    return AirLamp.SILENT if media.silent else AirLamp.ON
