"""How long the plan takes for 64 stations that all talk, against the plain definition.

Run it: ``python tests/bench/bench_plan.py [ROUNDS]``. Three crews are measured,
all of them talking: on one key each; on two channels and a direct each, so that
hardly two talk alike; and the same with volumes set so that hardly two hear
alike. The ratio to the plain definition, taken in the same run, compares across
machines. Exits with 1 when the first crew's median is over 2 ms.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from soundmesh.core import events as ev
from soundmesh.core.ids import KeyId, LinkId, RoleId, StationId, TargetId
from soundmesh.core.permissions import may_listen, talk_verdict
from soundmesh.core.plan import Path, Plan
from soundmesh.core.routing import make_plan
from soundmesh.core.show import Cell, Key, Listen, Role, Show, Target, TargetKind
from soundmesh.core.state import State
from soundmesh.core.step import step
from soundmesh.core.tally import make_tally

STATIONS = 64
ROLES = 16
CHANNELS = 12
LIMIT_MS = 2.0


def big_show() -> Show:
    """Sixteen roles of four seats; each talks and listens on most of twelve channels and one direct."""
    channels = [TargetId(f"channel{i}") for i in range(CHANNELS)]
    roles = [RoleId(f"role{i}") for i in range(ROLES)]
    targets = {t: Target(t, TargetKind.CHANNEL, t, priority=i % 4) for i, t in enumerate(channels)}
    targets |= {TargetId(r): Target(TargetId(r), TargetKind.ROLE, r) for r in roles}
    matrix: dict[RoleId, dict[TargetId, Cell]] = {}
    made: dict[RoleId, Role] = {}
    for i, role in enumerate(roles):
        used = [t for j, t in enumerate(channels) if (i + j) % 5]
        direct = TargetId(roles[(i + 1) % ROLES])
        matrix[role] = {t: Cell(talk=True, listen=Listen.ON) for t in used} | {direct: Cell(talk=True)}
        keys = tuple(Key(KeyId(t), t, t, "grey") for t in (*used, direct))
        made[role] = Role(role, role, STATIONS // ROLES, keys, priority=i % 4)
    return Show("Bench", targets, made, matrix)


def full_house(show: Show, *, keys_each: int, alike: bool) -> State:
    """Everybody here and talking."""
    state = State()
    for number in range(1, STATIONS + 1):
        station = StationId(number)
        role = list(show.roles.values())[(number - 1) % ROLES]
        for event in (
            ev.StationJoined(station, role.id, f"Person {number}"),
            ev.StationLinked(station, LinkId(number)),
        ):
            state, _ = step(show, state, event, 0.0)
        keys = [role.keys[number % 5].id, role.keys[number % 7].id, role.keys[-1].id]
        for counter, key in enumerate(dict.fromkeys(keys[:keys_each]), start=1):
            state, _ = step(show, state, ev.KeyPressed(station, key, counter), 0.0)
        if not alike:
            for place, key in enumerate(role.keys):
                volume = ev.VolumeSet(station, key.id, -float((place * number * 7) % 67))
                state, _ = step(show, state, volume, 0.0)
    return state


@dataclass(frozen=True)
class PlainPath:
    talker: StationId
    targets: tuple[TargetId, ...]
    direct: bool
    priority: int


def plain_plan(show: Show, state: State) -> dict[StationId, list[PlainPath]]:
    """The definition, crosspoint by crosspoint."""
    ears: dict[StationId, list[PlainPath]] = {}
    for listener in state.stations.values():
        paths = []
        for talker in state.stations.values():
            if talker.id == listener.id:
                continue
            heard: dict[TargetId, float] = {}
            for key in show.roles[talker.role].keys:
                if key.id not in talker.talks or talk_verdict(show, state, talker, key.id) is not None:
                    continue
                if show.targets[key.target].kind is TargetKind.ROLE:
                    if key.target == str(listener.role):
                        heard[key.target] = 1000.0
                    continue
                for own in show.roles[listener.role].keys:
                    if (
                        own.target == key.target
                        and listener.listens[own.id].on
                        and may_listen(show, listener.role, own.target)
                    ):
                        heard[key.target] = listener.listens[own.id].volume_db
            if heard:
                base = max(
                    200 * (show.targets[t].kind is TargetKind.ROLE) + 10 * show.targets[t].priority
                    for t in heard
                )
                order = tuple(sorted(heard, key=lambda t: -heard[t]))
                priority = base + 10 * show.roles[talker.role].priority
                paths.append(PlainPath(talker.id, order, base >= 200, priority))
        ears[listener.id] = sorted(paths, key=lambda p: (-p.priority, p.talker))
    return ears


def times_ms(call: Callable[[], object], rounds: int) -> list[float]:
    call()
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        found.append((time.perf_counter() - start) * 1000)
    return sorted(found)


def report(name: str, times: list[float], plain_ms: float | None = None) -> float:
    p50, p95 = statistics.median(times), times[int(len(times) * 0.95) - 1]
    ratio = (
        "" if plain_ms is None else f"   plain definition {plain_ms:.1f} ms, {plain_ms / p50:.0f} times that"
    )
    print(f"{name:<34} p50 {p50:.3f} ms   p95 {p95:.3f} ms{ratio}")
    return p50


def same(plan: Plan, plain: dict[StationId, list[PlainPath]]) -> bool:
    """Whether both found the same ears in the same order; the plan may order equal volumes its way."""

    def loose(path: Path | PlainPath) -> tuple[object, ...]:
        return path.talker, frozenset(path.targets), path.direct, path.priority

    return all([loose(p) for p in plan.ears.get(s, ())] == [loose(p) for p in ps] for s, ps in plain.items())


def main(rounds: int) -> int:
    show = big_show()
    medians = []
    for name, keys_each, alike in (
        ("plan, 64 talking on a key each", 1, True),
        ("plan, 64 talking on three each", 3, True),
        ("the same, hardly two hear alike", 3, False),
    ):
        state = full_house(show, keys_each=keys_each, alike=alike)
        plan = make_plan(show, state, 0.0)
        if not same(plan, plain_plan(show, state)):
            print("The plan and its plain definition differ.")
            return 1
        plain_ms = statistics.median(times_ms(lambda s=state: plain_plan(show, s), 3))
        medians.append(report(name, times_ms(lambda s=state: make_plan(show, s, 0.0), rounds), plain_ms))
        crosspoints = sum(len(paths) for paths in plan.ears.values())
        print(f"  {crosspoints} crosspoints")
    state = full_house(show, keys_each=1, alike=True)
    quiet = replace(state, stations={k: replace(s, talks={}) for k, s in state.stations.items()})
    for number in range(1, 5):
        press = ev.KeyPressed(StationId(number), show.roles[RoleId("role0")].keys[0].id, 9)
        quiet, _ = step(show, quiet, press, 0.0)
    report("plan, 4 of 64 talking", times_ms(lambda: make_plan(show, quiet, 0.0), rounds))
    plan = make_plan(show, state, 0.0)
    report("one tally of 64", times_ms(lambda: make_tally(show, state, plan, StationId(1)), rounds))
    beat = ev.Beat(StationId(1), frozenset(state.stations[StationId(1)].talks))
    report("one step of 64 (a beat)", times_ms(lambda: step(show, state, beat, 0.1), rounds))
    return 0 if medians[0] <= LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
