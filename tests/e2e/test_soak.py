"""An evening in short: crews come, talk and go, again and again, and nothing of them is left behind."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from soundmesh.sim.crew import Place, converse, open_crew, roles_for
from tests.e2e import shows
from tests.e2e.pages import until
from tests.e2e.serve import Appliance

pytestmark = [pytest.mark.e2e, pytest.mark.soak, pytest.mark.timeout(1800)]

CREW = 12
ROUNDS = 40
WARM_UP = 5
TALK_S = 8.0
GROWTH_BYTES = 16 * 1024 * 1024
"""Over 35 crews of twelve. A session that stayed whole would take some 300 KiB."""
PAGE_BYTES = 4096


def resident_bytes(box: Appliance) -> int:
    return int(Path(f"/proc/{box.process.pid}/statm").read_text().split()[1]) * PAGE_BYTES


def threads(box: Appliance) -> int:
    return len(list(Path(f"/proc/{box.process.pid}/task").iterdir()))


@pytest.mark.trio
async def test_crews_that_came_and_went_leave_no_socket_thread_or_memory(
    appliance: Callable[[str], Appliance],
) -> None:
    box = appliance(shows.write({**shows.THREE, "listener": ("L", "L")}, seats=3))
    place = await Place.find(box.data)
    sockets = box.open_sockets()
    warm = warm_threads = 0
    for number in range(ROUNDS):
        async with open_crew(place, await roles_for(place, CREW)) as stations:
            with trio.move_on_after(TALK_S):
                await converse(stations, random.Random(number))
        await trio.to_thread.run_sync(until, lambda: box.open_sockets() <= sockets, 5.0, "sockets are closed")
        assert box.status()["stations"] == []
        if number == WARM_UP:
            warm, warm_threads = resident_bytes(box), threads(box)
    assert resident_bytes(box) - warm < GROWTH_BYTES
    assert threads(box) <= warm_threads + 2
