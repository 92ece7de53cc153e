"""Phones that move, restart, hang up or vanish."""

from __future__ import annotations

import asyncio
import time

import pytest

from soundmesh.core.events import SessionLost
from soundmesh.core.media import MediaError
from soundmesh.core.plan import EMPTY_PLAN
from soundmesh.media.aiortc_seam import MAX_PAIRS
from soundmesh.media.engine import Timing

A, B = 1, 2


async def hear_each_other(stage, a, b) -> None:
    """Both speak until both were heard anew."""
    heard = len(a.voices), len(b.voices)
    while len(a.voices) == heard[0] or len(b.voices) == heard[1]:
        await stage.talk(a, b, packets=1)


def lost(stage) -> list[SessionLost]:
    return [fact for fact in stage.facts if isinstance(fact, SessionLost)]


def test_an_ice_restart_keeps_session_lanes_and_sound(play) -> None:
    async def scenario(stage) -> None:
        a, b = await stage.caller(A), await stage.caller(B)
        stage.hears({A: [B], B: [A]})
        await hear_each_other(stage, a, b)
        before = a.link.ufrag
        answer = await stage.engine.restart(a.id, a.restart_offer())
        a.accept_restart(answer)
        assert a.link.ufrag != before
        await hear_each_other(stage, a, b)
        assert {packet.lane for packet in a.voices} == {0}
        assert lost(stage) == []
        await stage.until(lambda: stage.engine.snapshot().legs[a.id].connected)

    play(scenario)


def test_a_restart_brings_back_a_phone_whose_only_address_changed(play) -> None:
    async def scenario(stage) -> None:
        a, b = await stage.caller(A), await stage.caller(B)
        stage.hears({A: [B], B: [A]})
        await hear_each_other(stage, a, b)
        for _ in range(3):
            a.move()
            a.accept_restart(await stage.engine.restart(a.id, a.restart_offer()))
            await hear_each_other(stage, a, b)
        assert lost(stage) == []

    play(scenario)


def test_a_new_source_port_is_followed_as_soon_as_it_is_checked(play) -> None:
    async def scenario(stage) -> None:
        a, b = await stage.caller(A), await stage.caller(B)
        stage.hears({A: [B], B: [A]})
        await hear_each_other(stage, a, b)
        a.move()
        a.link.recheck()
        await hear_each_other(stage, a, b)
        assert lost(stage) == []

    play(scenario)


def test_a_phone_that_moves_often_leaves_no_trail(play) -> None:
    async def scenario(stage) -> None:
        a, b = await stage.caller(A), await stage.caller(B)
        stage.hears({A: [B], B: [A]})
        (sock,) = stage.engine._sockets
        for _ in range(MAX_PAIRS + 8):
            a.move()
            a.link.recheck()
            await hear_each_other(stage, a, b)
        ufrags, addresses, _ = sock.sizes()
        assert ufrags == 2
        assert addresses <= MAX_PAIRS + 2
        ice = stage.engine._sessions[a.id].link._ice
        assert len(ice._check_list) <= MAX_PAIRS + 1
        assert len(ice._remote_candidates) <= MAX_PAIRS + 1

    play(scenario)


def test_a_restart_of_another_call_is_refused(play) -> None:
    async def scenario(stage) -> None:
        a = await stage.caller(A)
        other = await stage.dialling(B, lanes=1)
        with pytest.raises(MediaError, match="restart"):
            await stage.engine.restart(a.id, other.restart_offer())
        with pytest.raises(MediaError):
            await stage.engine.restart(a.id, "v=0 rubbish")
        await stage.talk(a)
        await stage.until(lambda: stage.engine.snapshot().legs[a.id].uplink_packets == 5)

    play(scenario)


