"""What one station's lamps show, derived from show, state and plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from soundmesh.core import behind
from soundmesh.core.effects import Reason
from soundmesh.core.ids import KeyId, SeatName, StationId
from soundmesh.core.permissions import may_listen, may_talk_to, talk_target, talk_verdict
from soundmesh.core.plan import Line, Plan
from soundmesh.core.reply import REPLY, aimed_at
from soundmesh.core.show import Key, Show
from soundmesh.core.state import Hearing, ReplyEntry, State, Station, Why
from soundmesh.core.talks import counters

_CLOSED = Hearing(on=False)


class TalkLamp(StrEnum):
    OFF = "off"
    HELD = "held"
    LATCHED = "latched"


class AirLamp(StrEnum):
    """Whether an open talk is really heard. Solid "on air" is ``ON`` alone."""

    OFF = "off"
    ON = "on"
    """The path is in the plan, the session is connected, packets arrive."""
    NO_SOUND = "no_sound"
    """Open, but nothing arrives from this phone."""
    SILENT = "silent"
    """Packets arrive and hold digital silence for 3 s."""


class CallLamp(StrEnum):
    """Attention without voice on a key."""

    OFF = "off"
    IN = "in"
    """Somebody behind this key wants me."""
    OUT = "out"
    """I call, and not everybody has answered yet."""


class SignalKind(StrEnum):
    CALL = "call"
    STANDBY = "standby"
    GO = "go"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class SignalView:
    """A cue or text for this station. A call is shown on its key or on the reply key."""

    id: int
    kind: SignalKind
    sender: StationId
    label: str
    """Who says it, such as ``Director (Maria)``."""
    text: str
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class AckView:
    label: str
    after_ms: int | None
    """Between signal and acknowledgement; None: not yet."""


@dataclass(frozen=True, slots=True)
class SentView:
    """A signal this station gave that stands."""

    id: int
    kind: SignalKind
    to: str
    """The address it was given to."""
    label: str
    """The same in the crew's words."""
    text: str
    answers: tuple[AckView, ...]


@dataclass(frozen=True, slots=True)
class ReplyView:
    """One entry of the reply stack, the newest first."""

    station: StationId
    label: str
    calling: bool
    """A call waits for an answer."""
    may_talk: bool
    """A talk to it is allowed now, by the matrix or because it spoke or called within 60 s."""


@dataclass(frozen=True, slots=True)
class KeyTally:
    talk: TalkLamp
    air: AirLamp
    listen: bool
    volume_db: float
    muted: bool
    talk_counter: int
    listen_counter: int
    open_to: int
    """How many ears hear this station over this key now."""
    online: int
    """How many other people are on this line: here, and may talk or listen on the target."""
    speakers: tuple[StationId, ...]
    """Who has an open talk on this channel now, whether or not this station hears it; never itself.

    On a key to a role: who of that role talks to this station directly. What
    others say to that role is between them.
    """
    why: Reason | None = None
    """Why this key cannot talk now, beyond the panel's static permission (a kill)."""
    call: CallLamp = CallLamp.OFF
    caller: str = ""
    """Who calls, for ``CallLamp.IN``."""
    call_id: int = 0
    """The signal to acknowledge (``IN``) or to withdraw (``OUT``)."""
    in_use: bool = False
    """A direct: its person talks with somebody else directly."""


@dataclass(frozen=True, slots=True)
class Tally:
    seat: SeatName
    keys: Mapping[KeyId, KeyTally]
    lanes: tuple[StationId | None, ...]
    via: Mapping[StationId, tuple[KeyId, ...]]
    """For each talker in this ear, the station's own keys it is heard over; empty: a direct without a key."""
    people: Mapping[StationId, str]
    """A short name for every station mentioned above, such as ``Cam 2 (Jo)``."""
    master_db: float
    media: bool
    """The appliance has a connected session of this station."""
    addresses: Mapping[StationId, str] = field(default_factory=dict)
    """Of each talker in this ear, ``role/seat``: what a phone remembers a person's volume by."""
    priority: Mapping[StationId, int] = field(default_factory=dict)
    """Of each talker in this ear, as in ``Path``: what a dimmed listen gives way to."""
    signals: tuple[SignalView, ...] = ()
    """Cues and texts for this station, the newest first."""
    sent: tuple[SentView, ...] = ()
    reply: tuple[ReplyView, ...] = ()
    """Talk lamps of the reply are those of the key ``reply`` in ``keys``."""
    killed: bool = False
    """Every talk of this station is closed by a mic kill."""


def make_tally(show: Show, state: State, plan: Plan, station_id: StationId) -> Tally:
    """The lamps of a seated station of a role of the show. ``plan`` must be the one of this state."""
    station = state.stations[station_id]
    keys = show.roles[station.role].keys
    via = behind.via(show, state, plan, station)
    tallies = {key.id: _key(show, state, plan, station, key, via) for key in keys}
    if show.roles[station.role].reply or station.replies:
        tallies[REPLY] = _reply_key(show, state, plan, station, via)
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
        reply=tuple(_reply(show, state, station, entry) for entry in station.replies),
    )


def _reply_key(show: Show, state: State, plan: Plan, station: Station, via: behind.Via) -> KeyTally:
    """The lamps of the reply key: towards the person it leads to; heard over it is who has no key of mine."""
    talk = _talk_lamp(plan, station, REPLY)
    target = talk_target(show, station, REPLY)
    other = None if target is None else state.stations.get(aimed_at(target) or StationId(0))
    here = other is not None and other.link is not None
    reached = {} if target is None else plan.reach.get(station.id, {})
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
        why=Reason.KILLED if talk_verdict(show, state, station, REPLY) is Reason.KILLED else None,
        in_use=other is not None and not plan.private.get(other.id, frozenset()) <= {station.id},
    )


def _reply(show: Show, state: State, station: Station, entry: ReplyEntry) -> ReplyView:
    return ReplyView(
        station=entry.station,
        label=behind.called(show, state, entry.station),
        calling=entry.why is Why.CALLED,
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
        in_use=behind.in_use(show, state, plan, station, key, online),
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
