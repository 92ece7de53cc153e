"""One machine plays anything that can happen; after each step everything that must hold is checked."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from soundmesh.core import events as ev
from soundmesh.core.effects import CloseSession, DropLink, Effect, RefuseSignal, RefuseStation
from soundmesh.core.ids import KeyId, LinkId, RoleId, SeatName, SessionId, StationId, TargetId
from soundmesh.core.lanes import LaneTable, pick, settle
from soundmesh.core.permissions import talk_verdict
from soundmesh.core.plan import EMPTY_PLAN, Plan
from soundmesh.core.reply import REPLY
from soundmesh.core.routing import make_plan
from soundmesh.core.show import Latch
from soundmesh.core.state import SignalKind, State, Station
from soundmesh.core.step import next_deadline, step

from .crew import ROWS, SEATS
from .given import (
    LANES,
    ROLES,
    File,
    addresses,
    authors,
    files,
    keys,
    members,
    numbers,
    rows,
    seat_lists,
    tabs,
    wishes,
)
from .oracle import check


class Floor(RuleBasedStateMachine):
    """The show floor: up to four phones, a file that changes, and time."""

    def __init__(self) -> None:
        super().__init__()
        self.file = File(ROWS, SEATS)
        self.show = self.file.show()
        self.state = State()
        self.plan: Plan = EMPTY_PLAN
        self.now = 100.0
        self.counter = 0
        self.links: dict[LinkId, StationId] = {}
        self.next_link = 1
        self.sessions: dict[SessionId, StationId] = {}
        self.next_session = 1
        self.life: dict[StationId, float] = {}
        self.tables: dict[StationId, LaneTable] = {}

    def do(self, event: ev.Event) -> tuple[Effect, ...]:
        before = self.state
        again = step(self.show, before, event, self.now)
        self.state, effects = step(self.show, before, event, self.now)
        assert again == (self.state, effects)
        self.plan = make_plan(self.show, self.state, self.now)
        for effect in effects:
            if isinstance(effect, CloseSession):
                self.sessions.pop(effect.session, None)
            elif isinstance(effect, DropLink):
                assert self.links.pop(effect.link) == effect.station
        self.check_everything()
        return effects

    def check_everything(self) -> None:
        check(self.show, self.state, self.plan, self.now)
        held = {}
        for station in self.state.stations.values():
            for session in (station.media.session, station.media.pending):
                if session is not None:
                    held[session] = station.id
        assert self.sessions == held
        linked = {s.link: s.id for s in self.state.stations.values() if s.link is not None}
        assert self.links == linked
        for number in self.plan.talking:
            self.check_alive(self.state.stations[number])
        self.check_lanes()

    def check_alive(self, station: Station) -> None:
        """No microphone stays open over a phone that said nothing for too long."""
        since = self.now - self.life[station.id]
        for talk in station.talks.values():
            if talk.suspended:
                continue
            if not talk.latched:
                assert since < 0.75
                continue
            assert since < 2.5 if station.media.flowing else since < 1.0
            if station.hidden:
                assert self.show.talk.latch_when_hidden
                assert station.media.flowing

    def check_lanes(self) -> None:
        for listener in set(self.tables) | set(self.plan.ears):
            talkers = [path.talker for path in self.plan.ears.get(listener, ())]
            table = settle(self.tables.get(listener, LaneTable(LANES)), talkers, self.now)
            self.tables[listener] = table
            assert len(table.owners) == LANES
            assert set(table.lane_of) <= set(talkers)
            assert {o: i for i, o in enumerate(table.owners) if o is not None} == table.lane_of
            assert len(talkers) > LANES or set(talkers) == set(table.lane_of)

    @initialize(file=files)
    def open_the_file(self, file: File) -> None:
        """Three phones are here when it begins; a floor that fills slowly shows little."""
        self.file = file
        self.show = file.show()
        for number in (1, 2, 3):
            self.arrive(StationId(number))

    def join(self, number: StationId, role: str, wish: str | None) -> None:
        seat = None if wish is None else SeatName(wish)
        self.do(ev.StationJoined(number, RoleId(role), f"P{number}", seat))

    @rule(number=numbers)
    def arrive(self, number: StationId) -> None:
        """A phone joins, links and delivers: the usual way in."""
        self.do(ev.StationJoined(number, RoleId(ROLES[number % 3]), f"P{number}"))
        self.link(number)
        self.start_session(number)
        for fact in ("up", "resumed"):
            newest = [session for session, owner in self.sessions.items() if owner == number][-1:]
            for session in newest:
                self.tell(number, session, fact)

    def press_any(self, data: st.DataObject) -> tuple[StationId, KeyId] | None:
        """A key that may talk is pressed: what people do most."""
        free = [
            (station.id, key)
            for station in self.state.stations.values()
            if station.role in self.show.roles
            for key in (*(key.id for key in self.show.roles[station.role].keys), REPLY)
            if talk_verdict(self.show, self.state, station, key) is None
        ]
        if not free:
            return None
        number, key = data.draw(st.sampled_from(free))
        self.press(number, key, False)
        return number, key

    @rule(data=st.data())
    def hold(self, data: st.DataObject) -> None:
        self.press_any(data)

    @rule(data=st.data(), cancelled=st.sampled_from([False, False, False, True]))
    def tap(self, data: st.DataObject, cancelled: bool) -> None:
        pressed = self.press_any(data)
        if pressed is not None:
            self.release(*pressed, 50.0, cancelled)

    @rule(data=st.data(), number=numbers, key=keys, what=st.integers(0, 1))
    def stray(self, data: st.DataObject, number: StationId, key: KeyId, what: int) -> None:
        """Presses and releases that are late, refused or of nothing."""
        if what == 0:
            self.press(number, key, data.draw(st.booleans()))
        else:
            self.release(number, key, data.draw(st.sampled_from([50.0, 900.0])), data.draw(st.booleans()))

    @rule(data=st.data(), giver=numbers, number=numbers)
    def hand_over(self, data: st.DataObject, giver: StationId, number: StationId) -> None:
        """The seat somebody has, or a seat that is nobody's."""
        station = self.state.stations.get(giver)
        role = station.role if station is not None else RoleId(data.draw(st.sampled_from(ROLES)))
        seat = station.seat if station is not None else None
        seat = seat or SeatName(data.draw(st.sampled_from(["1", "Cam 1"])))
        had = number in self.state.stations
        effects = self.do(ev.SeatHandedOver(giver, number, role, f"P{number}", seat))
        if any(isinstance(effect, RefuseStation) for effect in effects):
            assert (number in self.state.stations) == had
            return
        assert self.state.stations[number].seat == seat
        assert number not in self.plan.talking

    @rule(data=st.data(), number=numbers, what=st.integers(0, 4))
    def come_or_go(self, data: st.DataObject, number: StationId, what: int) -> None:
        if what == 0:
            self.join(number, data.draw(st.sampled_from(ROLES)), data.draw(wishes))
        elif what == 1:
            self.link(number, data.draw(tabs))
        elif what == 2:
            self.unlink(data)
        elif what == 3:
            self.unlink_an_old_one(number, LinkId(data.draw(st.integers(1, 3))))
        else:
            self.leave(number)

    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        """A reply is pressed by somebody who has been spoken to."""
        waiting = [s.id for s in self.state.stations.values() if s.replies]
        if waiting:
            self.press(data.draw(st.sampled_from(waiting)), REPLY, False)

    @rule(data=st.data(), what=st.integers(0, 5), role=st.sampled_from(ROLES))
    def edit(self, data: st.DataObject, what: int, role: str) -> None:
        if what == 0:
            self.edit_row(role, data.draw(rows))
        elif what == 1:
            self.edit_seats(role, data.draw(seat_lists))
        elif what == 2:
            self.delete_role(role)
        elif what == 3:
            self.save(replace(self.file, members=tuple(data.draw(members))))
        elif what == 4:
            self.save(replace(self.file, mute=data.draw(st.sampled_from([(), ("cam",), ROLES]))))
        else:
            self.edit_keys(data.draw(st.sampled_from(Latch)), data.draw(st.booleans()))

    @rule(data=st.data(), number=numbers, what=st.integers(0, 2))
    def stop(self, data: st.DataObject, number: StationId, what: int) -> None:
        if what == 0:
            self.all_off(number)
        elif what == 1:
            self.unlatch(data.draw(addresses), data.draw(authors))
        else:
            self.kill(data.draw(addresses), data.draw(st.booleans()), data.draw(authors))

    @rule(data=st.data(), number=numbers, key=keys, what=st.integers(0, 2))
    def listen(self, data: st.DataObject, number: StationId, key: KeyId, what: int) -> None:
        if what == 0:
            self.hear(number, key, data.draw(st.booleans()))
        elif what == 1:
            self.turn(number, key, data.draw(st.sampled_from([-20.0, 0.0, 6.0])), data.draw(st.booleans()))
        else:
            owner = st.one_of(st.none(), numbers)
            self.change_lanes(number, [data.draw(owner) for _ in range(LANES)])

    @rule(number=numbers, kind=st.sampled_from(SignalKind), to=addresses)
    def signal(self, number: StationId, kind: SignalKind, to: str) -> None:
        before = self.state.signals
        effects = self.do(ev.SignalGiven(number, kind, to))
        refused = any(isinstance(effect, RefuseSignal) for effect in effects)
        assert not refused or {s.id for s in self.state.signals} <= {s.id for s in before}

    @precondition(lambda self: self.state.signals)
    @rule(data=st.data(), number=numbers, withdrawn=st.booleans())
    def see_a_signal(self, data: st.DataObject, number: StationId, withdrawn: bool) -> None:
        signal = data.draw(st.sampled_from([s.id for s in self.state.signals]))
        self.do((ev.SignalWithdrawn if withdrawn else ev.SignalSeen)(number, signal))

    @rule(number=numbers, other=numbers, aimed=st.booleans())
    def sort_the_stack(self, number: StationId, other: StationId, aimed: bool) -> None:
        self.do((ev.ReplyAimed if aimed else ev.ReplyDismissed)(number, other))

    def link(self, number: StationId, tab: str = "a") -> None:
        link = LinkId(self.next_link)
        self.next_link += 1
        self.links[link] = number
        self.life[number] = self.now
        before = self.state.stations.get(number)
        effects = self.do_link(number, link, tab)
        after = self.state.stations.get(number)
        if after is None or after.link != link:
            assert after == before
            assert not any(isinstance(e, DropLink) for e in effects)
        else:
            assert not after.talks
            if after.media.session is not None:
                assert before is not None
                assert before.media.session == after.media.session
                assert before.tab == tab != ""

    def do_link(self, number: StationId, link: LinkId, tab: str) -> tuple[Effect, ...]:
        """A refused link is closed by whoever opened it, as the switchboard does."""
        self.state, effects = step(self.show, self.state, ev.StationLinked(number, link, tab), self.now)
        self.plan = make_plan(self.show, self.state, self.now)
        for effect in effects:
            if isinstance(effect, CloseSession):
                del self.sessions[effect.session]
            elif isinstance(effect, DropLink):
                del self.links[effect.link]
        station = self.state.stations.get(number)
        if station is None or station.link != link:
            del self.links[link]
        self.check_everything()
        return effects

    def unlink(self, data: st.DataObject) -> None:
        if not self.links:
            return
        link = data.draw(st.sampled_from(sorted(self.links)))
        number = self.links.pop(link)
        self.do(ev.StationUnlinked(number, link))

    def unlink_an_old_one(self, number: StationId, link: LinkId) -> None:
        """The handler of a link that was taken over or dropped ends late."""
        if link not in self.links:
            before = self.state
            self.do(ev.StationUnlinked(number, link))
            assert self.state.stations.keys() == before.stations.keys()

    def leave(self, number: StationId) -> None:
        self.do(ev.StationLeft(number))
        assert number not in self.state.stations

    def press(self, number: StationId, key: KeyId, late: bool) -> None:
        self.counter += not late
        self.life[number] = self.now
        before = self.state.stations.get(number)
        self.do(ev.KeyPressed(number, key, self.counter))
        if key == REPLY and before is not None:
            self.check_reply(before, self.state.stations[number])

    def check_reply(self, before: Station, after: Station) -> None:
        """A reply begins towards the top of the stack, by the matrix or within 60 s; else it goes on."""
        talk = after.talks.get(REPLY)
        old = before.talks.get(REPLY)
        if talk is None or (old is not None and not old.suspended):
            assert talk is None or (old is not None and talk.target == old.target)
            return
        entry = before.replies[0]
        assert talk.target == f"@{entry.station}"
        role = self.show.roles[before.role]
        cell = self.show.cell(before.role, TargetId(self.state.stations[entry.station].role))
        assert cell.talk or (role.reply and (entry.speaking or self.now < entry.at_s + 60))

    def release(self, number: StationId, key: KeyId, held_ms: float, cancelled: bool) -> None:
        self.life[number] = self.now
        before = self.state.stations.get(number)
        self.do(ev.KeyReleased(number, key, self.counter, held_ms, cancelled))
        if before is None or key not in before.talks or before.talks[key].latched:
            return
        talk = self.state.stations[number].talks.get(key)
        if cancelled:
            assert talk is None or talk == before.talks[key]
        elif talk is not None and talk.latched:
            assert not before.talks[key].closing
            assert not before.talks[key].suspended

    @precondition(lambda self: self.held())
    @rule(data=st.data(), held_ms=st.sampled_from([50.0, 900.0]), cancelled=st.booleans())
    def let_go(self, data: st.DataObject, held_ms: float, cancelled: bool) -> None:
        number, key = data.draw(st.sampled_from(self.held()))
        self.release(number, key, held_ms, cancelled)

    def held(self) -> list[tuple[StationId, KeyId]]:
        stations = self.state.stations.values()
        return [(s.id, key) for s in stations for key, talk in s.talks.items() if talk.pressed]

    @rule(number=numbers, held=st.frozensets(keys, max_size=2), hidden=st.sampled_from([False, False, True]))
    def beat(self, number: StationId, held: frozenset[KeyId], hidden: bool) -> None:
        before = self.plan.talking.get(number, frozenset())
        suspended = {
            k for s in self.state.stations.values() if s.id == number for k in s.talks if s.talks[k].suspended
        }
        self.life[number] = self.now
        self.do(ev.Beat(number, held, hidden))
        after = self.plan.talking.get(number, frozenset())
        assert after <= before | (suspended & held)
        if hidden and number in self.state.stations:
            assert not any(talk.pressed for talk in self.state.stations[number].talks.values())

    @rule(number=numbers)
    def beat_all_held(self, number: StationId) -> None:
        station = self.state.stations.get(number)
        held = frozenset() if station is None else frozenset(station.talks)
        self.beat(number, held, False)

    def all_off(self, number: StationId) -> None:
        self.do(ev.TalksClosed(number))
        assert number not in self.plan.talking

    def hear(self, number: StationId, key: KeyId, on: bool) -> None:
        self.counter += 1
        self.do(ev.ListenSet(number, key, self.counter, on))

    def turn(self, number: StationId, key: KeyId, db: float, muted: bool) -> None:
        self.do(ev.VolumeSet(number, key, db, muted))
        self.do(ev.MasterSet(number, db))

    def unlatch(self, address: str, by: StationId | None) -> None:
        before = self.plan.talking
        self.do(ev.Unlatched(address, by))
        assert all(opened <= before[number] for number, opened in self.plan.talking.items())
        if address == "*":
            self.check_spared(by)

    def kill(self, address: str, on: bool, by: StationId | None) -> None:
        before, killed = self.plan.talking, set(self.state.killed)
        self.do(ev.KillSet(address, on, by))
        assert all(opened <= before[number] for number, opened in self.plan.talking.items())
        assert set(self.state.killed) == (killed | {address} if on else killed - {address})
        if on and address == "*":
            self.check_spared(by)

    def check_spared(self, by: StationId | None) -> None:
        """After the whole show was closed: its author's role alone may be talking."""
        author = None if by is None else self.state.stations.get(by)
        talking = {self.state.stations[number].role for number in self.plan.talking}
        assert talking <= (set() if author is None else {author.role})

    def save(self, file: File) -> None:
        before = self.plan.talking
        self.file = file
        self.show = file.show()
        self.do(ev.ShowChanged())
        assert all(opened <= before[number] for number, opened in self.plan.talking.items())

    def edit_row(self, role: str, row: dict[str, str]) -> None:
        self.save(replace(self.file, rows={**self.file.rows, role: row}))

    def edit_seats(self, role: str, seats: tuple[str, ...] | int) -> None:
        self.save(replace(self.file, seats={**self.file.seats, role: seats}))

    def delete_role(self, role: str) -> None:
        self.save(replace(self.file, rows={r: row for r, row in self.file.rows.items() if r != role}))

    def edit_keys(self, latch: Latch, hidden: bool) -> None:
        talk = replace(self.file.talk, latch_when_hidden=hidden)
        self.save(replace(self.file, latch=latch, talk=talk))

    @rule(number=numbers)
    def start_session(self, number: StationId) -> None:
        session = SessionId(f"x{self.next_session}")
        self.next_session += 1
        self.sessions[session] = number
        self.do(ev.SessionStarted(number, session))

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), fact=st.sampled_from(["up", "lost", "resumed", "stalled", "silent"]))
    def any_session_fact(self, data: st.DataObject, fact: str) -> None:
        session = data.draw(st.sampled_from(sorted(self.sessions)))
        self.tell(self.sessions[session], session, fact)

    def tell(self, number: StationId, session: SessionId, fact: str) -> None:
        if fact == "lost":
            del self.sessions[session]
            self.do(ev.SessionLost(number, session))
        elif fact == "silent":
            self.do(ev.UplinkSilent(number, session, True))
        else:
            kind = {"up": ev.SessionUp, "resumed": ev.UplinkResumed, "stalled": ev.UplinkStalled}[fact]
            self.do(kind(number, session))

    def change_lanes(self, number: StationId, lanes: list[StationId | None]) -> None:
        self.do(ev.LanesChanged(number, tuple(lanes)))

    @precondition(lambda self: self.plan.ears)
    @rule(data=st.data(), speaking=st.booleans(), level=st.integers(-127, 0))
    def packet(self, data: st.DataObject, speaking: bool, level: int) -> None:
        listener = data.draw(st.sampled_from(sorted(self.plan.ears)))
        path = data.draw(st.sampled_from(self.plan.ears[listener]))
        self.tables[listener], lane = pick(
            self.tables[listener],
            path.talker,
            speaking=speaking,
            level_dbov=level,
            priority=path.lane_priority,
            now=self.now,
        )
        assert self.tables[listener].lane_of.get(path.talker) == lane

    @rule(seconds=st.sampled_from([0.02, 0.25, 0.7, 0.8, 1.1, 2.0, 31.0, 61.0]))
    def wait(self, seconds: float) -> None:
        """Time passes with a tick at each deadline; each tick moves the deadline on."""
        until = self.now + seconds
        for _ in range(100):
            deadline = next_deadline(self.show, self.state)
            if deadline is None or deadline > until:
                self.now = until
                self.do(ev.Tick())
                return
            self.now = deadline
            self.do(ev.Tick())
        raise AssertionError("the deadlines never end")

    @rule(seconds=st.sampled_from([0.25, 1.0, 3.0, 40.0, 70.0]))
    def oversleep(self, seconds: float) -> None:
        """A machine that stalls ticks late; whatever comes first does what was due."""
        self.now += seconds
        self.do(ev.Tick())


TestFloor = Floor.TestCase
TestFloor.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
