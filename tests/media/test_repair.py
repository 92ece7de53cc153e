"""Loss: counted, asked for again, served again, and told to who can make up for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundmesh.core.ids import StationId
from soundmesh.core.media import ProgramPacket
from soundmesh.core.show import FIRST_PORT, Media
from soundmesh.media.engine import Timing
from soundmesh.media.lane import Lane
from soundmesh.media.repair import ASK_AFTER_S, MAX_ASKED, MAX_GAP, RING_SIZE, Reception, Ring
from soundmesh.media.reports import CAP, FLOOR, round_trip_s, smoothed, told_loss
from soundmesh.media.rtp import CLOCK_HZ, Block

A, B = 1, 2
QUICK = Timing(receiver_report_s=0.1, sender_report_s=0.1)


def received(seqs: list[int], start_s: float = 0.0) -> Reception:
    reception = Reception()
    for number, seq in enumerate(seqs):
        reception.take(7, seq & 0xFFFF, seq * 960, start_s + number * 0.02)
    return reception


def test_a_whole_stream_over_the_wrap_has_no_loss() -> None:
    reception = received(list(range(65500, 65600)))
    assert (reception.received, reception.lost, reception.holes) == (100, 0, False)
    assert reception.highest == 65599
    assert reception.jitter < 1


def test_a_hole_is_asked_for_twice_and_then_let_go() -> None:
    reception = received([1, 2, 5])
    now = 0.04
    assert reception.asks(now, 0.0) == []
    now += ASK_AFTER_S + 0.001
    assert reception.asks(now, 0.1) == [3, 4]
    assert reception.asks(now + 0.1, 0.1) == []
    assert reception.asks(now + 0.151, 0.1) == [3, 4]
    assert reception.asks(now + 1, 0.1) == []
    assert not reception.holes
    assert reception.lost == 2
    assert MAX_ASKED == 2


def test_what_comes_after_being_asked_for_is_repaired_and_what_comes_by_itself_is_not() -> None:
    reception = received([1, 4])
    reception.take(7, 2, 2 * 960, 0.021)
    assert reception.asks(1.0, 0.0) == [3]
    reception.take(7, 3, 3 * 960, 1.01)
    assert (reception.repaired, reception.lost, reception.holes) == (1, 0, False)


def test_an_outage_is_not_asked_for() -> None:
    assert not received([1, 2 + MAX_GAP + 1]).holes
    assert received([1, 1 + MAX_GAP]).holes


def test_a_new_stream_is_no_loss() -> None:
    reception = received([1, 2, 3])
    reception.take(8, 40000, 0, 1.0)
    reception.take(8, 40001, 960, 1.02)
    assert (reception.received, reception.lost, reception.holes) == (5, 0, False)


def test_the_loss_is_that_of_the_interval() -> None:
    reception = received([1, 2, 3, 5])
    assert reception.interval_loss() == pytest.approx(0.2)
    assert reception.interval_loss() == 0.0
    reception.take(7, 6, 6 * 960, 1.0)
    assert reception.interval_loss() == 0.0


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 0xFFFF), st.floats(0, 0.5)), max_size=80))
def test_whatever_arrives_the_counts_stay_sane(packets: list[tuple[int, int, float]]) -> None:
    reception = Reception()
    now = 0.0
    for ssrc, seq, wait in packets:
        now += wait
        reception.take(ssrc, seq, seq * 960, now)
        assert len(reception.asks(now, 0.0)) <= 80 * MAX_GAP
        assert reception.lost >= 0
        assert 0 <= reception.interval_loss() <= 1
    assert reception.received == len(packets)


@given(st.lists(st.integers(0, 0xFFFF), max_size=200))
def test_a_ring_gives_what_was_put_last_in_a_place_or_nothing(seqs: list[int]) -> None:
    ring = Ring()
    last: dict[int, int] = {}
    for seq in seqs:
        ring.put(seq, seq.to_bytes(2, "big"))
        last[seq % RING_SIZE] = seq
    for seq in {*seqs, 5}:
        wanted = seq.to_bytes(2, "big") if last.get(seq % RING_SIZE) == seq else None
        assert ring.get(seq) == wanted


def test_a_talker_is_told_the_worst_of_its_path_and_its_listeners() -> None:
    assert told_loss(0.0, []) == 0.0
    assert told_loss(0.0, [0.0]) == FLOOR
    assert told_loss(0.02, [0.0, 0.08]) == 0.08
    assert told_loss(0.1, [0.0, 0.08]) == 0.1
    assert told_loss(0.1, [0.9]) == CAP
    assert told_loss(0.9, []) == CAP


def test_bad_news_is_believed_sooner_than_good() -> None:
    assert smoothed(0.0, 0.2) - 0.0 > 0.2 - smoothed(0.2, 0.0)


@given(st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFF))
def test_a_round_trip_is_plausible_or_none(last_sr: int, delay: int, now: int) -> None:
    rtt = round_trip_s(Block(1, 0.0, last_sr, delay), now)
    assert rtt is None or 0 <= rtt < 60


def test_a_round_trip_is_what_is_left_without_the_others_delay() -> None:
    assert round_trip_s(Block(1, 0.0, 1000, 65536), 1000 + 65536 + 6554) == pytest.approx(0.1, abs=0.001)
    assert round_trip_s(Block(1, 0.0, 0, 0), 1000) is None


# With real transports.


def test_lost_uplink_packets_are_asked_for_and_reach_the_listener_in_their_place(play, patient) -> None:
    async def scenario(stage) -> None:
        a, b = await stage.caller(A), await stage.caller(B)
        stage.hears({A: [B]})
        for number in range(30):
            lose = number % 7 == 3
            (b.lose_opus if lose else b.send_opus)(bytes([number]) * 60, -20)
            await stage.pause()
        await stage.until(lambda: len(a.voices) == 30)
        in_order = sorted(a.voices, key=lambda packet: (packet.seq - a.voices[0].seq) & 0xFFFF)
        assert [packet.payload[0] for packet in in_order] == list(range(30))
        assert b.asked >= 4
        await stage.until(lambda: stage.engine.snapshot().legs[b.id].uplink_packets == 30)
        leg = stage.engine.snapshot().legs[b.id]
        assert leg.uplink_lost == 0
        assert leg.uplink_repaired > 0

    play(scenario)


def test_a_hole_that_nobody_fills_stays_a_gap_for_the_listeners_own_repair(play, patient) -> None:
    async def scenario(stage) -> None:
        a, b = await stage.caller(A), await stage.caller(B)
        b.answers_nacks = False
        stage.hears({A: [B]})
        for number in range(10):
            (b.lose_opus if number == 5 else b.send_opus)(bytes(60), -20)
            await stage.pause()
        await stage.until(lambda: len(a.voices) == 9)
        seqs = [packet.seq for packet in a.voices]
        assert [(seq - seqs[0]) & 0xFFFF for seq in seqs] == [0, 1, 2, 3, 4, 6, 7, 8, 9]

    play(scenario)


@pytest.mark.parametrize("nack", [True, False])
def test_lost_lane_packets_are_served_again_where_the_show_has_nack(play, patient, nack: bool) -> None:
    async def scenario(stage) -> None:
        a, b = await stage.caller(A), await stage.caller(B)
        stage.hears({A: [B]})
        seen: set[bytes] = set()

        def drop(data: bytes) -> bool:
            if len(data) < 60:  # a closing frame
                return False
            first_time = data[2:4] not in seen
            seen.add(data[2:4])
            return first_time and len(seen) % 6 == 4

        a.drop = drop
        await stage.talk(b, packets=30)
        await stage.until(lambda: len(a.voices) == (30 if nack else 25))
        await stage.until(lambda: bool(stage.engine.snapshot().legs[a.id].downlink_repaired) == nack)

    play(scenario, media=Media(lanes=4, nack=nack))


def test_a_programs_lost_packets_are_served_again_as_a_voices_are(play, patient) -> None:
    async def scenario(stage) -> None:
        a = await stage.caller(A)
        program = StationId(FIRST_PORT)
        stage.hears({A: [program]})
        seen: set[bytes] = set()

        def drop(data: bytes) -> bool:
            if len(data) < 60:  # a closing frame
                return False
            first_time = data[2:4] not in seen
            seen.add(data[2:4])
            return first_time and len(seen) % 6 == 4

        a.drop = drop
        for number in range(30):
            stage.engine.play(program, ProgramPacket(number, number * 960, -23, bytes([number]) * 60))
            await stage.pause()
        await stage.until(lambda: len(a.voices) == 30)
        assert {packet.csrc for packet in a.voices} == {program}
        assert {packet.payload[0] for packet in a.voices} == set(range(30))
        await stage.until(lambda: bool(stage.engine.snapshot().legs[a.id].downlink_repaired))

    play(scenario)


def test_a_talker_is_told_one_percent_while_anybody_listens_and_nothing_else_is_wrong(play) -> None:
    async def scenario(stage) -> None:
        a, b = await stage.caller(A), await stage.caller(B)
        stage.hears({A: [B]})
        await stage.talk(a, b, packets=12)
        await stage.until(lambda: b.told_loss is not None and a.told_loss is not None)
        assert b.told_loss == 3 / 256
        assert a.told_loss == 0.0

    play(scenario, QUICK)


def test_a_talker_on_a_good_path_is_told_of_a_listener_on_a_bad_one(play) -> None:
    async def scenario(stage) -> None:
        a, b = await stage.caller(A), await stage.caller(B)
        stage.hears({A: [B]})
        a.repair = False
        a.drop = lambda data: data[3] % 3 == 0
        while (b.told_loss or 0.0) < 0.1:
            await stage.talk(b, packets=1)
        assert b.told_loss is not None
        assert b.told_loss <= 0.25
        await stage.until(lambda: stage.engine.snapshot().legs[a.id].downlink_loss > 0.1)
        assert stage.engine.snapshot().legs[b.id].uplink_loss == 0.0

    play(scenario, QUICK)


def test_sender_reports_give_a_round_trip(play) -> None:
    async def scenario(stage) -> None:
        a, b = await stage.caller(A), await stage.caller(B)
        stage.hears({A: [B]})
        while stage.engine.snapshot().legs.get(a.id) is None or (
            stage.engine.snapshot().legs[a.id].rtt_ms is None
        ):
            await stage.talk(b, packets=1)
        rtt_ms = stage.engine.snapshot().legs[a.id].rtt_ms
        assert rtt_ms is not None
        assert 0 <= rtt_ms < 1000

    play(scenario, QUICK)


def test_a_sender_reports_clock_is_the_lanes_own() -> None:
    lane = Lane(1, 111, 0, 1000, 10.0)
    lane.take(5, 9, 100, 50, b"voice", 12.0)
    assert lane.ts_at(12.5) == (lane.ts + CLOCK_HZ // 2) & 0xFFFFFFFF
