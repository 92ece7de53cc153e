"""RTP and RTCP as bytes: read what browsers send, write what the appliance sends.

Everything here is pure and never raises for bytes of any kind: what cannot
be read is None or is left out. Sources: RFC 3550, RFC 4585 (NACK), RFC 6464
(audio level), RFC 8285 (header extensions).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

CLOCK_HZ = 48_000
FRAME_SAMPLES = 960
"""20 ms of Opus at its RTP clock."""
SILENCE = b"\xf8\xff\xfe"
"""A 20 ms Opus frame of silence."""
NO_LEVEL = -127
"""dBov of digital silence."""

SR, RR, SDES, BYE, RTPFB = 200, 201, 202, 203, 205
NTP_OFFSET_S = 2_208_988_800

_FIXED = struct.Struct("!BBHII")
_LANE = struct.Struct("!BBHIII")
_PAIR = struct.Struct("!HH")
_BLOCK = struct.Struct("!IIIIII")


class Packet(NamedTuple):
    """One RTP packet. ``level``: dBov, -127 to 0; None when the packet tells none."""

    payload_type: int
    seq: int
    timestamp: int
    ssrc: int
    level: int | None
    payload: bytes


def read_rtp(data: bytes, level_id: int) -> Packet | None:
    """A packet's fields, or None. ``level_id``: the negotiated RFC 6464 extension id, 0 for none."""
    size = len(data)
    if size < 12:
        return None
    first, second, seq, timestamp, ssrc = _FIXED.unpack_from(data)
    if first >> 6 != 2:
        return None
    start = 12 + 4 * (first & 0x0F)
    level = None
    if first & 0x10:
        if start + 4 > size:
            return None
        profile, words = _PAIR.unpack_from(data, start)
        start += 4
        end = start + 4 * words
        if end > size:
            return None
        if profile == 0xBEDE and level_id:
            level = _level(data, start, end, level_id)
        start = end
    stop = size
    if first & 0x20:
        stop -= data[-1]
    if start > stop:
        return None
    return Packet(second & 0x7F, seq, timestamp, ssrc, level, data[start:stop])


def _level(data: bytes, at: int, end: int, level_id: int) -> int | None:
    while at < end:
        head = data[at]
        if head == 0:
            at += 1
            continue
        length = (head & 0x0F) + 1
        if head >> 4 == level_id and at + 1 < end:
            return -(data[at + 1] & 0x7F)
        if head >> 4 == 15:
            break
        at += 1 + length
    return None


def lane_packet(
    payload_type: int, marker: bool, seq: int, timestamp: int, ssrc: int, csrc: int, payload: bytes
) -> bytes:
    """One packet of a lane: a 16-byte header with the talker's station number as CSRC, then the payload."""
    second = payload_type | 0x80 if marker else payload_type
    return _LANE.pack(0x81, second, seq, timestamp, ssrc, csrc) + payload


def level_packet(
    payload_type: int, seq: int, timestamp: int, ssrc: int, level_id: int, level: int, payload: bytes
) -> bytes:
    """One packet of an uplink as a browser sends it, with its audio level in dBov."""
    extension = struct.pack("!HHBBH", 0xBEDE, 1, level_id << 4, min(127, -level), 0)
    return _FIXED.pack(0x90, payload_type, seq, timestamp, ssrc) + extension + payload


class Block(NamedTuple):
    """One reception report block. ``fraction``: 0 to 1."""

    ssrc: int
    fraction: float
    last_sr: int
    delay_since_sr: int


class Report(NamedTuple):
    """What one compound packet says that the appliance needs."""

    blocks: list[Block]
    sender: tuple[int, int] | None
    """(ssrc, middle 32 bits of the NTP time) of a sender report."""
    nacks: list[tuple[int, int]]
    """(ssrc, sequence number) asked for again."""
    bye: bool


