"""One fake station: a control link, a microphone with a tone, ears that can be read.

It does what the panel does and no more: it joins through the door, says hello,
beats, makes offers, presses keys. Its microphone sounds while a key of it is
open and sends silence otherwise, as a phone's does. A link that breaks is made
again for ever, by the panel's own timetable; the holds of its fingers end with
it.
"""

from __future__ import annotations

import logging
import math
import random
import secrets
from collections.abc import Callable
from typing import Literal, ParamSpec

import trio
import trio_websocket as tws

from soundmesh.bridge.callers import Caller
from soundmesh.core.media import MediaError
from soundmesh.core.tally import AirLamp, KeyTally, TalkLamp
from soundmesh.core.tally import Tally as TallyState
from soundmesh.sim.box import COOKIE, Box
from soundmesh.sim.http import open_tls
from soundmesh.wire import http as w
from soundmesh.wire import messages as m
from soundmesh.wire.codec import decode_server, encode_client

log = logging.getLogger(__name__)

P = ParamSpec("P")
RETRY_S = (0.0, 0.1, 0.25, 0.5, 1.0)
ANSWER_S = 10.0
UPGRADE_S = 2.0
SILENT_LINK_S = 5.0
TALK_BEAT_S = 0.25
IDLE_BEAT_S = 1.0
MAX_FRAME_BYTES = 1 << 20


