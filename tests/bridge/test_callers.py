"""Calling stations: voices, recordings, and sound that really goes through the engine."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import numpy as np
import pytest
import trio

from soundmesh.bridge.callers import (
    FRAME,
    NO_VOICE,
    SILENCE,
    Caller,
    CallerThread,
    LanePacket,
    Recording,
    Voice,
)
from soundmesh.bridge.media import MediaThread
from soundmesh.bridge.thread import LoopClosed
from soundmesh.core import events as ev
from soundmesh.core.ids import SessionId, StationId, TargetId
from soundmesh.core.media import MediaError
from soundmesh.core.plan import EMPTY_PLAN, Path, Plan
from soundmesh.core.show import FIRST_PORT, Media, Port
from soundmesh.dsp.tone import heard, levels_dbfs, sine, tone_hz

TIMEOUT_S = 30.0
ANNA, BEN, CLEO = StationId(1), StationId(2), StationId(3)
VOICES = [Voice.of(sine(tone_hz(i), 0.8)) for i in range(3)]


def packets(voice: Voice, count: int, *, lane: int = 0, csrc: int = 1, ts: int = 0) -> list[LanePacket]:
    return [
        LanePacket(
            lane, csrc, n & 0xFFFF, (ts + n * FRAME) & 0xFFFFFFFF, voice.packets[n % len(voice.packets)]
        )
        for n in range(count)
    ]


def test_a_voice_is_fifty_packets_a_second_with_their_loudness() -> None:
    voice = Voice.of(sine(500, 1.0, 0.1))
    assert len(voice.packets) == len(voice.levels) == 50
    assert set(voice.levels) == {-23}  # a sine of -20 dBFS peak has 3 dB less of power
    assert all(3 < len(packet) < 200 for packet in voice.packets)


def test_digital_silence_is_at_the_end_of_the_scale() -> None:
    assert set(Voice.of(np.zeros(4800, np.float32)).levels) == {-127}


def test_a_recording_sounds_like_what_was_sent() -> None:
    sound = Recording(tuple(packets(VOICES[1], 80))).sound()
    assert len(sound) == 80 * FRAME
    assert heard(sound, range(12)) == {1}
    assert levels_dbfs(sound, [tone_hz(1)])[0] == pytest.approx(-20, abs=0.5)


def test_lanes_are_added_in_one_ear() -> None:
    both = packets(VOICES[0], 80) + packets(VOICES[2], 80, lane=1, csrc=3, ts=9_000_000)
    recording = Recording(tuple(both))
    assert heard(recording.sound(), range(12)) == {0, 2}
    assert recording.talkers == {1, 3}
    assert (recording.lane_of(1), recording.lane_of(3)) == ({0}, {1})


def test_a_recording_can_be_searched_without_its_programs() -> None:
    voice, music = packets(VOICES[0], 80), packets(VOICES[2], 80, lane=1, csrc=FIRST_PORT)
    recording = Recording(tuple(voice + music))
    assert heard(recording.sound(), range(12)) == {0, 2}
    assert heard(recording.sound(below=FIRST_PORT), range(12)) == {0}


def test_a_pause_stays_a_pause_and_a_wrapping_clock_goes_on() -> None:
    early = packets(VOICES[0], 25, ts=2**32 - 20 * FRAME)
    late = packets(VOICES[0], 25, ts=(2**32 - 20 * FRAME + 75 * FRAME) & 0xFFFFFFFF)
    sound = Recording(tuple(early + late)).sound()
    assert len(sound) == 100 * FRAME
    assert np.abs(sound[30 * FRAME : 74 * FRAME]).max() == 0
    assert np.abs(sound[80 * FRAME :]).max() > 0.05


def test_packets_out_of_order_are_put_in_order() -> None:
    mixed = packets(VOICES[0], 60)
    mixed[10], mixed[11] = mixed[11], mixed[10]
    assert heard(Recording(tuple(mixed)).sound(), range(12)) == {0}


def test_closing_silence_is_no_talker_and_an_empty_recording_no_sound() -> None:
    closing = LanePacket(0, 7, 1, 960, SILENCE)
    assert Recording((closing,)).talkers == frozenset()
    assert len(Recording(()).sound()) == 0


class Stage:
    """A real engine and real callers."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self.nursery = nursery
        self.facts: list[ev.MediaFact] = []
        self.told = trio.Event()
        self.callers = CallerThread()
        self.media = MediaThread(addresses=["127.0.0.1"], port=0, media=Media(lanes=2), on_fact=self.on_fact)

    def on_fact(self, fact: ev.MediaFact) -> None:
        self.facts.append(fact)
        self.told.set()
        self.told = trio.Event()

    async def until(self, true: Callable[[], bool]) -> None:
        while not true():
            await self.told.wait()

    async def station(self, number: StationId, voice: Voice = NO_VOICE) -> Caller:
        caller = self.callers.caller(voice, lanes=2)
        session = SessionId(f"s{number}")
        await caller.accept(await self.media.answer(session, number, await caller.offer()))
        await self.until(lambda: ev.UplinkResumed(number, session) in self.facts)
        return caller

    def plan(self, **talkers: tuple[StationId, tuple[StationId, ...]]) -> None:
        ears: dict[StationId, tuple[Path, ...]] = {}
        for talker, listeners in talkers.values():
            for listener in listeners:
                ears[listener] = (*ears.get(listener, ()), Path(talker, (), True, 200))
        self.media.set_plan(Plan(ears=ears, talkers=dict(talkers.values()), talking={}))


