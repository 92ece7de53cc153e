"""What the switchboard may expect of a media engine: one contract, kept by the fake and by the real one.

The real one is driven by calling sessions over loopback UDP.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol

import numpy as np
import pytest
import trio

from soundmesh.bridge.callers import Caller, CallerThread, Voice
from soundmesh.bridge.fake import FakeMedia
from soundmesh.bridge.media import MediaThread
from soundmesh.core import events as ev
from soundmesh.core.ids import KeyId, SessionId, StationId, TargetId
from soundmesh.core.media import MediaError
from soundmesh.core.plan import EMPTY_PLAN, Path, Plan
from soundmesh.core.show import FIRST_PORT, Media, Port
from soundmesh.dsp.tone import levels_dbfs, sine
from soundmesh.server.engine import MediaEngine

ANNA, BEN, CARL = StationId(1), StationId(2), StationId(3)
SA, SB, SC, SD = (SessionId(name) for name in "abcd")
TONE_PORT = Port(TargetId("tone"), StationId(FIRST_PORT), tone_hz=440)
PROGRAM = TONE_PORT.number
LANES = 2
TIMEOUT_S = 20.0
Offer = Callable[[int], str]
TONE = Voice.of(np.tile(sine(500, 0.4), 2))


class Phone(Protocol):
    async def offer(self) -> str: ...
    async def connect(self, session: SessionId, answer: str) -> None:
        """Take the answer and begin to send."""

    async def restart(self) -> str: ...
    async def leave(self, session: SessionId) -> None: ...


class Rig:
    """An engine, the facts it told, and phones that can connect to it."""

    def __init__(self) -> None:
        self.facts: list[ev.MediaFact] = []
        self._told = trio.Event()
        self.media: MediaEngine
        self.phone: Callable[[int], Phone]

    def on_fact(self, fact: ev.MediaFact) -> None:
        self.facts.append(fact)
        self._told.set()

    async def told(self, fact: ev.MediaFact) -> None:
        """Wait until this fact was told."""
        await self.until(lambda: fact in self.facts)

    async def until(self, true: Callable[[], bool]) -> None:
        while not true():
            self._told = trio.Event()
            with trio.move_on_after(0.05):
                await self._told.wait()

    async def connected(self, session: SessionId, station: StationId, lanes: int = LANES) -> Phone:
        phone = self.phone(lanes)
        await phone.connect(session, await self.media.answer(session, station, await phone.offer()))
        await self.told(ev.SessionUp(station, session))
        return phone


class FakePhone:
    def __init__(self, media: FakeMedia, offer: str) -> None:
        self._media, self._offer = media, offer

    async def offer(self) -> str:
        return self._offer

    async def connect(self, session: SessionId, answer: str) -> None:
        self._media.bring_up(session)

    async def restart(self) -> str:
        return self._offer

    async def leave(self, session: SessionId) -> None:
        self._media.lose(session)


class RealPhone:
    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    async def offer(self) -> str:
        return await self.caller.offer()

    async def connect(self, session: SessionId, answer: str) -> None:
        await self.caller.accept(answer)
        self.caller.speak(True)

    async def restart(self) -> str:
        return await self.caller.restart()

    async def leave(self, session: SessionId) -> None:
        await self.caller.close()


@asynccontextmanager
async def fake_rig(offer: Offer) -> AsyncIterator[Rig]:
    rig = Rig()
    media = FakeMedia(rig.on_fact, lanes=LANES)
    rig.media = media
    rig.phone = lambda lanes: FakePhone(media, offer(lanes))
    yield rig


@asynccontextmanager
async def real_rig(offer: Offer) -> AsyncIterator[Rig]:
    rig = Rig()
    media = MediaThread(addresses=["127.0.0.1"], port=0, media=Media(lanes=LANES), on_fact=rig.on_fact)
    callers = CallerThread()
    rig.media = media
    rig.phone = lambda lanes: RealPhone(callers.caller(TONE, lanes=lanes))
    async with trio.open_nursery() as nursery:
        [(address, port)] = await nursery.start(media.run)
        assert (address, port > 0) == ("127.0.0.1", True)
        await nursery.start(callers.run)
        yield rig
        nursery.cancel_scope.cancel()


Scenario = Callable[[Rig], Coroutine[Any, Any, None]]


@pytest.fixture(params=["fake", "real"])
def run(request: pytest.FixtureRequest, chromium_offer: Offer) -> Callable[[Scenario], None]:
    make = {"fake": fake_rig, "real": real_rig}[request.param]

    def run(scenario: Scenario) -> None:
        async def bounded() -> None:
            with trio.fail_after(TIMEOUT_S):
                async with make(chromium_offer) as rig:
                    await scenario(rig)

        trio.run(bounded)

    return run


Run = Callable[[Scenario], None]


def plan(talker: StationId, *listeners: StationId) -> Plan:
    path = Path(talker=talker, targets=(), direct=True, priority=200)
    return Plan(
        ears=dict.fromkeys(listeners, (path,)),
        talkers={talker: listeners},
        talking={talker: frozenset({KeyId("k")})},
    )


def program_plan(*listeners: StationId, voices: tuple[StationId, ...] = ()) -> Plan:
    """Everybody of ``listeners`` hears the program, and before it the voices of all others who talk."""

    def paths(ear: StationId) -> tuple[Path, ...]:
        heard = [Path(talker=v, targets=(), direct=False, priority=0) for v in voices if v != ear]
        return (*heard, Path(talker=PROGRAM, targets=(TONE_PORT.id,), direct=False, priority=-5))

    talkers = {v: tuple(ear for ear in listeners if ear != v) for v in voices} | {PROGRAM: listeners}
    return Plan(
        ears={ear: paths(ear) for ear in listeners},
        talkers={talker: ears for talker, ears in talkers.items() if ears},
        talking={v: frozenset({KeyId("k")}) for v in voices},
    )


def lanes_of(rig: Rig, station: StationId) -> tuple[StationId | None, ...]:
    told = [f.lanes for f in rig.facts if isinstance(f, ev.LanesChanged) and f.station == station]
    return told[-1] if told else ()


def directions(answer: str) -> list[str]:
    return re.findall(r"^a=(sendonly|recvonly|sendrecv|inactive)\r?$", answer, re.M)


def test_an_answer_takes_the_microphone_and_gives_the_lanes_asked_for(run: Run) -> None:
    async def scenario(rig: Rig) -> None:
        answer = await rig.media.answer(SA, ANNA, await rig.phone(LANES).offer())
        assert directions(answer) == ["recvonly"] + ["sendonly"] * LANES
        assert re.findall(r"^a=mid:(\S+)", answer, re.M) == ["0", "1", "2"]
        assert len(set(re.findall(r"^a=ssrc:(\d+)", answer, re.M))) == LANES

    run(scenario)


def test_no_more_lanes_are_given_than_the_show_has(run: Run) -> None:
    async def scenario(rig: Rig) -> None:
        answer = await rig.media.answer(SA, ANNA, await rig.phone(LANES + 2).offer())
        assert directions(answer) == ["recvonly"] + ["sendonly"] * LANES + ["inactive"] * 2

    run(scenario)


def test_a_phone_that_connects_is_told_and_then_its_microphone(run: Run) -> None:
    async def scenario(rig: Rig) -> None:
        await rig.connected(SA, ANNA)
        await rig.told(ev.UplinkResumed(ANNA, SA))
        ups = [f for f in rig.facts if isinstance(f, ev.SessionUp | ev.UplinkResumed)]
        assert ups == [ev.SessionUp(ANNA, SA), ev.UplinkResumed(ANNA, SA)]

    run(scenario)


@pytest.mark.parametrize(
    "offer", ["", "v=0", "nonsense", "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n", "\0" * 70_000, "ü" * 40_000]
)
def test_garbage_is_refused_and_leaves_nothing(run: Run, offer: str) -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(MediaError) as refused:
            await rig.media.answer(SA, ANNA, offer)
        assert str(refused.value).endswith(".")
        await rig.connected(SA, ANNA)

    run(scenario)


def test_an_offer_without_its_secrets_is_refused(run: Run, chromium_offer: Offer) -> None:
    async def scenario(rig: Rig) -> None:
        for line in ("a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:"):
            kept = [text for text in chromium_offer(1).split("\r\n") if not text.startswith(line)]
            with pytest.raises(MediaError):
                await rig.media.answer(SA, ANNA, "\r\n".join(kept))

    run(scenario)


def test_a_session_name_is_used_once_at_a_time(run: Run) -> None:
    async def scenario(rig: Rig) -> None:
        await rig.media.answer(SA, ANNA, await rig.phone(1).offer())
        with pytest.raises(MediaError):
            await rig.media.answer(SA, ANNA, await rig.phone(1).offer())

    run(scenario)


def test_a_station_has_three_sessions_at_most_and_closing_one_makes_room(run: Run) -> None:
    async def scenario(rig: Rig) -> None:
        for session in (SA, SB, SC):
            await rig.media.answer(session, ANNA, await rig.phone(1).offer())
        with pytest.raises(MediaError):
            await rig.media.answer(SD, ANNA, await rig.phone(1).offer())
        await rig.media.answer(SessionId("other"), BEN, await rig.phone(1).offer())
        rig.media.close(SA)
        await rig.media.answer(SD, ANNA, await rig.phone(1).offer())

    run(scenario)


def test_a_closed_session_is_not_lost_and_may_be_closed_again(run: Run) -> None:
    async def scenario(rig: Rig) -> None:
        await rig.connected(SA, ANNA)
        rig.media.close(SA)
        rig.media.close(SA)
        rig.media.close(SessionId("never seen"))
        await rig.until(lambda: SA not in rig.media.snapshot().legs)
        await rig.connected(SB, ANNA)
        assert not [f for f in rig.facts if isinstance(f, ev.SessionLost)]

    run(scenario)


def test_a_phone_that_leaves_is_lost_once(run: Run) -> None:
    async def scenario(rig: Rig) -> None:
        phone = await rig.connected(SA, ANNA)
        await phone.leave(SA)
        await rig.told(ev.SessionLost(ANNA, SA))
        rig.media.close(SA)
        await rig.connected(SB, BEN)
        assert [f for f in rig.facts if isinstance(f, ev.SessionLost)] == [ev.SessionLost(ANNA, SA)]

    run(scenario)


def test_a_plan_puts_the_talker_on_a_lane_and_the_next_plan_takes_it_off(run: Run) -> None:
    async def scenario(rig: Rig) -> None:
        await rig.connected(SA, ANNA)
        await rig.connected(SB, BEN)
        rig.media.set_plan(plan(ANNA, BEN))
        await rig.until(lambda: ANNA in lanes_of(rig, BEN))
        assert len(lanes_of(rig, BEN)) == LANES
        assert ANNA not in lanes_of(rig, ANNA)
        rig.media.set_plan(EMPTY_PLAN)
        await rig.until(lambda: ANNA not in lanes_of(rig, BEN))

    run(scenario)


def test_a_listener_that_comes_late_gets_its_lanes_when_it_is_up(run: Run) -> None:
    async def scenario(rig: Rig) -> None:
        rig.media.set_plan(plan(ANNA, BEN))
        await rig.connected(SA, ANNA)
        await rig.connected(SB, BEN)
        await rig.until(lambda: ANNA in lanes_of(rig, BEN))

    run(scenario)


def test_setting_a_plan_tells_no_fact_before_it_returns(run: Run) -> None:
    async def scenario(rig: Rig) -> None:
        await rig.connected(SB, BEN)
        await rig.told(ev.UplinkResumed(BEN, SB))
        before = len(rig.facts)
        rig.media.set_plan(plan(ANNA, BEN))
        assert len(rig.facts) == before
        await rig.until(lambda: ANNA in lanes_of(rig, BEN))

    run(scenario)


def test_the_snapshot_knows_the_sessions_and_their_stations(run: Run) -> None:
    async def scenario(rig: Rig) -> None:
        await rig.connected(SA, ANNA)
        await rig.until(lambda: SA in rig.media.snapshot().legs)
        await rig.until(lambda: rig.media.snapshot().legs[SA].connected)
        leg = rig.media.snapshot().legs[SA]
        assert (leg.station, leg.uplink_loss, leg.downlink_loss) == (ANNA, 0.0, 0.0)
        assert rig.media.snapshot().stray_datagrams >= 0

    run(scenario)


def test_a_running_session_can_be_restarted_and_another_cannot(run: Run) -> None:
    async def scenario(rig: Rig) -> None:
        phone = await rig.connected(SA, ANNA)
        answer = await rig.media.restart(SA, await phone.restart())
        assert directions(answer) == ["recvonly"] + ["sendonly"] * LANES
        with pytest.raises(MediaError):
            await rig.media.restart(SB, await phone.restart())
        with pytest.raises(MediaError):
            await rig.media.restart(SA, "nonsense")

    run(scenario)


def test_a_program_is_on_a_lane_of_its_listeners_alone_and_says_how_loud_it_is(run: Run) -> None:
    async def scenario(rig: Rig) -> None:
        await rig.connected(SA, ANNA)
        await rig.connected(SB, BEN)
        rig.media.set_ports({TONE_PORT.id: TONE_PORT})
        rig.media.set_plan(program_plan(BEN))
        await rig.until(lambda: PROGRAM in lanes_of(rig, BEN))
        # A tone of -20 dBFS has 3 dB less of power.
        await rig.until(lambda: rig.media.snapshot().levels.get(PROGRAM) == -23)
        assert PROGRAM not in lanes_of(rig, ANNA)

    run(scenario)


def test_voices_take_the_lanes_before_a_program_and_give_them_back(run: Run) -> None:
    async def scenario(rig: Rig) -> None:
        for session, station in ((SA, ANNA), (SB, BEN), (SC, CARL)):
            await rig.connected(session, station)
        rig.media.set_ports({TONE_PORT.id: TONE_PORT})
        rig.media.set_plan(program_plan(CARL))
        await rig.until(lambda: PROGRAM in lanes_of(rig, CARL))
        rig.media.set_plan(program_plan(CARL, voices=(ANNA, BEN)))
        await rig.until(lambda: set(lanes_of(rig, CARL)) == {ANNA, BEN})
        rig.media.set_plan(program_plan(CARL))
        await rig.until(lambda: PROGRAM in lanes_of(rig, CARL))

    run(scenario)


def test_a_program_is_gone_with_its_port(run: Run) -> None:
    async def scenario(rig: Rig) -> None:
        await rig.connected(SA, ANNA)
        rig.media.set_ports({TONE_PORT.id: TONE_PORT})
        rig.media.set_plan(program_plan(ANNA))
        await rig.until(lambda: PROGRAM in rig.media.snapshot().levels)
        rig.media.set_ports({})
        rig.media.set_plan(EMPTY_PLAN)
        await rig.until(lambda: PROGRAM not in lanes_of(rig, ANNA))
        await rig.until(lambda: PROGRAM not in rig.media.snapshot().levels)

    run(scenario)


def test_a_program_reaches_exactly_its_listeners_under_its_own_number(chromium_offer: Offer) -> None:
    async def scenario() -> None:
        async with real_rig(chromium_offer) as rig:
            ear, other = await rig.connected(SA, ANNA), await rig.connected(SB, BEN)
            assert isinstance(ear, RealPhone)
            assert isinstance(other, RealPhone)
            other.caller.record()
            rig.media.set_ports({TONE_PORT.id: TONE_PORT})
            rig.media.set_plan(program_plan(ANNA))
            await rig.until(lambda: rig.media.snapshot().levels.get(PROGRAM) == -23)
            ear.caller.record()
            await rig.until(lambda: ear.caller.recorded > 60)
            heard = ear.caller.take()
            assert heard.talkers == {PROGRAM}
            assert levels_dbfs(heard.sound(), [440.0])[0] == pytest.approx(-20, abs=1.5)
            assert other.caller.take().talkers == frozenset()

    async def bounded() -> None:
        with trio.fail_after(TIMEOUT_S):
            await scenario()

    trio.run(bounded)
