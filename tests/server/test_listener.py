"""What the listener promises besides surviving strangers (test_hostile.py has those)."""

from __future__ import annotations

import errno
import hashlib
import importlib
import inspect
import os
import socket
import stat
from functools import partial
from pathlib import Path
from typing import Any

import hypercorn
import pytest
import trio
from quart import websocket
from quart_trio import QuartTrio

from soundmesh.server import listener
from soundmesh.server.binds import open_sockets
from soundmesh.server.listener import serve_app

PATIENCE_S = 10.0
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
UPGRADE = (
    b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
)
CLOSE = b"\x88\x80\x00\x00\x00\x00"


@pytest.fixture
def app() -> QuartTrio:
    app = QuartTrio(__name__, static_folder=None)

    @app.get("/")
    async def page() -> str:
        return "page"

    @app.websocket("/flood")
    async def flood() -> None:
        while True:
            await websocket.send("x" * 8192)

    return app


async def serve(nursery: trio.Nursery, app: QuartTrio, **settings: Any) -> Any:
    """The bound names; until cancelled unless told otherwise."""
    settings = {"binds": [("127.0.0.1", 0)], "shutdown_trigger": trio.sleep_forever, **settings}
    return await nursery.start(partial(serve_app, app, **settings))


async def read_all(stream: Any) -> bytes:
    """Everything until the server ends the connection; it must."""
    answer = b""
    with trio.fail_after(PATIENCE_S):
        while data := await stream.receive_some(65536):
            answer += data
    return answer


def mode_of(path: Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def exists(path: Path) -> bool:
    return os.path.lexists(path)


@pytest.mark.trio
async def test_a_unix_socket_is_for_owner_and_group_and_is_removed_at_the_end(
    app: QuartTrio, tmp_path: Path
) -> None:
    path, stop = tmp_path / "control.sock", trio.Event()
    left_by_a_dead_one = socket.socket(socket.AF_UNIX)
    left_by_a_dead_one.bind(str(path))
    left_by_a_dead_one.close()
    async with trio.open_nursery() as nursery:
        binds = await serve(nursery, app, binds=[path], shutdown_trigger=stop.wait)
        assert binds == [(str(path), 0)]
        assert mode_of(path) == 0o660
        stream = await trio.open_unix_socket(path)
        await stream.send_all(GET)
        assert (await read_all(stream)).endswith(b"page")
        stop.set()
    assert not exists(path)


def test_a_file_that_is_no_socket_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "control.sock").write_text("precious")
    with pytest.raises(OSError) as refused:
        open_sockets([tmp_path / "control.sock"])
    assert refused.value.errno == errno.EADDRINUSE
    assert (tmp_path / "control.sock").read_text() == "precious"


def test_ports_of_the_systems_choice_are_one_port_on_every_address() -> None:
    sockets = open_sockets([("127.0.0.1", 0), ("127.0.0.2", 0)])
    assert len({s.getsockname()[1] for s in sockets}) == 1
    for sock in sockets:
        sock.close()


def test_a_port_in_use_says_so() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError) as refused:
            open_sockets([("127.0.0.2", 0), taken.getsockname()])
    assert refused.value.errno == errno.EADDRINUSE


@pytest.mark.trio
async def test_a_handler_that_only_sends_cannot_freeze_the_process_when_its_peer_goes(app: QuartTrio) -> None:
    async with trio.open_nursery() as nursery:
        ((_, port),) = await serve(nursery, app)
        for _ in range(10):
            stream = await trio.open_tcp_stream("127.0.0.1", port)
            await stream.send_all(UPGRADE % b"/flood")
            await stream.receive_some()
            await stream.send_all(CLOSE)
            await read_all(stream)
            await stream.aclose()
        nursery.cancel_scope.cancel()


