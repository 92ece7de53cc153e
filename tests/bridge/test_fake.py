"""The fake engine's own behaviour, beyond the contract it shares with the real one."""

from collections.abc import Callable

import pytest
import trio

from soundmesh.bridge.fake import FakeMedia
from soundmesh.core import events as ev
from soundmesh.core.ids import SessionId, StationId
from soundmesh.core.media import MediaError
from soundmesh.core.plan import Path, Plan

ANNA, BEN = StationId(1), StationId(2)
SA, SB = SessionId("a"), SessionId("b")


def plan(talker: StationId, listener: StationId) -> Plan:
    path = Path(talker=talker, targets=(), direct=True, priority=200)
    return Plan(ears={listener: (path,)}, talkers={talker: (listener,)}, talking={})


def test_facts_caused_by_a_call_come_after_it(chromium_offer: Callable[[int], str]) -> None:
    facts: list[ev.MediaFact] = []

    async def scenario() -> None:
        media = FakeMedia(facts.append, lanes=2)
        await media.answer(SB, BEN, chromium_offer(2))
        media.bring_up(SB)
        facts.clear()
        media.set_plan(plan(ANNA, BEN))
        assert facts == []
        with trio.fail_after(5):
            while not facts:
                await trio.lowlevel.checkpoint()
        assert facts == [ev.LanesChanged(BEN, (ANNA, None))]

    trio.run(scenario)


def test_a_test_can_make_every_fact_happen(chromium_offer: Callable[[int], str]) -> None:
    facts: list[ev.MediaFact] = []

    async def scenario() -> None:
        media = FakeMedia(facts.append)
        await media.answer(SA, ANNA, chromium_offer(0))
        media.bring_up(SA, flowing=False)
        media.resume(SA)
        media.fall_silent(SA)
        media.fall_silent(SA, on=False)
        media.stall(SA)
        media.lose(SA)

    trio.run(scenario)
    assert facts == [
        ev.SessionUp(ANNA, SA),
        ev.UplinkResumed(ANNA, SA),
        ev.UplinkSilent(ANNA, SA, True),
        ev.UplinkSilent(ANNA, SA, False),
        ev.UplinkStalled(ANNA, SA),
        ev.SessionLost(ANNA, SA),
    ]


def test_levels_set_by_a_test_are_in_the_snapshot() -> None:
    media = FakeMedia(lambda fact: None)
    media.set_levels({ANNA: -23})
    assert media.snapshot().levels == {ANNA: -23}


def test_a_refusal_can_be_ordered(chromium_offer: Callable[[int], str]) -> None:
    async def scenario() -> None:
        media = FakeMedia(lambda fact: None)
        media.refuse = "No."
        with pytest.raises(MediaError, match="No"):
            await media.answer(SA, ANNA, chromium_offer(1))
        assert not media.sessions

    trio.run(scenario)


def test_plans_and_closes_are_recorded() -> None:
    media = FakeMedia(lambda fact: None)
    media.set_plan(plan(ANNA, BEN))
    media.close(SA)
    assert media.plan.talkers == {ANNA: (BEN,)}
    assert media.closed == [SA]
