"""A control link: one websocket of one station, from hello to gone.

The read loop awaits nothing but the next message (quart-trio notices a lost
peer only while somebody reads), so offers are answered in tasks of the link's
own nursery. Cleanup is synchronous: a dropped websocket cancels its handler.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import trio

from soundmesh.core import events as ev
from soundmesh.core.ids import KeyId, StationId
from soundmesh.core.media import MediaError
from soundmesh.core.permissions import EVERYWHERE
from soundmesh.core.signals import is_known
from soundmesh.core.state import SignalKind
from soundmesh.server.outbox import Outbox
from soundmesh.server.switchboard import Switchboard, session_id
from soundmesh.server.words import unknown_address
from soundmesh.wire import messages as m
from soundmesh.wire.codec import WireError, decode_client, encode

log = logging.getLogger(__name__)

HELLO_S = 5.0
SILENCE_S = 12.0
"""A phone beats at least each second; a link silent for this long is gone. Longer than a hole of
10 s and a beat, so that a phone which lost the network for that long hears again with the first
packet that passes: its talks were closed by its missing beats long before."""
RATE_PER_S = 200.0
BURST = 400.0
MAX_PENDING_OFFERS = 3


SIGNALS_PER_S = 10.0
SIGNALS_BURST = 10.0


@dataclass(slots=True)
class Budget:
    """Token bucket against a phone that floods: 200 messages a second, 400 at once; fewer signals."""

    at_s: float
    rate_per_s: float = RATE_PER_S
    burst: float = BURST
    tokens: float = BURST

    def take(self, now: float) -> bool:
        """Whether one more message is within the budget."""
        self.tokens = min(self.burst, self.tokens + (now - self.at_s) * self.rate_per_s)
        self.at_s = now
        if self.tokens < 1.0:
            return False
        self.tokens -= 1.0
        return True


class Link:
    """Serves one websocket; ``receive`` and ``send`` carry text frames."""

    def __init__(
        self,
        switchboard: Switchboard,
        station: StationId,
        receive: Callable[[], Awaitable[str | bytes]],
        send: Callable[[str], Awaitable[None]],
        forget: Callable[[], None],
        address: str = "",
    ) -> None:
        """``forget``: called when the person leaves for good. ``address``: where the phone speaks from."""
        self._board = switchboard
        self._station = station
        self._receive = receive
        self._send = send
        self._forget = forget
        self._address = address
        self._offers = 0
        self._signals = Budget(trio.current_time(), SIGNALS_PER_S, SIGNALS_BURST)
        self._too_fast = False

    async def run(self) -> None:
        """Until the phone goes or is told to. Returns; never raises for a broken peer."""
        try:
            hello = await self._greet()
            if hello is None:
                return
            opened = self._board.open_link(self._station, hello.tab, self._address)
            if opened is None:
                await self._send_gone("no_seat", "Your seat is not free any more. Join again.")
                return
        except WireError as error:
            await self._send_gone("bad_message", str(error))
            return
        link, outbox = opened
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write, outbox, nursery.cancel_scope)
                await self._read(outbox, nursery)
        finally:
            self._board.close_link(self._station, link)

    async def _greet(self) -> m.Hello | None:
        with trio.move_on_after(HELLO_S):
            hello = decode_client(await self._receive())
            if not isinstance(hello, m.Hello):
                raise WireError("The first message must be hello.")
            if hello.protocol != m.PROTOCOL:
                await self._send_gone("reload", "The panel is out of date. Reload the page.")
                return None
            return hello
        return None

    async def _send_gone(self, reason: str, text: str) -> None:
        await self._send(encode(m.Gone(reason=reason, text=text, again=False)))

    async def _write(self, outbox: Outbox, scope: trio.CancelScope) -> None:
        async for message in outbox.stream():
            await self._send(encode(message))
        scope.cancel()

    async def _read(self, outbox: Outbox, nursery: trio.Nursery) -> None:
        budget = Budget(at_s=trio.current_time())
        while True:
            with trio.move_on_after(SILENCE_S) as scope:
                raw = await self._receive()
            if scope.cancelled_caught:
                outbox.close(m.Gone(reason="silent", text="This phone stopped answering.", again=True))
                return
            if outbox.closed:
                continue
            if not budget.take(trio.current_time()):
                outbox.close(m.Gone(reason="flood", text="Too many messages from this phone.", again=False))
                continue
            try:
                message = decode_client(raw)
            except WireError as error:
                log.info("station %s sent a bad message: %s", self._station, error)
                outbox.close(m.Gone(reason="bad_message", text=str(error), again=False))
                continue
            self._handle(message, outbox, nursery)

    def _handle(self, message: m.ClientMessage, outbox: Outbox, nursery: trio.Nursery) -> None:
        station = self._station
        match message:
            case m.BeatMessage(at, held, hidden):
                self._board.apply(ev.Beat(station, frozenset(KeyId(k) for k in held), hidden))
                outbox.post_pong(m.Pong(at=at))
            case m.Press(key, n, other):
                shown = StationId(other) if other else None
                self._board.apply(ev.KeyPressed(station, KeyId(key), n, shown))
            case m.Release(key, n, held_ms, cancel):
                self._board.apply(ev.KeyReleased(station, KeyId(key), n, held_ms, cancel))
            case m.AllOff():
                self._board.apply(ev.TalksClosed(station))
            case m.Hear(key, n, on):
                self._board.apply(ev.ListenSet(station, KeyId(key), n, on))
            case m.Volume(key, db, muted):
                self._board.apply(ev.VolumeSet(station, KeyId(key), db, muted))
            case m.Master(db):
                self._board.apply(ev.MasterSet(station, db))
            case m.Signal():
                self._signal(message, outbox)
            case m.Acknowledge(signal):
                self._board.apply(ev.SignalSeen(station, signal))
            case m.Withdraw(signal):
                self._board.apply(ev.SignalWithdrawn(station, signal))
            case m.Aim(other):
                self._board.apply(ev.ReplyAimed(station, StationId(other)))
            case m.Dismiss(other):
                self._board.apply(ev.ReplyDismissed(station, StationId(other)))
            case m.Watch(people):
                outbox.watch(people)
            case m.Decide(request, admit):
                if not self._board.decide(station, request, admit):
                    outbox.say(m.Notice(kind="warning", text="Your role may not let people in."))
            case m.Kick(other, why):
                if not self._board.kick(station, StationId(other), why):
                    outbox.say(m.Notice(kind="warning", text="Your role may not send people away."))
            case m.Kill() | m.Unlatch():
                self._command(message, outbox)
            case m.Offer() | m.Restart():
                self._take_offer(message, outbox, nursery)
            case m.Leave():
                self._forget()
                self._board.apply(ev.StationLeft(station))
                outbox.close(m.Gone(reason="left", text="You left the show.", again=False))
            case m.Hello():
                pass

    def _signal(self, message: m.Signal, outbox: Outbox) -> None:
        """A call, cue or text; a phone that gives them faster than a person can is told so."""
        taken = self._signals.take(trio.current_time())
        if taken:
            event = ev.SignalGiven(self._station, SignalKind(message.kind), message.to, message.text)
            self._board.apply(event)
        elif not self._too_fast:
            outbox.say(m.Notice(kind="warning", text="Too many calls and cues at once. Wait a moment."))
        self._too_fast = not taken

    def _command(self, message: m.Kill | m.Unlatch, outbox: Outbox) -> None:
        """What closes others' microphones needs the right, and an address that the show has."""
        board = self._board
        found = board.state.stations.get(self._station)
        role = None if found is None else board.show.roles.get(found.role)
        if role is None or "kill" not in role.rights:
            outbox.say(m.Notice(kind="warning", text="Your role may not close others' microphones."))
            return
        address = message.address
        lifts = isinstance(message, m.Kill) and not message.on
        if not lifts and address != EVERYWHERE and not is_known(board.show, address):
            outbox.say(m.Notice(kind="warning", text=unknown_address(board.show, address)))
            return
        if isinstance(message, m.Kill):
            board.apply(ev.KillSet(address, message.on, self._station))
        else:
            board.apply(ev.Unlatched(address, self._station))

    def _take_offer(self, offer: m.Offer | m.Restart, outbox: Outbox, nursery: trio.Nursery) -> None:
        if self._offers >= MAX_PENDING_OFFERS:
            outbox.say(m.MediaRefused(session=offer.session, text="One offer at a time."))
            return
        self._offers += 1
        nursery.start_soon(self._answer, offer, outbox)

    async def _answer(self, offer: m.Offer | m.Restart, outbox: Outbox) -> None:
        session = session_id(self._station, offer.session)
        media = self._board.media
        try:
            if isinstance(offer, m.Offer):
                sdp = await media.answer(session, self._station, offer.sdp)
                if outbox.closed:
                    # Another page took over meanwhile: this one's session must not take the place of its own.
                    media.close(session)
                    return
                self._board.apply(ev.SessionStarted(self._station, session))
            else:
                sdp = await media.restart(session, offer.sdp)
            outbox.say(m.Answer(session=offer.session, sdp=sdp))
        except MediaError as error:
            outbox.say(m.MediaRefused(session=offer.session, text=str(error)))
        finally:
            self._offers -= 1
