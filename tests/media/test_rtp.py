"""RTP and RTCP bytes: what is written is read back, and nothing that arrives can raise."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from soundmesh.media import rtp

U16 = st.integers(0, 0xFFFF)
U32 = st.integers(0, 0xFFFFFFFF)


@given(U16, U32, U32, st.integers(-127, 0), st.binary(max_size=1200))
def test_an_uplink_packet_is_read_back_with_its_level(
    seq: int, timestamp: int, ssrc: int, level: int, payload: bytes
) -> None:
    data = rtp.level_packet(111, seq, timestamp, ssrc, 5, level, payload)
    assert rtp.read_rtp(data, 5) == rtp.Packet(111, seq, timestamp, ssrc, level, payload)
    assert rtp.read_rtp(data, 6) == rtp.Packet(111, seq, timestamp, ssrc, None, payload)


@given(U16, U32, U32, st.integers(1, 65535), st.binary(max_size=1200), st.booleans())
def test_a_lane_packet_carries_its_talker(
    seq: int, timestamp: int, ssrc: int, talker: int, payload: bytes, marker: bool
) -> None:
    data = rtp.lane_packet(109, marker, seq, timestamp, ssrc, talker, payload)
    assert rtp.read_rtp(data, 0) == rtp.Packet(109, seq, timestamp, ssrc, None, payload)
    assert int.from_bytes(data[12:16], "big") == talker
    assert bool(data[1] & 0x80) == marker


def test_padding_is_not_payload() -> None:
    data = bytearray(rtp.lane_packet(111, False, 1, 2, 3, 4, b"abc") + b"\0\0\x03")
    data[0] |= 0x20
    packet = rtp.read_rtp(bytes(data), 0)
    assert packet is not None
    assert packet.payload == b"abc"


@given(st.binary(max_size=1500), st.integers(0, 14))
def test_no_bytes_make_the_rtp_reader_raise(data: bytes, level_id: int) -> None:
    packet = rtp.read_rtp(data, level_id)
    assert packet is None or len(packet.payload) <= len(data)


@given(st.binary(max_size=1500).map(lambda b: b"\x90" + b))
def test_no_extension_makes_the_rtp_reader_raise(data: bytes) -> None:
    rtp.read_rtp(data, 1)


@given(st.binary(max_size=1500))
def test_no_bytes_make_the_rtcp_reader_raise(data: bytes) -> None:
    rtp.read_rtcp(data)


@given(st.sampled_from([200, 201, 205, 203]), st.integers(0, 31), st.integers(0, 40), st.binary(max_size=200))
def test_no_lying_rtcp_header_makes_the_reader_raise(kind: int, count: int, words: int, body: bytes) -> None:
    rtp.read_rtcp(struct.pack("!BBH", 0x80 | count, kind, words) + body)


@given(st.floats(0, 1), st.integers(0, 0xFFFFFF), U32, U32, U32)
def test_a_receiver_report_is_read_back(
    fraction: float, lost: int, jitter: int, last_sr: int, delay: int
) -> None:
    data = rtp.receiver_report(
        1, 2, fraction=fraction, lost=lost, highest=7, jitter=jitter, last_sr=last_sr, delay_since_sr=delay
    )
    (block,) = rtp.read_rtcp(data).blocks
    assert block.ssrc == 2
    assert abs(block.fraction - fraction) <= 1 / 256 + 1e-9
    assert (block.last_sr, block.delay_since_sr) == (last_sr, delay)


def test_one_percent_is_told_as_at_least_three_256ths() -> None:
    data = rtp.receiver_report(1, 2, fraction=0.012, lost=0, highest=0, jitter=0, last_sr=0, delay_since_sr=0)
    assert data[12] >= 3


def test_a_sender_report_gives_the_middle_of_its_ntp_time() -> None:
    wall_s = 1_790_000_000.25
    report = rtp.read_rtcp(rtp.sender_report(9, wall_s, 48000, 10, 800))
    assert report.sender is not None
    assert report.sender[0] == 9
    assert abs(report.sender[1] - rtp.middle_ntp(wall_s)) <= 1


@given(st.integers(0, 0xFFFF), st.lists(st.integers(0, 200), min_size=1, max_size=17, unique=True))
def test_a_nack_asks_for_exactly_its_packets(first: int, offsets: list[int]) -> None:
    seqs = [(first + offset) & 0xFFFF for offset in sorted(offsets)]
    asked = rtp.read_rtcp(rtp.nack(1, 2, seqs)).nacks
    assert sorted(asked) == sorted((2, seq) for seq in seqs)
