"""A small show, a crew to play it with, and what must hold after every step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from soundmesh.core import events as ev
from soundmesh.core.effects import Effect
from soundmesh.core.ids import KeyId, LinkId, RoleId, SeatName, SessionId, StationId, TargetId
from soundmesh.core.plan import Plan
from soundmesh.core.routing import make_plan
from soundmesh.core.show import (
    FIRST_PORT,
    Cell,
    Key,
    Latch,
    Listen,
    Port,
    Role,
    Show,
    Talk,
    Target,
    TargetKind,
)
from soundmesh.core.state import State, Station
from soundmesh.core.step import next_deadline, step
from soundmesh.core.tally import Tally, make_tally

from .oracle import check

SEATS: Mapping[str, tuple[str, ...] | int] = {"td": 1, "cam": ("Cam 1", "Cam 2"), "guest": 0}
NAMES = {"td": "Director", "cam": "Camera", "guest": "Guest"}
ROWS: Mapping[str, Mapping[str, str]] = {
    "td": {"main": "TL", "prod": "TL!", "cam": "T"},
    "cam": {"main": "TL", "prod": "L?", "td": "T", "cam": "T"},
    "guest": {"main": "L", "prod": "Tm"},
}


def cell(text: str) -> Cell:
    """A cell in the file's short spelling."""
    listen = Listen.NONE
    if "L" in text:
        listen = Listen.FORCED if "!" in text else Listen.OFF if "?" in text else Listen.ON
    return Cell("T" in text, listen, "m" in text)


def make_show(
    rows: Mapping[str, Mapping[str, str]] = ROWS,
    *,
    seats: Mapping[str, tuple[str, ...] | int] = SEATS,
    channels: Mapping[str, int] | None = None,
    latches: Mapping[str, Latch] | None = None,
    priorities: Mapping[str, int] | None = None,
    extra_keys: Mapping[str, tuple[Key, ...]] | None = None,
    talk: Talk | None = None,
    more: Iterable[Target] = (),
    ports: Mapping[str, int] | None = None,
    mute: Iterable[str] = (),
) -> Show:
    """A show from a grid. ``channels``: their priorities; ``latches``: by key id.

    ``more``: groups, ifbs and seats; ``ports``: their priorities; ``mute``: roles that do not reply.
    """
    channels = channels or {"main": 0, "prod": 2}
    latches, priorities, extra_keys = latches or {}, priorities or {}, extra_keys or {}
    targets = {
        TargetId(c): Target(TargetId(c), TargetKind.CHANNEL, c, priority=p) for c, p in channels.items()
    }
    targets |= {TargetId(r): Target(TargetId(r), TargetKind.ROLE, NAMES.get(r, r)) for r in rows}
    targets |= {target.id: target for target in more}
    ports = ports or {}
    targets |= {TargetId(p): Target(TargetId(p), TargetKind.PORT, p, priority=n) for p, n in ports.items()}
    roles = {}
    for role, row in rows.items():
        keys = tuple(
            Key(KeyId(t), TargetId(t), t, "grey", latches.get(t, Latch.AUTO))
            for t in row
            if row[t] != "-" and t in targets
        )
        keys += extra_keys.get(role, ())
        made = Role(
            RoleId(role),
            NAMES.get(role, role),
            tuple(SeatName(s) for s in found) if isinstance(found := seats[role], tuple) else found,
            keys,
            priority=priorities.get(role, 0),
            reply=role not in mute,
        )
        roles[made.id] = made
    matrix = {
        RoleId(role): {TargetId(t): cell(text) for t, text in row.items() if text != "-" and t in targets}
        for role, row in rows.items()
    }
    numbered = {
        TargetId(p): Port(TargetId(p), StationId(FIRST_PORT + i), p.title(), n, tone_hz=440)
        for i, (p, n) in enumerate(ports.items())
    }
    return Show("Test", targets, roles, matrix, talk=talk or Talk(), ports=numbered)


def group(name: str, *members: str, priority: int = 0) -> Target:
    """A group of channels and roles."""
    reached = tuple(TargetId(m) for m in members)
    return Target(TargetId(name), TargetKind.GROUP, name, priority=priority, members=reached)


def ifb(name: str, source: str, priority: int = 0) -> Target:
    """An ifb with its program."""
    return Target(TargetId(name), TargetKind.IFB, name, priority=priority, source=TargetId(source))


def seat(role: str, name: str) -> Target:
    """A seat that a key points at."""
    target = TargetId(f"{role}/{name}")
    return Target(target, TargetKind.SEAT, name, role=RoleId(role), seat=SeatName(name))


def key_to(target: str, *, name: str = "", priority: int = 0, latch: Latch = Latch.AUTO) -> Key:
    """A key beside those of the grid."""
    return Key(KeyId(name or target), TargetId(target), target, "grey", latch, priority=priority)


