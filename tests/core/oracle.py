"""What must hold whatever happened, computed from the matrix and the state alone."""

from __future__ import annotations

from soundmesh.core.ids import StationId, TargetId
from soundmesh.core.plan import Plan
from soundmesh.core.presence import KEPT_S
from soundmesh.core.reply import REPLY
from soundmesh.core.seats import MAX_STATIONS
from soundmesh.core.show import FIRST_PORT, Listen, Show, TargetKind
from soundmesh.core.state import MediaLeg, SignalKind, State, Station
from soundmesh.core.step import next_deadline
from soundmesh.core.tally import AirLamp, TalkLamp, make_tally


def check(show: Show, state: State, plan: Plan, now: float) -> None:
    """Raises AssertionError for the first invariant that is broken."""
    check_seats(show, state)
    for station in state.stations.values():
        if station.link is None or station.seat is None:
            check_gone(station, plan, now)
        check_replies(state, station, now)
    check_paths(show, state, plan, now)
    check_turned_around(show, state, plan, now)
    check_tallies(show, state, plan)
    check_signals(show, state, now)
    deadline = next_deadline(show, state)
    assert deadline is None or deadline > now


def check_gone(station: Station, plan: Plan, now: float) -> None:
    """The gone hold nothing and are in no plan; a lost page's session waits for a bounded time, alone."""
    assert not station.talks
    assert station.tail is None
    assert station.link is None
    for mapping in (plan.ears, plan.talkers, plan.talking, plan.reach):
        assert station.id not in mapping
    assert all(path.talker != station.id for paths in plan.ears.values() for path in paths)
    assert all(station.id not in listeners for listeners in plan.talkers.values())
    if station.media == MediaLeg():
        return
    assert station.seat is not None
    assert station.tab
    assert station.media.up
    assert station.media.pending is None
    assert station.lost_at_s is not None
    assert now < station.lost_at_s + KEPT_S


def check_replies(state: State, station: Station, now: float) -> None:
    """A stack is short, holds others only, none of them gone, and no answer outlives its 60 s."""
    assert len(station.replies) <= 8
    others = [entry.station for entry in station.replies]
    assert len(others) == len(set(others))
    assert station.id not in others
    assert all(state.stations[other].seat is not None for other in others)
    assert station.seat is not None or not others
    for entry in station.replies:
        assert entry.at_s <= now
        assert not entry.fresh or entry.speaking or now < entry.at_s + 60
        talks = state.stations[entry.station].talks.values()
        assert not entry.speaking or any(not talk.suspended for talk in talks)


def check_signals(show: Show, state: State, now: float) -> None:
    """What stands is for people with a seat, by a person with a seat, few at once, and not over."""
    ids = [signal.id for signal in state.signals]
    assert ids == sorted(set(ids))
    assert all(number < state.next_signal for number in ids)
    life = {SignalKind.CALL: 30, SignalKind.STANDBY: 600, SignalKind.GO: 10, SignalKind.TEXT: 120}
    for signal in state.signals:
        assert state.stations[signal.sender].seat is not None
        assert signal.audience
        assert signal.sender not in signal.audience
        assert all(state.stations[number].seat is not None for number in signal.audience)
        assert set(signal.answers) <= set(signal.audience)
        assert now < signal.at_s + life[signal.kind]
        assert sum(s.sender == signal.sender for s in state.signals) <= 8
        assert all(sum(n in s.audience for s in state.signals) <= 32 for n in signal.audience)
    calls = [(s.sender, s.to) for s in state.signals if s.kind is SignalKind.CALL]
    cues = [(s.sender, s.to) for s in state.signals if s.kind in (SignalKind.STANDBY, SignalKind.GO)]
    assert len(calls) == len(set(calls))
    assert len(cues) == len(set(cues))


def check_seats(show: Show, state: State) -> None:
    """No seat is oversold, none is held that the show does not have."""
    assert len(state.stations) <= MAX_STATIONS
    taken = [(s.role, s.seat) for s in state.stations.values() if s.seat is not None]
    assert len(taken) == len(set(taken))
    for role, seat in taken:
        seats = show.roles[role].seats
        if isinstance(seats, tuple):
            assert seat in seats
        else:
            assert seat is not None
            assert 1 <= int(seat) <= (seats or MAX_STATIONS)


def may_go(show: Show, state: State, talker: Station, target: TargetId) -> bool:
    """Whether matrix, kills and, for a reply, the time to answer let this talk be open."""
    if target.startswith("@"):
        return may_reply(show, state, talker, state.stations[StationId(int(target[1:]))])
    kind = show.targets[target].kind
    column = target.partition("/")[0] if kind is TargetKind.SEAT else target
    cell = show.matrix.get(talker.role, {}).get(TargetId(column))
    if cell is None or not cell.talk:
        return False
    if kind not in (TargetKind.ROLE, TargetKind.SEAT) and target in state.killed:
        return False
    return not is_shut(state, talker)


