"""The simulator's HTTP client over memory streams: whole answers, bounded, or one clear error."""

import contextlib

import pytest
import trio
from trio.testing import memory_stream_pair

from soundmesh.sim.http import MAX_BODY_BYTES, HttpError, Reply, exchange


def ask(answer: bytes, *, body: bytes = b"") -> tuple[Reply, bytes]:
    """One exchange against a peer that reads once and says ``answer``."""
    asked = bytearray()

    async def scenario() -> Reply:
        ours, theirs = memory_stream_pair()

        async def serve() -> None:
            asked.extend(await theirs.receive_some())
            with contextlib.suppress(trio.BrokenResourceError):
                await theirs.send_all(answer)
            await theirs.aclose()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(serve)
            return await exchange(
                ours, "POST", "/x", host="box:8443", headers=[("Origin", "https://box:8443")], body=body
            )
        raise AssertionError

    return trio.run(scenario), bytes(asked)


def test_a_whole_answer_is_read_with_its_headers() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n{}"
    reply, asked = ask(answer, body=b"{}")
    assert (reply.status, reply.body, reply.all("set-cookie")) == (200, b"{}", ["a=1", "b=2"])
    head = asked.partition(b"\r\n\r\n")[0].lower()
    assert head.startswith(b"post /x http/1.1\r\nhost: box:8443\r\n")
    assert b"origin: https://box:8443" in head
    assert b"content-type: application/json" in head


def test_a_chunked_answer_is_read() -> None:
    reply, _ = ask(b"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n")
    assert (reply.status, reply.body) == (404, b"abcd")


@pytest.mark.parametrize(
    "answer",
    [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", b"HTTP/1.1 200 OK\r\n"],
)
def test_half_an_answer_is_an_error(answer: bytes) -> None:
    with pytest.RaisesGroup(HttpError):
        ask(answer)


def test_an_endless_answer_is_cut_off() -> None:
    size = MAX_BODY_BYTES + 1
    with pytest.RaisesGroup(pytest.RaisesExc(HttpError, match="longer")):
        ask(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)


def test_a_peer_that_says_nothing_is_given_up(autojump_clock: trio.testing.MockClock) -> None:
    async def scenario() -> None:
        ours, theirs = memory_stream_pair()
        with pytest.raises(HttpError, match="no answer"):
            await exchange(ours, "GET", "/", host="box")
        await theirs.aclose()

    trio.run(scenario, clock=autojump_clock)
