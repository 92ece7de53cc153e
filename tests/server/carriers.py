"""Phones on a real listener, by either carrier of the control link."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import trio
from trio_websocket import ConnectionClosed, WebSocketConnection, connect_websocket

from soundmesh.bridge.fake import FakeMedia
from soundmesh.core import events as ev
from soundmesh.core.ids import RoleId, StationId
from soundmesh.core.state import State
from soundmesh.server.app import make_panel_app
from soundmesh.server.desk import Desk
from soundmesh.server.invites import Invites
from soundmesh.server.listener import serve_app
from soundmesh.server.secrets import PinStore
from soundmesh.server.sessions import COOKIE, Sessions
from soundmesh.server.switchboard import Switchboard
from soundmesh.server.webfiles import WebFiles
from soundmesh.wire import messages as m
from soundmesh.wire.codec import decode_server, encode_client

from .crewshow import crew_show

HOST = "127.0.0.1"
PATIENCE_S = 10.0
TD, CAM = StationId(1), StationId(2)


@dataclass
class Answer:
    status: int
    body: Any


@dataclass
class Box:
    """A panel app that listens, a director and a camera with sessions."""

    port: int
    board: Switchboard
    media: FakeMedia
    desk: Desk
    nursery: trio.Nursery
    cookies: dict[StationId, str]
    phones: list[Phone] = field(default_factory=list)
    """Kept, since a stream that nobody holds is closed."""

    async def until_gone(self, station: StationId) -> None:
        """Wait until the station has no link."""
        with trio.fail_after(PATIENCE_S):
            while self.board.state.stations[station].link is not None:  # noqa: ASYNC110  # it has no event
                await trio.sleep(0.01)

    def head(self, method: str, path: str, station: StationId | None, *more: str) -> bytes:
        cookie = [] if station is None else [f"Cookie: {COOKIE}={self.cookies[station]}"]
        lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{self.port}", *cookie, *more]
        return "\r\n".join([*lines, "", ""]).encode()

    @property
    def origin(self) -> str:
        return f"Origin: http://{HOST}:{self.port}"

    async def post(
        self, body: object, station: StationId | None, *, origin: str | None = None, raw: bytes | None = None
    ) -> Answer:
        """``POST /api/v1/link/say`` on a connection of its own."""
        data = json.dumps(body).encode() if raw is None else raw
        more = [
            "Connection: close",
            "Content-Type: application/json",
            f"Content-Length: {len(data)}",
            self.origin if origin is None else f"Origin: {origin}",
        ]
        stream = await trio.open_tcp_stream(HOST, self.port)
        found = b""
        with trio.fail_after(PATIENCE_S):
            try:
                await stream.send_all(self.head("POST", "/api/v1/link/say", station, *more) + data)
                while chunk := await stream.receive_some(65536):
                    found += chunk
            except trio.BrokenResourceError:
                pass
        await trio.aclose_forcefully(stream)
        head, _, text = found.partition(b"\r\n\r\n")
        return Answer(int(head.split()[1]), json.loads(text))

    async def phone(self, carrier: str, station: StationId, *, tab: str = "") -> Phone:
        """A phone that was welcomed."""
        made = await self.silent(carrier, station)
        await made.say(m.Hello(protocol=m.PROTOCOL, tab=tab))
        welcome = await made.get(m.Welcome)
        assert isinstance(welcome, m.Welcome)
        made.welcome = welcome
        return made

    async def silent(self, carrier: str, station: StationId) -> Phone:
        """A phone that has said nothing yet."""
        if carrier == "websocket":
            socket = await connect_websocket(
                self.nursery,
                HOST,
                self.port,
                "/api/v1/link",
                use_ssl=False,
                extra_headers=[
                    (b"Origin", f"http://{HOST}:{self.port}".encode()),
                    (b"Cookie", f"{COOKIE}={self.cookies[station]}".encode()),
                ],
            )
            self.phones.append(WebsocketPhone(self, station, socket))
            return self.phones[-1]
        stream = await trio.open_tcp_stream(HOST, self.port)
        await stream.send_all(self.head("GET", "/api/v1/link/events", station))
        made = HttpPhone(self, station, stream)
        self.phones.append(made)
        await made.greeted()
        return made


@dataclass
class Phone:
    """The far end of a link; ``get`` waits at most ten seconds."""

    box: Box
    station: StationId
    welcome: m.Welcome | None = field(default=None, init=False)

    async def say(self, *messages: m.ClientMessage) -> None:
        await self.say_raw(*(encode_client(message) for message in messages))

    async def say_raw(self, *frames: str) -> None:
        raise NotImplementedError

    async def hear(self) -> str | None:
        """The next message; None: the link has ended."""
        raise NotImplementedError

    async def get(self, kind: type[m.Message]) -> m.Message:
        with trio.fail_after(PATIENCE_S):
            while (text := await self.hear()) is not None:
                message = decode_server(text)
                if isinstance(message, kind):
                    return message
        raise AssertionError(f"the link ended without {kind.__name__}")

    async def ended(self) -> None:
        """Wait for the end of the link."""
        with trio.fail_after(PATIENCE_S):
            while await self.hear() is not None:
                pass

    async def cut(self) -> None:
        """Gone without a word."""
        raise NotImplementedError


@dataclass
class WebsocketPhone(Phone):
    socket: WebSocketConnection

    async def say_raw(self, *frames: str) -> None:
        with contextlib.suppress(ConnectionClosed):
            for frame in frames:
                await self.socket.send_message(frame)

    async def hear(self) -> str | None:
        try:
            text = await self.socket.get_message()
        except ConnectionClosed:
            return None
        assert isinstance(text, str)
        return text

    async def cut(self) -> None:
        await trio.aclose_forcefully(self.socket._stream)


@dataclass
class HttpPhone(Phone):
    stream: trio.SocketStream
    head: str = field(default="", init=False)
    name: str = field(default="", init=False)
    n: int = field(default=0, init=False)
    _bytes: bytes = field(default=b"", init=False)
    _text: str = field(default="", init=False)

    async def greeted(self) -> None:
        with trio.fail_after(PATIENCE_S):
            self.head = (await self._until(b"\r\n\r\n")).decode()
            kind, name = await self._event()
        assert kind == "carrier"
        self.name = json.loads(name)["carrier"]

    async def say_raw(self, *frames: str) -> None:
        self.n += 1
        answer = await self.send(self.n, *frames)
        assert answer.status in (200, 410), answer

    async def send(self, n: int, *frames: str) -> Answer:
        return await self.box.post({"carrier": self.name, "n": n, "frames": list(frames)}, self.station)

    async def hear(self) -> str | None:
        try:
            kind, text = await self._event()
        except EOFError:
            return None
        assert kind == "message"
        return text

    async def cut(self) -> None:
        await trio.aclose_forcefully(self.stream)

    async def _event(self) -> tuple[str, str]:
        """Kind and data of the next event. Raises: EOFError."""
        while "\n\n" not in self._text:
            size = int(await self._until(b"\r\n"), 16)
            if size == 0:
                raise EOFError
            while len(self._bytes) < size + 2:
                await self._more()
            self._text += self._bytes[:size].decode()
            self._bytes = self._bytes[size + 2 :]
        event, _, self._text = self._text.partition("\n\n")
        fields = dict(line.split(": ", 1) for line in event.splitlines())
        return fields.get("event", "message"), fields["data"]

    async def _until(self, mark: bytes) -> bytes:
        while mark not in self._bytes:
            await self._more()
        found, _, self._bytes = self._bytes.partition(mark)
        return found

    async def _more(self) -> None:
        try:
            chunk = await self.stream.receive_some(65536)
        except trio.BrokenResourceError:
            chunk = b""
        if not chunk:
            raise EOFError
        self._bytes += chunk


@asynccontextmanager
async def open_box(folder: Path) -> AsyncIterator[Box]:
    """A listening box on loopback."""
    board = Switchboard(crew_show(), State())
    media = FakeMedia(board.apply)
    board.connect_media(media)
    desk = Desk(board, Sessions(), Invites(), PinStore(folder / "secrets.toml"))
    cookies = {}
    for station, role in ((TD, "td"), (CAM, "cam")):
        board.apply(ev.StationJoined(station, RoleId(role), role.title()))
        cookies[station] = desk.sessions.make(station, time.time())
    (folder / "index.html").write_text("<!doctype html>")
    app = make_panel_app(desk, WebFiles(folder), lambda: {HOST})
    stop = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(board.run)
        bound = await nursery.start(partial(serve_app, app, binds=[(HOST, 0)], shutdown_trigger=stop.wait))
        async with trio.open_nursery() as phones:
            yield Box(bound[0][1], board, media, desk, phones, cookies)
            phones.cancel_scope.cancel()
        stop.set()
        nursery.cancel_scope.cancel()
