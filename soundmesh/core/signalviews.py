"""What a station sees of the signals: on its keys, in its list, and of those it gave."""

from __future__ import annotations

from dataclasses import replace

from soundmesh.core import signals
from soundmesh.core.behind import called
from soundmesh.core.ids import KeyId, StationId, TargetId
from soundmesh.core.lamps import AckView, CallLamp, KeyTally, SentView, SignalView
from soundmesh.core.reply import REPLY
from soundmesh.core.seats import seat_name
from soundmesh.core.show import Show
from soundmesh.core.state import Signal, SignalKind, State, Station


def with_calls(
    show: Show, state: State, station: Station, tallies: dict[KeyId, KeyTally]
) -> dict[KeyId, KeyTally]:
    """The lamps with calls on the keys that show them; one that none shows is on the reply key."""
    if not state.signals:
        return tallies
    lamps = dict(tallies)
    for call in _mine(state, station.id):
        for key in show.roles[station.role].keys:
            if call.kind is SignalKind.CALL and not call.answers and key.target == call.to:
                lamps[key.id] = replace(lamps[key.id], call=CallLamp.OUT, call_id=call.id)
    # The newest last, so that it is the one that is seen.
    for call in reversed(signals.waiting(state, station.id)):
        keys = [key.id for key in show.roles[station.role].keys if signals.shows(state, key, call)]
        for name in keys or ([REPLY] if REPLY in lamps else []):
            caller = called(show, state, call.sender)
            lamps[name] = replace(lamps[name], call=CallLamp.IN, caller=caller, call_id=call.id)
    return lamps


def seen(show: Show, state: State, station: StationId) -> tuple[SignalView, ...]:
    """Cues and texts for this station, the newest first."""
    return tuple(
        SignalView(s.id, s.kind, s.sender, called(show, state, s.sender), s.text, station in s.answers)
        for s in reversed(state.signals)
        if s.kind is not SignalKind.CALL and station in s.audience
    )


def sent(show: Show, state: State, station: StationId) -> tuple[SentView, ...]:
    """The signals this station gave, the newest first, with who has seen them."""
    return tuple(
        SentView(s.id, s.kind, s.to, _address_label(show, s.to), s.text, _answers(show, state, s))
        for s in _mine(state, station)
    )


def is_calling(state: State, station: StationId, other: StationId) -> bool:
    """Whether a call of the other waits for this station's answer."""
    return any(call.sender == other for call in signals.waiting(state, station))


def _mine(state: State, station: StationId) -> list[Signal]:
    return [s for s in reversed(state.signals) if s.sender == station]


def _answers(show: Show, state: State, signal: Signal) -> tuple[AckView, ...]:
    return tuple(
        AckView(
            called(show, state, number),
            round(1000 * (signal.answers[number] - signal.at_s)) if number in signal.answers else None,
        )
        for number in signal.audience
    )


def _address_label(show: Show, to: str) -> str:
    target = show.targets.get(TargetId(to))
    if target is not None:
        return target.name
    name, _, seat = to.partition("/")
    return next((seat_name(role, seat) for role in show.roles.values() if role.id == name), to)
