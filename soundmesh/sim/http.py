"""One HTTP request over a Trio stream: as much of a client as the simulator needs."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import h11
import trio

MAX_BODY_BYTES = 1 << 20
DEADLINE_S = 10.0


class HttpError(Exception):
    """No answer, or none that can be understood."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: tuple[tuple[str, str], ...]
    """Names in lower case; a name may come more than once."""
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]


async def open_tls(host: str, port: int, context: ssl.SSLContext) -> trio.SSLStream[trio.SocketStream]:
    """A TLS stream. Raises: OSError, trio.BrokenResourceError (its cause says why)."""
    stream = trio.SSLStream(
        await trio.open_tcp_stream(host, port), context, server_hostname=host, https_compatible=True
    )
    await stream.do_handshake()
    return stream


async def open_unix(path: Path) -> trio.abc.Stream:
    """Raises: OSError."""
    return await trio.open_unix_socket(str(path))


async def exchange(
    stream: trio.abc.Stream,
    method: str,
    target: str,
    *,
    host: str,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
) -> Reply:
    """One request and its whole answer; the stream is closed after it. Raises: HttpError."""
    try:
        with trio.fail_after(DEADLINE_S):
            async with stream:
                return await _exchange(stream, method, target, host, headers, body)
    except trio.TooSlowError:
        raise HttpError(f"no answer to {method} {target} in {DEADLINE_S:g} s") from None
    except (h11.RemoteProtocolError, trio.BrokenResourceError) as error:
        raise HttpError(f"no answer to {method} {target}: {error}") from None


async def _exchange(
    stream: trio.abc.Stream,
    method: str,
    target: str,
    host: str,
    headers: Sequence[tuple[str, str]],
    body: bytes,
) -> Reply:
    connection = h11.Connection(h11.CLIENT)
    fields = [("Host", host), ("Connection", "close"), *headers]
    if body:
        fields += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    request = h11.Request(method=method, target=target, headers=fields)
    data = connection.send(request) or b""
    if body:
        data += connection.send(h11.Data(data=body)) or b""
    data += connection.send(h11.EndOfMessage()) or b""
    await stream.send_all(data)

    head: h11.Response | None = None
    parts: list[bytes] = []
    size = 0
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(bytes(await stream.receive_some(65536)))
        elif isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            parts.append(bytes(event.data))
            size += len(event.data)
            if size > MAX_BODY_BYTES:
                raise HttpError(f"the answer to {method} {target} is longer than {MAX_BODY_BYTES} bytes")
        elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            break
    if head is None:
        raise HttpError(f"no answer to {method} {target}: the connection was closed")
    return Reply(
        status=head.status_code,
        headers=tuple((k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in head.headers),
        body=b"".join(parts),
    )