@pytest.mark.trio
@pytest.mark.parametrize(
    ("request_", "frames"),
    [
        (UPGRADE % b"/flood", b"\x81\x80\x00\x00\x00\x00"),
        (UPGRADE % b"/nowhere", b"\x81\x80\x00\x00\x00\x00"),
        ((UPGRADE % b"/flood").replace(b"13", b"99"), b""),
        ((UPGRADE % b"/flood").replace(b"Sec-WebSocket-Key", b"X"), b""),
    ],
    ids=["early frame", "early frame to nowhere", "version", "no key"],
)
async def test_a_bad_upgrade_is_answered_and_its_connection_and_handler_end(
    app: QuartTrio, request_: bytes, frames: bytes
) -> None:
    stop = trio.Event()
    async with trio.open_nursery() as nursery:
        ((_, port),) = await serve(nursery, app, shutdown_trigger=stop.wait)
        stream = await trio.open_tcp_stream("127.0.0.1", port)
        await stream.send_all(request_ + frames)
        assert (await read_all(stream)).startswith(b"HTTP/1.1 400")
        stop.set()


@pytest.mark.trio
async def test_cancelling_the_server_ends_a_write_that_is_stuck(
    app: QuartTrio, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Long enough that only the cancellation can have ended it.
    monkeypatch.setattr(listener, "WRITE_S", 1000.0)
    with trio.fail_after(PATIENCE_S):
        async with trio.open_nursery() as nursery:
            ((_, port),) = await serve(nursery, app)
            stream = await trio.open_tcp_stream("127.0.0.1", port)
            await stream.send_all(UPGRADE % b"/flood")
            await trio.sleep(0.3)
            nursery.cancel_scope.cancel()


@pytest.mark.trio
async def test_websocket_frames_are_never_compressed(app: QuartTrio) -> None:
    async with trio.open_nursery() as nursery:
        ((_, port),) = await serve(nursery, app)
        stream = await trio.open_tcp_stream("127.0.0.1", port)
        await stream.send_all(UPGRADE % b"/flood")
        answer = bytes(await stream.receive_some())
        assert answer.startswith(b"HTTP/1.1 101")
        assert b"extensions" not in answer.lower()
        nursery.cancel_scope.cancel()


@pytest.mark.trio
async def test_an_interrupt_is_not_contained(app: QuartTrio, monkeypatch: pytest.MonkeyPatch) -> None:
    async def interrupt(self: listener.Connection) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(listener.Connection, "run", interrupt)
    with pytest.RaisesGroup(KeyboardInterrupt, flatten_subgroups=True):
        async with trio.open_nursery() as nursery:
            ((_, port),) = await serve(nursery, app)
            await trio.open_tcp_stream("127.0.0.1", port)
            await trio.sleep(PATIENCE_S)


def test_a_peer_that_never_reads_is_gone_within_three_seconds() -> None:
    assert listener.WRITE_S + listener.CLOSE_S <= 3.0


# What the module stands on in hypercorn. When one of these fails, read what
# changed there, see that the listener still holds, then bring the digest up to date.
INTERNALS = {
    "trio.tcp_server:TCPServer": "5593e38b83d3e22e",
    "trio.task_group:TaskGroup": "8467a3a16a7e8763",
    "trio.task_group:_handle": "06081a56a9930825",
    "trio.lifespan:Lifespan": "7c58a46fd0717442",
    "trio.worker_context:WorkerContext": "45885f0c0bd5bc9d",
    "trio.worker_context:TrioSingleTask": "aa59316c028b876a",
    "protocol.h11:H11Protocol": "b32a61e0a8ca2127",
    "protocol.h11:H11WSConnection": "33372cf689429978",
    "protocol.ws_stream:WSStream": "67434c428a1a3c04",
    "protocol.http_stream:HTTPStream": "e0f656feb55ab89c",
    "events": "d62b2f03f0ed7f78",
    "utils:parse_socket_addr": "d06f08a6dc9ef687",
    "utils:wrap_app": "5d4461d441165998",
}


@pytest.mark.parametrize("name", INTERNALS)
def test_what_the_listener_uses_of_hypercorn_is_unchanged(name: str) -> None:
    module, _, member = name.partition(":")
    found: Any = importlib.import_module(f"{hypercorn.__name__}.{module}")
    source = inspect.getsource(getattr(found, member) if member else found)
    assert hashlib.sha256(source.encode()).hexdigest()[:16] == INTERNALS[name]
