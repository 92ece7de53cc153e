"""hypercorn's connections, each in its own hull.

As shipped, one malformed request ends the process and one peer that stops
reading holds its handler for ever (see research/server.md). Here a connection
that fails ends alone, a write that makes no progress for 2 s ends its
connection, and HTTP/2 is not spoken.

hypercorn internals used (``tests/server/test_listener.py`` fails when one of
them changes): ``trio.tcp_server.TCPServer`` (``__init__``, ``run`` as the model
of ours, ``protocol_send``, ``_read_data``, ``_close``, ``_idle_timeout``,
``_initiate_server_close``), ``trio.task_group.TaskGroup`` (``__aexit__``, ``_nursery``,
``_nursery_manager``), ``trio.lifespan.Lifespan``, ``trio.worker_context.WorkerContext``,
``protocol.h11.H11Protocol`` (``__init__``, ``handle``, ``_check_protocol``, ``_create_stream``,
``_send_error_response``), ``protocol.ws_stream.WSStream`` (``closed``),
``events.{Closed,RawData,Updated}``, ``typing.ConnectionState``, ``utils.{parse_socket_addr,wrap_app}``.
"""

from __future__ import annotations

import logging
import socket
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import h11
import trio
from hypercorn.config import Config
from hypercorn.events import Closed, Event, RawData
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.protocol.ws_stream import WSStream
from hypercorn.trio.lifespan import Lifespan
from hypercorn.trio.task_group import TaskGroup
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ConnectionState
from hypercorn.utils import parse_socket_addr, wrap_app

from soundmesh.server.binds import Bind as Bind
from soundmesh.server.binds import open_sockets

log = logging.getLogger(__name__)

WRITE_S = 2.0
"""A write must make progress within this. Source: research/server.md §2."""
CLOSE_S = 1.0
"""How long saying goodbye to a peer may take."""
HANDSHAKE_S = 10.0
HEADERS_S = 10.0
"""From connecting, or from the last answer, to a whole request head: also the keep-alive time."""
GRACE_S = 1.0
"""What running requests get at shutdown."""
MAX_HEAD_BYTES = 16 * 1024
MAX_FRAME_BYTES = 96 * 1024
"""Of a websocket; the wire's own limits are finer."""
PIECE_BYTES = 16 * 1024
"""What has to leave within ``WRITE_S``: a phone at 64 kbit/s still gets its page."""
MAX_CONNECTIONS = 450
"""Of one listener; two of them stay below the usual limit of 1024 open files."""
MAX_PER_ADDRESS = 256
"""A whole crew may sit behind one router."""
BACKLOG = 128


@dataclass(slots=True)
class Stats:
    """What connections did that they should not have."""

    contained: int = 0
    """Connections that ended by an exception and took nothing else along."""
    dropped_writers: int = 0
    """Peers that stopped reading."""
    refused_http2: int = 0
    refused_connections: int = 0
    """Over the cap of an address or of the process."""
    kinds: Counter[str] = field(default_factory=Counter)
    """``contained`` by exception type."""

    def contain(self, error: BaseException, client: str) -> None:
        """Count a fault. The first of its kind is logged with its trace, later ones in a debug line."""
        self.contained += 1
        leaf = _first_leaf(error)
        kind = type(leaf).__name__
        self.kinds[kind] += 1
        if self.kinds[kind] == 1:
            log.warning("a connection from %s ended by %s; nothing else did", client, kind, exc_info=error)
        else:
            log.debug("a connection from %s ended by %s: %s", client, kind, leaf)


STATS = Stats()


class OncePerFault(logging.Filter):
    """Lets the first exception of each place through: strangers must not be able to fill the log.

    hypercorn logs each one with its whole trace before it reaches ``Stats.contain``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[str, str, int]] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.exc_info or record.exc_info[1] is None:
            return True
        leaf = _first_leaf(record.exc_info[1])
        trace = leaf.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        at = (trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace is not None else ("", 0)
        known = (type(leaf).__name__, *at) in self.seen
        self.seen.add((type(leaf).__name__, *at))
        return not known


ONCE = OncePerFault()
http_log = log.getChild("http")
http_log.addFilter(ONCE)


class RefusedProtocolError(Exception):
    """The peer speaks HTTP/2; it was told so and its connection ends."""


class BadUpgradeError(Exception):
    """The upgrade to a websocket was malformed, or frames came before its answer."""


async def serve_app(
    app: Any,
    *,
    binds: Sequence[Bind] = (),
    sockets: Sequence[socket.socket] = (),
    ssl_context: ssl.SSLContext | None = None,
    shutdown_trigger: Callable[[], Awaitable[object]],
    task_status: trio.TaskStatus[list[tuple[str, int]]] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve an ASGI app until ``shutdown_trigger`` returns; then running requests get a second.

    Reports the bound addresses and ports when it listens; a Unix socket as its
    path and 0. ``sockets``: listening or bound ones made elsewhere, instead of ``binds``.

    Raises: OSError when it cannot bind.
    """
    config = _make_config()
    wrapped = wrap_app(_fair(app), config.wsgi_max_body_size, "asgi")
    opened = [*sockets, *open_sockets(binds)]
    lifespan = Lifespan(wrapped, config, {})
    hall = _Hall(wrapped, config, WorkerContext(None))
    try:
        for sock in opened:
            sock.setblocking(False)
            sock.listen(BACKLOG)
        async with trio.open_nursery() as nursery:
            await nursery.start(lifespan.handle_lifespan)
            await lifespan.wait_for_startup()
            await hall.serve(opened, ssl_context, shutdown_trigger, task_status)
            await lifespan.wait_for_shutdown()
            nursery.cancel_scope.cancel()
    finally:
        for sock in opened:
            sock.close()
        for bind in binds:
            if isinstance(bind, Path):
                bind.unlink(missing_ok=True)


