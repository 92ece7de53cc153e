"""The reception: who may sit where. PINs, invites, device sessions and joins in one place."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import trio

from soundmesh.core import effects as fx
from soundmesh.core import events as ev
from soundmesh.core.effects import Reason
from soundmesh.core.ids import RoleId, SeatName, StationId
from soundmesh.core.seats import label, names
from soundmesh.core.show import Role, Show
from soundmesh.core.state import Station
from soundmesh.server.invites import Invites
from soundmesh.server.requests import Request, Requests, RequestState, clean_name
from soundmesh.server.secrets import PinStore
from soundmesh.server.sessions import DeviceSession, Sessions
from soundmesh.server.status import Addresses
from soundmesh.server.switchboard import Doorkeeper, Switchboard
from soundmesh.server.throttle import Throttle
from soundmesh.server.words import words
from soundmesh.wire import http as w
from soundmesh.wire import messages as m

log = logging.getLogger(__name__)
MAX_STATION = 65535
TIDY_S = 1.0
PERSIST_S = 2.0
"""A disk that hangs must not keep people out."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a join did not happen, as an HTTP answer."""

    status: int
    error: str
    text: str
    details: tuple[str, ...] = ()
    retry_s: float | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """A join that happened. ``token`` is the cookie's value, said only now."""

    token: str
    joined: w.Joined