def read_rtcp(data: bytes) -> Report:
    """Everything readable of a compound packet."""
    report = Report([], None, [], False)
    for kind, count, body in _each_rtcp(data):
        if kind == SR and len(body) >= 24:
            ssrc, high, low = struct.unpack_from("!III", body)
            report = report._replace(sender=(ssrc, ((high & 0xFFFF) << 16) | (low >> 16)))
            report.blocks.extend(_blocks(body[24:], count))
        elif kind == RR and len(body) >= 4:
            report.blocks.extend(_blocks(body[4:], count))
        elif kind == RTPFB and count == 1 and len(body) >= 12:
            report.nacks.extend(_nacks(body))
        elif kind == BYE:
            report = report._replace(bye=True)
    return report


def _each_rtcp(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        first, kind, words = struct.unpack_from("!BBH", data, at)
        end = at + 4 + 4 * words
        if first >> 6 != 2 or end > len(data):
            return
        yield kind, first & 0x1F, data[at + 4 : end]
        at = end


def _blocks(body: bytes, count: int) -> Iterator[Block]:
    for at in range(0, min(count * 24, len(body) - 23), 24):
        ssrc, loss, _, _, last_sr, delay = _BLOCK.unpack_from(body, at)
        yield Block(ssrc, (loss >> 24) / 256, last_sr, delay)


def _nacks(body: bytes) -> Iterator[tuple[int, int]]:
    (ssrc,) = struct.unpack_from("!I", body, 4)
    for at in range(8, len(body) - 3, 4):
        seq, more = _PAIR.unpack_from(body, at)
        yield ssrc, seq
        for bit in range(16):
            if more >> bit & 1:
                yield ssrc, (seq + bit + 1) & 0xFFFF


def receiver_report(
    sender_ssrc: int,
    ssrc: int,
    *,
    fraction: float,
    lost: int,
    highest: int,
    jitter: int,
    last_sr: int,
    delay_since_sr: int,
) -> bytes:
    """One report block about an uplink. ``fraction`` 0 to 1, ``highest``: extended sequence number."""
    loss = min(255, round(fraction * 256)) << 24 | max(0, min(lost, 0x7FFFFF))
    return struct.pack("!BBHI", 0x81, RR, 7, sender_ssrc) + _BLOCK.pack(
        ssrc, loss, highest & 0xFFFFFFFF, jitter & 0xFFFFFFFF, last_sr, delay_since_sr & 0xFFFFFFFF
    )


def empty_report(sender_ssrc: int) -> bytes:
    """A receiver report about nobody: the smallest sign of life there is."""
    return struct.pack("!BBHI", 0x80, RR, 1, sender_ssrc)


def sender_report(ssrc: int, wall_s: float, timestamp: int, packets: int, octets: int) -> bytes:
    """A lane's sender report with its CNAME."""
    ntp = wall_s + NTP_OFFSET_S
    high = int(ntp)
    low = int((ntp - high) * (1 << 32))
    report = struct.pack(
        "!BBHIIIIII",
        0x80,
        SR,
        6,
        ssrc,
        high & 0xFFFFFFFF,
        low,
        timestamp & 0xFFFFFFFF,
        packets & 0xFFFFFFFF,
        octets & 0xFFFFFFFF,
    )
    return report + struct.pack("!BBHI", 0x81, SDES, 4, ssrc) + b"\x01\x09soundmesh\x00"


def middle_ntp(wall_s: float) -> int:
    """The middle 32 bits of an NTP time stamp, 1/65536 s, as LSR carries it."""
    return int((wall_s + NTP_OFFSET_S) * 65536) & 0xFFFFFFFF


def nack(sender_ssrc: int, ssrc: int, seqs: Sequence[int]) -> bytes:
    """Ask for these sequence numbers again, at most 17 spans of 17. ``seqs`` ascending modulo 2^16."""
    pairs: list[list[int]] = []
    for seq in seqs:
        offset = (seq - pairs[-1][0]) & 0xFFFF if pairs else 0
        if pairs and 1 <= offset <= 16:
            pairs[-1][1] |= 1 << (offset - 1)
        elif len(pairs) < 17:
            pairs.append([seq & 0xFFFF, 0])
    body = b"".join(_PAIR.pack(seq, more) for seq, more in pairs)
    return struct.pack("!BBHII", 0x81, RTPFB, 2 + len(pairs), sender_ssrc, ssrc) + body
