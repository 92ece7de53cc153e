"""What must hold whatever happened, computed from the matrix and the state alone."""

from __future__ import annotations

from soundmesh.core.ids import StationId, TargetId
from soundmesh.core.plan import Plan
from soundmesh.core.presence import KEPT_S
from soundmesh.core.seats import MAX_STATIONS
from soundmesh.core.show import Listen, Show, TargetKind
from soundmesh.core.state import MediaLeg, State, Station
from soundmesh.core.step import next_deadline
from soundmesh.core.tally import AirLamp, TalkLamp, make_tally


def check(show: Show, state: State, plan: Plan, now: float) -> None:
    """Raises AssertionError for the first invariant that is broken."""
    check_seats(show, state)
    for station in state.stations.values():
        if station.link is None or station.seat is None:
            check_gone(station, plan, now)
    check_paths(show, state, plan, now)
    check_turned_around(plan)
    check_tallies(show, state, plan)
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
    """Whether matrix and kills let this talk be open."""
    if not show.matrix.get(talker.role, {}).get(target) or not show.matrix[talker.role][target].talk:
        return False
    addresses = {"*", str(talker.role), f"{talker.role}/{talker.seat}"}
    if show.targets[target].kind is TargetKind.CHANNEL:
        addresses.add(str(target))
    return not addresses & state.killed


def open_targets(show: Show, state: State, talker: Station, now: float) -> set[TargetId]:
    """What a station's microphone goes to now, tails included."""
    keys = {k.id: k for k in show.roles[talker.role].keys}
    sending = {k for k, talk in talker.talks.items() if not talk.suspended}
    if talker.tail is not None and now < talker.tail.until_s:
        sending |= talker.tail.keys
    return {keys[k].target for k in sending}


def hears_on(show: Show, listener: Station, target: TargetId) -> bool:
    """Whether a listener hears a target by the matrix and its own choice."""
    if show.targets[target].kind is TargetKind.ROLE:
        return str(listener.role) == target
    row = show.matrix.get(listener.role, {})
    if target not in row or row[target].listen is Listen.NONE:
        return False
    keys = [k for k in show.roles[listener.role].keys if k.target == target]
    return any(row[target].listen is Listen.FORCED or listener.listens[k.id].on for k in keys)


def check_paths(show: Show, state: State, plan: Plan, now: float) -> None:
    """Nobody hears themself; the open paths are the allowed ones, no more and no fewer."""
    here = [s for s in state.stations.values() if s.link is not None and s.seat is not None]
    expected: dict[tuple[StationId, StationId], set[TargetId]] = {}
    for talker in here:
        going = open_targets(show, state, talker, now)
        assert all(may_go(show, state, talker, t) for t in going)
        for listener in here:
            over = {t for t in going if hears_on(show, listener, t)}
            if over and listener.id != talker.id:
                expected[talker.id, listener.id] = over
    found = {(p.talker, ear): p for ear, paths in plan.ears.items() for p in paths}
    assert {pair: set(p.targets) for pair, p in found.items()} == expected
    for ear, paths in plan.ears.items():
        assert paths
        assert [p.talker for p in paths] == [
            p.talker for p in sorted(paths, key=lambda p: (-p.priority, p.talker))
        ]
        assert all(p.talker != ear for p in paths)
        assert all(len(set(p.targets)) == len(p.targets) for p in paths)
    for path in found.values():
        kinds = [show.targets[t].kind for t in path.targets]
        assert path.direct == (TargetKind.ROLE in kinds)
        talker = state.stations[path.talker]
        weights = [
            10 * show.targets[t].priority + (200 if show.targets[t].kind is TargetKind.ROLE else 0)
            for t in path.targets
        ]
        assert path.priority == max(weights) + 10 * show.roles[talker.role].priority


def check_turned_around(plan: Plan) -> None:
    """``talkers``, ``reach`` and ``ears`` say the same."""
    heard_by: dict[StationId, set[StationId]] = {}
    reach: dict[tuple[StationId, TargetId], int] = {}
    for ear, paths in plan.ears.items():
        for path in paths:
            heard_by.setdefault(path.talker, set()).add(ear)
            for target in path.targets:
                reach[path.talker, target] = reach.get((path.talker, target), 0) + 1
    assert {t: set(ears) for t, ears in plan.talkers.items()} == heard_by
    assert all(list(ears) == sorted(ears) for ears in plan.talkers.values())
    assert {(s, t): n for s, per in plan.reach.items() for t, n in per.items() if n} == reach


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
        heard = {p.talker for p in plan.ears.get(station.id, ())}
        assert set(tally.via) == heard
        for key in show.roles[station.role].keys:
            if show.targets[key.target].kind is TargetKind.ROLE:
                assert set(tally.keys[key.id].speakers) <= heard
        assert {lane for lane in tally.lanes if lane is not None} <= heard
        mentioned = heard.union(*(lamp.speakers for lamp in tally.keys.values()))
        assert set(tally.people) == mentioned