def is_shut(state: State, talker: Station) -> bool:
    """Whether a kill means the station itself; that of the whole show leaves its author's role out."""
    if "*" in state.killed and state.killed["*"].role != talker.role:
        return True
    return bool({str(talker.role), f"{talker.role}/{talker.seat}"} & state.killed.keys())


def may_reply(show: Show, state: State, talker: Station, other: Station) -> bool:
    """The one exception to the matrix: who spoke or called may be answered for 60 s; a hold may last."""
    if is_shut(state, talker) or other.seat is None:
        return False
    cell = show.matrix.get(talker.role, {}).get(TargetId(other.role))
    if cell is not None and cell.talk and TargetId(other.role) in show.targets:
        return True
    in_time = any(entry.fresh for entry in talker.replies if entry.station == other.id)
    held = talker.talks.get(REPLY)
    # In a tail the talk is gone, and was allowed until 200 ms ago.
    return show.roles[talker.role].reply and (in_time or held is None or held.pressed)


def open_targets(show: Show, state: State, talker: Station, now: float) -> dict[TargetId, int]:
    """What a station's microphone goes to now, tails included, and the highest priority of its keys."""
    keys = {k.id: k for k in show.roles[talker.role].keys}
    sending = {k for k, talk in talker.talks.items() if not talk.suspended}
    if talker.tail is not None and now < talker.tail.until_s:
        sending |= talker.tail.keys
    targets = {keys[k].target for k in sending if k != REPLY}
    going = {t: max(keys[k].priority for k in sending if k != REPLY and keys[k].target == t) for t in targets}
    if REPLY in sending:
        tail = None if talker.tail is None else talker.tail.reply
        aimed = talker.talks[REPLY].target if REPLY in talker.talks else tail
        assert aimed is not None
        going[aimed] = 0
    return going


def hears_on(show: Show, listener: Station, target: TargetId) -> bool:
    """Whether a listener hears a channel, an ifb or a port by the matrix and its own choice."""
    row = show.matrix.get(listener.role, {})
    if target not in row or row[target].listen is Listen.NONE:
        return False
    keys = [k for k in show.roles[listener.role].keys if k.target == target]
    return any(row[target].listen is Listen.FORCED or listener.listens[k.id].on for k in keys)


def heard_over(
    show: Show, state: State, listener: Station, target: TargetId, key_priority: int
) -> dict[TargetId, int]:
    """Over what a listener hears a talk to a target, each with its priority; empty: it does not."""
    if target.startswith("@"):
        return {target: 200} if target == f"@{listener.id}" else {}
    found = show.targets[target]
    added = 10 * (found.priority + key_priority)
    match found.kind:
        case TargetKind.ROLE:
            return {target: 200 + added} if str(listener.role) == target else {}
        case TargetKind.SEAT:
            return {target: 200 + added} if f"{listener.role}/{listener.seat}" == target else {}
        case TargetKind.GROUP:
            roles = [m for m in found.members if str(listener.role) == m]
            over = {target: 100 + added} if roles else {}
            channels = [m for m in found.members if m in show.targets and m not in show.roles]
            return over | {
                c: 100 + added for c in channels if c not in state.killed and hears_on(show, listener, c)
            }
        case _:
            base = 100 if found.kind is TargetKind.IFB else 0
            return {target: base + added} if hears_on(show, listener, target) else {}


Expected = dict[tuple[StationId, StationId], dict[TargetId, int]]
"""Per talker and listener the labels it is heard over, with the priority of each."""


def voices(show: Show, state: State, here: list[Station], now: float) -> Expected:
    """The crosspoints of people that must be open."""
    expected: Expected = {}
    for talker in here:
        going = open_targets(show, state, talker, now)
        assert all(may_go(show, state, talker, t) for t in going)
        for listener in here:
            over: dict[TargetId, int] = {}
            for target, key_priority in going.items():
                for label, priority in heard_over(show, state, listener, target, key_priority).items():
                    over[label] = max(priority, over.get(label, priority))
            if over and listener.id != talker.id:
                added = 10 * show.roles[talker.role].priority
                expected[talker.id, listener.id] = {label: over[label] + added for label in over}
    return expected


def programs(show: Show, here: list[Station]) -> Expected:
    """The crosspoints of ports: always open to whoever listens, to nobody else."""
    expected: Expected = {}
    for port in show.ports.values():
        feeds = [t.id for t in show.targets.values() if t.id == port.id or t.source == port.id]
        for listener in here:
            over = {feed: 10 * port.priority - 5 for feed in feeds if hears_on(show, listener, feed)}
            if over:
                expected[port.number, listener.id] = over
    return expected


