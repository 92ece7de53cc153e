"""The one reducer: what a fact changes, and when time alone changes something.

``step`` lets the deadlines up to ``now`` happen, then the event, then the
deadlines once more, since an event can make one due (a stalled microphone
under a latch without beats). So after every step ``next_deadline`` lies ahead
or there is none, and a late tick never lets anything stay open: what was due
before an event is done before it.

The files it calls have the rules as tables: ``presence`` (stations and
seats), ``talks`` and ``keys``, ``listens``, ``legs`` (media).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from soundmesh.core import events as ev
from soundmesh.core import legs, listens, presence, reply, signals, talks
from soundmesh.core.effects import Effect, Reason, RefuseSignal
from soundmesh.core.ids import StationId
from soundmesh.core.presence import Result, put
from soundmesh.core.seats import label
from soundmesh.core.show import Show
from soundmesh.core.state import Author, State, Station


def step(show: Show, state: State, event: ev.Event, now: float) -> Result:
    """The state after a fact, and the orders it gives.

    A fact that changes nothing gives back the same ``State`` object. Units: ``now`` monotonic seconds.
    """
    start = state
    state, before = _overdue(show, state, now)
    state, effects = _HANDLERS[type(event)](show, state, event, now)
    state, after = _overdue(show, state, now)
    state = signals.settled(show, start, reply.spoken(show, start, state, now), now)
    state, ended = _replies_over(show, state)
    return state, (*before, *effects, *after, *ended)


def next_deadline(show: Show, state: State) -> float | None:
    """When to send the next ``Tick``; None: nothing ends by itself."""
    ends = [
        end
        for station in state.stations.values()
        if station.seat is not None
        for end in (
            presence.next_deadline(station),
            talks.next_deadline(station),
            reply.next_deadline(station),
        )
        if end is not None
    ]
    signal = signals.next_deadline(state)
    return min(ends if signal is None else [*ends, signal], default=None)


def _overdue(show: Show, state: State, now: float) -> Result:
    changed: list[Station] = []
    effects: list[Effect] = []
    for number in sorted(state.stations):
        station = state.stations[number]
        if station.seat is None:
            continue
        after, freed = presence.overdue(station, now)
        after, closed = talks.overdue(show, reply.overdue(after, now), now)
        effects += (*freed, *closed)
        if after is not station:
            changed.append(after)
    return (put(state, *changed) if changed else state), tuple(effects)


def _replies_over(show: Show, state: State) -> Result:
    """Close the replies that may not go on: what the stacks allow is known when all else has happened."""
    changed: list[Station] = []
    effects: list[Effect] = []
    for station in state.stations.values():
        if reply.REPLY in station.talks:
            after, closed = talks.close_reply(show, state, station)
            changed.append(after)
            effects += closed
    return (put(state, *changed) if changed else state), tuple(effects)


def _tick(show: Show, state: State, event: ev.Tick, now: float) -> Result:
    return state, ()


def _show_changed(show: Show, state: State, event: ev.ShowChanged, now: float) -> Result:
    return presence.show_changed(show, state, now)


def _kill_set(show: Show, state: State, event: ev.KillSet, now: float) -> Result:
    standing = state.killed.get(event.address)
    if not event.on:
        left = {address: by for address, by in state.killed.items() if address != event.address}
        return (state, ()) if standing is None else (replace(state, killed=left), ())
    by = _author(show, state, event.by)
    if standing is not None:
        if standing.role in (None, by.role):
            return state, ()
        # A second kill closes more, never less: whom only one of the two spares is closed.
        by = replace(by, role=None)
    state = replace(state, killed={**state.killed, event.address: by})
    changed: list[Station] = []
    effects: list[Effect] = []
    for number in sorted(state.stations):
        station = state.stations[number]
        station, closed = talks.close_forbidden(show, state, station, Reason.KILLED, by.label)
        changed.append(station)
        effects += closed
    return put(state, *changed), tuple(effects)


def _programs_silent(show: Show, state: State, event: ev.ProgramsSilent, now: float) -> Result:
    if event.programs == state.silent_programs:
        return state, ()
    return replace(state, silent_programs=event.programs), ()


def _unlatched(show: Show, state: State, event: ev.Unlatched, now: float) -> Result:
    by = _author(show, state, event.by)
    changed: list[Station] = []
    effects: list[Effect] = []
    for number in sorted(state.stations):
        station, closed = talks.close_addressed(show, state.stations[number], event.address, by)
        changed.append(station)
        effects += closed
    return put(state, *changed), tuple(effects)


def _author(show: Show, state: State, by: StationId | None) -> Author:
    """Who gives such an order; a station that nobody knows is no reason to spare anybody."""
    station = None if by is None else state.stations.get(by)
    return Author() if station is None else Author(label(show, station), station.role)


def _signal_given(show: Show, state: State, event: ev.SignalGiven, now: float) -> Result:
    station = state.stations.get(event.station)
    if station is None or station.link is None:
        return state, ()
    given = signals.give(show, state, station, event.kind, event.to, event.text, now)
    if isinstance(given, signals.Refusal):
        return state, (RefuseSignal(station.id, event.to, given.reason),)
    return given, ()


def _media_fact(show: Show, state: State, event: Any, now: float) -> Result:
    station = state.stations.get(event.station)
    if station is None:
        return state, legs.of_nobody(event)
    station, effects = legs.FACTS[type(event)](station, event)
    return put(state, station), effects


def _of_the_here(
    change: Callable[[Show, State, Station, Any, float], talks.Changed],
) -> Callable[[Show, State, Any, float], Result]:
    """A handler of what a panel sends; of a station without a seat or a link it is old news."""

    def handle(show: Show, state: State, event: Any, now: float) -> Result:
        station = state.stations.get(event.station)
        if station is None or station.link is None:
            return state, ()
        station, effects = change(show, state, station, event, now)
        return put(state, station), effects

    return handle


def _master_set(show: Show, state: State, station: Station, event: ev.MasterSet, now: float) -> talks.Changed:
    return replace(station, master_db=event.volume_db), ()


_HANDLERS: Mapping[type, Callable[[Show, State, Any, float], Result]] = {
    ev.Tick: _tick,
    ev.ShowChanged: _show_changed,
    ev.KillSet: _kill_set,
    ev.ProgramsSilent: _programs_silent,
    ev.StationJoined: presence.joined,
    ev.StationLinked: presence.linked,
    ev.StationUnlinked: presence.unlinked,
    ev.StationLeft: presence.left,
    ev.SeatHandedOver: presence.handed_over,
    ev.KeyPressed: _of_the_here(talks.pressed),
    ev.KeyReleased: _of_the_here(talks.released),
    ev.Beat: _of_the_here(lambda show, state, s, e, now: talks.beaten(s, e, now)),
    ev.TalksClosed: _of_the_here(lambda show, state, s, e, now: talks.all_off(s)),
    ev.ListenSet: _of_the_here(lambda show, state, s, e, now: listens.heard(show, state, s, e)),
    ev.VolumeSet: _of_the_here(lambda show, state, s, e, now: listens.turned(s, e)),
    ev.MasterSet: _of_the_here(_master_set),
    ev.Unlatched: _unlatched,
    ev.SignalGiven: _signal_given,
    ev.SignalSeen: lambda show, state, e, now: (signals.acknowledge(state, e.station, e.signal, now), ()),
    ev.SignalWithdrawn: lambda show, state, e, now: (signals.withdraw(state, e.station, e.signal), ()),
    ev.ReplyAimed: _of_the_here(lambda show, state, s, e, now: (reply.aim(s, e.other), ())),
    ev.ReplyDismissed: _of_the_here(lambda show, state, s, e, now: (reply.dismiss(s, e.other), ())),
    **dict.fromkeys(legs.FACTS, _media_fact),
}