def test_a_phone_that_hangs_up_is_lost_at_once_and_wholly(play) -> None:
    async def scenario(stage) -> None:
        a, b = await stage.caller(A), await stage.caller(B)
        stage.hears({A: [B], B: [A]})
        await hear_each_other(stage, a, b)
        await a.close()
        await stage.told(SessionLost(a.station, a.id))
        await stage.until(lambda: not stage.engine._closers)
        assert stage.engine._sockets[0].sizes()[0] == 1
        await stage.talk(b)
        assert len(lost(stage)) == 1

    # Not by the clock: these deadlines are too far away to be met.
    play(scenario, Timing(lost_s=1000, stall_s=1000))


def test_a_vanished_phone_is_lost_by_the_clock_and_frees_everything(play) -> None:
    async def scenario(stage) -> None:
        a, b = await stage.caller(A), await stage.caller(B)
        stage.hears({A: [B], B: [A]})
        await hear_each_other(stage, a, b)
        a.vanish()
        while not lost(stage):
            await stage.talk(b, packets=1)
        assert lost(stage) == [SessionLost(a.station, a.id)]
        await stage.until(lambda: not stage.engine._closers)
        ufrags, addresses, _ = stage.engine._sockets[0].sizes()
        assert (ufrags, addresses) == (1, 1)
        assert a.station not in stage.engine._current

    play(scenario, Timing(lost_s=0.5))


def test_a_silent_phone_that_answers_checks_is_not_lost(play) -> None:
    async def scenario(stage) -> None:
        a = await stage.caller(A)
        for _ in range(20):
            a.link.recheck()
            await asyncio.sleep(0.05)
        assert lost(stage) == []

    play(scenario, Timing(lost_s=0.4))


def test_a_phone_to_whom_nobody_talks_hears_a_sign_of_life_several_times_a_second(play) -> None:
    async def scenario(stage) -> None:
        a = await stage.caller(A)
        await stage.until(lambda: stage.engine._current)
        heard, since = set(), time.monotonic()
        while time.monotonic() - since < 2.0:
            heard.add(a.link.heard)
            await asyncio.sleep(0.01)
        assert len(heard) >= 10

    play(scenario)


def test_nobody_is_sent_signs_of_life_while_it_gets_packets_or_after_its_consent(play) -> None:
    async def scenario(stage) -> None:
        a = await stage.caller(A)
        await stage.until(lambda: stage.engine._current)
        session = stage.engine._current[a.station]
        session.link.heard = 1e6
        session.link.sent += 1
        session.pulse(1e6, 0.1)
        sent = session.link.sent
        session.pulse(1e6 + 0.09, 0.1)
        assert session.link.sent == sent
        session.pulse(1e6 + 0.11, 0.1)
        assert session.link.sent == sent + 1
        session.link.sent += 1
        session.pulse(1e6 + 0.25, 0.1)
        assert session.link.sent == sent + 2
        session.link.heard = 1e6 - 30.0
        session.pulse(1e6 + 1.0, 0.1)
        assert session.link.sent == sent + 2

    # The engine's own clock is kept from pulsing in between.
    play(scenario, Timing(pulse_s=1e9))


def test_a_station_that_returns_is_heard_in_place_of_the_one_that_vanished(play) -> None:
    async def scenario(stage) -> None:
        a, b = await stage.caller(A, "first"), await stage.caller(B)
        stage.hears({A: [B], B: [A]})
        await hear_each_other(stage, a, b)
        a.vanish()
        again = await stage.caller(A, "second")
        await hear_each_other(stage, again, b)
        stage.engine.close(a.id)
        await hear_each_other(stage, again, b)
        assert lost(stage) == []

    play(scenario)


def test_the_engine_closes_within_its_time_whatever_its_phones_do(play) -> None:
    async def scenario(stage) -> None:
        for number in range(1, 6):
            caller = await stage.caller(number)
            if number % 2:
                caller.vanish()
        await stage.dialling(9)
        stage.engine.set_plan(EMPTY_PLAN)
        async with asyncio.timeout(3):
            await stage.engine.aclose()
        assert stage.engine.sockets == []
        with pytest.raises(MediaError, match="stopping"):
            await stage.engine.answer("late", A, stage.callers[0]._write_offer())

    play(scenario)