class FakeStation:
    def __init__(self, box: Box, phone: Caller, *, person: str, tone: int) -> None:
        """``tone``: which tone its microphone sends; see ``dsp.tone``."""
        self.box = box
        self.phone = phone
        self.person = person
        self.tone = tone
        self.joined: w.Joined | None = None
        self.panel: m.Panel | None = None
        self.tally: TallyState | None = None
        self.gone: m.Gone | None = None
        """Why the appliance ended the link for good."""
        self.links = 0
        """How many links have been welcomed."""
        self.refusals: list[m.Refused | m.Closed] = []
        self._cookie = ""
        self._n = 0
        self._held: dict[str, float] = {}
        self._outbox: trio.MemorySendChannel[m.ClientMessage] | None = None
        self._answers: dict[str, trio.MemorySendChannel[m.Answer | m.MediaRefused]] = {}
        self._changed = trio.Event()
        self._beat_due = trio.Event()

    # What a person does.

    async def join(
        self, *, role: str = "", invite: str | None = None, pin: str | None = None, seat: str | None = None
    ) -> w.Joined:
        """Take a seat. Raises: BoxError."""
        form = w.Join(name=self.person, role=role, seat=seat, invite=invite, pin=pin)
        self.joined, self._cookie = await self.box.join(form)
        return self.joined

    @property
    def number(self) -> int:
        assert self.joined is not None, "join first"
        return self.joined.station

    @property
    def here(self) -> bool:
        """Whether the control link is up and told the panel."""
        return self._outbox is not None and self.panel is not None and self.tally is not None

    @property
    def with_sound(self) -> bool:
        """Here, and the appliance has its connected session."""
        return self.here and self.tally is not None and self.tally.media

    def panel_keys(self, *, may_talk: bool | None = None) -> list[m.PanelKey]:
        """The panel's keys, in order."""
        found = self.panel.keys if self.panel else []
        return [k for k in found if may_talk is None or k.may_talk == may_talk]

    def lamp(self, key: str) -> KeyTally | None:
        """The tally of one key."""
        return next((t for k, t in self.tally.keys.items() if k == key), None) if self.tally else None

    def on_air(self, key: str) -> bool:
        lamp = self.lamp(key)
        return lamp is not None and lamp.air is AirLamp.ON

    def listens(self, key: str) -> bool:
        lamp = self.lamp(key)
        return lamp is not None and lamp.listen

    @property
    def talks(self) -> bool:
        """Whether a talk is open by the appliance's account."""
        lamps = self.tally.keys.values() if self.tally else ()
        return any(lamp.talk is not TalkLamp.OFF for lamp in lamps)

    def press(self, key: str) -> None:
        """A finger goes down: the microphone opens at once, as on a phone."""
        self._held[key] = trio.current_time()
        self._gate()
        self._say(m.Press(key=key, n=self._count()))
        self._beat_due.set()

    def release(self, key: str, *, cancel: bool = False) -> None:
        """The finger goes up."""
        down_s = self._held.pop(key, None)
        if down_s is None:
            return
        held_ms = (trio.current_time() - down_s) * 1000
        self._gate()
        self._say(m.Release(key=key, n=self._n, held_ms=held_ms, cancel=cancel))

    def release_all(self) -> None:
        for key in list(self._held):
            self.release(key)

    def all_off(self) -> None:
        self._held.clear()
        self._gate()
        self._say(m.AllOff())

    def hear(self, key: str, on: bool) -> None:
        """Open or close a listen."""
        self._say(m.Hear(key=key, n=self._count(), on=on))

    def signal(self, kind: Literal["call", "standby", "go", "text"], to: str, text: str = "") -> None:
        """Call, cue or write to an address."""
        self._say(m.Signal(kind=kind, to=to, text=text))

    def acknowledge(self, signal: int) -> None:
        self._say(m.Acknowledge(signal=signal))

    def kill(self, address: str, on: bool) -> None:
        """Mic kill of an address, set or lifted."""
        self._say(m.Kill(address=address, on=on))

    def unlatch(self, address: str) -> None:
        """Close every talk of an address once."""
        self._say(m.Unlatch(address=address))

    def leave(self) -> None:
        """Give up the seat for good."""
        self._say(m.Leave())

    async def until(self, true: Callable[P, bool], *args: P.args, **kwargs: P.kwargs) -> None:
        """Wait until it is so; looked at after each message from the appliance."""
        while not true(*args, **kwargs):
            await self._changed.wait()

    # The link.

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep linked until cancelled or told to go; started when it is here for the first time."""

        async def tell_when_here() -> None:
            await self.until(lambda: self.here or self.gone is not None)
            task_status.started()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(tell_when_here)
            attempt = 0
            while self.gone is None:
                links = self.links
                await self._link_once()
                attempt = 0 if self.links > links else attempt + 1
                pause = RETRY_S[min(attempt, len(RETRY_S) - 1)]
                await trio.sleep(pause * random.uniform(0.8, 1.2))
            self._note()
        await self.phone.close()

    async def _link_once(self) -> None:
        async with trio.open_nursery() as nursery:
            try:
                with trio.fail_after(ANSWER_S):
                    stream = await open_tls(self.box.host, self.box.port, self.box.tls)
                # A connection that ends here is not told by the library: it waits for ever.
                with trio.fail_after(UPGRADE_S):
                    socket = await tws.wrap_client_stream(
                        nursery,
                        stream,
                        self.box.authority,
                        "/api/v1/link",
                        extra_headers=[
                            (b"Origin", self.box.origin.encode()),
                            (b"Cookie", f"{COOKIE}={self._cookie}".encode()),
                        ],
                        max_message_size=MAX_FRAME_BYTES,
                    )
                send, receive = trio.open_memory_channel[m.ClientMessage](math.inf)
                await socket.send_message(encode_client(m.Hello(protocol=m.PROTOCOL)))
                nursery.start_soon(self._write, socket, receive)
                await self._read(socket, nursery, send)
            except tws.ConnectionRejected as error:
                if error.status_code == 401:
                    self.gone = m.Gone(reason="join_first", text="The session is not known.", again=False)
            except (tws.HandshakeError, tws.ConnectionClosed, OSError, trio.BrokenResourceError) as error:
                log.debug("%s: link: %r", self.person, error)
            except trio.TooSlowError:
                log.debug("%s: link: no answer", self.person)
            finally:
                self._unlink()
                nursery.cancel_scope.cancel()

    async def _read(
        self,
        socket: tws.WebSocketConnection,
        nursery: trio.Nursery,
        send: trio.MemorySendChannel[m.ClientMessage],
    ) -> None:
        while True:
            with trio.fail_after(SILENT_LINK_S):
                message = decode_server(await socket.get_message())
            if isinstance(message, m.Gone):
                if not message.again:
                    self.gone = message
                return
            if isinstance(message, m.Welcome):
                self._n = message.n
                self._outbox = send
                self.links += 1
                nursery.start_soon(self._beat)
                nursery.start_soon(self._keep_media)
            self._take(message)
            self._note()

    def _take(self, message: m.ServerMessage) -> None:
        match message:
            case m.Panel():
                self.panel = message
            case m.Tally(state):
                self.tally = state
                self._gate()
            case m.Answer(session) | m.MediaRefused(session):
                waiting = self._answers.pop(session, None)
                if waiting is not None:
                    waiting.send_nowait(message)
            case m.Refused() | m.Closed():
                self.refusals.append(message)

    def _unlink(self) -> None:
        self._outbox = None
        self._held.clear()
        self._answers.clear()
        self.panel = None
        self.tally = None
        self._gate()
        self._note()

    async def _write(
        self, socket: tws.WebSocketConnection, receive: trio.MemoryReceiveChannel[m.ClientMessage]
    ) -> None:
        try:
            async for message in receive:
                await socket.send_message(encode_client(message))
        except tws.ConnectionClosed:
            pass  # the reading side sees it too and ends the link

    async def _beat(self) -> None:
        while True:
            self._say(m.BeatMessage(at=trio.current_time() * 1000, held=list(self._held)))
            self._beat_due = trio.Event()
            with trio.move_on_after(TALK_BEAT_S if self._talking() else IDLE_BEAT_S):
                await self._beat_due.wait()

    async def _keep_media(self) -> None:
        """Offer, and offer again whenever the transport is gone or was refused."""
        attempt = 0
        while True:
            if await self._connect_media():
                attempt = 0
                await self.phone.ended()
            attempt += 1
            await trio.sleep(RETRY_S[min(attempt, len(RETRY_S) - 1)])

    async def _connect_media(self) -> bool:
        name = secrets.token_urlsafe(9)
        sdp = await self.phone.offer()
        send, receive = trio.open_memory_channel[m.Answer | m.MediaRefused](1)
        self._answers[name] = send
        self._say(m.Offer(session=name, sdp=sdp))
        with trio.move_on_after(ANSWER_S):
            reply = await receive.receive()
            if isinstance(reply, m.Answer):
                try:
                    await self.phone.accept(reply.sdp)
                except MediaError as error:
                    log.warning("%s: %s", self.person, error)
                else:
                    return True
            else:
                log.warning("%s: media refused: %s", self.person, reply.text)
        self._answers.pop(name, None)
        return False

    def _talking(self) -> bool:
        latched = self.tally is not None and any(t.talk is TalkLamp.LATCHED for t in self.tally.keys.values())
        return latched or bool(self._held)

    def _gate(self) -> None:
        self.phone.speak(self._talking())

    def _count(self) -> int:
        self._n += 1
        return self._n

    def _say(self, message: m.ClientMessage) -> None:
        if self._outbox is not None:
            self._outbox.send_nowait(message)

    def _note(self) -> None:
        self._changed.set()
        self._changed = trio.Event()
