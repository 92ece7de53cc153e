"""Programs on a real appliance: files and tones to those who listen, under the port's own number."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import trio

from soundmesh.core.show import FIRST_PORT
from soundmesh.dsp.tone import levels_dbfs
from soundmesh.sim.crew import Place, measured, open_crew
from soundmesh.sim.hears import measure
from soundmesh.sim.station import FakeStation
from tests.e2e.serve import Appliance

pytestmark = pytest.mark.e2e

SHOW = """
[show]
name = "Programs"
[[channel]]
id = "main"
[[port]]
id = "music"
tone_hz = 440
[[ifb]]
id = "ear"
program = "music"
[[role]]
id = "lead"
[[role]]
id = "talent"
[matrix]
columns = ["main", "ear", "music"]
[matrix.rows]
lead   = ["TL", "T", "L?"]
talent = ["TL", "L", "-"]
"""
RECORD_S = 1.5


async def program_level(station: FakeStation) -> float:
    """How loud the program's tone is in this ear, dBFS."""
    station.phone.record()
    await trio.sleep(RECORD_S)
    return float(levels_dbfs(station.phone.take().sound(), [440.0])[0])


@pytest.mark.trio
async def test_a_program_is_heard_over_its_port_and_its_ifb_and_never_by_others(
    appliance: Callable[[str], Appliance],
) -> None:
    box = appliance(SHOW)
    place = await Place.find(box.data)
    async with open_crew(place, ["lead", "talent"], measured(2)) as (lead, talent):
        assert await program_level(talent) == pytest.approx(-20, abs=1.5)
        assert await program_level(lead) < -60
        lead.hear("music", True)
        await lead.until(lead.listens, "music")
        assert await program_level(lead) == pytest.approx(-20, abs=1.5)
        lead.phone.record()
        await trio.sleep(0.5)
        assert lead.phone.take().talkers == {FIRST_PORT}
        report = await measure([lead, talent], place.control.status)
        assert report.right
        assert {n for r in report.rounds for ear in r.ears for n in ear.heard} == {lead.number, talent.number}