def _fair(app: Any) -> Any:
    """The app, letting others run before each thing it sends.

    To a peer that is gone hypercorn's send returns without a checkpoint: a
    handler that does nothing but send would never be cancelled, and nothing
    else would ever run again.
    """

    async def fair(scope: Any, receive: Any, send: Any) -> None:
        async def send_fairly(message: Any) -> None:
            await trio.lowlevel.checkpoint()
            await send(message)

        await app(scope, receive, send_fairly)

    return fair


def _make_config() -> Config:
    config = Config()
    config.errorlog = http_log
    config.include_server_header = False
    config.alpn_protocols = ["http/1.1"]
    config.h11_max_incomplete_size = MAX_HEAD_BYTES
    config.keep_alive_timeout = HEADERS_S
    config.ssl_handshake_timeout = HANDSHAKE_S
    config.websocket_max_message_size = MAX_FRAME_BYTES
    config.startup_timeout = config.shutdown_timeout = 10.0
    return config


class _Hall:
    """The listeners of one app and the connections that came in by them."""

    def __init__(self, app: Any, config: Config, context: WorkerContext) -> None:
        self._app = app
        self._config = config
        self._context = context
        self._here: Counter[str] = Counter()
        self._live: set[Any] = set()
        self._empty = trio.Event()
        self._closing = False

    async def serve(
        self,
        opened: Sequence[socket.socket],
        ssl_context: ssl.SSLContext | None,
        shutdown_trigger: Callable[[], Awaitable[object]],
        task_status: trio.TaskStatus[list[tuple[str, int]]],
    ) -> None:
        listeners: list[Any] = [trio.SocketListener(trio.socket.from_stdlib_socket(s)) for s in opened]
        if ssl_context is not None:
            listeners = [trio.SSLListener(x, ssl_context, https_compatible=True) for x in listeners]
        async with trio.open_nursery() as connections:
            connections.start_soon(self._cut_when_cancelled)
            async with trio.open_nursery() as accepting:
                accepting.start_soon(
                    partial(trio.serve_listeners, self._welcome, listeners, handler_nursery=connections)
                )
                task_status.started([_name_of(s) for s in opened])
                await shutdown_trigger()
                accepting.cancel_scope.cancel()
            self._closing = True
            await self._context.terminated.set()
            with trio.move_on_after(GRACE_S):
                if self._here:
                    await self._empty.wait()
            connections.cancel_scope.cancel()
        if not self._closing:
            # A process without its listener looks alive and is not: it must end.
            raise RuntimeError("a listener ended without being told to")

    async def _cut_when_cancelled(self) -> None:
        """Writes are shielded from cancellation; a closed socket ends them."""
        try:
            await trio.sleep_forever()
        finally:
            for sock in self._live:
                sock.close()

    async def _welcome(self, stream: Any) -> None:
        client = _client_of(stream)
        # Unix sockets are the operator's own; no cap holds them up.
        if client and (self._here[client] >= MAX_PER_ADDRESS or self._here.total() >= MAX_CONNECTIONS):
            STATS.refused_connections += 1
            await trio.aclose_forcefully(stream)
            return
        self._here[client] += 1
        sock = socket_of(stream)
        self._live.add(sock)
        try:
            await Connection(self._app, self._config, self._context, {}, stream).run()
        except BaseException as error:
            others = _without_cancellations(error)
            # Only ordinary exceptions: an interrupt from the keyboard is for the whole process.
            if not isinstance(others, Exception):
                raise
            STATS.contain(others, client or "the control socket")
            cancelled = _cancellations(error)
            if cancelled is not None:
                raise cancelled from None
        finally:
            self._live.discard(sock)
            self._here[client] -= 1
            if not self._here[client]:
                del self._here[client]
            if self._closing and not self._here:
                self._empty.set()


