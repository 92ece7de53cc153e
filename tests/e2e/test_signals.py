"""Calls, cues, texts, kills and unlatches between two stations of a real appliance."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import trio

from soundmesh.core.lamps import CallLamp, SignalView, TalkLamp
from soundmesh.sim.crew import Place, measured, open_crew
from soundmesh.sim.station import FakeStation
from soundmesh.wire import messages as m
from tests.e2e.serve import Appliance

pytestmark = pytest.mark.e2e

SHOW = """
[show]
name = "Signals"
[[channel]]
id = "main"
[[role]]
id = "lead"
rights = ["calls", "kill"]
[[role]]
id = "camera"
[matrix]
columns = ["main", "lead", "camera"]
[matrix.rows]
lead   = ["TL", "-", "T"]
camera = ["TL", "T", "-"]
"""
ANSWER_S = 10.0
PIPE_S = 0.5
"""What is under way when a talk closes has arrived by then."""
LISTEN_S = 1.0


def called(station: FakeStation, key: str) -> CallLamp:
    lamp = station.lamp(key)
    return CallLamp.OFF if lamp is None else lamp.call


def latched(station: FakeStation, key: str) -> bool:
    lamp = station.lamp(key)
    return lamp is not None and lamp.talk is TalkLamp.LATCHED


def closed_why(station: FakeStation) -> list[str]:
    return [said.reason for said in station.refusals if isinstance(said, m.Closed)]


async def talkers(station: FakeStation) -> set[int]:
    """Whose packets come to this ear, once what was under way has arrived."""
    await trio.sleep(PIPE_S)
    station.phone.record()
    await trio.sleep(LISTEN_S)
    return set(station.phone.take().talkers)


async def latch(station: FakeStation, key: str) -> None:
    station.press(key)
    station.release(key)
    await station.until(lambda: latched(station, key) and station.on_air(key))


@pytest.mark.trio
async def test_a_call_flashes_on_the_key_to_its_caller_until_that_key_answers(
    appliance: Callable[[str], Appliance],
) -> None:
    place = await Place.find(appliance(SHOW).data)
    async with open_crew(place, ["lead", "camera"], measured(2)) as (lead, camera):
        with trio.fail_after(ANSWER_S):
            camera.signal("call", "lead")
            await lead.until(lambda: called(lead, "camera") is CallLamp.IN)
            await camera.until(lambda: called(camera, "lead") is CallLamp.OUT)
            assert not lead.talks
            assert not camera.talks
            lead.press("camera")
            await lead.until(lambda: called(lead, "camera") is CallLamp.OFF)
            await camera.until(lambda: called(camera, "lead") is CallLamp.OFF)
            lead.release("camera")


@pytest.mark.trio
async def test_cues_and_texts_are_acknowledged_with_their_time(
    appliance: Callable[[str], Appliance],
) -> None:
    place = await Place.find(appliance(SHOW).data)
    async with open_crew(place, ["lead", "camera"], measured(2)) as (lead, camera):
        with trio.fail_after(ANSWER_S):
            for kind, text in (("standby", "Camera 1"), ("go", ""), ("text", "Tighter, please")):
                lead.signal(kind, "camera", text)  # type: ignore[arg-type]
                await camera.until(lambda: [s.kind for s in seen(camera)][:1] == [kind])  # noqa: B023
                assert seen(camera)[0].text == text
                camera.acknowledge(seen(camera)[0].id)
                await lead.until(lambda: answer_ms(lead, kind) is not None)  # noqa: B023
                waited = answer_ms(lead, kind)
                assert waited is not None
                assert 0 <= waited < ANSWER_S * 1000
            assert "standby" not in [s.kind for s in seen(camera)]


def seen(station: FakeStation) -> list[SignalView]:
    return list(station.tally.signals) if station.tally else []


def answer_ms(station: FakeStation, kind: str) -> int | None:
    """How long the answer to the station's signal of this kind took."""
    sent = [s for s in station.tally.sent if s.kind == kind] if station.tally else []
    return sent[0].answers[0].after_ms if sent else None


@pytest.mark.trio
async def test_a_kill_from_a_panel_silences_an_open_microphone_and_says_why(
    appliance: Callable[[str], Appliance],
) -> None:
    place = await Place.find(appliance(SHOW).data)
    async with open_crew(place, ["lead", "camera"], measured(2)) as (lead, camera):
        with trio.fail_after(3 * ANSWER_S):
            await latch(camera, "main")
            assert await talkers(lead) == {camera.number}
            lead.kill("camera", True)
            await camera.until(lambda: "killed" in closed_why(camera))
            assert await talkers(lead) == set()
            assert camera.tally is not None
            assert camera.tally.killed
            camera.press("main")
            await camera.until(lambda: any(isinstance(said, m.Refused) for said in camera.refusals))
            camera.release("main")
            lead.kill("camera", False)
            await camera.until(lambda: camera.tally is not None and not camera.tally.killed)
            assert await talkers(lead) == set()
            await latch(camera, "main")


@pytest.mark.trio
async def test_an_unlatch_closes_once_and_whoever_lacks_the_right_closes_nobody(
    appliance: Callable[[str], Appliance],
) -> None:
    place = await Place.find(appliance(SHOW).data)
    async with open_crew(place, ["lead", "camera"], measured(2)) as (lead, camera):
        with trio.fail_after(3 * ANSWER_S):
            await latch(lead, "main")
            camera.unlatch("lead")
            camera.kill("lead", True)
            assert await talkers(camera) == {lead.number}
            await latch(camera, "main")
            lead.unlatch("camera")
            await camera.until(lambda: "unlatched" in closed_why(camera))
            assert await talkers(lead) == set()
            await latch(camera, "main")
