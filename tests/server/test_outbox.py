"""State coalesces, one-shots queue to a limit, and nothing ever blocks the switchboard."""

from __future__ import annotations

import trio
from trio.testing import MockClock

from soundmesh.core.ids import RoleId, SeatName, StationId
from soundmesh.core.state import Station
from soundmesh.core.tally import Tally
from soundmesh.server.outbox import MAX_ONE_SHOTS, Outbox
from soundmesh.server.panel import make_panel
from soundmesh.wire import messages as m

from .crewshow import crew_show


def tally(master_db: float) -> m.Tally:
    return m.Tally(Tally("1", {}, (), {}, {}, master_db, media=False))


def gone(reason: str) -> m.Gone:
    return m.Gone(reason=reason, text="Bye.", again=False)


async def everything(outbox: Outbox) -> list[m.ServerMessage]:
    outbox.close(gone("test"))
    return [message async for message in outbox.stream()][:-1]


async def test_only_the_latest_tally_is_sent_and_it_is_made_when_sent() -> None:
    made: list[float] = []

    def make() -> m.Tally:
        made.append(-1.0)
        return tally(-1.0)

    outbox = Outbox(make)
    for _ in range(10):
        outbox.post_tally()
    assert made == []
    assert await everything(outbox) == [tally(-1.0)]
    assert made == [-1.0]


async def test_a_tally_that_says_nothing_new_is_not_sent() -> None:
    outbox = Outbox(lambda: tally(0.0))
    outbox.post_tally()
    stream = outbox.stream()
    assert await anext(stream) == tally(0.0)
    outbox.post_tally()
    assert await everything(outbox) == []


async def test_the_people_come_four_times_a_second_however_much_changes(autojump_clock: MockClock) -> None:
    made: list[float] = []

    def make() -> m.People:
        made.append(trio.current_time())
        return m.People(people=[], killed=[str(len(made))])

    outbox = Outbox(lambda: None, make)
    got: list[m.ServerMessage] = []

    async def drain() -> None:
        async for message in outbox.stream():
            got.append(message)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(drain)
        outbox.post_tally()
        await trio.sleep(1.0)
        assert got == []
        outbox.watch(people=True)
        for _ in range(200):
            outbox.post_tally()
            await trio.sleep(0.01)
        assert len(made) == 8
        outbox.post_tally()
        await trio.sleep(1.0)
        assert got[-1] == m.People(people=[], killed=["9"])
        outbox.watch(people=False)
        outbox.post_tally()
        await trio.sleep(1.0)
        assert len(made) == 9
        outbox.close(gone("test"))


async def test_a_new_panel_is_always_followed_by_a_tally() -> None:
    show = crew_show()
    panel = make_panel(show, Station(StationId(1), RoleId("td"), "Ann", seat=SeatName("TD")))
    outbox = Outbox(lambda: tally(0.0))
    outbox.post_tally()
    stream = outbox.stream()
    await anext(stream)
    outbox.post_panel(panel)
    assert await everything(outbox) == [panel, tally(0.0)]


async def test_levels_and_pongs_replace_the_ones_before() -> None:
    outbox = Outbox(lambda: None)
    for i in range(5):
        outbox.post_levels(m.Levels(of={1: -i}))
        outbox.post_pong(m.Pong(at=i))
    assert await everything(outbox) == [m.Pong(at=4), m.Levels(of={1: -4})]


async def test_one_shots_keep_their_order_and_precede_state() -> None:
    outbox = Outbox(lambda: tally(0.0))
    outbox.post_tally()
    notices = [m.Notice(kind="info", text=str(i)) for i in range(3)]
    for notice in notices:
        outbox.say(notice)
    assert await everything(outbox) == [*notices, tally(0.0)]


async def test_a_link_that_falls_too_far_behind_is_told_to_come_again() -> None:
    outbox = Outbox(lambda: None)
    for i in range(MAX_ONE_SHOTS + 5):
        outbox.say(m.Notice(kind="info", text=str(i)))
    messages = [message async for message in outbox.stream()]
    assert len(messages) == MAX_ONE_SHOTS + 1
    assert isinstance(messages[-1], m.Gone)
    assert messages[-1].again
    assert outbox.overflowed


async def test_the_first_reason_to_close_stands() -> None:
    outbox = Outbox(lambda: None)
    outbox.close(gone("first"))
    outbox.close(gone("second"))
    assert [message async for message in outbox.stream()] == [gone("first")]


async def test_a_waiting_stream_wakes_for_what_comes(autojump_clock: trio.testing.MockClock) -> None:
    outbox = Outbox(lambda: None)
    got: list[m.ServerMessage] = []

    async def reader() -> None:
        async for message in outbox.stream():
            got.append(message)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(reader)
        await trio.testing.wait_all_tasks_blocked()
        outbox.post_pong(m.Pong(at=1))
        await trio.testing.wait_all_tasks_blocked()
        assert got == [m.Pong(at=1)]
        outbox.close(gone("end"))
    assert got[-1] == gone("end")
