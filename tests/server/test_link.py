"""One control link: greeting, messages, offers, and every way it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
import trio
import trio.testing

from soundmesh.bridge.fake import FakeMedia
from soundmesh.core import events as ev
from soundmesh.core.ids import RoleId, SessionId, StationId
from soundmesh.core.presence import KEPT_S
from soundmesh.core.state import MediaLeg, State
from soundmesh.core.tally import Tally
from soundmesh.server.link import BURST, SILENCE_S, Budget, Link
from soundmesh.server.switchboard import Switchboard
from soundmesh.wire import messages as m
from soundmesh.wire.codec import decode_server, encode_client

from .crewshow import TEXT, crew_show
from .test_switchboard import OFFER

TD, CAM = StationId(1), StationId(2)


@dataclass
class Phone:
    """The far end of a link, over memory channels."""

    to_link: trio.MemorySendChannel[str | bytes]
    from_link: trio.MemoryReceiveChannel[str]
    ended: trio.Event
    cut: trio.CancelScope = field(default_factory=trio.CancelScope)
    """Cancelled as quart-trio cancels the handler of a dropped websocket."""
    welcome: m.Welcome | None = None

    async def send(self, message: m.ClientMessage) -> None:
        await self.to_link.send(encode_client(message))

    async def get(self, kind: type[m.Message]) -> m.Message:
        """The next message of a kind, within 5 s."""
        with trio.fail_after(5):
            while True:
                message = decode_server(await self.from_link.receive())
                if isinstance(message, kind):
                    return message


@dataclass
class Room:
    board: Switchboard
    media: FakeMedia
    nursery: trio.Nursery
    forgotten: list[StationId]

    async def phone(
        self, station: StationId, *, hello: bool = True, tab: str = "", room_for: int = 100
    ) -> Phone:
        """``room_for``: messages that go down before the phone takes them."""
        to_link, receive = trio.open_memory_channel[str | bytes](100)
        send, from_link = trio.open_memory_channel[str](room_for)
        phone = Phone(to_link, from_link, trio.Event())
        link = Link(
            self.board,
            station,
            receive.receive,
            send.send,
            lambda: self.forgotten.append(station),
            address="10.0.0.7",
        )

        async def serve() -> None:
            with phone.cut:
                await link.run()
            phone.ended.set()

        self.nursery.start_soon(serve)
        if hello:
            await phone.send(m.Hello(protocol=m.PROTOCOL, tab=tab))
            welcome = await phone.get(m.Welcome)
            assert isinstance(welcome, m.Welcome)
            phone.welcome = welcome
        return phone


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    board = Switchboard(crew_show(), State())
    media = FakeMedia(board.apply)
    board.connect_media(media)
    board.apply(ev.StationJoined(TD, RoleId("td"), "Ann"))
    board.apply(ev.StationJoined(CAM, RoleId("cam"), "Bo"))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(board.run)
        yield Room(board, media, nursery, [])
        nursery.cancel_scope.cancel()


async def test_hello_is_answered_with_welcome_panel_and_tally(room: Room) -> None:
    phone = await room.phone(TD)
    assert (await phone.get(m.Panel)).person == "Ann"  # type: ignore[attr-defined]
    await phone.get(m.Tally)


async def test_an_old_panel_is_told_to_reload(room: Room) -> None:
    phone = await room.phone(TD, hello=False)
    await phone.send(m.Hello(protocol=99))
    gone = await phone.get(m.Gone)
    assert isinstance(gone, m.Gone)
    assert gone.reason == "reload"


async def test_a_link_that_says_nothing_ends(autojump_clock: trio.testing.MockClock, room: Room) -> None:
    phone = await room.phone(TD, hello=False)
    with trio.fail_after(6):
        await phone.ended.wait()


async def test_a_link_that_falls_silent_is_gone_and_its_talk_before_it(
    autojump_clock: trio.testing.MockClock, room: Room
) -> None:
    phone = await room.phone(TD)
    await phone.send(m.Press(key="main", n=1))
    await phone.get(m.Tally)
    await trio.sleep(1)
    assert not room.board.plan.talking
    with trio.fail_after(SILENCE_S + 1):
        await phone.ended.wait()
    assert room.board.state.stations[TD].link is None


@pytest.mark.parametrize(("held_ms", "stays"), [(600, False), (120, True)])
async def test_down_and_up_that_arrive_together_are_told_apart_by_how_long_the_phone_held(
    room: Room, held_ms: float, stays: bool
) -> None:
    phone = await room.phone(TD)
    await phone.send(m.Press(key="main", n=1))
    await phone.send(m.Release(key="main", n=2, held_ms=held_ms))
    await phone.send(m.BeatMessage(at=1))
    await phone.get(m.Pong)
    assert bool(room.board.state.stations[TD].talks) is stays


async def test_a_beat_is_answered_with_its_own_time(room: Room) -> None:
    phone = await room.phone(TD)
    await phone.send(m.BeatMessage(at=123.5))
    pong = await phone.get(m.Pong)
    assert isinstance(pong, m.Pong)
    assert pong.at == 123.5


async def test_an_offer_is_answered_and_the_session_belongs_to_the_station(room: Room) -> None:
    phone = await room.phone(TD)
    await phone.send(m.Offer(session="abc", sdp=OFFER))
    answer = await phone.get(m.Answer)
    assert isinstance(answer, m.Answer)
    assert (answer.session, answer.sdp[:3]) == ("abc", "v=0")
    assert [s.station for s in room.media.sessions.values()] == [TD]


async def test_a_malformed_offer_is_refused_and_the_link_goes_on(room: Room) -> None:
    phone = await room.phone(TD)
    await phone.send(m.Offer(session="abc", sdp="nonsense"))
    refused = await phone.get(m.MediaRefused)
    assert isinstance(refused, m.MediaRefused)
    assert refused.session == "abc"
    await phone.send(m.BeatMessage(at=1.0))
    await phone.get(m.Pong)


@pytest.mark.parametrize(
    "frame",
    ["", "{", "[]", "null", '{"t":"press"}', '{"t":"nothing"}', '{"t":"press","key":"a","n":0}', b"\xff\xfe"],
)
async def test_a_malformed_frame_ends_that_link_alone(room: Room, frame: str | bytes) -> None:
    other = await room.phone(CAM)
    phone = await room.phone(TD)
    await phone.to_link.send(frame)
    gone = await phone.get(m.Gone)
    assert isinstance(gone, m.Gone)
    assert gone.reason == "bad_message"
    with trio.fail_after(1):
        await phone.ended.wait()
    await other.send(m.BeatMessage(at=1.0))
    await other.get(m.Pong)


async def test_a_flood_ends_the_link_that_floods(room: Room) -> None:
    phone = await room.phone(TD)
    with trio.fail_after(5):
        while not phone.ended.is_set():
            with trio.move_on_after(0.001):
                await phone.send(m.AllOff())


async def test_leaving_frees_the_seat_and_forgets_the_device(room: Room) -> None:
    phone = await room.phone(TD)
    await phone.send(m.Leave())
    gone = await phone.get(m.Gone)
    assert isinstance(gone, m.Gone)
    assert gone.reason == "left"
    assert room.forgotten == [TD]
    assert TD not in room.board.state.stations


async def test_a_second_tab_takes_over_and_the_first_is_told(room: Room) -> None:
    first = await room.phone(TD)
    second = await room.phone(TD)
    gone = await first.get(m.Gone)
    assert isinstance(gone, m.Gone)
    assert gone.reason == "taken_over"
    await first.ended.wait()
    await second.send(m.BeatMessage(at=1.0))
    await second.get(m.Pong)


async def test_an_answer_that_comes_after_a_takeover_is_nobodys(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await room.phone(TD, tab="one", room_for=0)
    second = await room.phone(TD, hello=False)
    answer, asked, go_on = room.media.answer, trio.Event(), trio.Event()

    async def slow(session: SessionId, station: StationId, offer: str) -> str:
        asked.set()
        await go_on.wait()
        return await answer(session, station, offer)

    monkeypatch.setattr(room.media, "answer", slow)
    await first.send(m.Offer(session="abc", sdp=OFFER))
    await asked.wait()
    await second.send(m.Hello(protocol=m.PROTOCOL, tab="two"))
    await second.get(m.Welcome)
    go_on.set()
    await trio.testing.wait_all_tasks_blocked()
    assert room.media.sessions == {}
    assert room.board.state.stations[TD].media == MediaLeg()


async def with_sound(room: Room, tab: str) -> Phone:
    """A director whose session ``abc`` is up."""
    phone = await room.phone(TD, tab=tab)
    await phone.send(m.Offer(session="abc", sdp=OFFER))
    await phone.get(m.Answer)
    room.media.bring_up(room.media.session_of(TD))
    return phone


async def test_a_page_that_lost_its_link_finds_its_session_and_hears_at_once(room: Room) -> None:
    phone = await with_sound(room, "page1")
    other = await room.phone(CAM)
    await other.send(m.Press(key="main", n=1))
    await other.get(m.Tally)
    assert TD in room.board.plan.ears
    phone.cut.cancel()
    await phone.ended.wait()
    assert TD not in room.board.plan.ears
    assert room.board.state.stations[TD].link is None
    again = await room.phone(TD, tab="page1")
    assert again.welcome is not None
    assert (again.welcome.media, again.welcome.address) == ("abc", "10.0.0.7")
    assert TD in room.board.plan.ears
    assert room.media.closed == []


@pytest.mark.parametrize("tab", ["page2", ""])
async def test_another_page_finds_no_session_and_the_old_one_is_closed(room: Room, tab: str) -> None:
    phone = await with_sound(room, "page1")
    phone.cut.cancel()
    await phone.ended.wait()
    again = await room.phone(TD, tab=tab)
    assert again.welcome is not None
    assert again.welcome.media == ""
    assert room.media.sessions == {}


async def test_a_session_that_nobody_comes_back_for_is_closed(
    autojump_clock: trio.testing.MockClock, room: Room
) -> None:
    phone = await with_sound(room, "page1")
    phone.cut.cancel()
    await phone.ended.wait()
    await trio.sleep(KEPT_S - 0.1)
    assert len(room.media.sessions) == 1
    await trio.sleep(0.2)
    assert room.media.sessions == {}


async def test_what_an_old_tab_still_says_does_not_touch_the_new_one(room: Room) -> None:
    first = await room.phone(TD)
    second = await room.phone(TD)
    await second.send(m.Press(key="main", n=1))
    await first.send(m.BeatMessage(at=1.0))
    await trio.testing.wait_all_tasks_blocked()
    assert room.board.plan.talking


async def test_a_station_without_a_seat_is_sent_to_the_door(room: Room) -> None:
    phone = await room.phone(StationId(77), hello=False)
    await phone.send(m.Hello(protocol=m.PROTOCOL))
    gone = await phone.get(m.Gone)
    assert isinstance(gone, m.Gone)
    assert (gone.reason, gone.again) == ("no_seat", False)


def test_the_budget_is_a_burst_and_then_a_rate() -> None:
    budget = Budget(at_s=0.0)
    assert sum(budget.take(0.0) for _ in range(1000)) == int(BURST)
    assert sum(budget.take(1.0) for _ in range(1000)) == 200


@pytest.fixture
async def led(room: Room) -> Room:
    """The director has the rights to call and to kill."""
    text = TEXT.replace('seats = ["TD"]', 'seats = ["TD"]\nrights = ["calls", "kill"]')
    room.board.change_show(crew_show(text))
    return room


async def tally_with(phone: Phone, fits: Callable[[Tally], object]) -> Tally:
    with trio.fail_after(5):
        while True:
            tally = await phone.get(m.Tally)
            assert isinstance(tally, m.Tally)
            if fits(tally.state):
                return tally.state


async def test_a_text_is_seen_acknowledged_and_withdrawn(led: Room) -> None:
    director, camera = await led.phone(TD), await led.phone(CAM)
    await director.send(m.Signal(kind="text", to="cam", text="Wide, please"))
    seen = await tally_with(camera, lambda t: t.signals)
    assert (seen.signals[0].label, seen.signals[0].text) == ("TD (Ann)", "Wide, please")
    await camera.send(m.Acknowledge(signal=seen.signals[0].id))
    sent = await tally_with(director, lambda t: t.sent and t.sent[0].answers[0].after_ms is not None)
    await director.send(m.Withdraw(signal=sent.sent[0].id))
    await tally_with(camera, lambda t: not t.signals)


async def test_a_call_is_shown_on_the_key_and_its_caller_may_be_aimed_at_and_dismissed(led: Room) -> None:
    director, camera = await led.phone(TD), await led.phone(CAM)
    await camera.send(m.Signal(kind="call", to="td"))
    called = await tally_with(director, lambda t: t.reply)
    assert (called.reply[0].calling, called.keys["reply"].caller) == (True, "Cam 1 (Bo)")
    await director.send(m.Aim(station=CAM))
    await director.send(m.Dismiss(station=CAM))
    await tally_with(director, lambda t: not t.reply)


async def test_a_signal_that_may_not_be_is_answered_with_a_sentence(led: Room) -> None:
    await led.phone(TD)
    camera = await led.phone(CAM)
    await camera.send(m.Signal(kind="go", to="guest"))
    notice = await camera.get(m.Notice)
    assert isinstance(notice, m.Notice)
    assert notice.kind == "warning"


async def test_a_kill_and_an_unlatch_need_the_right_and_a_known_address(led: Room) -> None:
    director, camera = await led.phone(TD), await led.phone(CAM)
    for message in (m.Kill(address="td", on=True), m.Unlatch(address="*")):
        await camera.send(message)
        assert "may not" in (await camera.get(m.Notice)).text  # type: ignore[attr-defined]
    for unknown in (m.Kill(address="nobody", on=True), m.Unlatch(address="cam/Cam 9")):
        await director.send(unknown)
        assert f'no "{unknown.address}"' in (await director.get(m.Notice)).text  # type: ignore[attr-defined]
    assert led.board.state.killed == {}
    await camera.send(m.Press(key="main", n=1))
    await tally_with(camera, lambda t: t.keys["main"].talk == "held")
    await director.send(m.Unlatch(address="main"))
    closed = await camera.get(m.Closed)
    assert isinstance(closed, m.Closed)
    assert (closed.reason, closed.by) == ("unlatched", "TD (Ann)")
    assert closed.text == "Closed by TD (Ann). You may open it again."
    await director.send(m.Kill(address="cam/Cam 1", on=True))
    await tally_with(camera, lambda t: t.killed)
    await director.send(m.Kill(address="cam/Cam 1", on=False))
    await tally_with(camera, lambda t: not t.killed)


async def test_an_unknown_address_is_refused_with_the_nearest(led: Room) -> None:
    camera = await led.phone(CAM)
    for given, nearest in (("cam/Cam 11", "cam/Cam 1"), ("Mian", "main"), ("xyzzy", None)):
        await camera.send(m.Signal(kind="call", to=given))
        notice = await camera.get(m.Notice)
        assert isinstance(notice, m.Notice)
        found = "" if nearest is None else f' Did you mean "{nearest}"?'
        assert notice.text == f'There is no "{given}" in the show.{found}'


async def test_signals_faster_than_a_person_can_give_are_refused_with_one_word(led: Room) -> None:
    camera = await led.phone(CAM)
    await led.phone(TD)
    for n in range(30):
        await camera.send(m.Signal(kind="text", to="main", text=str(n)))
    notice = await camera.get(m.Notice)
    assert isinstance(notice, m.Notice)
    assert "Too many" in notice.text
    assert len(led.board.state.signals) == 8
    assert 11 <= led.board.state.next_signal <= 13


async def test_a_kill_of_what_the_show_has_no_more_can_be_lifted(led: Room) -> None:
    director = await led.phone(TD)
    led.board.apply(ev.KillSet("gone", True))
    await director.send(m.Kill(address="gone", on=False))
    await director.send(m.Kill(address="td", on=True))
    await tally_with(director, lambda t: t.killed)
    assert set(led.board.state.killed) == {"td"}


async def test_the_people_come_while_they_are_watched(led: Room) -> None:
    director, camera = await led.phone(TD), await led.phone(CAM)
    await director.send(m.Watch(people=True))
    people = await director.get(m.People)
    assert isinstance(people, m.People)
    assert [(p.place, p.person, p.on, p.talking) for p in people.people] == [("Cam 1", "Bo", ["main"], False)]
    await camera.send(m.Press(key="main", n=1))
    with trio.fail_after(5):
        while not people.people[0].talks:
            people = await director.get(m.People)
            assert isinstance(people, m.People)
    await director.send(m.Watch(people=False))
    await camera.send(m.Release(key="main", n=1, held_ms=900.0, cancel=False))
    await tally_with(director, lambda t: not t.keys["main"].speakers)
    await director.send(m.BeatMessage(at=1.0, held=[], hidden=False))
    await director.get(m.Pong)
    assert led.board.plan.talking == {}


async def test_letting_people_in_needs_the_right(led: Room) -> None:
    camera = await led.phone(CAM)
    await camera.send(m.Decide(request="1", admit=True))
    assert "may not let" in (await camera.get(m.Notice)).text  # type: ignore[attr-defined]
