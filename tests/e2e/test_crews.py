"""Whole crews of simulated stations, with real links and real sound, on a real appliance."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping

import pytest
import trio

from soundmesh.sim.crew import Place, measured, open_crew, roles_for
from soundmesh.sim.hears import AT_ONCE, measure, open_listens
from soundmesh.sim.station import FakeStation
from tests.e2e import shows
from tests.e2e.pages import until
from tests.e2e.serve import ROOT, Appliance

pytestmark = pytest.mark.e2e

FOUR = {**shows.THREE, "listener": ("L", "L")}
SEATS = 3
CREW = len(FOUR) * SEATS
EIGHT = 8
RETURN_S = 5.0
FREED_S = 3.0
LINE_S = 20


def expected(role_of: Mapping[int, str], holding: Mapping[int, tuple[str, ...]]) -> dict[int, set[int]]:
    """By the matrix alone: who hears whom while these stations hold the keys of these lines."""
    return {
        ear: {
            mouth
            for mouth, lines in holding.items()
            for column, spoken, listened in zip(
                shows.COLUMNS, FOUR[role_of[mouth]], FOUR[role_of[ear]], strict=True
            )
            if mouth != ear and column in lines and "T" in spoken and "L" in listened
        }
        for ear in role_of
    }


@pytest.mark.trio
async def test_twelve_stations_hear_exactly_what_the_matrix_allows(
    appliance: Callable[[str], Appliance],
) -> None:
    box = appliance(shows.write(FOUR, SEATS))
    place = await Place.find(box.data)
    roles = await roles_for(place, CREW)
    assert len(roles) == CREW
    async with open_crew(place, roles, measured(AT_ONCE)) as stations:
        await open_listens(stations)
        report = await measure(stations, place.control.status)
        role_of = {s.number: role for s, role in zip(stations, roles, strict=True)}
    spoken = {
        (mouth, line) for done in report.rounds for mouth, held in done.holding.items() for line in held
    }
    for station, role in role_of.items():
        for column, cell in zip(shows.COLUMNS, FOUR[role], strict=True):
            assert ((station, column) in spoken) == (cell != "-"), f"{role} tried {column}"
    for done in report.rounds:
        assert not done.off_air
        wanted = expected(role_of, done.holding)
        for ear in done.ears:
            assert ear.heard == wanted[ear.listener], f"by spectrum, ear of {role_of[ear.listener]}"
            assert ear.on_lanes == wanted[ear.listener], f"by packets, ear of {role_of[ear.listener]}"
            assert ear.planned == wanted[ear.listener], f"by plan, ear of {role_of[ear.listener]}"


@pytest.mark.trio
async def test_after_kill_9_eight_stations_are_back_within_5_s_and_nobody_talks(
    appliance: Callable[[str], Appliance],
) -> None:
    box = appliance(shows.write(FOUR, SEATS))
    place = await Place.find(box.data)
    async with open_crew(place, await roles_for(place, EIGHT)) as stations:
        before = {s.station: (s.role, s.seat) for s in (await place.control.status()).stations}
        latch(stations[0])
        hold(stations[1])
        for station in stations[:2]:
            await station.until(lambda station=station: station.talks)
        await trio.to_thread.run_sync(box.kill)
        await trio.to_thread.run_sync(box.start)
        with trio.fail_after(RETURN_S):
            await trio.to_thread.run_sync(until, lambda: all_back(box, EIGHT), RETURN_S, "all are back")
        back = (await place.control.status()).stations
        assert {s.station: (s.role, s.seat) for s in back} == before
        assert [s.talks for s in back] == [[]] * EIGHT


def latch(station: FakeStation) -> None:
    key = station.panel_keys(may_talk=True)[0].id
    station.press(key)
    station.release(key)


def hold(station: FakeStation) -> None:
    station.press(station.panel_keys(may_talk=True)[0].id)


def all_back(box: Appliance, count: int) -> bool:
    stations = box.status()["stations"]
    return len(stations) == count and all(s["link"] == "here" and s["media"] for s in stations)


def test_a_crew_whose_machine_dies_frees_its_talks_lanes_and_sockets(
    appliance: Callable[[str], Appliance],
) -> None:
    box = appliance(shows.write(FOUR, SEATS))
    empty = box.open_sockets()
    command = [sys.executable, "-m", "soundmesh", "sim", "crew", str(EIGHT), f"--data-dir={box.data}"]
    crew = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        until(lambda: all_back(box, EIGHT), LINE_S, "the crew is here with sound")
        until(lambda: any(s["talks"] for s in box.status()["stations"]), LINE_S, "somebody talks")
    finally:
        crew.kill()
        crew.wait()
    until(lambda: all(is_lost(s) for s in box.status()["stations"]), FREED_S, "all are lost and silent")
    until(lambda: box.open_sockets() <= empty, FREED_S, "every socket of theirs is closed")
    assert all(s["seat"] for s in box.status()["stations"]), "their seats stay reserved"


def is_lost(station: dict) -> bool:
    return (
        station["link"] == "lost" and not station["media"] and not station["talks"] and not station["hears"]
    )


def test_hears_measures_the_demo_show_as_planned(appliance: Callable[[str], Appliance]) -> None:
    box = appliance((ROOT / "configs" / "shows" / "demo.toml").read_text())
    told = box.verb("hears")
    assert "Everybody hears what the plan says." in told
    assert "●" in told
    assert box.status()["stations"] == [] or all(s["link"] != "here" for s in box.status()["stations"])
