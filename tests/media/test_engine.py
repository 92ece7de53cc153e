"""The engine with real transports: who is heard by whom, and what it tells."""

from __future__ import annotations

import asyncio
import errno
import socket
from itertools import pairwise

import pytest

from soundmesh.core.events import (
    LanesChanged,
    SessionLost,
    SessionUp,
    UplinkResumed,
    UplinkSilent,
    UplinkStalled,
)
from soundmesh.core.ids import SessionId, StationId
from soundmesh.core.media import MediaError
from soundmesh.core.plan import EMPTY_PLAN
from soundmesh.core.show import Media
from soundmesh.media import rtp
from soundmesh.media.engine import MAX_PER_STATION, Engine, Timing
from soundmesh.media.sdp import write_offer

A, B, C = 1, 2, 3


def test_exactly_the_ears_of_the_plan_hear_exactly_its_talkers(play) -> None:
    async def scenario(stage) -> None:
        a, b, c = [await stage.caller(n) for n in (A, B, C)]
        stage.hears({A: [B, C], B: [C]})
        await stage.talk(a, b, c, packets=10)
        await stage.until(lambda: len(a.voices) == 20 and len(b.voices) == 10)
        assert (a.talkers, b.talkers, c.talkers) == ({B, C}, {C}, set())
        lanes = {packet.csrc: packet.lane for packet in a.voices}
        assert lanes[B] != lanes[C]

    play(scenario)


def test_a_new_plan_cuts_what_it_forbids_and_leaves_the_rest_without_a_gap(play, patient) -> None:
    async def scenario(stage) -> None:
        a, b, c = [await stage.caller(n) for n in (A, B, C)]
        stage.hears({A: [B, C]})
        await stage.talk(b, c, packets=10)
        await stage.until(lambda: len(a.voices) == 20)
        stage.hears({A: [C]})
        await stage.talk(b, c, packets=10)
        await stage.until(lambda: len([p for p in a.voices if p.csrc == C]) == 20)
        assert len([p for p in a.voices if p.csrc == B]) == 10
        kept = [p.seq for p in a.voices if p.csrc == C]
        assert [(after - before) & 0xFFFF for before, after in pairwise(kept)] == [1] * 19

    play(scenario)


def test_a_closed_talk_ends_in_silence_frames_and_then_in_nothing(play, patient) -> None:
    async def scenario(stage) -> None:
        a, b = await stage.caller(A), await stage.caller(B)
        stage.hears({A: [B]})
        await stage.talk(b)
        await stage.until(lambda: len(a.voices) == 5)
        stage.engine.set_plan(EMPTY_PLAN)
        await stage.talk(b)
        await stage.until(lambda: len(a.heard) >= 8)
        await asyncio.sleep(0.1)
        assert [p.payload for p in a.heard[5:]] == [rtp.SILENCE] * 3
        seqs = [p.seq for p in a.heard]
        assert [(after - before) & 0xFFFF for before, after in pairwise(seqs)] == [1] * 7

    play(scenario)


def test_a_talker_who_falls_dumb_gets_its_spurt_closed(play) -> None:
    async def scenario(stage) -> None:
        a, b = await stage.caller(A), await stage.caller(B)
        stage.hears({A: [B]})
        await stage.talk(b)
        await stage.until(lambda: [p.payload for p in a.heard[-3:]] == [rtp.SILENCE] * 3)
        assert len(a.voices) == 5

    play(scenario)


def test_lanes_are_told_when_they_change_and_freed_with_the_talk(play) -> None:
    async def scenario(stage) -> None:
        await stage.caller(A)
        await stage.caller(B)
        stage.hears({A: [B]})
        await stage.told(LanesChanged(StationId(A), (StationId(B), None, None, None)))
        stage.engine.set_plan(EMPTY_PLAN)
        await stage.told(LanesChanged(StationId(A), (None, None, None, None)))

    play(scenario)


def test_with_more_talkers_than_lanes_the_one_who_speaks_is_heard(play) -> None:
    async def scenario(stage) -> None:
        a = await stage.caller(A, lanes=1)
        b, c = await stage.caller(B), await stage.caller(C)
        stage.hears({A: [B, C]})
        await stage.talk(b, c, packets=3, level=-127, payload=b"\xf8\xff\xfe")
        await stage.talk(c, packets=3, level=-20)
        await stage.until(lambda: len(a.voices) == 3)
        assert a.talkers == {C}
        await stage.told(LanesChanged(StationId(A), (StationId(C),)))

    play(scenario)


def test_a_listener_with_less_lanes_than_the_show_gets_what_it_offered(play) -> None:
    async def scenario(stage) -> None:
        a, b = await stage.caller(A, lanes=0), await stage.caller(B, lanes=9)
        stage.hears({A: [B], B: [A]})
        await stage.talk(a, b)
        await stage.until(lambda: len(b.voices) == 5)
        assert a.heard == []
        assert LanesChanged(StationId(B), (StationId(A), None, None, None)) in stage.facts

    play(scenario)


def test_the_newest_session_that_is_up_carries_the_station(play) -> None:
    async def scenario(stage) -> None:
        old, b = await stage.caller(A, "old"), await stage.caller(B)
        stage.hears({A: [B], B: [A]})
        await stage.talk(old, b)
        await stage.until(lambda: len(old.voices) == 5 and len(b.voices) == 5)
        new = await stage.caller(A, "new")
        await stage.talk(old, new, b)
        await stage.until(lambda: len(new.voices) == 5 and len(b.voices) == 10)
        assert len(old.voices) == 5
        stage.engine.close(SessionId("new"))
        await stage.talk(old, b)
        await stage.until(lambda: len(old.voices) == 10 and len(b.voices) == 15)

    play(scenario)


