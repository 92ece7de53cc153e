"""A lane is one continuous stream, whatever its talkers do."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from soundmesh.media.lane import MAX_LATE, QUIET_S, SILENCES, Lane
from soundmesh.media.rtp import CLOCK_HZ, SILENCE, Packet, read_rtp

ANN, BO = 7, 8


def lane() -> Lane:
    return Lane(0xABCD, 109, 0x7FF0, 0xFFFFFF00, 0.0)


def read(data: bytes | None) -> Packet:
    assert data is not None
    packet = read_rtp(data, 0)
    assert packet is not None
    return packet


def talker_of(data: bytes | None) -> int:
    assert data is not None
    return int.from_bytes(data[12:16], "big")


def ahead(new: int, old: int, bits: int) -> int:
    half = 1 << (bits - 1)
    return (new - old + half) % (1 << bits) - half


@dataclass
class Mouth:
    """A source with its own numbering."""

    talker: int
    ssrc: int
    seq: int
    timestamp: int

    def next(self, lost: int = 0, clock: int | None = None) -> tuple[int, int, int, int, bytes]:
        self.seq = (self.seq + 1 + lost) & 0xFFFF
        step = 960 * (1 + lost) if clock is None else clock
        self.timestamp = (self.timestamp + step) & 0xFFFFFFFF
        return self.talker, self.ssrc, self.seq, self.timestamp, b"voice"


def closed(out: Lane) -> list[Packet]:
    out.end()
    return [read(out.silence()) for _ in range(out.left)]


def test_payload_type_ssrc_and_talker_are_the_lanes_own() -> None:
    data = lane().take(*Mouth(ANN, 1, 5, 9).next(), 1.0)
    packet = read(data)
    assert (packet.payload_type, packet.ssrc, talker_of(data)) == (109, 0xABCD, ANN)


def test_only_the_first_packet_of_a_spurt_has_the_marker() -> None:
    out, ann = lane(), Mouth(ANN, 1, 100, 0)
    first, second = out.take(*ann.next(), 0.0), out.take(*ann.next(), 0.02)
    assert first is not None
    assert second is not None
    assert (first[1] >> 7, second[1] >> 7) == (1, 0)


def test_a_loss_inside_a_spurt_stays_a_gap() -> None:
    out, ann = lane(), Mouth(ANN, 1, 100, 0)
    first = read(out.take(*ann.next(), 0.0))
    second = read(out.take(*ann.next(lost=2), 0.06))
    assert ahead(second.seq, first.seq, 16) == 3
    assert ahead(second.timestamp, first.timestamp, 32) == 3 * 960


def test_a_repaired_packet_fills_its_gap() -> None:
    out, ann = lane(), Mouth(ANN, 1, 100, 0)
    first = read(out.take(*ann.next(), 0.0))
    newest = read(out.take(*ann.next(lost=1), 0.04))
    repaired = read(out.take(ANN, 1, 102, 2 * 960, b"voice", 0.05))
    assert ahead(repaired.seq, first.seq, 16) == 1
    assert ahead(repaired.timestamp, first.timestamp, 32) == 960
    assert ahead(read(out.take(*ann.next(), 0.06)).seq, newest.seq, 16) == 1


def test_sequence_is_contiguous_across_talkers() -> None:
    out = lane()
    last = read(out.take(*Mouth(ANN, 1, 65535, 0).next(), 0.0))
    packet = read(out.take(*Mouth(BO, 2, 12, 777).next(), 0.5))
    assert ahead(packet.seq, last.seq, 16) == 1
    assert ahead(packet.timestamp, last.timestamp, 32) == CLOCK_HZ // 2


def test_time_over_a_pause_is_the_appliances_not_the_sources() -> None:
    out, ann = lane(), Mouth(ANN, 1, 100, 0)
    first = read(out.take(*ann.next(), 10.0))
    paused = read(out.take(*ann.next(clock=960), 13.03))
    assert ahead(paused.timestamp, first.timestamp, 32) == round(3.03 * CLOCK_HZ)
    assert ahead(paused.seq, first.seq, 16) == 1


def test_time_over_a_closed_pause_is_the_appliances_too() -> None:
    out, ann = lane(), Mouth(ANN, 1, 100, 0)
    first = read(out.take(*ann.next(), 10.0))
    closed(out)
    again = read(out.take(*ann.next(clock=960), 12.0))
    assert ahead(again.timestamp, first.timestamp, 32) == 2 * CLOCK_HZ
    assert ahead(again.seq, first.seq, 16) == SILENCES + 1


def test_jitter_does_not_touch_the_timestamps() -> None:
    out, ann = lane(), Mouth(ANN, 1, 100, 0)
    times = [0.0, 0.02, 0.15, 0.151, 0.152, 0.16]
    stamps = [read(out.take(*ann.next(), now)).timestamp for now in times]
    assert [ahead(b, a, 32) for a, b in pairwise(stamps)] == [960] * 5


def test_what_came_before_the_spurt_comes_twice_or_too_late_is_dropped() -> None:
    out, bo = lane(), Mouth(BO, 2, 500, 0)
    out.take(*Mouth(ANN, 1, 5, 9).next(), 0.0)
    newest = bo.next()
    out.take(*newest, 0.02)
    assert out.take(BO, 2, 499, 0, b"late", 0.03) is None
    assert out.take(*newest, 0.03) is None
    for _ in range(MAX_LATE + 2):
        out.take(*bo.next(), 0.04)
    assert out.take(BO, 2, 502, 0, b"late", 0.05) is None


def test_a_spurt_closes_with_silence_frames_and_then_nothing() -> None:
    out, ann = lane(), Mouth(ANN, 1, 100, 0)
    last = read(out.take(*ann.next(), 1.0))
    frames = closed(out)
    assert [frame.payload for frame in frames] == [SILENCE] * SILENCES
    assert [ahead(frame.seq, last.seq, 16) for frame in frames] == [1, 2, 3]
    assert [ahead(frame.timestamp, last.timestamp, 32) for frame in frames] == [960, 1920, 2880]
    assert closed(out) == []


def test_a_new_stream_of_the_same_talker_goes_on_without_a_step_back() -> None:
    out = lane()
    last = read(out.take(*Mouth(ANN, 1, 30000, 5).next(), 0.0))
    packet = read(out.take(*Mouth(ANN, 99, 4, 900000).next(), 0.04))
    assert ahead(packet.seq, last.seq, 16) == 1
    assert ahead(packet.timestamp, last.timestamp, 32) == round(0.04 * CLOCK_HZ)


def test_a_source_that_counts_anew_is_not_mistaken_for_late() -> None:
    out = lane()
    last = read(out.take(*Mouth(ANN, 1, 40000, 5).next(), 0.0))
    packet = read(out.take(*Mouth(ANN, 1, 30000, 900000).next(), 0.02))
    assert ahead(packet.seq, last.seq, 16) == 1


ACTS = st.sampled_from(["send", "lose", "pause", "other", "close", "stop clock", "late"])


@given(
    st.lists(st.tuples(ACTS, st.floats(0.001, 3.0)), max_size=60),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFFFF),
)
def test_whatever_happens_sequence_and_time_only_go_forward(
    acts: list[tuple[str, float]], seq: int, timestamp: int
) -> None:
    out = lane()
    mouths = [Mouth(ANN, 1, seq, timestamp), Mouth(BO, 2, timestamp & 0xFFFF, seq)]
    now = 100.0
    last, anchor = None, None
    for act, duration in acts:
        now += 0.02
        step: tuple[int, int | None] = (0, None)
        if act == "other":
            mouths.reverse()
        elif act == "close":
            for frame in closed(out):
                assert last is not None
                assert ahead(frame.seq, last.seq, 16) == 1
                last = frame
            continue
        elif act == "late":
            mouth = mouths[0]
            if out.open and out.talker == mouth.talker:
                out.take(mouth.talker, mouth.ssrc, (mouth.seq - 3) & 0xFFFF, mouth.timestamp, b"late", now)
            continue
        elif act == "pause":
            now += duration
            step = (0, 960 + round(duration * CLOCK_HZ))
        elif act == "stop clock":
            now += duration
            step = (0, 960)
        elif act == "lose":
            now += 0.04
            step = (2, None)
        data = out.take(*mouths[0].next(*step), now)
        packet = read(data)
        assert talker_of(data) == mouths[0].talker
        if last is not None and anchor is not None:
            assert 1 <= ahead(packet.seq, last.seq, 16) <= 3
            assert ahead(packet.timestamp, last.timestamp, 32) >= 960
            behind = round((now - anchor[0]) * CLOCK_HZ) - ahead(packet.timestamp, anchor[1], 32)
            assert behind <= round(0.2 * CLOCK_HZ) + 2, "the lane's clock fell behind the wall's"
        last, anchor = packet, (now, packet.timestamp)


def test_a_quiet_lane_is_closed_later_than_a_packet_is_late() -> None:
    assert 0.04 < QUIET_S < 0.2
