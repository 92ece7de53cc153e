"""What happens to a station's talks: pressed, released, kept alive, closed.

The first rule is that no microphone is left open by accident.

================================  ===========================================
what happens                      the station's talks
================================  ===========================================
release of the last open talk     closed, with a tail for late packets
latch closed by its own press     the same
any later press                   ends the tail
cancelled release, talk-all-off   closed, no tail
kill, reload, loss, takeover      closed, no tail
beat that does not list a hold    that hold closed, no tail
hidden page                       holds closed; latches too, unless the show
                                  lets them stay and the microphone delivers
no beat for 750 ms                holds suspended; a beat reopens them
no beat for 1 s, no packet        latches closed
no beat for 2.5 s                 latches closed
media lost, link alive            kept as wanted, not confirmed: a microphone
                                  that reconnects under a held key goes on
================================  ===========================================

A station's counters only grow. A press at or below the last one applied to
its key is a late copy and ignored; so is a release below it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from soundmesh.core import keys
from soundmesh.core.effects import Effect, Reason, RefuseKey, TalkClosed
from soundmesh.core.events import Beat, KeyPressed, KeyReleased
from soundmesh.core.ids import KeyId
from soundmesh.core.permissions import closes, has_key, killed_by, latch_of, talk_target, talk_verdict
from soundmesh.core.reply import REPLY, aim, top
from soundmesh.core.show import Latch, Show
from soundmesh.core.state import Author, Counters, HeldTalk, State, Station, Tail

Changed = tuple[Station, tuple[Effect, ...]]


def open_keys(station: Station) -> frozenset[KeyId]:
    """The keys whose talk is open now."""
    return frozenset(key for key, talk in station.talks.items() if not talk.suspended)


def pressed(show: Show, state: State, station: Station, event: KeyPressed, now: float) -> Changed:
    """A talk key went down."""
    if not has_key(show, station.role, event.key):
        return station, (RefuseKey(station.id, event.key, event.counter, Reason.UNKNOWN_KEY),)
    if event.counter <= counters(station, event.key).talk:
        return station, ()
    station = _counted(station, event.key, event.counter)
    before = station.talks.get(event.key)
    if before is not None and before.suspended:
        # A new press is a new talk: a reply's goes to whoever is on top now.
        station, before = _with_talk(station, event.key, None), None
    if event.key == REPLY and before is None and event.other is not None:
        # Somebody may have come on top since: what is said next is for whom the person saw.
        station = aim(station, event.other)
        if top(station) != event.other:
            return station, (RefuseKey(station.id, event.key, event.counter, Reason.OTHER_LEFT),)
    why = talk_verdict(show, state, station, event.key)
    if why is not None:
        by = killed_by(show, state, station, event.key) if why is Reason.KILLED else ""
        return replace(station, tail=None), (RefuseKey(station.id, event.key, event.counter, why, by),)
    station = replace(station, tail=None, beat_s=max(station.beat_s, now))
    latch = latch_of(show, state, station, event.key)
    talk = keys.press(before, latch, talk_target(show, station, event.key))
    return _with_tail(show, station, _with_talk(station, event.key, talk), now), ()


def released(show: Show, state: State, station: Station, event: KeyReleased, now: float) -> Changed:
    """A talk key went up, or its hold ended otherwise."""
    if not has_key(show, station.role, event.key) or event.counter < counters(station, event.key).talk:
        return station, ()
    station = _counted(station, event.key, event.counter)
    before = station.talks.get(event.key)
    if before is None:
        return station, ()
    station = replace(station, beat_s=max(station.beat_s, now))
    latch = latch_of(show, state, station, event.key)
    talk = keys.release(before, latch, event.held_ms, event.cancelled, show.talk.tap_ms)
    changed = _with_talk(station, event.key, talk)
    return (changed if event.cancelled else _with_tail(show, station, changed, now)), ()


def beaten(station: Station, event: Beat, now: float) -> Changed:
    """A sign of life, with the keys that are down. A hidden page holds none."""
    held = frozenset() if event.hidden else event.held
    talks = {key: keys.beaten(talk, key in held) for key, talk in station.talks.items()}
    left = {key: talk for key, talk in talks.items() if talk is not None}
    return replace(station, beat_s=max(station.beat_s, now), hidden=event.hidden, talks=left), ()


def all_off(station: Station) -> Changed:
    """Talk-all-off: everything closes at once."""
    return replace(station, talks={}, tail=None), ()


def overdue(show: Show, station: Station, now: float) -> Changed:
    """The station after its deadlines up to ``now``, and after its page was hidden."""
    if station.tail is not None and now >= station.tail.until_s:
        station = replace(station, tail=None)
    effects: list[Effect] = []
    for key in sorted(station.talks):
        talk = station.talks[key]
        end = keys.alive_until(station, talk)
        if end is not None and now >= end:
            station = _with_talk(station, key, keys.outlived(talk))
            if not talk.pressed:
                effects.append(TalkClosed(station.id, key, Reason.NO_BEAT))
        elif talk.latched and station.hidden:
            if not show.talk.latch_when_hidden:
                station = _with_talk(station, key, None)
            elif not station.media.flowing:
                station = _with_talk(station, key, None)
                effects.append(TalkClosed(station.id, key, Reason.MEDIA_LOST))
    return station, tuple(effects)


def next_deadline(station: Station) -> float | None:
    """When ``overdue`` next has something to do."""
    ends = [keys.alive_until(station, talk) for talk in station.talks.values()]
    if station.tail is not None:
        ends.append(station.tail.until_s)
    return min((end for end in ends if end is not None), default=None)


def close_forbidden(show: Show, state: State, station: Station, reason: Reason, by: str = "") -> Changed:
    """Close at once what a new show or a new kill forbids, and end the tail of any such key."""

    def forbidden(key: KeyId, talk: HeldTalk | None) -> bool:
        if talk_verdict(show, state, station, key) is not None:
            return True
        found = show.key(station.role, key)
        if talk is None:
            return False
        if found is not None and talk.target not in (None, found.target):
            return True
        return talk.latched and latch_of(show, state, station, key) is Latch.MOMENTARY

    return _close(station, forbidden, reason, by)


def close_reply(show: Show, state: State, station: Station) -> Changed:
    """Close a reply whose person left, or whose latch outlived the time to answer."""
    why = talk_verdict(show, state, station, REPLY)
    return (station, ()) if why is None else _close(station, lambda key, talk: key == REPLY, why)


def close_addressed(show: Show, station: Station, address: str, by: Author) -> Changed:
    """Close once what an address means: talks to a line, or all of a role's or a seat's people."""

    def meant(key: KeyId, talk: HeldTalk | None) -> bool:
        target = talk_target(show, station, key)
        return target is not None and closes(show, {address: by}, station, target) is not None

    return _close(station, meant, Reason.UNLATCHED, by.label)


def close_all(station: Station, reason: Reason) -> Changed:
    """Close every talk at once."""
    return _close(station, lambda key, talk: True, reason)


def _close(
    station: Station, ends: Callable[[KeyId, HeldTalk | None], bool], reason: Reason, by: str = ""
) -> Changed:
    closed = [key for key in sorted(station.talks) if ends(key, station.talks[key])]
    talks = {key: talk for key, talk in station.talks.items() if key not in closed}
    tail = station.tail
    if tail is not None and any(ends(key, None) for key in tail.keys):
        tail = None
    effects = tuple(TalkClosed(station.id, key, reason, by) for key in closed)
    return replace(station, talks=talks, tail=tail), effects


def counters(station: Station, key: KeyId) -> Counters:
    """The counters of a key, zero before its first use."""
    return station.counters.get(key, Counters())


def _counted(station: Station, key: KeyId, counter: int) -> Station:
    used = replace(counters(station, key), talk=counter)
    return replace(station, counters={**station.counters, key: used})


def _with_talk(station: Station, key: KeyId, talk: HeldTalk | None) -> Station:
    talks: Mapping[KeyId, HeldTalk] = {k: t for k, t in station.talks.items() if k != key}
    return replace(station, talks=talks if talk is None else {**talks, key: talk})


def _with_tail(show: Show, before: Station, after: Station, now: float) -> Station:
    """``after`` with a tail when its person closed the last open talk."""
    closed = open_keys(before) - open_keys(after)
    if not closed or open_keys(after) or show.talk.tail_ms == 0:
        return after
    answered = before.talks[REPLY].target if REPLY in closed else None
    return replace(after, tail=Tail(closed, now + show.talk.tail_ms / 1000, answered))