def changed(rows: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    """The grid with some rows replaced."""
    return {**ROWS, **rows}


@dataclass
class Crew:
    """Plays events and checks every invariant after each."""

    show: Show = field(default_factory=make_show)
    now: float = 1000.0
    state: State = field(default_factory=State)
    plan: Plan = field(default_factory=lambda: Plan({}, {}, {}))
    counter: int = 0
    links: int = 0

    def do(self, event: ev.Event) -> tuple[Effect, ...]:
        self.state, effects = step(self.show, self.state, event, self.now)
        self.plan = make_plan(self.show, self.state, self.now)
        check(self.show, self.state, self.plan, self.now)
        return effects

    def join(self, number: int, role: str, seat: str | None = None, person: str = "") -> tuple[Effect, ...]:
        wish = None if seat is None else SeatName(seat)
        return self.do(ev.StationJoined(StationId(number), RoleId(role), person or f"P{number}", wish))

    def link(self, number: int, tab: str = "") -> tuple[Effect, ...]:
        self.links += 1
        return self.do(ev.StationLinked(StationId(number), LinkId(self.links), tab))

    def unlink(self, number: int) -> tuple[Effect, ...]:
        link = self.at(number).link
        assert link is not None
        return self.do(ev.StationUnlinked(StationId(number), link))

    def media(self, number: int, name: str = "") -> SessionId:
        """A session that is up and delivers."""
        session = SessionId(name or f"s{number}")
        self.do(ev.SessionStarted(StationId(number), session))
        self.do(ev.SessionUp(StationId(number), session))
        self.do(ev.UplinkResumed(StationId(number), session))
        return session

    def sit(self, number: int, role: str, seat: str | None = None, person: str = "") -> None:
        """Join, link and be heard."""
        self.join(number, role, seat, person)
        self.link(number)
        self.media(number)

    def press(
        self, number: int, key: str, counter: int | None = None, *, other: int | None = None
    ) -> tuple[Effect, ...]:
        self.counter = self.counter + 1 if counter is None else counter
        shown = None if other is None else StationId(other)
        return self.do(ev.KeyPressed(StationId(number), KeyId(key), self.counter, shown))

    def release(
        self,
        number: int,
        key: str,
        held_ms: float = 900.0,
        *,
        cancelled: bool = False,
        counter: int | None = None,
    ) -> tuple[Effect, ...]:
        used = self.counter if counter is None else counter
        return self.do(ev.KeyReleased(StationId(number), KeyId(key), used, held_ms, cancelled))

    def tap(self, number: int, key: str) -> tuple[Effect, ...]:
        return self.press(number, key) + self.release(number, key, 120.0)

    def beat(self, number: int, *held: str, hidden: bool = False) -> tuple[Effect, ...]:
        return self.do(ev.Beat(StationId(number), frozenset(KeyId(k) for k in held), hidden))

    def hear(self, number: int, key: str, on: bool, counter: int | None = None) -> tuple[Effect, ...]:
        self.counter = self.counter + 1 if counter is None else counter
        return self.do(ev.ListenSet(StationId(number), KeyId(key), self.counter, on))

    def volume(self, number: int, key: str, db: float, muted: bool = False) -> tuple[Effect, ...]:
        return self.do(ev.VolumeSet(StationId(number), KeyId(key), db, muted))

    def kill(self, address: str, on: bool = True, by: int | None = None) -> tuple[Effect, ...]:
        return self.do(ev.KillSet(address, on, None if by is None else StationId(by)))

    def change(self, show: Show) -> tuple[Effect, ...]:
        self.show = show
        return self.do(ev.ShowChanged())

    def wait(self, seconds: float) -> tuple[Effect, ...]:
        """Let time pass, with a tick at each deadline as the appliance does."""
        until = self.now + seconds
        effects: tuple[Effect, ...] = ()
        for _ in range(1000):
            deadline = next_deadline(self.show, self.state)
            if deadline is None or deadline > until:
                self.now = until
                return effects
            self.now = deadline
            effects += self.do(ev.Tick())
        raise AssertionError("the deadlines never end")

    def beating(self, seconds: float, held: Mapping[int, Iterable[str]]) -> tuple[Effect, ...]:
        """Let time pass while these stations beat every 250 ms."""
        effects: tuple[Effect, ...] = ()
        for _ in range(round(seconds / 0.25)):
            effects += self.wait(0.25)
            for number, keys in held.items():
                effects += self.beat(number, *keys)
        return effects

    def at(self, number: int) -> Station:
        return self.state.stations[StationId(number)]

    def tally(self, number: int) -> Tally:
        return make_tally(self.show, self.state, self.plan, StationId(number))

    def talks(self, number: int) -> set[str]:
        """The keys whose talk is open."""
        return set(self.plan.talking.get(StationId(number), ()))

    def ears(self, number: int) -> dict[int, tuple[str, ...]]:
        """Whom a station hears, and over what."""
        return {p.talker: p.targets for p in self.plan.ears.get(StationId(number), ())}
