"""The second carrier of a control link: HTTPS requests up, server-sent events down.

For a phone that refuses websockets (an iPhone does until it trusts the
certificate). The link that runs over it is the same ``Link`` with the same
messages, budget and silences.

==============================  ==============================================
GET ``/api/v1/link/events``     the stream: event ``carrier`` with its name,
                                then one event for each message down
POST ``/api/v1/link/say``       messages up, as ``Say``: batches are numbered
                                from 1, and each is taken once and in order
==============================  ==============================================

A batch that was taken before is answered like the first time and not taken
again (browsers repeat requests); one that comes too early is refused, since
its phone sends one after the other. The stream's end is the link's end.
"""

from __future__ import annotations

import json
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from enum import StrEnum
from types import TracebackType

import msgspec
import trio
from quart import Response, request
from quart.wrappers.response import ResponseBody
from quart_trio import QuartTrio

from soundmesh.core.ids import StationId
from soundmesh.server.reply import fault, reply
from soundmesh.wire import http as w

MAX_STREAMS = 4
"""Of one station. The newest that says hello takes over; one that never does ends after ``HELLO_S``."""
MAX_WAITING = 256
"""Messages that the link has not read yet: more than a burst within the budget leaves behind."""


class Taken(StrEnum):
    """What became of a batch."""

    YES = "yes"
    BEFORE = "before"
    TOO_EARLY = "too_early"
    TOO_MANY = "too_many"


class Stream:
    """One open stream, as a link sees it: ``receive`` and ``send`` are the link's, ``take`` the requests'."""

    def __init__(self, station: StationId) -> None:
        self.name = secrets.token_urlsafe(18)
        self.station = station
        self._frames: deque[str] = deque()
        self._came = trio.Event()
        self._taken = 0
        # No room: a message counts as sent when the stream's writer has it in hand.
        self._down, self._events = trio.open_memory_channel[str](0)

    def take(self, number: int, frames: list[str]) -> Taken:
        """Take a batch whole or not at all."""
        if number <= self._taken:
            return Taken.BEFORE
        if number > self._taken + 1:
            return Taken.TOO_EARLY
        if len(self._frames) + len(frames) > MAX_WAITING:
            return Taken.TOO_MANY
        self._taken = number
        self._frames += frames
        self._came.set()
        return Taken.YES

    async def receive(self) -> str:
        """The next message of the phone."""
        while not self._frames:
            self._came = trio.Event()
            await self._came.wait()
        return self._frames.popleft()

    async def send(self, text: str) -> None:
        await self._down.send(text)

    def end(self) -> None:
        """No message follows."""
        self._down.close()

    @property
    def greeting(self) -> bytes:
        """The first event."""
        return b"event: carrier\ndata: " + json.dumps({"carrier": self.name}).encode() + b"\n\n"

    async def next_event(self) -> bytes:
        """Raises: trio.EndOfChannel after ``end``."""
        return b"data: " + (await self._events.receive()).encode() + b"\n\n"


Serve = Callable[[Stream, str], Awaitable[None]]
"""Runs a link over a stream whose phone speaks from an address, until either is gone."""


class Carriers:
    """The streams that are open now."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._streams: dict[str, Stream] = {}

    def open(self, station: StationId, address: str) -> _Body | None:
        """The body of a new stream's answer; None when the station has too many."""
        if sum(stream.station == station for stream in self._streams.values()) >= MAX_STREAMS:
            return None
        return _Body(self, Stream(station), address)

    def find(self, name: str, station: StationId) -> Stream | None:
        """The station's stream of that name."""
        found = self._streams.get(name)
        return found if found is not None and found.station == station else None

    async def run(self, stream: Stream, address: str) -> None:
        self._streams[stream.name] = stream
        try:
            await self._serve(stream, address)
        finally:
            del self._streams[stream.name]
            stream.end()


class _Body(ResponseBody):
    """The answer's body, with its link beside it: whichever ends first ends the other."""

    def __init__(self, carriers: Carriers, stream: Stream, address: str) -> None:
        self._carriers, self._stream, self._address = carriers, stream, address
        self._manager = trio.open_nursery()
        self._nursery: trio.Nursery | None = None
        self._greeted = False

    async def __aenter__(self) -> _Body:
        self._nursery = await self._manager.__aenter__()
        self._nursery.start_soon(self._carriers.run, self._stream, self._address)
        return self

    # Not a generator: one that is dropped half-way is not cleaned up by anybody.
    def __aiter__(self) -> _Body:
        return self

    async def __anext__(self) -> bytes:
        if not self._greeted:
            self._greeted = True
            return self._stream.greeting
        try:
            return await self._stream.next_event()
        except trio.EndOfChannel:
            raise StopAsyncIteration from None

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        assert self._nursery is not None
        self._nursery.cancel_scope.cancel()
        # A cancellation of the link's own scope is at home here; any other passes on.
        await self._manager.__aexit__(exc_type, exc_value, tb)


def install(app: QuartTrio, carriers: Carriers, station: Callable[[], StationId]) -> None:
    """Put the two routes on an app. ``station``: whose session the request at hand carries."""

    @app.get("/api/v1/link/events")
    async def link_events() -> Response:
        body = carriers.open(station(), request.remote_addr or "")
        if body is None:
            return fault(429, "too_many_links", "This phone opened too many connections. Wait a moment.")
        response = Response(body, content_type="text/event-stream")
        response.timeout = None
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.post("/api/v1/link/say")
    async def link_say() -> Response:
        try:
            said = msgspec.json.decode(await request.get_data(), type=w.Say)
        except msgspec.MsgspecError as error:
            return fault(400, "bad_body", f"The messages are not right: {error}.")
        stream = carriers.find(said.carrier, station())
        if stream is None:
            return fault(410, "carrier_gone", "This connection is over. Open another.")
        match stream.take(said.n, said.frames):
            case Taken.TOO_EARLY:
                return fault(409, "too_early", "Messages before these are missing. Open another connection.")
            case Taken.TOO_MANY:
                return fault(429, "flood", "Too many messages from this phone.")
            case Taken.YES | Taken.BEFORE:
                return reply({})
