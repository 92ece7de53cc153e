"""A lane is one continuous stream, whatever its talkers do."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from soundmesh.core.ids import StationId
from soundmesh.media.lane import CLOSING_FRAMES, KEPT_PACKETS, Lane
from soundmesh.media.rtp import SILENCE, Packet, read_rtp

ANN, BO = StationId(7), StationId(8)


def lane() -> Lane:
    return Lane(0xABCD, 109, 0x7FF0, 0xFFFFFF00)


def read(data: bytes | None) -> Packet:
    assert data is not None
    packet = read_rtp(data, 0)
    assert packet is not None
    return packet


def ahead(new: int, old: int, bits: int) -> int:
    half = 1 << (bits - 1)
    return (new - old + half) % (1 << bits) - half


@dataclass
class Mouth:
    """A source with its own numbering."""

    talker: StationId
    ssrc: int
    seq: int
    timestamp: int

    def next(self, lost: int = 0, clock: int | None = None) -> tuple[StationId, int, int, int, bytes]:
        self.seq = (self.seq + 1 + lost) & 0xFFFF
        step = 960 * (1 + lost) if clock is None else clock
        self.timestamp = (self.timestamp + step) & 0xFFFFFFFF
        return self.talker, self.ssrc, self.seq, self.timestamp, b"voice"


def test_payload_type_ssrc_and_talker_are_the_lanes_own() -> None:
    data = lane().forward(*Mouth(ANN, 1, 5, 9).next(), 1.0)
    packet = read(data)
    assert data is not None
    assert (packet.payload_type, packet.ssrc, int.from_bytes(data[12:16], "big")) == (109, 0xABCD, ANN)


def test_a_loss_inside_a_spurt_stays_a_gap() -> None:
    out, ann = lane(), Mouth(ANN, 1, 100, 0)
    first = read(out.forward(*ann.next(), 0.0))
    second = read(out.forward(*ann.next(lost=2), 0.06))
    assert ahead(second.seq, first.seq, 16) == 3
    assert ahead(second.timestamp, first.timestamp, 32) == 3 * 960


def test_a_repaired_packet_fills_its_gap() -> None:
    out, ann = lane(), Mouth(ANN, 1, 100, 0)
    first = read(out.forward(*ann.next(), 0.0))
    missing = (ANN, 1, 102, 2 * 960, b"voice")
    read(out.forward(*ann.next(lost=1), 0.04))
    repaired = read(out.forward(*missing, 0.05))
    assert ahead(repaired.seq, first.seq, 16) == 1
    assert ahead(repaired.timestamp, first.timestamp, 32) == 960


def test_sequence_is_contiguous_across_talkers() -> None:
    out = lane()
    last = read(out.forward(*Mouth(ANN, 1, 65535, 0).next(), 0.0))
    packet = read(out.forward(*Mouth(BO, 2, 12, 777).next(), 0.5))
    assert ahead(packet.seq, last.seq, 16) == 1


def test_time_over_a_pause_is_the_appliances_not_the_sources() -> None:
    out, ann = lane(), Mouth(ANN, 1, 100, 0)
    first = read(out.forward(*ann.next(), 10.0))
    paused = read(out.forward(*ann.next(clock=960), 13.03))
    assert ahead(paused.timestamp, first.timestamp, 32) == round(3.03 * 48000)
    assert ahead(paused.seq, first.seq, 16) == 1


def test_jitter_does_not_touch_the_timestamps() -> None:
    out, ann = lane(), Mouth(ANN, 1, 100, 0)
    times = [0.0, 0.02, 0.15, 0.151, 0.152, 0.16]
    stamps = [read(out.forward(*ann.next(), now)).timestamp for now in times]
    assert [ahead(b, a, 32) for a, b in zip(stamps, stamps[1:], strict=False)] == [960] * 5


def test_late_packets_of_before_the_spurt_are_dropped() -> None:
    out = lane()
    bo = Mouth(BO, 2, 500, 0)
    out.forward(*Mouth(ANN, 1, 5, 9).next(), 0.0)
    out.forward(*bo.next(), 0.02)
    assert out.forward(BO, 2, 499, 0, b"late", 0.03) is None


def test_a_spurt_closes_with_silence_frames_and_then_nothing() -> None:
    out, ann = lane(), Mouth(ANN, 1, 100, 0)
    last = read(out.forward(*ann.next(), 1.0))
    frames = [read(frame) for frame in out.close(1.02)]
    assert [f.payload for f in frames] == [SILENCE] * CLOSING_FRAMES
    assert [ahead(f.seq, last.seq, 16) for f in frames] == [1, 2, 3]
    assert out.talker is None
    assert out.close(1.1) == []


def test_a_new_stream_of_the_same_talker_goes_on_without_a_step_back() -> None:
    out = lane()
    last = read(out.forward(*Mouth(ANN, 1, 30000, 5).next(), 0.0))
    packet = read(out.forward(*Mouth(ANN, 99, 4, 900000).next(), 0.4))
    assert ahead(packet.seq, last.seq, 16) == 1
    assert ahead(packet.timestamp, last.timestamp, 32) == round(0.4 * 48000)


def test_only_the_last_second_is_kept_for_repair() -> None:
    out, ann = lane(), Mouth(ANN, 1, 100, 0)
    sent = [out.forward(*ann.next(), i * 0.02) for i in range(KEPT_PACKETS + 10)]
    assert out.again(read(sent[0]).seq) is None
    assert out.again(read(sent[-1]).seq) == sent[-1]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["send", "lose", "pause", "other", "close", "stop clock"]), st.floats(0.001, 3.0)
        ),
        max_size=60,
    ),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFFFF),
)
def test_whatever_happens_sequence_and_time_only_go_forward(
    acts: list[tuple[str, float]], seq: int, timestamp: int
) -> None:
    out = lane()
    mouths = [Mouth(ANN, 1, seq, timestamp), Mouth(BO, 2, timestamp & 0xFFFF, seq)]
    now, last = 100.0, None
    for act, duration in acts:
        now += 0.02
        written: list[bytes | None] = []
        if act == "other":
            mouths.reverse()
        if act == "close":
            written += out.close(now)
            now += 0.04
        elif act == "pause":
            now += duration
            written.append(out.forward(*mouths[0].next(clock=960 + round(duration * 48000)), now))
        elif act == "stop clock":
            now += duration
            written.append(out.forward(*mouths[0].next(clock=960), now))
        elif act == "lose":
            now += 0.04
            written.append(out.forward(*mouths[0].next(lost=2), now))
        else:
            written.append(out.forward(*mouths[0].next(), now))
        for data in written:
            packet = read(data)
            if last is not None:
                assert 1 <= ahead(packet.seq, last.seq, 16) <= 3
                assert ahead(packet.timestamp, last.timestamp, 32) >= 960
            last = packet
