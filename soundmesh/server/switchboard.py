"""The one mutable owner: show, state, plan and the outboxes of the links.

``apply`` is synchronous from event to swapped plan. That is what keeps a
microphone from staying open: a handler that is being cancelled can still
apply its station's end.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import trio

from soundmesh.core import effects as fx
from soundmesh.core import events as ev
from soundmesh.core.ids import LinkId, SessionId, StationId
from soundmesh.core.plan import EMPTY_PLAN, Plan
from soundmesh.core.routing import make_plan
from soundmesh.core.seats import label
from soundmesh.core.show import Show
from soundmesh.core.state import State, Station
from soundmesh.core.step import next_deadline, step
from soundmesh.core.tally import make_tally
from soundmesh.server.engine import MediaEngine
from soundmesh.server.outbox import Outbox
from soundmesh.server.panel import make_panel
from soundmesh.server.roster import make_people
from soundmesh.server.words import AGAIN, farewell, unknown_address, words
from soundmesh.wire import messages as m

log = logging.getLogger(__name__)

LEVELS_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """What the reception lets those with the right ``approve`` see and do, and who is asked for a seat."""

    waiting: Callable[[StationId], list[m.DoorRequest]]
    """Whom this station may answer."""
    decide: Callable[[Station, str, bool], None]
    """Who answers, which request, and whether it is admitted."""
    kick: Callable[[StationId, str, str], bool]
    """Who is sent away, by whom and why; False: there is no such station."""


class Switchboard:
    def __init__(
        self,
        show: Show,
        state: State,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """``on_change``: called after events that may change what a restart must remember."""
        self.show = show
        self.state = state
        self.plan: Plan = EMPTY_PLAN
        self.revision = 1
        self.doorkeeper: Doorkeeper | None = None
        self._media: MediaEngine | None = None
        self._on_change = on_change
        self._outboxes: dict[LinkId, tuple[StationId, Outbox]] = {}
        self._next_link = 1
        self._deadline_moved = trio.Event()
        self._link_closed = trio.Event()

    def connect_media(self, media: MediaEngine) -> None:
        """Give the engine that obeys the plan; once, before the first event."""
        self._media = media
        media.set_plan(self.plan)
        media.set_ports(self.show.ports)

    @property
    def media(self) -> MediaEngine:
        if self._media is None:
            raise RuntimeError("the switchboard has no media engine yet")
        return self._media

    def apply(self, event: ev.Event) -> tuple[fx.Effect, ...]:
        """Let an event happen: new state, new plan in the engine, effects carried out, tallies due."""
        now = trio.current_time()
        before = self.state
        self.state, effects = step(self.show, before, event, now)
        if self.state is before and not effects and not isinstance(event, ev.Tick | ev.ShowChanged):
            return effects
        self._deadline_moved.set()
        if isinstance(event, ev.Beat) and not effects and _only_beats(before, self.state):
            return effects
        self._replan(now)
        for effect in effects:
            self._carry_out(effect)
        if not isinstance(event, ev.Beat | ev.LanesChanged | ev.Tick):
            self._on_change()
        for _, outbox in self._outboxes.values():
            outbox.post_tally()
        return effects

    def change_show(self, show: Show) -> None:
        """The second half of a reload: swap the show, close what it forbids, tell everybody."""
        self.show = show
        self.revision += 1
        if self._media is not None:
            self._media.set_ports(show.ports)
        self.apply(ev.ShowChanged())
        for station_id, outbox in self._outboxes.values():
            station = self.state.stations.get(station_id)
            if station is not None and station.seat is not None:
                outbox.post_panel(make_panel(show, station))
        self.post_requests()

    def open_link(self, station: StationId, tab: str = "", address: str = "") -> tuple[LinkId, Outbox] | None:
        """A new control link of a station takes over; None when it has no seat to come back to.

        ``tab``: the page's name for itself; ``address``: where it comes from.
        """
        link = LinkId(self._next_link)
        self._next_link += 1
        outbox = Outbox(
            lambda: self._tally(station), lambda: self._people(station), lambda: self._requests(station)
        )
        self._outboxes[link] = (station, outbox)
        self.apply(ev.StationLinked(station, link, tab))
        found = self.state.stations.get(station)
        if found is None or found.link != link or found.seat is None:
            del self._outboxes[link]
            return None
        outbox.say(self._welcome(found, address))
        outbox.post_panel(make_panel(self.show, found))
        outbox.post_requests()
        return link, outbox

    def close_link(self, station: StationId, link: LinkId) -> None:
        """The link is gone, whatever the reason; everything the station held is freed now."""
        self._outboxes.pop(link, None)
        self._link_closed.set()
        self.apply(ev.StationUnlinked(station, link))

    async def run(self) -> None:
        """Apply deadlines as they pass and send levels while somebody talks."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._keep_deadlines)
            nursery.start_soon(self._send_levels)

    async def _keep_deadlines(self) -> None:
        while True:
            self._deadline_moved = trio.Event()
            deadline = next_deadline(self.show, self.state)
            with trio.move_on_at(math.inf if deadline is None else deadline):
                await self._deadline_moved.wait()
                continue
            self.apply(ev.Tick())
            await trio.lowlevel.checkpoint()

    async def _send_levels(self) -> None:
        while True:
            await trio.sleep(LEVELS_EVERY_S)
            if not self.plan.talkers and not self.plan.talking:
                continue
            levels = self.media.snapshot().levels
            for _, outbox in self._outboxes.values():
                tally = outbox.sent_tally
                if tally is None:
                    continue
                shown: dict[int, int] = {s: levels[s] for s in tally.state.people if s in levels}
                if shown:
                    outbox.post_levels(m.Levels(of=shown))

    def _replan(self, now: float) -> None:
        plan = make_plan(self.show, self.state, now)
        if plan != self.plan:
            self.plan = plan
            if self._media is not None:
                self._media.set_plan(plan)

    def _tally(self, station: StationId) -> m.Tally | None:
        found = self.state.stations.get(station)
        if found is None or found.seat is None:
            return None
        return m.Tally(state=make_tally(self.show, self.state, self.plan, station))

    def _requests(self, station: StationId) -> m.Requests | None:
        keeper = self.doorkeeper
        if keeper is None:
            return None
        return m.Requests(requests=keeper.waiting(station))

    def may(self, station: StationId, right: str) -> bool:
        """Whether the station is in a seat whose role has the right."""
        found = self.state.stations.get(station)
        role = None if found is None or found.link is None else self.show.roles.get(found.role)
        return role is not None and right in role.rights

    def decide(self, station: StationId, request: str, admit: bool) -> bool:
        """Answer somebody at the door; False for one this station may not answer."""
        keeper = self.doorkeeper
        if keeper is None:
            return False
        mine = any(one.id == request for one in keeper.waiting(station))
        if not mine and not self.may(station, "approve"):
            return False
        keeper.decide(self.state.stations[station], request, admit)
        return True

    def kick(self, station: StationId, other: StationId, why: str) -> bool:
        """Send another station away; False without the right."""
        keeper = self.doorkeeper
        if keeper is None or station == other or not self.may(station, "approve"):
            return False
        keeper.kick(other, label(self.show, self.state.stations[station]), why)
        return True

    def post_requests(self) -> None:
        """Who waits at the door changed."""
        for _, outbox in self._outboxes.values():
            outbox.post_requests()

    def _people(self, station: StationId) -> m.People | None:
        found = self.state.stations.get(station)
        if found is None or found.seat is None:
            return None
        return make_people(self.show, self.state, self.plan, found)

    def _welcome(self, station: Station, address: str) -> m.Welcome:
        used = [max(c.talk, c.listen) for c in station.counters.values()]
        return m.Welcome(
            protocol=m.PROTOCOL,
            station=station.id,
            n=max(used, default=0),
            beat_talking_ms=250,
            beat_idle_ms=1000,
            media="" if station.media.session is None else session_name(station.media.session),
            address=address,
        )

    def _carry_out(self, effect: fx.Effect) -> None:
        match effect:
            case fx.RefuseKey(station, key, counter, reason, by):
                text = words(reason, by)
                self._say(station, m.Refused(key=key, n=counter, reason=reason, text=text, by=by))
            case fx.RefuseSignal(station, to, reason):
                unknown = reason is fx.Reason.UNKNOWN_ADDRESS
                text = unknown_address(self.show, to) if unknown else words(reason)
                self._say(station, m.Notice(kind="warning", text=text))
            case fx.TalkClosed(station, key, reason, by):
                self._say(station, m.Closed(key=key, reason=reason, text=words(reason, by), by=by))
            case fx.DropLink(_, link, reason, by, why):
                _, outbox = self._outboxes.get(link, (None, None))
                if outbox is not None:
                    text = farewell(reason, by, why)
                    outbox.close(m.Gone(reason=reason, text=text, again=reason in AGAIN, by=by, why=why))
            case fx.CloseSession(session):
                self.media.close(session)
            case fx.RefuseStation(station, reason, _):
                log.info("station %s got no seat: %s", station, reason)
            case fx.Seated(station, seat):
                log.info("station %s sits at %s", station, seat)

    def _say(self, station: StationId, message: m.ServerMessage) -> None:
        for owner, outbox in self._outboxes.values():
            if owner == station:
                outbox.say(message)

    def say_to_right(self, right: str, message: m.ServerMessage, also: Collection[StationId] = ()) -> None:
        """One sentence on the panels of every role with that right, and of ``also``."""
        for owner, outbox in self._outboxes.values():
            station = self.state.stations.get(owner)
            role = None if station is None else self.show.roles.get(station.role)
            if owner in also or (role is not None and right in role.rights):
                outbox.say(message)

    def close_all(self, gone: m.Gone) -> None:
        """End every link, as at shutdown."""
        for _, outbox in self._outboxes.values():
            outbox.close(gone)

    async def drained(self) -> None:
        """Wait until the last link has gone."""
        while self._outboxes:
            self._link_closed = trio.Event()
            await self._link_closed.wait()

    def remember(self) -> None:
        """Something beside the state changed that a restart must know."""
        self._on_change()

    def stations(self) -> Sequence[Station]:
        """All known stations by number."""
        return [self.state.stations[k] for k in sorted(self.state.stations)]


def session_id(station: StationId, name: str) -> SessionId:
    """A session under the name its page gave it, which is unique only within the station."""
    return SessionId(f"{station}.{name}")


def session_name(session: SessionId) -> str:
    """The page's own name of a session."""
    return session.partition(".")[2]


def _only_beats(before: State, after: State) -> bool:
    """Whether nothing changed but when stations were heard of: then the plan and the lamps stay."""
    if (before.killed, before.signals) != (after.killed, after.signals):
        return False
    if before.stations.keys() != after.stations.keys():
        return False
    return all(
        old is new or replace(old, beat_s=new.beat_s, hidden=new.hidden) == new
        for old, new in zip(before.stations.values(), map(after.stations.get, before.stations), strict=True)
        if new is not None
    )
