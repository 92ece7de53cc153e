"""Who waits at the door: people who asked for a seat, and what was answered.

======== ======================= =============================================
state    begins with             ends with
======== ======================= =============================================
waiting  asking                  an answer; cancelled; its time is over; its
                                 page not heard of for 10 s
admitted a yes                   the join, once; its time is over
declined a no                    its time is over
run out  nobody answered in time forgotten a while later
======== ======================= =============================================

Pure book-keeping in memory: a restart forgets it, and who still waits asks
again. ``now`` is monotonic seconds, so a wrong clock keeps nobody out.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from soundmesh.core.ids import RoleId, SeatName, StationId

MAX_WAITING = 20
MAX_PER_ADDRESS = 2
MAX_KEPT = 64
"""Answered ones included, which their askers still have to read."""
WAITS_S = 180.0
UNHEARD_S = 10.0
"""A page that waits asks each 2 s; one that is closed or killed does not."""
ANSWER_KEPT_S = 180.0
"""How long an answer can be read, and a yes be used."""
_JOINERS = "\u200c\u200d"
"""Invisible, and part of how Persian, Hindi and emoji are written."""


class RequestState(StrEnum):
    WAITING = "waiting"
    ADMITTED = "admitted"
    DECLINED = "declined"
    RUN_OUT = "run_out"


@dataclass(frozen=True, slots=True)
class Request:
    """One person's wish for a seat."""

    id: str
    """What answers name; the token stays with who asks."""
    token: str
    person: str
    role: RoleId
    seat: SeatName | None
    """None: any free one."""
    address: str
    ends_s: float
    """When this state ends by itself."""
    state: RequestState = RequestState.WAITING
    by: str = ""
    """Who answered, as the crew calls that person."""
    giver: StationId | None = None
    """Whose seat is asked for; None: a free one."""
    proven: bool = False
    """The right to the role was shown by its PIN or an invite."""
    invite: str = ""
    """The invite that showed it: spent with the seat."""
    station: StationId | None = None
    """The asker's: known at once for a browser with a session, otherwise when a seat was handed over."""
    heard_s: float = 0.0
    """When the asker's page was heard of last."""


class Requests:
    """Bounded: 20 wait at once, 2 of one address; the oldest answers are forgotten first."""

    def __init__(self, waits_s: float = WAITS_S) -> None:
        self.waits_s = waits_s
        self._by_token: dict[str, Request] = {}
        self._next = 1

    def waiting(self, now: float) -> list[Request]:
        """Those without an answer, oldest first."""
        self._age(now)
        return [r for r in self._by_token.values() if r.state is RequestState.WAITING]

    def find(self, token: str, now: float) -> Request | None:
        """The request of a token while there is anything to say about it."""
        self._age(now)
        found = self._by_token.get(token)
        if found is not None:
            found = self._by_token[token] = replace(found, heard_s=now)
        return found

    def open(self, request_id: str, now: float) -> Request | None:
        """The waiting request of that id."""
        return next((r for r in self.waiting(now) if r.id == request_id), None)

    def has_room(self, address: str, now: float) -> bool:
        """Whether one more may wait, and one more of that address."""
        waiting = self.waiting(now)
        mine = sum(1 for r in waiting if r.address == address)
        return len(waiting) < MAX_WAITING and mine < MAX_PER_ADDRESS

    def add(
        self,
        *,
        person: str,
        role: RoleId,
        seat: SeatName | None,
        address: str,
        now: float,
        giver: StationId | None = None,
        station: StationId | None = None,
        proven: bool = False,
        invite: str = "",
    ) -> Request:
        """A new request, waiting. The caller has asked ``has_room``."""
        made = Request(
            id=str(self._next),
            token=secrets.token_urlsafe(24),
            person=person,
            role=role,
            seat=seat,
            address=address,
            ends_s=now + self.waits_s,
            giver=giver,
            proven=proven,
            invite=invite,
            station=station,
            heard_s=now,
        )
        self._next += 1
        self._by_token[made.token] = made
        answered = [t for t, r in self._by_token.items() if r.state is not RequestState.WAITING]
        for token in answered[: max(0, len(self._by_token) - MAX_KEPT)]:
            del self._by_token[token]
        return made

    def answer(
        self, request_id: str, *, admit: bool, by: str, now: float, station: StationId | None = None
    ) -> Request | None:
        """The first answer counts; None when there is nothing to answer any more.

        ``station``: who now has the seat that was handed over.
        """
        for request in self.waiting(now):
            if request.id == request_id:
                answered = replace(
                    request,
                    state=RequestState.ADMITTED if admit else RequestState.DECLINED,
                    ends_s=now + ANSWER_KEPT_S,
                    by=by,
                    station=station or request.station,
                )
                self._by_token[request.token] = answered
                return answered
        return None

    def withdraw(self, token: str) -> bool:
        """The asker went, or the yes was used; whether there was one."""
        return self._by_token.pop(token, None) is not None

    def replace_of(self, address: str, person: str, role: RoleId, now: float) -> None:
        """Who asks for the same again, as after a reload of the page, does not wait twice."""
        for request in self.waiting(now):
            if (request.address, request.person, request.role) == (address, person, role):
                self.withdraw(request.token)

    def _age(self, now: float) -> None:
        gone = now - UNHEARD_S
        for request in [r for r in self._by_token.values() if r.state is RequestState.WAITING]:
            if request.heard_s < gone and now < request.ends_s:
                del self._by_token[request.token]
        for request in [r for r in self._by_token.values() if now >= r.ends_s]:
            if request.state is RequestState.WAITING:
                ends_s = request.ends_s + ANSWER_KEPT_S
                self._by_token[request.token] = replace(request, state=RequestState.RUN_OUT, ends_s=ends_s)
            else:
                del self._by_token[request.token]


def clean_name(text: str) -> str:
    """A name as one line of what can be seen: no controls, no marks that turn text around."""
    return " ".join("".join(_seen(text)).split())


def _seen(text: str) -> Iterator[str]:
    for char in unicodedata.normalize("NFC", text):
        if char in _JOINERS or char.isspace():
            yield " " if char.isspace() else char
        elif unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}:
            yield char
