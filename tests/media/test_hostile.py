"""What any machine on the network can send to the port, and that it harms no session."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundmesh.media import mux
from soundmesh.media.mux import Addr, Budget, Socket, _asked_ufrag
from tests.media.calls import LOCAL, House, house, plan, until


def stun(attributes: bytes = b"", kind: int = 1, tid: bytes = b"x" * 12) -> bytes:
    return struct.pack("!HHI", kind, len(attributes), 0x2112A442) + tid + attributes


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


PLAIN_ALERT = bytes.fromhex("15fefd00000000000000000002")
HOSTILE = {
    "empty": [b""],
    "one byte of each kind": [
        b"\x00",
        b"\x01",
        b"\x03",
        b"\x14",
        b"\x16",
        b"\x40",
        b"\x80",
        b"\xbf",
        b"\xff",
    ],
    "RTP of 1600 bytes": [b"\x80\x6f" + b"a" * 1598],
    "RTCP of 1600 bytes": [b"\x80\xc8" + b"a" * 1598],
    "RTP of 11 bytes": [b"\x80\x6f" + b"a" * 9],
    "much RTP": [b"\x80\x6f" + os.urandom(198) for _ in range(500)],
    "much RTCP": [b"\x80\xc9" + os.urandom(60) for _ in range(200)],
    "RTP that claims a long extension": [b"\x90\x6f" + b"\0" * 10 + b"\xbe\xde\xff\xff" + b"a" * 40],
    "DTLS garbage": [b"\x16\xfe\xfd" + os.urandom(80) for _ in range(50)],
    "DTLS close_notify in plain text": [PLAIN_ALERT + b"\x01\x00"],
    "DTLS fatal alert in plain text": [PLAIN_ALERT + b"\x02\x28"],
    "DTLS of 9000 bytes": [b"\x16\xfe\xfd" + b"a" * 8997],
    "much DTLS": [b"\x16\xfe\xfd\0\0\0\0\0\0\0\x01\0\x40" + b"a" * 64] * 600,
    "STUN without anything": [stun()],
    "STUN PRIORITY of 1 byte": [stun(attribute(0x24, b"a"))],
    "STUN USERNAME that is no text": [stun(attribute(6, b"\xff\xfe\xfd\xfc"))],
    "STUN XOR-MAPPED-ADDRESS cut short": [stun(attribute(0x20, b"\0\1"))],
    "STUN of unknown class and method": [stun(kind=0x3FFF), stun(kind=0x0FFE), stun(kind=0x0011)],
    "STUN ERROR-CODE cut short": [stun(attribute(9, b"a"), 0x111)],
    "STUN response nobody asked for": [stun(attribute(0x20, b"\0\1\0\0\0\0\0\0"), 0x101)],
    "STUN that lies about its length": [stun()[:2] + b"\xff\xff" + stun()[4:], stun()[:12]],
    "STUN attribute that lies about its length": [stun(struct.pack("!HH", 6, 0xFFFF))],
    "noise": [random.Random(7).randbytes(size) for size in range(0, 1500, 7)],
}
Attack = Callable[[House, list[bytes]], None]


def known_names(room: House, datagrams: list[bytes]) -> list[bytes]:
    """The same, and checks that name each session: as from one who has seen the offers."""
    names = [name for sock in room.engine._sockets for name in sock._by_ufrag]
    forged = [
        stun(attribute(6, name + b":abcd") + rest)
        for name in names
        for rest in (
            b"",
            attribute(8, bytes(20)),
            attribute(8, b"short"),
            attribute(0x24, b"a"),
            attribute(0x25, b"") + attribute(0x802A, b"12345678") + attribute(8, bytes(20)),
        )
    ]
    return [*datagrams, *forged]


def from_a_stranger(room: House, datagrams: list[bytes]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for data in known_names(room, datagrams):
            sock.sendto(data, room.engine.sockets[0])


def from_a_caller(room: House, datagrams: list[bytes]) -> None:
    """With the first caller's own address as source."""
    for data in known_names(room, datagrams):
        room.callers[0].session.socket.send(data, room.engine.sockets[0])


def from_the_appliance(room: House, datagrams: list[bytes]) -> None:
    """Against the caller, with the appliance's own address as source."""
    for data in datagrams:
        room.engine._sockets[0].send(data, room.callers[0].session.socket.address)


@pytest.mark.parametrize("attack", [from_a_stranger, from_a_caller, from_the_appliance])
def test_no_datagram_ends_or_mutes_a_session(attack: Attack) -> None:
    async def main() -> None:
        async with house() as room:
            ann, bo = await room.join(1), await room.join(2)
            room.engine.set_plan(plan((1, 2), (2, 1)))
            up = list(room.facts)
            for kind, datagrams in HOSTILE.items():
                attack(room, datagrams)
                await asyncio.sleep(0.01)
                try:
                    await room.audible(ann, bo)
                    await room.audible(bo, ann)
                except TimeoutError:
                    pytest.fail(f"after {kind} nothing is heard")
            assert not ann.session.lost.is_set()
            assert {type(f).__name__ for f in room.facts[len(up) :]} <= {"LanesChanged", "UplinkResumed"}
            assert room.engine.faults == 0

    asyncio.run(main())