def on_stage(scenario: Callable[[Stage], Coroutine[Any, Any, None]]) -> None:
    async def bounded() -> None:
        with trio.fail_after(TIMEOUT_S):
            async with trio.open_nursery() as nursery:
                stage = Stage(nursery)
                await nursery.start(stage.media.run)
                await nursery.start(stage.callers.run)
                await scenario(stage)
                nursery.cancel_scope.cancel()

    trio.run(bounded)


async def hear_for(caller: Caller, frames: int) -> Recording:
    """Record until so many packets have come."""
    caller.record()
    while caller.recorded < frames:  # noqa: ASYNC110  (packets arrive in another thread)
        await trio.sleep(0.02)
    return caller.take()


def test_the_listener_hears_exactly_the_talkers_of_the_plan_by_tone_and_by_number() -> None:
    async def scenario(stage: Stage) -> None:
        callers = [await stage.station(n, v) for n, v in zip((ANNA, BEN, CLEO), VOICES, strict=True)]
        for caller in callers:
            caller.speak(True)
        stage.plan(a=(ANNA, (BEN, CLEO)), b=(BEN, (CLEO,)))
        callers[0].record()
        callers[1].record()
        third = await hear_for(callers[2], 130)
        first, second = callers[0].take(), callers[1].take()
        assert first.packets == ()
        assert (second.talkers, heard(second.sound(), range(12))) == ({ANNA}, {0})
        assert (third.talkers, heard(third.sound(), range(12))) == ({ANNA, BEN}, {0, 1})
        assert third.lane_of(ANNA).isdisjoint(third.lane_of(BEN))

    on_stage(scenario)


def test_a_program_is_heard_by_its_listeners_alone_under_its_own_number() -> None:
    async def scenario(stage: Stage) -> None:
        anna, ben = await stage.station(ANNA), await stage.station(BEN)
        port = Port(TargetId("music"), StationId(FIRST_PORT), tone_hz=1000)
        stage.media.set_ports({port.id: port})
        stage.plan(music=(port.number, (ANNA,)))
        recording = await hear_for(anna, 75)
        assert recording.talkers == {port.number}
        assert levels_dbfs(recording.sound(), [1000.0])[0] == pytest.approx(-20, abs=1.0)
        ben.record()
        assert stage.media.snapshot().levels[port.number] == pytest.approx(-23, abs=2)
        stage.media.set_plan(EMPTY_PLAN)
        await hear_nothing(anna)
        assert ben.take().talkers == frozenset()

    on_stage(scenario)


async def hear_nothing(caller: Caller) -> None:
    """Wait until no sound comes any more."""
    while True:
        caller.record()
        await trio.sleep(0.2)
        if not caller.take().talkers:
            return


def test_a_silent_microphone_sends_silence_that_is_no_sound() -> None:
    async def scenario(stage: Stage) -> None:
        anna, ben = await stage.station(ANNA, VOICES[0]), await stage.station(BEN)
        stage.plan(a=(ANNA, (BEN,)))
        recording = await hear_for(ben, 30)
        assert recording.talkers == frozenset()
        assert np.abs(recording.sound()).max() < 0.001
        anna.speak(True)
        await hear_for(ben, 10)
        assert (await hear_for(ben, 60)).talkers == {ANNA}
        stage.media.set_plan(EMPTY_PLAN)
        assert anna.connected

    on_stage(scenario)


def test_a_caller_knows_when_the_appliance_ended_its_session() -> None:
    async def scenario(stage: Stage) -> None:
        anna = await stage.station(ANNA)
        stage.media.close(SessionId(f"s{ANNA}"))
        await anna.ended()
        assert not anna.connected

    on_stage(scenario)


def test_an_answer_that_is_none_is_refused() -> None:
    async def scenario(stage: Stage) -> None:
        caller = stage.callers.caller()
        await caller.offer()
        with pytest.raises(MediaError):
            await caller.accept("nonsense")
        await caller.close()
        await caller.close()

    on_stage(scenario)


def test_a_caller_makes_a_new_session_in_place_of_an_old_one() -> None:
    async def scenario(stage: Stage) -> None:
        caller = stage.callers.caller(VOICES[0], lanes=1)
        for name in ("one", "two"):
            answer = await stage.media.answer(SessionId(name), ANNA, await caller.offer())
            await caller.accept(answer)
            await stage.until(lambda n=name: ev.SessionUp(ANNA, SessionId(n)) in stage.facts)
        await stage.until(lambda: ev.SessionLost(ANNA, SessionId("one")) in stage.facts)
        assert ev.SessionLost(ANNA, SessionId("two")) not in stage.facts
        assert caller.connected

    on_stage(scenario)


def test_sound_goes_on_after_an_ice_restart() -> None:
    async def scenario(stage: Stage) -> None:
        anna, ben = await stage.station(ANNA, VOICES[0]), await stage.station(BEN)
        anna.speak(True)
        stage.plan(a=(ANNA, (BEN,)))
        await hear_for(ben, 10)
        await anna.accept(await stage.media.restart(SessionId(f"s{ANNA}"), await anna.restart()))
        assert (await hear_for(ben, 60)).talkers == {ANNA}

    on_stage(scenario)


def test_without_its_thread_a_caller_can_do_nothing() -> None:
    async def scenario() -> None:
        caller = CallerThread().caller()
        with pytest.raises(LoopClosed):
            await caller.offer()
        await caller.close()
        await caller.ended()

    trio.run(scenario)
