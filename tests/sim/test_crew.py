"""Fake stations on a real appliance: seats, sound, talk, return after a crash, and who hears whom."""

from __future__ import annotations

import argparse
import random
import signal
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import msgspec
import pytest
import trio

from soundmesh.bridge.callers import CallerThread
from soundmesh.core.effects import Reason
from soundmesh.sim import cli
from soundmesh.sim.box import BoxError, Control
from soundmesh.sim.crew import Place, converse, measured, melodic, open_crew, roles_for
from soundmesh.sim.hears import Ear, Report, Round, measure, open_listens, table
from soundmesh.sim.manners import acknowledge, call_somebody, choose_answer
from soundmesh.sim.station import FakeStation
from soundmesh.wire import http as w

TIMEOUT_S = 60.0
SEED_OF_TWO_AT_ONCE = 2


class Appliance(Protocol):
    data_dir: Path
    control: Control

    def start(self) -> None: ...
    def stop(self, how: signal.Signals) -> None: ...


def play(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def bounded() -> None:
        with trio.fail_after(TIMEOUT_S):
            await scenario()

    trio.run(bounded)


async def until_status(control: Control, true: Callable[[w.Status], bool]) -> w.Status:
    while True:
        status = await control.status()
        if true(status):
            return status
        await trio.sleep(0.02)


async def written(file: Path, *words: str) -> None:
    """The state file follows a change by a moment."""
    while not all(word in file.read_text(encoding="utf-8") for word in words):  # noqa: ASYNC110, ASYNC240
        await trio.sleep(0.02)


def test_a_crew_takes_seats_gets_sound_and_leaves(appliance: Appliance) -> None:
    async def scenario() -> None:
        place = await Place.find(appliance.data_dir)
        roles = await roles_for(place, 5)
        assert roles == ["director", "camera", "guest", "camera", "guest"]
        async with open_crew(place, roles) as stations:
            status = await appliance.control.status()
            assert [(s.role, s.seat, s.link, s.media) for s in status.stations] == [
                ("director", "1", "here", True),
                ("camera", "Cam 1", "here", True),
                ("guest", "1", "here", True),
                ("camera", "Cam 2", "here", True),
                ("guest", "2", "here", True),
            ]
            assert [s.number for s in stations] == [s.station for s in status.stations]
            assert await roles_for(place, 2) == ["guest", "guest"]
        assert (await until_status(appliance.control, lambda s: not s.stations)).stations == []

    play(scenario)


def test_a_held_key_is_on_air_and_a_released_one_is_not(appliance: Appliance) -> None:
    async def scenario() -> None:
        place = await Place.find(appliance.data_dir)
        async with open_crew(place, ["director", "camera"]) as (director, camera):
            camera.press("main")
            await camera.until(camera.on_air, "main")
            status = await appliance.control.status()
            assert {s.station: (s.talks, s.hears) for s in status.stations} == {
                director.number: ([], [camera.number]),
                camera.number: (["main"], []),
            }
            await trio.sleep(0.25)  # longer than a tap, which would latch
            camera.release("main")
            await camera.until(lambda: not camera.talks)

    play(scenario)


def test_a_latched_key_sounds_until_all_is_off(appliance: Appliance) -> None:
    async def scenario() -> None:
        place = await Place.find(appliance.data_dir)
        async with open_crew(place, ["director", "camera"]) as (director, camera):
            camera.press("main")
            camera.release("main")
            await camera.until(camera.on_air, "main")
            director.phone.record()
            while director.phone.recorded < 20:  # noqa: ASYNC110  (packets arrive in another thread)
                await trio.sleep(0.02)
            assert director.phone.take().talkers == {camera.number}
            camera.all_off()
            await camera.until(lambda: not camera.talks)

    play(scenario)


def test_a_station_whose_session_is_used_elsewhere_goes_for_good(appliance: Appliance) -> None:
    async def scenario() -> None:
        place = await Place.find(appliance.data_dir)
        async with open_crew(place, ["guest"]) as (guest,), trio.open_nursery() as nursery:
            phones = CallerThread()
            await nursery.start(phones.run)
            twin = FakeStation(place.box, phones.caller(), person="Twin", tone=1)
            twin.joined, twin._cookie = guest.joined, guest._cookie
            await nursery.start(twin.run)
            await converse([guest], random.Random(1))
            assert guest.gone is not None
            assert guest.gone.reason == Reason.TAKEN_OVER
            assert not guest.here
            await twin.until(lambda: twin.with_sound)
            twin.leave()
            await twin.until(lambda: not twin.here)
            nursery.cancel_scope.cancel()

    play(scenario)


def test_a_listen_only_key_is_refused(appliance: Appliance) -> None:
    async def scenario() -> None:
        place = await Place.find(appliance.data_dir)
        async with open_crew(place, ["guest"]) as (guest,):
            guest.press("side")
            await guest.until(lambda: bool(guest.refusals))
            assert [(r.key, r.reason) for r in guest.refusals] == [("side", Reason.LISTEN_ONLY)]
            assert not guest.talks

    play(scenario)


def test_a_conversation_opens_keys(appliance: Appliance) -> None:
    turns: list[tuple[FakeStation, str]] = []

    async def scenario() -> None:
        place = await Place.find(appliance.data_dir)
        async with open_crew(place, ["director", "camera"], melodic) as stations:
            with trio.CancelScope() as scope:

                def on_turn(station: FakeStation, key: str) -> None:
                    turns.append((station, key))
                    if len(turns) == 2:
                        scope.cancel()

                await converse(stations, random.Random(SEED_OF_TWO_AT_ONCE), on_turn=on_turn)
            assert turns[0][0] is not turns[1][0]
            assert all(key in {k.id for k in s.panel_keys(may_talk=True)} for s, key in turns)

    play(scenario)


def test_the_crew_acknowledges_what_it_is_told_answers_calls_and_calls(appliance: Appliance) -> None:
    class Eager(random.Random):
        """Does at once what the crew else does now and then."""

        def random(self) -> float:
            return 0.0

    async def scenario() -> None:
        place = await Place.find(appliance.data_dir)
        async with open_crew(place, ["director", "camera"]) as (director, camera):
            assert call_somebody([camera], Eager())
            await camera.until(lambda: camera.tally is not None and len(camera.tally.sent) == 1)
            director.signal("text", "main", "Two minutes")
            await camera.until(lambda: camera.tally is not None and len(camera.tally.signals) == 1)
            acknowledge([camera], Eager())
            await director.until(
                lambda: (
                    director.tally is not None
                    and [a.after_ms is None for s in director.tally.sent for a in s.answers] == [False]
                )
            )
            await director.until(lambda: choose_answer([director], Eager()) is not None)
            answer = choose_answer([director], Eager())
            assert answer is not None
            assert answer.key is not None
            director.press(answer.key)
            await director.until(lambda: choose_answer([director], Eager()) is None)
            director.release(answer.key)

    play(scenario)


def test_every_ear_hears_exactly_what_the_matrix_allows(appliance: Appliance) -> None:
    async def scenario() -> None:
        place = await Place.find(appliance.data_dir)
        roles = ["director", "camera", "camera", "guest"]
        async with open_crew(place, roles, measured(4)) as stations:
            await open_listens(stations)
            report = await measure(stations, appliance.control.status)
            director, one, two, guest = (s.number for s in stations)
        assert report.right, report.wrong()
        heard: dict[int, set[int]] = {}
        for done in report.rounds:
            for ear in done.ears:
                heard.setdefault(ear.listener, set()).update(ear.heard)
        # By hand from the matrix: cameras never hear "side", a guest hears "side" alone.
        assert heard == {
            director: {one, two, guest},
            one: {director, two, guest},
            two: {director, one, guest},
            guest: {director, one, two},
        }
        side = [r for r in report.rounds if r.holding == {guest: ("side",)}]
        assert all(not ear.heard for r in side for ear in r.ears)

    play(scenario)


def test_a_plan_that_lies_is_found_out(appliance: Appliance) -> None:
    async def scenario() -> None:
        place = await Place.find(appliance.data_dir)
        async with open_crew(place, ["director", "guest"], measured(2)) as stations:
            director, guest = (s.number for s in stations)

            async def lie() -> w.Status:
                status = await appliance.control.status()
                lies = {director: [], guest: [director]}
                told = [msgspec.structs.replace(s, hears=lies[s.station]) for s in status.stations]
                return msgspec.structs.replace(status, stations=told)

            report = await measure(stations, lie, each_key=False)
            assert not report.right
            marks = table(report, {director: "Director", guest: "Guest"}).splitlines()
            assert marks[1].endswith("-  ✗")
            # That the guest hears the director, over "side", is the true half of the lie.
            assert marks[2].endswith("●  -")

    play(scenario)


def test_stations_return_to_their_seats_after_the_appliance_was_killed(own_appliance: Appliance) -> None:
    appliance = own_appliance

    async def scenario() -> None:
        place = await Place.find(appliance.data_dir)
        async with open_crew(place, ["director", "camera", "guest"]) as stations:
            before = {s.number: s.panel.seat for s in stations if s.panel}
            stations[1].press("main")
            await stations[1].until(stations[1].on_air, "main")
            await written(appliance.data_dir / "state.toml", *(s.person for s in stations))
            await trio.to_thread.run_sync(appliance.stop, signal.SIGKILL)
            for station in stations:
                await station.until(lambda s=station: not s.here)
            await trio.to_thread.run_sync(appliance.start)
            for station in stations:
                await station.until(lambda s=station: s.with_sound)
            assert {s.number: s.panel.seat for s in stations if s.panel} == before
            assert not any(s.talks for s in stations)
            assert [s.links for s in stations] == [2, 2, 2]

    play(scenario)


def test_the_command_measures_and_says_so(appliance: Appliance, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.hears(argparse.Namespace(data_dir=appliance.data_dir)) == 0
    out = capsys.readouterr().out
    assert "Everybody hears what the plan says." in out
    assert "✗" not in out.split("●  heard")[0].splitlines()[1]


def test_the_command_runs_a_crew_for_a_while(
    appliance: Appliance, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.crew(argparse.Namespace(data_dir=appliance.data_dir, count=3, seconds=0.5)) == 0
    out = capsys.readouterr().out
    assert out.count("is here") == 3
    assert "Director (Alex)" in out


def test_without_an_appliance_the_commands_say_how_to_start_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.crew(argparse.Namespace(data_dir=tmp_path, count=3, seconds=1)) == 1
    assert "soundmesh serve" in capsys.readouterr().err


def test_a_spent_invite_is_refused_in_words(appliance: Appliance) -> None:
    async def scenario() -> None:
        place = await Place.find(appliance.data_dir)
        with pytest.raises(BoxError, match="invite"):
            await place.box.join(w.Join(name="Jo", role="camera", invite="never-made"))

    play(scenario)


def ear(listener: int, planned: set[int], heard: set[int], on_lanes: set[int] | None = None) -> Ear:
    lanes = heard if on_lanes is None else on_lanes
    return Ear(listener, frozenset(planned), frozenset(heard), frozenset(lanes))


def test_the_table_shows_the_worst_of_all_rounds() -> None:
    rounds = (
        Round({1: ("a",)}, frozenset(), (ear(1, set(), set()), ear(2, {1}, {1}), ear(3, set(), set()))),
        Round({1: ("b",)}, frozenset(), (ear(1, set(), {3}), ear(2, {1}, set()), ear(3, set(), set()))),
    )
    report = Report(rounds)
    assert [e.listener for _, e in report.wrong()] == [1, 2]
    assert table(report, {1: "Anna", 2: "Ben", 3: "Cleo"}).splitlines() == [
        "        A  B  C",
        "A  Anna -  ·  ✗",
        "B  Ben  ○  -  ·",
        "C  Cleo ·  ·  -",
    ]


def test_a_report_is_right_only_when_all_three_accounts_agree_and_all_got_on_air() -> None:
    good = Round({1: ("a",)}, frozenset(), (ear(2, {1}, {1}),))
    assert Report((good,)).right
    assert not Report(()).right
    assert not Report((replace(good, ears=(ear(2, {1}, {1}, set()),)),)).right
    assert not Report((replace(good, off_air=frozenset({1})),)).right
