"""How long the crew's list takes for 64 stations that all talk and all watch it.

Run it: ``python -m tests.bench.bench_roster [ROUNDS]``. Prints the milliseconds of
one list, made and encoded, and what a second costs when every station watches while
something changes all the time: then each list is made as often as the outbox lets it.
"""

from __future__ import annotations

import statistics
import sys
import time

from soundmesh.core.routing import make_plan
from soundmesh.server.outbox import PEOPLE_EVERY_S
from soundmesh.server.roster import make_people
from soundmesh.wire.codec import encode
from tests.bench.bench_plan import STATIONS, big_show, full_house


def main(rounds: int) -> int:
    show = big_show()
    state = full_house(show, keys_each=3, alike=False)
    plan = make_plan(show, state, 0.0)
    watchers = list(state.stations.values())
    took: list[float] = []
    size = 0
    for turn in range(rounds):
        watcher = watchers[turn % len(watchers)]
        start = time.perf_counter()
        size = len(encode(make_people(show, state, plan, watcher)))
        took.append((time.perf_counter() - start) * 1000)
    one = statistics.median(took)
    second = one * STATIONS / PEOPLE_EVERY_S
    print(f"one list of {STATIONS - 1} people: {one:.2f} ms, {size / 1000:.1f} kB")
    print(f"{STATIONS} watching, all the time something new: {second:.0f} ms of each second")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 640))