def check_paths(show: Show, state: State, plan: Plan, now: float) -> None:
    """Nobody hears themself; the open paths are the allowed ones, no more and no fewer."""
    here = [s for s in state.stations.values() if s.link is not None and s.seat is not None]
    expected = voices(show, state, here, now) | programs(show, here)
    found = {(p.talker, ear): p for ear, paths in plan.ears.items() for p in paths}
    assert {pair: set(p.targets) for pair, p in found.items()} == {
        pair: set(over) for pair, over in expected.items()
    }
    for pair, path in found.items():
        assert path.priority == max(expected[pair].values())
        directs = [t for t in path.targets if t.startswith("@") or show.targets[t].kind.is_direct]
        assert path.direct == bool(directs)
        assert list(path.targets[: len(directs)]) == directs
    for ear, paths in plan.ears.items():
        assert paths
        order = sorted(paths, key=lambda p: (p.talker >= FIRST_PORT, -p.priority, p.talker))
        assert [p.talker for p in paths] == [p.talker for p in order]
        ranks = [p.lane_priority for p in paths]
        assert ranks == sorted(ranks, reverse=True)
        assert all(p.talker != ear for p in paths)
        assert all(len(set(p.targets)) == len(p.targets) for p in paths)


def check_turned_around(show: Show, state: State, plan: Plan, now: float) -> None:
    """``talkers``, ``reach``, ``private`` and ``ears`` say the same."""
    heard_by: dict[StationId, set[StationId]] = {}
    reach: dict[tuple[StationId, TargetId], int] = {}
    private: dict[StationId, set[StationId]] = {}
    for ear, paths in plan.ears.items():
        listener = state.stations[ear]
        for path in paths:
            heard_by.setdefault(path.talker, set()).add(ear)
            if path.talker >= FIRST_PORT:
                continue
            for target in open_targets(show, state, state.stations[path.talker], now):
                over = heard_over(show, state, listener, target, 0)
                if over:
                    reach[path.talker, target] = reach.get((path.talker, target), 0) + 1
                kind = show.targets[target].kind if target in show.targets else None
                if over and kind in (None, TargetKind.ROLE, TargetKind.SEAT):
                    private.setdefault(ear, set()).add(path.talker)
                    private.setdefault(path.talker, set()).add(ear)
    assert {t: set(ears) for t, ears in plan.talkers.items()} == heard_by
    assert all(list(ears) == sorted(ears) for ears in plan.talkers.values())
    assert {(s, t): n for s, per in plan.reach.items() for t, n in per.items() if n} == reach
    assert plan.private == private


def check_tallies(show: Show, state: State, plan: Plan) -> None:
    """No lamp says more than is so: ON only with an open key, a session that is up, and packets."""
    for station in state.stations.values():
        if station.link is None:
            continue
        tally = make_tally(show, state, plan, station.id)
        opened = plan.talking.get(station.id, frozenset())
        for key, lamp in tally.keys.items():
            assert (lamp.talk is not TalkLamp.OFF) == (key in opened)
            if lamp.air is AirLamp.ON:
                assert key in opened
                assert station.media.up
                assert station.media.flowing
                assert not station.media.silent
            if lamp.talk is TalkLamp.OFF:
                assert lamp.air is AirLamp.OFF
                assert lamp.open_to == 0
            assert station.id not in lamp.speakers
            assert lamp.online >= 0
        assert (REPLY in tally.keys) == (show.roles[station.role].reply or bool(station.replies))
        heard = {p.talker for p in plan.ears.get(station.id, ())}
        assert set(tally.via) == heard
        assert tally.priority == {p.talker: p.priority for p in plan.ears.get(station.id, ())}
        for key in show.roles[station.role].keys:
            lamp = tally.keys[key.id]
            if show.targets[key.target].kind in (TargetKind.ROLE, TargetKind.SEAT):
                assert set(lamp.speakers) <= heard
                assert lamp.in_use == everybody_is_busy(state, plan, station, key.target)
            else:
                assert not lamp.in_use
        assert {lane for lane in tally.lanes if lane is not None} <= heard
        mentioned = heard.union(*(lamp.speakers for lamp in tally.keys.values()))
        assert set(tally.people) == mentioned
        assert set(tally.addresses) == heard


def everybody_is_busy(state: State, plan: Plan, station: Station, target: TargetId) -> bool:
    """Whether all others behind a direct key talk directly with somebody else."""
    behind = [
        s
        for s in state.stations.values()
        if s.link is not None and s.id != station.id and target in (str(s.role), f"{s.role}/{s.seat}")
    ]
    return bool(behind) and all(set(plan.private.get(s.id, ())) - {station.id} for s in behind)
