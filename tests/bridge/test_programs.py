"""Programs in their threads: who is heard plays, who is not rests, and a reload changes what plays."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trio

from soundmesh.bridge.programs import LOOK_S, STALE_S, Feed, Programs, Trouble
from soundmesh.core.ids import StationId, TargetId
from soundmesh.core.media import ProgramPacket
from soundmesh.core.show import FIRST_PORT, Port

A = Port(TargetId("a"), StationId(FIRST_PORT), tone_hz=440)
B = Port(TargetId("b"), StationId(FIRST_PORT + 1), tone_hz=880)


@pytest.fixture
def stage() -> Iterator[tuple[Programs, Counter[int]]]:
    packets: Counter[int] = Counter()

    def take(number: StationId, packet: ProgramPacket) -> None:
        packets[number] += 1

    programs = Programs(Path(), take)
    yield programs, packets
    programs.close()


def wait_for(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 5.0
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_only_a_program_that_is_heard_plays(stage: tuple[Programs, Counter[int]]) -> None:
    programs, packets = stage
    programs.follow({A.id: A, B.id: B})
    programs.hear({A.number, StationId(3)})
    wait_for(lambda: packets[A.number] > 10)
    assert packets[B.number] == 0
    programs.hear({B.number})
    wait_for(lambda: packets[B.number] > 5)
    wait_for(lambda: programs.states()[A.id].playing == "")
    assert programs.states()[B.id].playing == "tone of 880 Hz"


def test_a_reload_changes_ends_and_begins_programs(stage: tuple[Programs, Counter[int]]) -> None:
    programs, packets = stage
    programs.hear({A.number, B.number})
    programs.follow({A.id: A})
    wait_for(lambda: packets[A.number] > 3)
    programs.follow({A.id: replace(A, tone_hz=500), B.id: B})
    wait_for(lambda: programs.states()[A.id].playing == "tone of 500 Hz" and packets[B.number] > 0)
    programs.follow({A.id: replace(A, number=B.number)})
    assert set(programs.states()) <= {A.id}
    before = packets[B.number]
    wait_for(lambda: packets[B.number] > before + 3)


def test_after_close_nothing_plays(stage: tuple[Programs, Counter[int]]) -> None:
    programs, packets = stage
    programs.follow({A.id: A})
    programs.hear({A.number})
    wait_for(lambda: packets[A.number] > 0)
    programs.close()
    made = packets[A.number]
    time.sleep(0.1)
    assert packets[A.number] == made


async def test_a_file_that_cannot_be_read_is_told_once_and_stands_in_the_status(tmp_path: Path) -> None:
    programs = Programs(tmp_path, lambda number, packet: None)
    told: list[Trouble] = []
    silent: list[frozenset[TargetId]] = []
    try:
        programs.follow({A.id: replace(A, name="Walk-in", files=("intro.mp3",), tone_hz=0)})
        with trio.fail_after(10):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(programs.watch, told.append, silent.append)
                while not told:  # noqa: ASYNC110  the thread has no event for it
                    await trio.sleep(0.05)
                await trio.sleep(1.5 * LOOK_S)
                nursery.cancel_scope.cancel()
        assert told == [Trouble("Walk-in: intro.mp3 is not readable: there is no such file.", A.number, True)]
        assert silent == [{A.id}]
        [status] = programs.status({A.number: (StationId(1), StationId(2))})
        assert (status.id, status.listeners, status.alarm) == ("a", 2, True)
        assert status.troubles == ["intro.mp3 is not readable: there is no such file"]
    finally:
        programs.close()


def packet(seq: int) -> ProgramPacket:
    return ProgramPacket(seq, seq * 960, -23, b"sound")


def test_a_feed_calls_once_for_everything_that_waits_and_keeps_its_order() -> None:
    feed = Feed()
    assert feed.put(5.00, A.number, packet(1))
    assert not feed.put(5.01, B.number, packet(1))
    assert not feed.put(5.02, A.number, packet(2))
    assert feed.take(5.03) == [(A.number, packet(1)), (B.number, packet(1)), (A.number, packet(2))]
    assert feed.put(5.04, A.number, packet(3))


def test_while_nobody_takes_a_feed_holds_the_last_tenth_of_a_second_and_no_more() -> None:
    feed = Feed()
    for seq in range(500):
        feed.put(5.0 + 0.02 * seq, A.number, packet(seq))
        assert len(feed) <= STALE_S / 0.02 + 1
    assert [kept.seq for _, kept in feed.take(5.0 + 0.02 * 499)] == [494, 495, 496, 497, 498, 499]
    feed.put(20.0, A.number, packet(500))
    assert feed.take(21.0) == []