def test_facts_follow_the_microphone(play) -> None:
    async def scenario(stage) -> None:
        a = await stage.caller(A)
        await stage.talk(a, packets=1)
        await stage.told(UplinkResumed(StationId(A), a.id))
        await stage.told(UplinkStalled(StationId(A), a.id))
        await stage.talk(a, packets=8, level=-127)
        assert not any(isinstance(fact, UplinkSilent) for fact in stage.facts)
        stage.hears({B: [A]})
        while UplinkSilent(StationId(A), a.id, True) not in stage.facts:
            await stage.talk(a, packets=1, level=-127)
        await stage.talk(a, packets=1)
        await stage.told(UplinkSilent(StationId(A), a.id, False))
        kinds = [type(fact) for fact in stage.facts]
        assert kinds[:3] == [SessionUp, UplinkResumed, UplinkStalled]

    play(scenario, Timing(stall_s=0.2, silent_s=0.1, watch_s=0.02))


def test_levels_and_statistics_are_pulled(play) -> None:
    async def scenario(stage) -> None:
        a, b = await stage.caller(A), await stage.caller(B)
        stage.hears({A: [B]})
        while stage.engine.snapshot().levels.get(StationId(B)) != -33:
            await stage.talk(b, packets=1, level=-33)
        await stage.until(lambda: stage.engine.snapshot().legs[a.id].downlink_packets)
        legs = stage.engine.snapshot().legs
        assert legs[a.id].connected
        assert legs[b.id].uplink_packets > 0
        assert legs[b.id].uplink_lost == 0
        await stage.until(lambda: stage.engine.snapshot().levels.get(StationId(B)) == rtp.NO_LEVEL)

    play(scenario)


def test_a_close_is_idempotent_and_tells_no_loss(play) -> None:
    async def scenario(stage) -> None:
        a = await stage.caller(A)
        stage.engine.close(a.id)
        stage.engine.close(a.id)
        stage.engine.close(SessionId("never"))
        await asyncio.wait_for(a.lost.wait(), 5)
        assert not [fact for fact in stage.facts if isinstance(fact, SessionLost)]
        await stage.until(lambda: stage.engine.snapshot().legs == {})

    play(scenario)


def test_who_asks_too_much_is_refused_in_words(play) -> None:
    async def scenario(stage) -> None:
        a = await stage.caller(A)
        offer = a._write_offer()
        with pytest.raises(MediaError, match="already"):
            await stage.engine.answer(a.id, a.station, offer)
        for number in range(1, MAX_PER_STATION):
            await stage.engine.answer(SessionId(f"more{number}"), a.station, offer)
        with pytest.raises(MediaError, match="station has too many"):
            await stage.engine.answer(SessionId("one more"), a.station, offer)
        with pytest.raises(MediaError, match="over"):
            await stage.engine.restart(SessionId("never"), offer)
        for number in range(200 - MAX_PER_STATION):
            await stage.engine.answer(SessionId(f"n{number}"), StationId(100 + number), offer)
        with pytest.raises(MediaError, match="appliance has too many"):
            await stage.engine.answer(SessionId("last"), StationId(999), offer)

    play(scenario)


@pytest.mark.parametrize(
    "offer", ["", "v=0", "garbage", "v=0\r\n" + "m=audio 9 X 111\r\n" * 3, "v=0\r\n" + "x" * 70_000]
)
def test_an_offer_that_is_none_is_refused(play, offer: str) -> None:
    async def scenario(stage) -> None:
        with pytest.raises(MediaError):
            await stage.engine.answer(SessionId("s"), StationId(1), offer)
        assert stage.engine._sessions == {}

    play(scenario)


def test_a_phone_that_never_connects_is_given_up(play) -> None:
    async def scenario(stage) -> None:
        a = await stage.dialling(A)
        a.vanish()
        await stage.told(SessionLost(a.station, a.id))

    play(scenario, Timing(connect_s=0.3))


def test_a_port_in_use_is_an_os_error_and_leaves_nothing_bound() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        async def run() -> None:
            engine = Engine(
                addresses=["127.0.0.2", "127.0.0.1"], port=port, media=Media(), on_fact=lambda fact: None
            )
            with pytest.raises(OSError) as refused:
                await engine.start()
            assert refused.value.errno == errno.EADDRINUSE
            assert engine.sockets == []
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
                free.bind(("127.0.0.2", port))
            await engine.aclose()

        asyncio.run(run())


def test_the_answer_has_one_candidate_for_each_bound_address() -> None:
    async def run() -> None:
        engine = Engine(
            addresses=["127.0.0.1", "127.0.0.2"], port=0, media=Media(), on_fact=lambda fact: None
        )
        await engine.start()
        caller_offer = _offer()
        answer = await engine.answer(SessionId("s"), StationId(1), caller_offer)
        for address, port in engine.sockets:
            assert f" {address} {port} typ host" in answer
        assert answer.count("a=candidate:") == 2
        await engine.aclose()

    asyncio.run(run())


def _offer() -> str:
    return write_offer("abcdefgh", "p" * 24, ":".join(["AB"] * 32), [], 2)


def test_a_new_address_is_served_and_a_lost_one_is_not(play) -> None:
    async def scenario(stage) -> None:
        a, b = await stage.caller(A), await stage.caller(B)
        port = stage.engine.sockets[0][1]
        stage.engine.set_addresses(["127.0.0.1", "127.0.0.2"])
        assert stage.engine.sockets == [("127.0.0.1", port), ("127.0.0.2", port)]
        stage.hears({A: [B]})
        await stage.talk(b, packets=3)
        await stage.until(lambda: a.heard)
        stage.engine.set_addresses(["127.0.0.2"])
        assert stage.engine.sockets == [("127.0.0.2", port)]

    play(scenario)