class Connection(TCPServer):
    """One connection. Its writes are bounded, and so is its end."""

    async def run(self) -> None:
        """Handshake, then requests until either side ends it. Raises: whatever its requests provoke."""
        ssl = isinstance(self.stream, trio.SSLStream)
        sock = socket_of(self.stream)
        if ssl and not await self._shake_hands():
            return
        try:
            async with _Tasks() as self._task_group:
                self.protocol: Any = Http1(
                    self.app,
                    self.config,
                    self.context,
                    self._task_group,
                    ConnectionState(self.state),
                    ssl,
                    parse_socket_addr(sock.family, sock.getpeername()),
                    parse_socket_addr(sock.family, sock.getsockname()),
                    self.protocol_send,
                )
                await self.idle_task.restart(self._task_group, self._idle_timeout)
                await self._read_data()
                await self.idle_task.stop()
        except* OSError:
            # The peer vanished, which is no fault of anybody's.
            pass
        except* RefusedProtocolError:
            STATS.refused_http2 += 1
        finally:
            await self._close()

    async def _shake_hands(self) -> bool:
        with trio.move_on_after(self.config.ssl_handshake_timeout):
            try:
                await self.stream.do_handshake()
            except trio.BrokenResourceError:
                return False
            return True
        return False

    async def protocol_send(self, event: Event) -> None:
        if not isinstance(event, RawData):
            await super().protocol_send(event)
            return
        async with self.send_lock:
            sent = await self._write(event.data)
        if not sent and (nursery := self._task_group._nursery) is not None:
            # Nobody will read what the handler still has to say. Telling it by
            # an event, as hypercorn does, waits where its inbox is full.
            nursery.cancel_scope.cancel()

    async def _write(self, data: bytes) -> bool:
        """Send all of it; False when the peer is gone or takes nothing for 2 s.

        Shielded: half a frame would spoil the stream for what comes after.
        """
        view = memoryview(data)
        with trio.CancelScope(shield=True) as scope:
            for start in range(0, len(view), PIECE_BYTES):
                scope.deadline = trio.current_time() + WRITE_S
                try:
                    await self.stream.send_all(view[start : start + PIECE_BYTES])
                except (trio.BrokenResourceError, trio.ClosedResourceError):
                    return False
        if scope.cancelled_caught:
            STATS.dropped_writers += 1
            await trio.aclose_forcefully(self.stream)
            return False
        return True

    async def _close(self) -> None:
        with trio.move_on_after(CLOSE_S, shield=True) as scope:
            try:
                await super()._close()
            except (trio.BrokenResourceError, trio.BusyResourceError):
                await trio.aclose_forcefully(self.stream)
        if scope.cancelled_caught:
            await trio.aclose_forcefully(self.stream)

    async def _initiate_server_close(self) -> None:
        await self.protocol.handle(Closed())
        await self._close()


class _Tasks(TaskGroup):
    """hypercorn's group, which drops the nursery's word that a cancellation was its own.

    Without that word the cancellation goes on and takes every other connection along.
    """

    async def __aexit__(self, *error: Any) -> bool | None:  # type: ignore[override]
        assert self._nursery_manager is not None
        try:
            return await self._nursery_manager.__aexit__(*error)
        finally:
            self._nursery_manager = None
            self._nursery = None


class Http1(H11Protocol):
    """HTTP/1.1 and websockets; no HTTP/2 in any disguise, no compressed frames."""

    async def handle(self, event: Event) -> None:
        await super().handle(event)
        # hypercorn has answered 400 and forgets the connection and its handler.
        if isinstance(self.stream, WSStream) and self.stream.closed:
            raise BadUpgradeError

    async def _check_protocol(self, event: h11.Request) -> None:
        # An "Upgrade: h2c" is not taken up, as HTTP/1.1 allows. The preface of
        # HTTP/2 comes out of h11 as a request of version 2.0.
        if event.http_version not in {b"1.0", b"1.1"}:
            await self._send_error_response(505)
            raise RefusedProtocolError

    async def _create_stream(self, request: h11.Request) -> None:
        # Without the extension a frame cannot unpack to a thousand times its size.
        headers = [(k, v) for k, v in request.headers if k != b"sec-websocket-extensions"]
        await super()._create_stream(
            h11.Request(
                method=request.method,
                headers=headers,
                target=request.target,
                http_version=request.http_version,
            )
        )


def socket_of(stream: Any) -> Any:
    """The Trio socket under a stream, with TLS or without."""
    return stream.transport_stream.socket if isinstance(stream, trio.SSLStream) else stream.socket


def _name_of(sock: socket.socket) -> tuple[str, int]:
    name = sock.getsockname()
    return (name, 0) if isinstance(name, str) else (name[0], name[1])


def _client_of(stream: Any) -> str:
    sock = socket_of(stream)
    try:
        peer = parse_socket_addr(sock.family, sock.getpeername())
    except OSError:
        return "gone"
    return peer[0] if peer else ""


def _without_cancellations(error: BaseException) -> BaseException | None:
    if isinstance(error, BaseExceptionGroup):
        return error.split(trio.Cancelled)[1]
    return None if isinstance(error, trio.Cancelled) else error


def _cancellations(error: BaseException) -> BaseException | None:
    return error.split(trio.Cancelled)[0] if isinstance(error, BaseExceptionGroup) else None


def _first_leaf(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
