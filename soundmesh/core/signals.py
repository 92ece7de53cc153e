"""Attention without voice: calls, cues and texts, who they are for and who has seen them.

=============  ============================================================
kind           stands until
=============  ============================================================
call           somebody answers: acknowledges it, talks to the caller, or
               talks where the call went; its caller is lost; else 30 s
standby        the same sender's next cue to the same address; else 10 min
go             10 s
text           2 min
any            its sender withdraws it, leaves or may no longer give it, or
               all it was for left; once all have acknowledged it, 5 s more
=============  ============================================================

Who may talk to an address may call it and send it texts; the right ``calls``
may signal any, and it alone gives cues. A signal is for those who are there
when it is given. Nobody has more than 32 to look at: beyond, a call does not
reach them and another signal takes the place of their oldest text. A call that no key of a
person shows, or only one that may not talk, comes on its reply stack.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from soundmesh.core import reply
from soundmesh.core.effects import Reason
from soundmesh.core.ids import RoleId, SeatName, StationId, TargetId
from soundmesh.core.lines import is_on
from soundmesh.core.seats import names
from soundmesh.core.show import Key, Show, TargetKind
from soundmesh.core.state import Signal, SignalKind, State, Station, Why

LIFE_S: Mapping[SignalKind, float] = {
    SignalKind.CALL: 30.0,
    SignalKind.STANDBY: 600.0,
    SignalKind.GO: 10.0,
    SignalKind.TEXT: 120.0,
}
SEEN_S = 5.0
"""How long its sender still sees a signal that all have acknowledged."""
MAX_SENT = 8
"""Signals of one sender that stand at once; the oldest goes first."""
MAX_GIVEN = 32
"""Signals for one station that stand at once."""
_CUES = (SignalKind.STANDBY, SignalKind.GO)


@dataclass(frozen=True, slots=True)
class Refusal:
    reason: Reason


def verdict(show: Show, station: Station, kind: SignalKind, to: str) -> Reason | None:
    """Why the station may not give this address such a signal; None: it may."""
    target = show.targets.get(TargetId(to))
    if target is not None and target.kind is not TargetKind.PORT:
        column = TargetId(target.role) if target.role is not None else target.id
    elif _is_people(show, to):
        column = TargetId(to.partition("/")[0])
    else:
        return Reason.UNKNOWN_ADDRESS
    role = show.roles[station.role]
    talks = kind not in _CUES and show.cell(role.id, column).talk
    return None if talks or "calls" in role.rights else Reason.NOT_ALLOWED


def _is_people(show: Show, to: str) -> bool:
    name, slash, seat = to.partition("/")
    role = show.roles.get(RoleId(name))
    return role is not None and (not slash or SeatName(seat) in set(names(role)))


def audience(show: Show, state: State, to: str, sender: StationId) -> tuple[StationId, ...]:
    """Who an address means now, without the sender."""
    target = show.targets.get(TargetId(to))
    line = target is not None and target.kind in (TargetKind.CHANNEL, TargetKind.GROUP, TargetKind.IFB)

    def meant(station: Station) -> bool:
        if station.link is None or station.id == sender:
            return False
        return is_on(show, station, TargetId(to)) if line else reply.reaches(show, TargetId(to), station)

    return tuple(sorted(number for number, station in state.stations.items() if meant(station)))


def give(
    show: Show, state: State, station: Station, kind: SignalKind, to: str, text: str, now: float
) -> State | Refusal:
    """The state with a signal more; a call again, or the next cue, takes the place of the one before."""
    why = verdict(show, station, kind, to)
    if why is not None:
        return Refusal(why)
    people = audience(show, state, to, station.id)
    if not people:
        return Refusal(Reason.NOBODY_HERE)
    signal = Signal(state.next_signal, kind, station.id, to, text, now, people)
    kept = [old for old in state.signals if not _replaced(old, signal)]
    full = [number for number in people if sum(number in old.audience for old in kept) >= MAX_GIVEN]
    if kind is SignalKind.CALL and full:
        signal = _without(signal, set(people) - set(full))
        if not signal.audience:
            return Refusal(Reason.TOO_MANY)
    elif full:
        kept = _with_room(kept, full)
    mine = [old for old in kept if old.sender == station.id]
    if len(mine) >= MAX_SENT:
        kept.remove(mine[0])
    state = replace(state, signals=(*kept, signal), next_signal=signal.id + 1)
    return _called(show, state, signal, now) if kind is SignalKind.CALL else state


def _replaced(old: Signal, new: Signal) -> bool:
    if (old.sender, old.to) != (new.sender, new.to):
        return False
    return old.kind is new.kind is SignalKind.CALL or (old.kind in _CUES and new.kind in _CUES)


def _with_room(kept: list[Signal], full: list[StationId]) -> list[Signal]:
    """The signals with one less for each of these stations: its oldest text, else its oldest."""
    for number in full:
        given = [signal for signal in kept if number in signal.audience]
        oldest = min(given, key=lambda signal: (signal.kind is not SignalKind.TEXT, signal.id))
        less = _without(oldest, set(oldest.audience) - {number})
        kept = [less if signal is oldest else signal for signal in kept]
    return [signal for signal in kept if signal.audience]


def _called(show: Show, state: State, call: Signal, now: float) -> State:
    """The call on the reply stacks of those who could not answer it by a key."""
    changed = dict(state.stations)
    for number in call.audience:
        station = changed[number]
        keys = [key for key in show.roles[station.role].keys if shows(state, key, call)]
        if not any(show.cell(station.role, key.target).talk for key in keys):
            changed[number] = reply.push(station, call.sender, Why.CALLED, now)
    return replace(state, stations=changed)


def shows(state: State, key: Key, call: Signal) -> bool:
    """Whether a call is seen on this key: it leads where the call went, or to who calls."""
    caller = state.stations[call.sender]
    return key.target in (call.to, caller.role, f"{caller.role}/{caller.seat}")


def waiting(state: State, station: StationId) -> list[Signal]:
    """The calls to this station that nobody has answered, the newest first."""
    calls = [s for s in reversed(state.signals) if s.kind is SignalKind.CALL and not s.answers]
    return [call for call in calls if station in call.audience]


def acknowledge(state: State, station: StationId, number: int, now: float) -> State:
    """The state with somebody having seen a signal; the first time counts."""
    return _with(state, [s for s in state.signals if s.id == number], station, now)


def withdraw(state: State, station: StationId, number: int) -> State:
    """The state without a signal of this station."""
    kept = tuple(s for s in state.signals if (s.id, s.sender) != (number, station))
    return replace(state, signals=kept) if len(kept) < len(state.signals) else state


def _with(state: State, seen: Iterable[Signal], station: StationId, now: float) -> State:
    found = {s.id: s for s in seen if station in s.audience and station not in s.answers}
    if not found:
        return state
    told = tuple(
        replace(s, answers={**s.answers, station: now}) if s.id in found else s for s in state.signals
    )
    return replace(state, signals=told)


def settled(show: Show, before: State, after: State, now: float) -> State:
    """The signals after all else has happened: calls answered by voice, what is over or for nobody gone."""
    if not after.signals:
        return after
    unchanged = after
    here = {number for number, station in after.stations.items() if station.seat is not None}
    kept = [_without(signal, here) for signal in after.signals if signal.sender in here]
    after = replace(after, signals=tuple(s for s in kept if s.audience and _stands(show, after, s)))
    for talker, key, target in reply.opened(before, after):
        spoken = [
            call
            for call in waiting(after, talker.id)
            if target in (call.to, reply.aimed(call.sender))
            or (key != reply.REPLY and reply.reaches(show, target, after.stations[call.sender]))
        ]
        after = _with(after, spoken, talker.id, now)
    after = replace(after, signals=tuple(s for s in after.signals if now < ends_s(s)))
    return unchanged if after == unchanged else after


def _stands(show: Show, state: State, signal: Signal) -> bool:
    """Whether its sender may still give it; nobody calls who could not be answered."""
    sender = state.stations[signal.sender]
    if signal.kind is SignalKind.CALL and sender.link is None:
        return False
    return verdict(show, sender, signal.kind, signal.to) is None


def _without(signal: Signal, here: set[StationId]) -> Signal:
    if here.issuperset(signal.audience):
        return signal
    answers = {number: at for number, at in signal.answers.items() if number in here}
    return replace(signal, audience=tuple(n for n in signal.audience if n in here), answers=answers)


def is_known(show: Show, to: str) -> bool:
    """Whether the show has what the address names."""
    return TargetId(to) in show.targets or _is_people(show, to)


def ends_s(signal: Signal) -> float:
    """When a signal is over, monotonic seconds."""
    end = signal.at_s + LIFE_S[signal.kind]
    answered = signal.answers if signal.kind is SignalKind.CALL else None
    if answered or len(signal.answers) == len(signal.audience):
        return min(end, max(signal.answers.values()) + SEEN_S)
    return end


def next_deadline(state: State) -> float | None:
    """When the next signal is over."""
    return min((ends_s(signal) for signal in state.signals), default=None)
