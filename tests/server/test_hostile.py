"""Strangers at the door: whatever one connection does, it ends alone.

Every way that ended hypercorn's process, and more; a witness must notice nothing.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import pytest
import trio
from quart import Response, request, websocket
from quart_trio import QuartTrio
from trio_websocket import WebSocketConnection, open_websocket

from soundmesh.server import listener
from soundmesh.server.guard import install
from soundmesh.server.listener import STATS, serve_app
from soundmesh.server.tls import Authority

PATIENCE_S = 20.0
HOST = "127.0.0.1"


def make_app(ended: trio.Event) -> QuartTrio:
    """``ended``: set when the flooding handler's cleanup ran."""
    app = QuartTrio("hostile", static_folder=None)
    install(app, lambda: [HOST])

    @app.get("/")
    async def hello() -> str:
        return "hello"

    @app.post("/length")
    async def length() -> str:
        return str(len(await request.get_data()))

    @app.get("/big")
    async def big() -> Response:
        return Response(b"x" * 1_500_000)

    @app.websocket("/echo")
    async def echo() -> None:
        while True:
            await websocket.send(await websocket.receive())

    @app.websocket("/flood")
    async def flood() -> None:
        try:
            while True:
                await websocket.send("y" * 60_000)
        finally:
            ended.set()

    return app


@dataclass
class House:
    port: int
    context: ssl.SSLContext | None
    ended: trio.Event
    stop: trio.Event

    async def dial(self) -> trio.abc.Stream:
        """A connection as a browser would make it."""
        tcp = await trio.open_tcp_stream(HOST, self.port)
        if self.context is None:
            return tcp
        tls = trio.SSLStream(tcp, self.context, server_hostname=HOST, https_compatible=True)
        await tls.do_handshake()
        return tls

    async def ask(self, data: bytes) -> bytes:
        """All that comes back for these bytes, until the other side ends it."""
        stream = await self.dial()
        try:
            await stream.send_all(data)
            return await read_all(stream)
        finally:
            await trio.aclose_forcefully(stream)


async def read_all(stream: trio.abc.Stream) -> bytes:
    found = b""
    with trio.fail_after(PATIENCE_S):
        try:
            while chunk := await stream.receive_some(65536):
                found += chunk
        except trio.BrokenResourceError:
            return found
    return found


@asynccontextmanager
async def open_house(folder: Path | None) -> AsyncIterator[House]:
    """A real listener on loopback, with TLS when there is a folder, and the witness beside it."""
    context, client = None, None
    if folder is not None:
        authority = Authority.load_or_make(folder, [], [HOST])
        context = authority.ssl_context()
        client = ssl.create_default_context(cadata=authority.ca_pem.decode())
    ended = trio.Event()
    stop = trio.Event()
    async with trio.open_nursery() as nursery:
        serve = partial(serve_app, make_app(ended), binds=[(HOST, 0)], ssl_context=context)
        bound = await nursery.start(partial(serve, shutdown_trigger=stop.wait))
        house = House(bound[0][1], client, ended, stop)
        async with open_websocket(
            HOST,
            house.port,
            "/echo",
            use_ssl=client if client is not None else False,
            extra_headers=[(b"Origin", f"{'https' if client else 'http'}://{HOST}:{house.port}".encode())],
        ) as witness:
            await still_there(witness, house)
            yield house
            await still_there(witness, house)
        stop.set()


async def still_there(witness: WebSocketConnection, house: House) -> None:
    """The witness is heard, and a newcomer is served."""
    with trio.fail_after(PATIENCE_S):
        await witness.send_message("one two")
        assert await witness.get_message() == "one two"
    answer = await house.ask(get("/"))
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"hello")


