"""What waits to be written to one control link.

State (panel, tally, people, levels, pong) coalesces: only the latest is sent, and a
tally is made when the link can take it, never before. The people are a long list: they
come at most four times a second, and only while they are watched. One-shots queue to 64;
a link that falls further behind is closed and resyncs by reconnecting.
Putting something in never blocks, so the switchboard never waits for a phone.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import AsyncIterator, Callable

import trio

from soundmesh.wire import messages as m

MAX_ONE_SHOTS = 64
PEOPLE_EVERY_S = 0.25


class Outbox:
    """Owned by the switchboard; drained by one link's writer."""

    def __init__(
        self,
        make_tally: Callable[[], m.Tally | None],
        make_people: Callable[[], m.People | None] = lambda: None,
        make_requests: Callable[[], m.Requests | None] = lambda: None,
    ) -> None:
        self._make_tally = make_tally
        self._make_people = make_people
        self._make_requests = make_requests
        self._requests_due = False
        self._last_requests: m.Requests | None = None
        self._watched = False
        self._people_due = False
        self._people_from_s = -math.inf
        self._last_people: m.People | None = None
        self._one_shots: deque[m.ServerMessage] = deque()
        self._panel: m.Panel | None = None
        self._levels: m.Levels | None = None
        self._pong: m.Pong | None = None
        self._tally_due = False
        self._last_tally: m.Tally | None = None
        self._wake = trio.Event()
        self._gone: m.Gone | None = None
        self.overflowed = False

    @property
    def sent_tally(self) -> m.Tally | None:
        """The tally the phone has now."""
        return self._last_tally

    @property
    def closed(self) -> bool:
        """The link is to end: what it still says is of no account."""
        return self._gone is not None

    def say(self, message: m.ServerMessage) -> None:
        """Queue a one-shot."""
        if len(self._one_shots) >= MAX_ONE_SHOTS:
            self.overflowed = True
            self.close(m.Gone(reason="behind", text="The connection was too slow. Reconnecting.", again=True))
            return
        self._one_shots.append(message)
        self._wake.set()

    def post_panel(self, panel: m.Panel) -> None:
        self._panel = panel
        self._last_tally = None
        self.post_tally()

    def watch(self, people: bool) -> None:
        """Whether the phone shows the list of people."""
        self._watched = self._people_due = people
        self._last_people = None
        self._wake.set()

    def post_tally(self) -> None:
        """Something changed: a tally is due, and the people where they are watched."""
        self._tally_due = True
        self._people_due = self._watched
        self._wake.set()

    def post_requests(self) -> None:
        """Who waits at the door may have changed."""
        self._requests_due = True
        self._wake.set()

    def post_levels(self, levels: m.Levels) -> None:
        self._levels = levels
        self._wake.set()

    def post_pong(self, pong: m.Pong) -> None:
        self._pong = pong
        self._wake.set()

    def close(self, gone: m.Gone) -> None:
        """Say ``gone`` after what is queued, then end the stream. The first reason stands."""
        if self._gone is None:
            self._gone = gone
            self._wake.set()

    async def stream(self) -> AsyncIterator[m.ServerMessage]:
        """Messages in the order to send them, until ``close``."""
        while True:
            while (message := self._next()) is not None:
                yield message
            if self._gone is not None:
                yield self._gone
                return
            self._wake = trio.Event()
            with trio.move_on_at(self._people_from_s if self._people_due else math.inf):
                await self._wake.wait()

    def _next(self) -> m.ServerMessage | None:
        if self._one_shots:
            return self._one_shots.popleft()
        message: m.ServerMessage | None
        if self._panel is not None:
            message, self._panel = self._panel, None
            return message
        if self._tally_due:
            self._tally_due = False
            tally = self._make_tally()
            if tally is not None and tally != self._last_tally:
                self._last_tally = tally
                return tally
        if self._requests_due:
            self._requests_due = False
            requests = self._make_requests()
            if requests is not None and requests != self._last_requests:
                self._last_requests = requests
                return requests
        if self._people_due and (now := trio.current_time()) >= self._people_from_s:
            self._people_due = False
            self._people_from_s = now + PEOPLE_EVERY_S
            people = self._make_people()
            if people is not None and people != self._last_people:
                self._last_people = people
                return people
        if self._pong is not None:
            message, self._pong = self._pong, None
            return message
        if self._levels is not None:
            message, self._levels = self._levels, None
            return message
        return None
