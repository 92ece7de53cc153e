"""From event to swapped plan in one synchronous call; deadlines, links and reloads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import trio
import trio.testing

from soundmesh.bridge.fake import FakeMedia
from soundmesh.core import events as ev
from soundmesh.core.ids import KeyId, LinkId, RoleId, SessionId, StationId
from soundmesh.core.state import State
from soundmesh.core.tally import AirLamp, TalkLamp
from soundmesh.server.outbox import Outbox
from soundmesh.server.switchboard import Switchboard
from soundmesh.wire import messages as m

from .crewshow import TEXT, crew_show

TD, CAM, GUEST = StationId(1), StationId(2), StationId(3)
MAIN = KeyId("main")

OFFER = """v=0
o=- 1 1 IN IP4 0.0.0.0
s=-
t=0 0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=fingerprint:sha-256 00:11
m=audio 9 UDP/TLS/RTP/SAVPF 111
a=mid:0
a=sendonly
a=rtpmap:111 opus/48000/2
m=audio 9 UDP/TLS/RTP/SAVPF 111
a=mid:1
a=recvonly
a=rtpmap:111 opus/48000/2
"""


@dataclass
class Desk:
    """A switchboard with a fake engine and three people."""

    board: Switchboard
    media: FakeMedia
    links: dict[StationId, tuple[LinkId, Outbox]] = field(default_factory=dict)

    async def bring(self, station: StationId, role: str) -> Outbox:
        self.board.apply(ev.StationJoined(station, RoleId(role), f"P{station}"))
        opened = self.board.open_link(station)
        assert opened is not None
        self.links[station] = opened
        session = SessionId(f"s{station}")
        await self.media.answer(session, station, OFFER)
        self.board.apply(ev.SessionStarted(station, session))
        self.media.bring_up(session)
        return opened[1]

    def say(self, outbox: Outbox) -> list[m.ServerMessage]:
        """What the link would be sent now."""
        said = []
        while (message := outbox._next()) is not None:
            said.append(message)
        return said


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    board = Switchboard(crew_show(), State())
    media = FakeMedia(board.apply)
    board.connect_media(media)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(board.run)
        yield Desk(board, media)
        nursery.cancel_scope.cancel()


def tallies(said: list[m.ServerMessage]) -> list[m.Tally]:
    return [message for message in said if isinstance(message, m.Tally)]


async def test_a_press_is_in_the_engine_before_apply_returns(desk: Desk) -> None:
    await desk.bring(TD, "td")
    await desk.bring(CAM, "cam")
    desk.board.apply(ev.KeyPressed(TD, MAIN, 1))
    assert [p.talker for p in desk.media.plan.ears[CAM]] == [TD]


async def test_a_link_starts_with_welcome_panel_and_tally(desk: Desk) -> None:
    said = desk.say(await desk.bring(TD, "td"))
    assert [type(message) for message in said[:3]] == [m.Welcome, m.Panel, m.Tally]
    panel = said[1]
    assert isinstance(panel, m.Panel)
    assert (panel.seat, panel.person, [k.id for k in panel.keys]) == ("TD", "P1", ["main"])


async def test_a_confirmed_talk_is_on_air_in_the_tally_with_its_counter(desk: Desk) -> None:
    outbox = await desk.bring(TD, "td")
    await desk.bring(CAM, "cam")
    desk.say(outbox)
    desk.board.apply(ev.KeyPressed(TD, MAIN, 7))
    (tally,) = tallies(desk.say(outbox))
    lamp = tally.state.keys[MAIN]
    assert (lamp.talk, lamp.air, lamp.talk_counter, lamp.open_to) == (TalkLamp.HELD, AirLamp.ON, 7, 1)


async def test_closing_a_link_closes_the_talk_at_once(desk: Desk) -> None:
    await desk.bring(TD, "td")
    await desk.bring(CAM, "cam")
    desk.board.apply(ev.KeyPressed(TD, MAIN, 1))
    desk.board.close_link(TD, desk.links[TD][0])
    assert CAM not in desk.media.plan.ears
    assert desk.media.plan.talking.get(TD) is None


async def test_a_talk_without_beats_is_closed_by_the_deadline_task(
    autojump_clock: trio.testing.MockClock, desk: Desk
) -> None:
    await desk.bring(TD, "td")
    await desk.bring(CAM, "cam")
    desk.board.apply(ev.KeyPressed(TD, MAIN, 1))
    await trio.sleep(0.7)
    assert desk.media.plan.ears
    await trio.sleep(0.1)
    assert not desk.media.plan.ears


async def test_a_reload_that_forbids_a_talk_cuts_it_and_says_why(desk: Desk) -> None:
    outbox = await desk.bring(CAM, "cam")
    await desk.bring(TD, "td")
    desk.board.apply(ev.KeyPressed(CAM, MAIN, 1))
    desk.board.apply(ev.KeyPressed(TD, MAIN, 1))
    desk.say(outbox)
    desk.board.change_show(crew_show(TEXT.replace('cam = ["TL", "T"]', 'cam = ["L", "T"]')))
    assert list(desk.media.plan.talking) == [TD]
    said = desk.say(outbox)
    closed = [message for message in said if isinstance(message, m.Closed)]
    assert [(c.key, c.reason) for c in closed] == [("main", "show_changed")]
    panel = next(message for message in said if isinstance(message, m.Panel))
    assert not panel.keys[0].may_talk


async def test_a_second_link_takes_over_and_the_first_is_told(desk: Desk) -> None:
    first = await desk.bring(TD, "td")
    desk.board.apply(ev.KeyPressed(TD, MAIN, 1))
    assert desk.board.open_link(TD) is not None
    last = [message async for message in first.stream()][-1]
    assert isinstance(last, m.Gone)
    assert (last.reason, last.again) == ("taken_over", False)
    assert not desk.media.plan.talking


async def test_the_end_of_an_old_link_does_not_touch_the_new_one(desk: Desk) -> None:
    await desk.bring(TD, "td")
    opened = desk.board.open_link(TD)
    assert opened is not None
    desk.board.close_link(TD, desk.links[TD][0])
    assert desk.board.state.stations[TD].link == opened[0]


async def test_nobody_without_a_seat_gets_a_link(desk: Desk) -> None:
    assert desk.board.open_link(StationId(99)) is None


async def test_levels_go_only_to_those_who_see_the_talker(
    autojump_clock: trio.testing.MockClock, desk: Desk
) -> None:
    cam = await desk.bring(CAM, "cam")
    guest = await desk.bring(GUEST, "guest")
    await desk.bring(TD, "td")
    desk.media.set_levels({CAM: -20, TD: -30, GUEST: -90})
    desk.board.apply(ev.KeyPressed(CAM, KeyId("td"), 1))
    for outbox in (cam, guest):
        desk.say(outbox)
    await trio.sleep(0.15)
    assert not any(isinstance(message, m.Levels) for message in desk.say(guest))


async def test_a_killed_microphone_is_refused_with_its_reason(desk: Desk) -> None:
    outbox = await desk.bring(CAM, "cam")
    desk.board.apply(ev.KillSet("cam", True))
    desk.say(outbox)
    desk.board.apply(ev.KeyPressed(CAM, MAIN, 4))
    refused = [message for message in desk.say(outbox) if isinstance(message, m.Refused)]
    assert [(r.key, r.n, r.reason) for r in refused] == [("main", 4, "killed")]
    assert not desk.media.plan.talking


async def test_only_events_worth_remembering_touch_the_state_file() -> None:
    touched: list[int] = []
    board = Switchboard(crew_show(), State(), on_change=lambda: touched.append(1))
    board.connect_media(FakeMedia(board.apply))
    board.apply(ev.StationJoined(TD, RoleId("td"), "Ann"))
    before = len(touched)
    assert before
    board.apply(ev.Beat(TD, frozenset()))
    board.apply(ev.Tick())
    assert len(touched) == before


async def test_a_beat_of_nothing_new_makes_no_plan_and_no_tally(desk: Desk) -> None:
    outbox = await desk.bring(TD, "td")
    await desk.bring(CAM, "cam")
    desk.board.apply(ev.KeyPressed(TD, MAIN, 1))
    desk.say(outbox)
    plan = desk.board.plan
    desk.board.apply(ev.Beat(TD, frozenset({MAIN})))
    assert desk.board.plan is plan
    assert desk.say(outbox) == []


async def test_a_beat_that_lets_go_of_a_key_closes_its_talk(desk: Desk) -> None:
    await desk.bring(TD, "td")
    await desk.bring(CAM, "cam")
    desk.board.apply(ev.KeyPressed(TD, MAIN, 1))
    desk.board.apply(ev.Beat(TD, frozenset()))
    assert not desk.media.plan.talking