def get(path: str, *extra: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", f"Host: {HOST}", "Connection: close", *extra]
    return "\r\n".join([*lines, "", ""]).encode()


def upgrade(path: str, port: int, secure: bool) -> bytes:
    origin = f"{'https' if secure else 'http'}://{HOST}:{port}"
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {HOST}:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        f"Origin: {origin}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


MASKED_TEXT = b"\x81\x85\x00\x00\x00\x00hello"
MASKED_CLOSE = b"\x88\x82\x00\x00\x00\x00\x03\xe8"


def h2_bytes(speak: Callable[[h2.connection.H2Connection], None]) -> bytes:
    """What an HTTP/2 client with prior knowledge sends, unchecked."""
    client = h2.connection.H2Connection(
        h2.config.H2Configuration(
            client_side=True,
            header_encoding=None,
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
        )
    )
    client.initiate_connection()
    speak(client)
    return bytes(client.data_to_send())


def h2_headers(method: bytes, path: bytes | None, *more: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    fields = [(b":method", method), (b":scheme", b"https"), (b":authority", HOST.encode())]
    return [*fields, *([(b":path", path)] if path is not None else []), *more]


def h2_strange_path(client: h2.connection.H2Connection) -> None:
    client.send_headers(1, h2_headers(b"GET", b"/\xff\xfe"), end_stream=True)


def h2_no_path(client: h2.connection.H2Connection) -> None:
    client.send_headers(1, h2_headers(b"CONNECT", None))


def h2_late_body(client: h2.connection.H2Connection) -> None:
    client.send_headers(1, h2_headers(b"POST", b"/length", (b"content-length", b"60000")))
    for _ in range(3):
        client.send_data(1, b"z" * 16_000)


def h2_websocket(client: h2.connection.H2Connection) -> None:
    client.send_headers(1, h2_headers(b"CONNECT", b"/echo", (b":protocol", b"websocket")))
    client.send_data(1, MASKED_CLOSE)
    client.send_data(1, MASKED_TEXT)


HTTP2 = [h2_strange_path, h2_no_path, h2_late_body, h2_websocket, lambda client: None]
Attack = Callable[[House], Awaitable[None]]


async def early_frame(house: House) -> None:
    """A websocket upgrade that is answered 404, with a frame in the same packet."""
    await house.ask(upgrade("/nowhere", house.port, house.context is not None) + MASKED_TEXT)


async def frame_after_close(house: House) -> None:
    await house.ask(upgrade("/echo", house.port, house.context is not None) + MASKED_CLOSE + MASKED_TEXT)


async def many_frames_then_gone(house: House) -> None:
    stream = await house.dial()
    await stream.send_all(upgrade("/echo", house.port, house.context is not None) + MASKED_TEXT * 200)
    await trio.aclose_forcefully(stream)


async def bad_frame(house: House) -> None:
    await house.ask(upgrade("/echo", house.port, house.context is not None) + b"\xff" * 64)


async def silent_end(house: House) -> None:
    await trio.aclose_forcefully(await house.dial())


async def reset(house: House) -> None:
    tcp = await trio.open_tcp_stream(HOST, house.port)
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    await tcp.send_all(get("/big")[:20])
    await trio.aclose_forcefully(tcp)


async def garbage(house: House) -> None:
    tcp = await trio.open_tcp_stream(HOST, house.port)
    await tcp.send_all(bytes(range(256)) * 40)
    await read_all(tcp)


async def two_hosts(house: House) -> None:
    assert b" 400 " in (await house.ask(get("/", "Host: other")))[:20]


async def long_headers(house: House) -> None:
    answer = await house.ask(get("/", "X-Long: " + "a" * 100_000))
    assert answer == b"" or b" 431 " in answer[:20] or b" 400 " in answer[:20]


async def long_body(house: House) -> None:
    scheme = "https" if house.context else "http"
    head = (
        f"POST /length HTTP/1.1\r\nHost: {HOST}\r\nOrigin: {scheme}://{HOST}\r\n"
        "Content-Type: application/json\r\nContent-Length: 3000000\r\n\r\n"
    )
    stream = await house.dial()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_pour, stream, head.encode(), 3_000_000)
        await read_all(stream)
        nursery.cancel_scope.cancel()
    await trio.aclose_forcefully(stream)


async def _pour(stream: trio.abc.Stream, head: bytes, size: int) -> None:
    try:
        await stream.send_all(head + b"1" * size)
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        return


async def chunks_without_end(house: House) -> None:
    scheme = "https" if house.context else "http"
    head = (
        f"POST /length HTTP/1.1\r\nHost: {HOST}\r\nOrigin: {scheme}://{HOST}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    stream = await house.dial()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_pour, stream, head.encode() + (b"4000\r\n" + b"1" * 0x4000 + b"\r\n") * 20, 0)
        answer = await read_all(stream)
        nursery.cancel_scope.cancel()
    assert answer == b"" or b" 413 " in answer[:20]
    await trio.aclose_forcefully(stream)


async def h2c(house: House) -> None:
    """An offer to go over to HTTP/2 is not taken up."""
    answer = await house.ask(get("/", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"))
    assert answer.startswith(b"HTTP/1.1 200")


async def odd_requests(house: House) -> None:
    for head in (
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /%ff%00 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: \xff\r\nConnection: close\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nConnection: close\r\n\r\n",
    ):
        answer = await house.ask(head)
        assert b" 200 " not in answer[:20]


ATTACKS: list[Attack] = [
    early_frame,
    frame_after_close,
    many_frames_then_gone,
    bad_frame,
    silent_end,
    reset,
    garbage,
    two_hosts,
    long_headers,
    long_body,
    chunks_without_end,
    h2c,
    odd_requests,
]


@pytest.fixture(params=["plain", "tls"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path / "tls" if request.param == "tls" else None


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same deadlines, sooner: what matters is that they come."""
    monkeypatch.setattr(listener, "HEADERS_S", 0.6)
    monkeypatch.setattr(listener, "HANDSHAKE_S", 0.6)


@pytest.mark.parametrize("speak", HTTP2, ids=["path", "no-path", "late-body", "websocket", "preface"])
async def test_http2_without_being_asked_is_refused(folder: Path | None, speak: Any) -> None:
    before = STATS.refused_http2
    async with open_house(folder) as house:
        answer = await house.ask(h2_bytes(speak))
        assert b" 505 " in answer[:20]
    assert STATS.refused_http2 == before + 1


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_stranger_ends_no_connection_but_its_own(folder: Path | None, attack: Attack) -> None:
    async with open_house(folder) as house:
        for _ in range(3):
            await attack(house)


async def test_a_fault_inside_a_connection_is_counted_and_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    STATS.kinds.clear()
    before = STATS.contained
    async with open_house(None) as house:
        for _ in range(3):
            await early_frame(house)
    assert STATS.contained >= before + 3
    kinds = len(STATS.kinds)
    assert len([r for r in caplog.records if r.levelname == "WARNING"]) == kinds


async def test_a_stranger_cannot_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    listener.ONCE.seen.clear()
    STATS.kinds.clear()
    async with open_house(None) as house:
        await early_frame(house)
        first = len([r for r in caplog.records if r.exc_info])
        for _ in range(20):
            await early_frame(house)
    assert 1 <= first <= 3
    assert len([r for r in caplog.records if r.exc_info]) <= first + 2


async def test_tls_offers_nothing_but_http_1_1(tmp_path: Path) -> None:
    async with open_house(tmp_path / "tls") as house:
        assert house.context is not None
        house.context.set_alpn_protocols(["h2", "http/1.1"])
        stream = await house.dial()
        assert isinstance(stream, trio.SSLStream)
        assert stream.selected_alpn_protocol() == "http/1.1"
        await trio.aclose_forcefully(stream)


@pytest.mark.usefixtures("quick")
async def test_half_a_tls_handshake_is_ended(tmp_path: Path) -> None:
    async with open_house(tmp_path / "tls") as house:
        hello = trio.SSLStream(_Recorder(), ssl.create_default_context(), server_hostname=HOST)
        with pytest.raises(_RecordedError) as recorded:
            await hello.do_handshake()
        tcp = await trio.open_tcp_stream(HOST, house.port)
        await tcp.send_all(recorded.value.data[:60])
        assert await read_all(tcp) == b""


class _RecordedError(Exception):
    def __init__(self, data: bytes) -> None:
        self.data = data


class _Recorder(trio.abc.Stream):
    """Gives back what would have been sent."""

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        raise _RecordedError(bytes(data))

    async def wait_send_all_might_not_block(self) -> None:
        return

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        return await trio.sleep_forever()

    async def aclose(self) -> None:
        return


@pytest.mark.usefixtures("quick")
async def test_a_request_that_drips_in_is_ended_while_it_drips(folder: Path | None) -> None:
    async with open_house(folder) as house:
        stream = await house.dial()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_drip, stream, get("/"))
            assert b" 200 " not in await read_all(stream)
            nursery.cancel_scope.cancel()
        await trio.aclose_forcefully(stream)


async def _drip(stream: trio.abc.Stream, data: bytes) -> None:
    for at in range(len(data)):
        try:
            await stream.send_all(data[at : at + 1])
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return
        await trio.sleep(0.2)


async def test_a_websocket_peer_that_never_reads_is_dropped_and_its_handler_ends(
    folder: Path | None,
) -> None:
    before = STATS.dropped_writers
    async with open_house(folder) as house:
        stream = await house.dial()
        await stream.send_all(upgrade("/flood", house.port, house.context is not None))
        with trio.fail_after(PATIENCE_S):
            await house.ended.wait()
        assert STATS.dropped_writers == before + 1
        await trio.aclose_forcefully(stream)


async def test_a_peer_that_never_reads_does_not_hold_the_shutdown_up() -> None:
    ended = trio.Event()
    stop = trio.Event()
    with trio.fail_after(PATIENCE_S):
        async with trio.open_nursery() as nursery:
            serve = partial(serve_app, make_app(ended), binds=[(HOST, 0)], shutdown_trigger=stop.wait)
            bound = await nursery.start(serve)
            stream = await trio.open_tcp_stream(HOST, bound[0][1])
            await stream.send_all(upgrade("/flood", bound[0][1], secure=False))
            await stream.receive_some(1)
            stop.set()
    assert ended.is_set()
    await trio.aclose_forcefully(stream)


async def test_a_slow_reader_still_gets_all_of_a_large_answer(folder: Path | None) -> None:
    async with open_house(folder) as house:
        stream = await house.dial()
        await stream.send_all(get("/big"))
        size = 0
        with trio.fail_after(PATIENCE_S):
            while chunk := await stream.receive_some(200_000):
                size += len(chunk)
                await trio.sleep(0.02)
        assert size > 1_500_000
        await trio.aclose_forcefully(stream)


async def test_a_crowd_from_one_address_leaves_the_witness_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listener, "MAX_PER_ADDRESS", 8)
    before = STATS.refused_connections
    async with open_house(None) as house:
        crowd = [await trio.open_tcp_stream(HOST, house.port) for _ in range(20)]
        for stream in crowd[8:]:
            assert await read_all(stream) == b""
        assert STATS.refused_connections >= before + 12
        for stream in crowd:
            await trio.aclose_forcefully(stream)
        for _ in range(1000):
            if (await house.ask(get("/"))).endswith(b"hello"):
                break
            await trio.sleep(0.01)