class Desk:
    """Owns sessions, invites, PINs, the wrong-PIN delays and who waits at the door."""

    def __init__(
        self,
        board: Switchboard,
        sessions: Sessions,
        invites: Invites,
        pins: PinStore,
        persist: Callable[[], Awaitable[object]] = trio.lowlevel.checkpoint,
    ) -> None:
        """``persist``: returns when everything said so far survives a power cut."""
        self.board = board
        self.sessions = sessions
        self.invites = invites
        self.pins = pins
        self.requests = Requests()
        board.doorkeeper = Doorkeeper(self._waiting, self._decide, self.kick)
        self._persist = persist
        self._throttle = Throttle()
        self._checking: dict[str, trio.Lock] = {}
        self._last_station = max(board.state.stations, default=0)

    @property
    def show(self) -> Show:
        return self.board.show

    # What the join screen shows.

    def door(self, me: DeviceSession | None, invite: str | None) -> w.Door:
        """Roles with their seats, and what this browser already has. Spends nothing."""
        found = self.invites.look(invite, time.time()) if invite else None
        role = self.show.roles.get(RoleId(found.role)) if found else None
        station = self.board.state.stations.get(me.station) if me else None
        return w.Door(
            show=self.show.name,
            roles=[self._door_role(role) for role in self.show.roles.values()],
            time_s=time.time(),
            me=w.Me(role=station.role, person=station.person, seat=station.seat) if station else None,
            invite=w.DoorInvite(role=role.id, role_name=role.name) if role else None,
        )

    def _door_role(self, role: Role) -> w.DoorRole:
        here = self.board.state.stations.values()
        held = {s.seat: s.person for s in here if s.role == role.id and s.seat is not None}
        named, size = (role.seats, len(role.seats)) if isinstance(role.seats, tuple) else ((), role.seats)
        return w.DoorRole(
            id=role.id,
            name=role.name,
            seats=[w.DoorSeat(name=seat, holder=held.get(seat)) for seat in named],
            free=None if size == 0 else max(0, size - len(held)),
            pin=self.pins.has(role.id),
            ask=role.ask,
        )

    # Asking at the door.

    async def ask(self, body: w.Ask, me: DeviceSession | None, address: str) -> w.Asked | Refusal:
        """Wait for somebody who may answer: with the right ``approve``, or who has the seat that is wanted.

        The role must allow asking; a seat that is taken may be asked for with its PIN or an invite, too.
        """
        role = self._role_of(body)
        if isinstance(role, Refusal):
            return role
        person = clean_name(body.name)
        if not person:
            return Refusal(400, "name_needed", "Type your name.")
        proven = body.hand_over and (body.invite or body.pin)
        if not proven and not role.ask:
            return Refusal(403, "invite_needed", f"{role.name} opens by invite. Ask the director for a link.")
        if proven and not body.invite:
            refusal = await self._check_pin(role, body.pin, me, address)
            if refusal is not None:
                return refusal
        seat = SeatName(body.seat) if body.seat else None
        if seat is not None and seat not in set(names(role)):
            return Refusal(404, Reason.UNKNOWN_SEAT.value, words(Reason.UNKNOWN_SEAT))
        giver = self._giver(role, body) if body.hand_over else None
        if isinstance(giver, Refusal):
            return giver
        answers = giver is not None and giver.link is not None
        if not answers and not any(self.board.may(s, "approve") for s in self.board.state.stations):
            return Refusal(409, "nobody_answers", "Nobody is here who could let you in. Try again later.")
        now = trio.current_time()
        self.requests.replace_of(address, person, role.id, now)
        if not self.requests.has_room(address, now):
            return Refusal(429, "too_many", "Too many people wait at the door. Try again in a minute.")
        made = self.requests.add(
            person=person,
            role=role.id,
            seat=seat if giver is None else giver.seat,
            address=address,
            now=now,
            giver=None if giver is None else giver.id,
            station=me.station if me is not None else None,
            proven=bool(proven),
            invite=body.invite or "",
        )
        self.board.post_requests()
        return w.Asked(token=made.token, state=made.state.value, by="")

    def _role_of(self, body: w.Ask | w.Join) -> Role | Refusal:
        """The role a form names, or that its invite opens."""
        role_id = RoleId(body.role)
        if body.invite:
            invite = self.invites.look(body.invite, time.time())
            if invite is None:
                return Refusal(
                    410, "invite_over", "This invite was used up or has run out. Ask for a new one."
                )
            role_id = RoleId(invite.role)
        role = self.show.roles.get(role_id)
        return role or Refusal(404, "unknown_role", f'There is no role "{role_id}" in this show.')

    def _giver(self, role: Role, body: w.Ask) -> Station | Refusal:
        """Who has the seat that is asked for; without a seat it must be clear who that is."""
        here = self.board.state.stations.values()
        holders = [s for s in here if s.role == role.id and s.seat is not None]
        asked = [s for s in holders if s.seat == body.seat] if body.seat else holders
        if not asked:
            return Refusal(409, "seat_free", "This seat is free now. Join with it.")
        if len(asked) > 1:
            people = tuple(f"{s.seat}: {s.person}" for s in asked)
            return Refusal(400, "seat_needed", "Choose whose seat you ask for.", details=people)
        return asked[0]

    def cancel(self, token: str) -> None:
        """Who asked went away."""
        found = self.requests.find(token, trio.current_time())
        if found is not None and found.state is RequestState.WAITING:
            self.requests.withdraw(token)
            self.board.post_requests()

    def asked(self, token: str) -> w.Asked | Refusal:
        """How a request stands."""
        found = self.requests.find(token, trio.current_time())
        if found is None:
            return Refusal(410, "request_over", "This request is over. Ask again.")
        return w.Asked(token=token, state=found.state.value, by=found.by)

    async def run(self) -> None:
        """Take requests whose time is over off the panels of those who answer."""
        before: list[Request] = []
        while True:
            await trio.sleep(TIDY_S)
            self._let_free()
            waiting = [replace(r, heard_s=0.0) for r in self.requests.waiting(trio.current_time())]
            if waiting != before:
                before = waiting
                self.board.post_requests()

    def _let_free(self) -> None:
        """Who has shown the right to a seat that became free meanwhile need not wait on."""
        for request in self.requests.waiting(trio.current_time()):
            if request.proven and not self._holder(request):
                self.decide(request.id, admit=True, by="")

    def _waiting(self, station: StationId) -> list[m.DoorRequest]:
        approves = self.board.may(station, "approve")
        roles = self.show.roles
        shown: list[m.DoorRequest] = []
        for r in self.requests.waiting(trio.current_time()):
            holder = self._holder(r)
            mine = holder != "" and r.giver == station
            if r.role in roles and (approves or mine):
                name, seat = roles[r.role].name, r.seat or ""
                shown.append(m.DoorRequest(r.id, r.person, name, seat, holder != "", holder, mine))
        return shown

    def _holder(self, request: Request) -> str:
        found = None if request.giver is None else self.board.state.stations.get(request.giver)
        sits = found is not None and (found.role, found.seat) == (request.role, request.seat)
        return found.person if found is not None and sits else ""

    def waiting(self) -> list[w.Waiting]:
        """Who waits, for the box's operator."""
        return [
            w.Waiting(r.id, r.person, r.role, r.seat, self._holder(r), r.address)
            for r in self.requests.waiting(trio.current_time())
        ]

    def _decide(self, station: Station, request: str, admit: bool) -> None:
        self.decide(request, admit=admit, by=label(self.show, station), decider=station.id)

    def decide(self, request_id: str, *, admit: bool, by: str, decider: StationId | None = None) -> bool:
        """Answer one request; whether there was one. A yes to a hand-over moves the seat at once."""
        now = trio.current_time()
        found = self.requests.open(request_id, now)
        if found is None:
            return False
        station = found.station
        if admit and found.giver is not None and found.seat is not None:
            station = self._hand_over(found, found.giver, found.seat, by, agreed=decider == found.giver)
            admit = station is not None
        self.requests.answer(request_id, admit=admit, by=by, now=now, station=station)
        self.board.post_requests()
        return True

    def _hand_over(
        self, request: Request, giver: StationId, seat: SeatName, by: str, *, agreed: bool
    ) -> StationId | None:
        """The seat goes to who asks; None when it cannot. The old holder's browser has no session more."""
        now = time.time()
        if request.invite and self.invites.look(request.invite, now) is None:
            return None
        station = self._new_station() if request.station is None else request.station
        sat = self._holder(request) != ""
        event = ev.SeatHandedOver(
            giver=giver,
            station=station,
            role=request.role,
            person=request.person,
            seat=seat,
            reason=Reason.HANDED_OVER if agreed else Reason.SEAT_GIVEN,
            by=request.person if agreed else by,
        )
        if any(isinstance(effect, fx.RefuseStation) for effect in self.board.apply(event)):
            return None
        if request.invite:
            self.invites.spend(request.invite, now)
        if sat and giver != station:
            self.sessions.revoke(giver)
        self.board.remember()
        return station

    # Joining and leaving.

    async def join(self, body: w.Join, me: DeviceSession | None, address: str) -> Admission | Refusal:
        """Prove the right to a role by invite, PIN or a yes at the door, then take a seat.

        Only success spends an invite or a yes.
        """
        given: StationId | None = None
        if body.ask:
            yes = self.requests.find(body.ask, trio.current_time())
            if yes is None or yes.state is not RequestState.ADMITTED:
                return Refusal(410, "request_over", "This request is over. Ask again.")
            body = w.Join(name=yes.person, role=yes.role, seat=yes.seat, ask=body.ask)
            given = yes.station if yes.giver is not None else None
        role = self._role_of(body)
        if isinstance(role, Refusal):
            return role
        if not body.invite and not body.ask:
            refusal = await self._check_pin(role, body.pin, me, address)
            if refusal is not None:
                return refusal
        outcome = self._seat(role, body, me, given)
        # Who was told "you are in" must still be in after a power cut in the same second.
        with trio.move_on_after(PERSIST_S):
            await self._persist()
        return outcome

    async def _check_pin(
        self, role: Role, pin: str | None, me: DeviceSession | None, address: str
    ) -> Refusal | None:
        if not self.pins.has(role.id):
            return Refusal(403, "invite_needed", f"{role.name} opens by invite. Ask the director for a link.")
        if not pin:
            return Refusal(403, "pin_needed", f"Type the PIN of {role.name}.")
        async with self._one_at_a_time(address):
            return await self._try_pin(role, pin, known=me is not None, address=address)

    @asynccontextmanager
    async def _one_at_a_time(self, address: str) -> AsyncIterator[None]:
        """PINs of one address in a row: many tries at once must not slip past the delay."""
        lock = self._checking.setdefault(address, trio.Lock())
        try:
            async with lock:
                yield
        finally:
            if not lock.locked():
                self._checking.pop(address, None)

    async def _try_pin(self, role: Role, pin: str, *, known: bool, address: str) -> Refusal | None:
        wait_s = self._throttle.wait_s(address, role.id, trio.current_time(), known=known)
        if wait_s > 0:
            text = f"Too many wrong PINs. Try again in {max(1, round(wait_s))} s."
            return Refusal(429, "pin_delay", text, retry_s=wait_s)
        if not await self.pins.check(role.id, pin):
            self._throttle.wrong(address, role.id, trio.current_time())
            log.info("wrong PIN for %s from %s", role.id, address)
            return Refusal(403, "wrong_pin", "This PIN is not right. Check it and try again.")
        self._throttle.right(address, role.id)
        return None

    def _seat(
        self, role: Role, body: w.Join, me: DeviceSession | None, given: StationId | None
    ) -> Admission | Refusal:
        """``given``: the station that was handed the seat already."""
        station = given or (me.station if me is not None else self._new_station())
        seat = SeatName(body.seat) if body.seat else None
        person = clean_name(body.name)
        if not person:
            return Refusal(400, "name_needed", "Type your name.")
        effects = self.board.apply(ev.StationJoined(station, role.id, person, seat))
        for effect in effects:
            if isinstance(effect, fx.RefuseStation):
                return _no_seat(role, effect)
        seated = next(e.seat for e in effects if isinstance(e, fx.Seated))
        if body.invite:
            self.invites.spend(body.invite, time.time())
        if body.ask:
            self.requests.withdraw(body.ask)
        self.sessions.revoke(station)
        token = self.sessions.make(station, time.time())
        self.board.remember()
        return Admission(token, w.Joined(station=station, role=role.id, seat=seated))

    # What the box's operator does.

    def make_invite(self, body: w.MakeInvite, where: Addresses) -> w.Invite:
        """A new join link; the role must be of the show."""
        token = self.invites.make(body.role, body.uses, body.minutes, time.time())
        self.board.remember()
        urls = [f"{url}/j/{token}" for url in where.urls]
        return w.Invite(
            role=body.role,
            url=urls[0],
            urls=urls,
            trust_url=where.trust_url,
            uses=body.uses,
            minutes=body.minutes,
        )

    async def set_pin(self, role: str, pin: str | None) -> None:
        """Set a role's PIN, or clear it."""
        if pin is None:
            await trio.to_thread.run_sync(self.pins.clear, role)
        else:
            await trio.to_thread.run_sync(self.pins.set, role, pin)

    def kick(self, station: StationId, by: str, why: str) -> bool:
        """Send somebody away: no session, no seat, every talk closed, and the panel says by whom."""
        known = station in self.board.state.stations
        self.sessions.revoke(station)
        self.board.apply(ev.StationLeft(station, Reason.KICKED, by, clean_name(why)))
        self.board.remember()
        return known

    def forget(self, station: StationId) -> None:
        """The person leaves for good: no session, no seat."""
        self.sessions.revoke(station)
        self.board.apply(ev.StationLeft(station))

    def _new_station(self) -> StationId:
        taken = self.board.state.stations
        number = self._last_station
        while True:
            number = number % MAX_STATION + 1
            if number not in taken:
                self._last_station = number
                return StationId(number)


def _no_seat(role: Role, refused: fx.RefuseStation) -> Refusal:
    holders = tuple(f"{seat}: {person}" for seat, person in refused.holders)
    people = ", ".join(person for _, person in refused.holders)
    if refused.reason is Reason.ROLE_FULL:
        size = len(refused.holders)
        text = f"{role.name} is full ({size} of {size}: {people}). Ask one of them to hand over."
    elif refused.reason is Reason.SEAT_TAKEN:
        text = f"This seat is taken by {people}. Choose another, or ask to hand over."
    else:
        text = words(refused.reason)
    return Refusal(409, refused.reason.value, text, details=holders)
