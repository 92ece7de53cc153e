"""A peer that vanishes in the middle of its answer ends its own connection and nothing else."""

from __future__ import annotations

import socket
import struct
from typing import Any

import pytest
import trio

from soundmesh.server.listener import serve_app

PIECES = 400
RST = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing resets the connection instead of saying goodbye."""


async def talkative(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """An app whose answer is longer than any buffer."""
    if scope["type"] == "lifespan":
        for kind in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{kind}.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(PIECES):
        await send({"type": "http.response.body", "body": b"x" * 4096, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def vanish(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert peer.recv(1000)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)


def ask(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while data := peer.recv(65536):
            answer += data
        return answer


@pytest.mark.trio
async def test_the_listener_answers_after_many_peers_vanished_in_mid_answer() -> None:
    stop = trio.Event()
    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:

            async def serve(task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
                await serve_app(
                    talkative,
                    binds=[("127.0.0.1", 0)],
                    shutdown_trigger=stop.wait,
                    task_status=task_status,
                )

            [(_, port)] = await nursery.start(serve)
            for _ in range(20):
                await trio.to_thread.run_sync(vanish, port)
            answer = await trio.to_thread.run_sync(ask, port)
            assert answer.count(b"x") >= PIECES * 4096
            stop.set()