@pytest.mark.parametrize("spoofed", [False, True])
def test_no_datagram_ends_a_handshake(spoofed: bool) -> None:
    """Before each DTLS datagram of the caller everything hostile comes once.

    Left out where the source is forged: a well-formed handshake record in plain
    text, which DTLS itself cannot tell from the peer's.
    """

    async def main() -> None:
        async with house() as room:
            ann = room.caller(1)
            sock = ann.session.socket
            send, struck = sock.send, 0

            def send_after_an_attack(data: bytes, addr: Addr) -> None:
                nonlocal struck
                if 19 < data[0] < 64 and struck < 6:
                    struck += 1
                    few = [
                        datagram
                        for kind, datagrams in HOSTILE.items()
                        for datagram in datagrams[:3]
                        if not (spoofed and kind == "much DTLS")
                    ]
                    sock.send = send  # type: ignore[method-assign]
                    (from_a_caller if spoofed else from_a_stranger)(room, few)
                    sock.send = send_after_an_attack  # type: ignore[method-assign]
                send(data, addr)

            sock.send = send_after_an_attack  # type: ignore[method-assign]
            await room.dial(ann)
            async with asyncio.timeout(8):
                await ann.session.connected()
            assert struck >= 2
            bo = await room.join(2)
            room.engine.set_plan(plan((1, 2)))
            await room.audible(ann, bo)

    asyncio.run(main())


def test_what_belongs_to_nobody_is_counted() -> None:
    async def main() -> None:
        async with house() as room:
            await room.join(1)
            from_a_stranger(room, [b"", b"\x80" + bytes(40), b"\x16" + bytes(40), b"\xff"])
            await until(lambda: room.engine.snapshot().stray_datagrams >= 4)

    asyncio.run(main())


def test_a_stranger_who_guesses_passwords_gets_few_answers() -> None:
    async def main() -> None:
        async with house() as room:
            await room.join(1)
            name = next(iter(room.engine._sockets[0]._by_ufrag))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                sock.bind((LOCAL, 0))
                sock.setblocking(False)
                for number in range(3000):
                    tid = number.to_bytes(12, "big")
                    sock.sendto(
                        stun(attribute(6, name + b":abcd") + attribute(8, bytes(20)), tid=tid),
                        room.engine.sockets[0],
                    )
                    if number % 100 == 0:
                        await asyncio.sleep(0)
                await asyncio.sleep(0.05)
                answers = 0
                while True:
                    try:
                        sock.recv(2048)
                    except BlockingIOError:
                        break
                    answers += 1
            # The flood may straddle two windows of one second.
            assert 0 < answers <= 2 * mux.STRANGER_CHECKS_S

    asyncio.run(main())


def test_a_stranger_has_a_budget_and_does_not_spend_anothers() -> None:
    budget = Budget()
    assert sum(budget.check((LOCAL, 1), False, 5.0) for _ in range(500)) == mux.STRANGER_CHECKS_S
    assert budget.check((LOCAL, 2), False, 5.0)
    assert budget.check((LOCAL, 1), False, 6.0)


def test_the_budget_remembers_no_more_sources_than_it_serves() -> None:
    budget = Budget()
    served = sum(budget.check((LOCAL, port), False, 5.0) for port in range(20_000))
    assert served == mux.ALL_CHECKS_S == len(budget._spent)


@given(st.binary(max_size=300))
def test_no_request_makes_the_user_name_reader_raise(data: bytes) -> None:
    name = _asked_ufrag(data.ljust(20, b"\0"))
    assert name is None or b":" not in name


@given(st.binary(max_size=40), st.binary(max_size=40), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_no_lying_length_makes_the_user_name_reader_raise(
    before: bytes, value: bytes, length: int, told: int
) -> None:
    data = stun(before + struct.pack("!HH", 6, length) + value)
    name = _asked_ufrag(data[:2] + told.to_bytes(2, "big") + data[4:])
    assert name is None or len(name) <= len(data)


@given(st.from_regex(r"[A-Za-z0-9+/]{4,32}", fullmatch=True), st.binary(max_size=9))
def test_a_user_name_is_found_behind_other_attributes(ufrag: str, other: bytes) -> None:
    data = stun(attribute(0x8022, other) + attribute(6, ufrag.encode() + b":them"))
    assert _asked_ufrag(data) == ufrag.encode()


class _Nobody:
    def on_stun(self, data: bytes, addr: Addr) -> None: ...
    def on_dtls(self, data: bytes) -> None: ...
    def on_media(self, data: bytes) -> None:
        raise RuntimeError("a fault of ours")


def test_a_fault_in_one_path_does_not_stop_the_port() -> None:
    async def main() -> None:
        sock = Socket(LOCAL, 0)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind((LOCAL, 0))
            sock.learn(peer.getsockname(), _Nobody())
            for _ in range(3):
                peer.sendto(b"\x80" + bytes(20), sock.address)
            await until(lambda: sock.faults == 3)
        sock.close()

    asyncio.run(main())


@settings(max_examples=100)
@given(st.binary(max_size=1600), st.integers(1, 65535))
def test_no_datagram_makes_the_filter_raise(data: bytes, port: int) -> None:
    async def main() -> None:
        sock = Socket(LOCAL, 0)
        try:
            sock.take(data, (LOCAL, port))
        finally:
            sock.close()
        assert sock.stray == 1

    asyncio.run(main())
