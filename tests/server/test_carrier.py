"""The control link by both its carriers, and what only the second one has to withstand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio

from soundmesh.core.ids import StationId
from soundmesh.server import link as links
from soundmesh.server.carrier import MAX_STREAMS, MAX_WAITING, Stream, Taken
from soundmesh.server.guard import MAX_BODY_BYTES
from soundmesh.wire import messages as m
from soundmesh.wire.codec import encode_client

from .carriers import CAM, TD, Box, HttpPhone, open_box
from .test_switchboard import OFFER

CARRIERS = ("websocket", "http")
BEAT = encode_client(m.BeatMessage(at=1.0))


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with open_box(tmp_path) as made:
        yield made


async def http(box: Box, station: StationId = TD) -> HttpPhone:
    made = await box.phone("http", station)
    assert isinstance(made, HttpPhone)
    return made


# What a link does, by whatever carries it.


@pytest.mark.parametrize("carrier", CARRIERS)
async def test_hello_is_answered_and_a_press_opens_its_talk(box: Box, carrier: str) -> None:
    phone = await box.phone(carrier, TD)
    await phone.get(m.Panel)
    await phone.get(m.Tally)
    await phone.say(m.Press(key="main", n=1), m.BeatMessage(at=5.5, held=["main"]))
    pong = await phone.get(m.Pong)
    assert isinstance(pong, m.Pong)
    assert pong.at == 5.5
    assert box.board.plan.talking[TD] == {"main"}


@pytest.mark.parametrize("carrier", CARRIERS)
async def test_a_dropped_connection_ends_the_link_and_its_talk_at_once(box: Box, carrier: str) -> None:
    phone = await box.phone(carrier, TD)
    await phone.say(m.Press(key="main", n=1))
    await phone.get(m.Tally)
    await phone.cut()
    await box.until_gone(TD)
    assert not box.board.plan.talking


@pytest.mark.parametrize("first", CARRIERS)
@pytest.mark.parametrize("second", CARRIERS)
async def test_the_newest_link_takes_over_by_whatever_it_comes(box: Box, first: str, second: str) -> None:
    old = await box.phone(first, TD)
    await box.phone(second, TD)
    gone = await old.get(m.Gone)
    assert isinstance(gone, m.Gone)
    assert gone.reason == "taken_over"
    await old.ended()
    assert box.board.state.stations[TD].link is not None


@pytest.mark.parametrize("first", CARRIERS)
@pytest.mark.parametrize("second", CARRIERS)
async def test_a_page_finds_its_session_again_by_whatever_it_returns(
    box: Box, first: str, second: str
) -> None:
    phone = await box.phone(first, TD, tab="page")
    await phone.say(m.Offer(session="abc", sdp=OFFER))
    await phone.get(m.Answer)
    box.media.bring_up(box.media.session_of(TD))
    await phone.cut()
    again = await box.phone(second, TD, tab="page")
    assert again.welcome is not None
    assert (again.welcome.media, again.welcome.address) == ("abc", "127.0.0.1")


@pytest.mark.parametrize("carrier", CARRIERS)
async def test_leaving_ends_the_link_and_the_session(box: Box, carrier: str) -> None:
    phone = await box.phone(carrier, TD)
    await phone.say(m.Leave())
    gone = await phone.get(m.Gone)
    assert isinstance(gone, m.Gone)
    assert gone.reason == "left"
    await phone.ended()
    assert TD not in box.board.state.stations


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("frame", ["", "{", "null", '{"t":"press"}', '{"t":"nothing"}', "x" * 20_000])
async def test_a_malformed_message_ends_that_link_alone(box: Box, carrier: str, frame: str) -> None:
    other = await box.phone(carrier, CAM)
    phone = await box.phone(carrier, TD)
    await phone.say_raw(frame)
    gone = await phone.get(m.Gone)
    assert isinstance(gone, m.Gone)
    assert gone.reason == "bad_message"
    await phone.ended()
    await other.say(m.BeatMessage(at=1.0))
    await other.get(m.Pong)


@pytest.mark.parametrize("carrier", CARRIERS)
async def test_a_flood_ends_the_link_that_floods(box: Box, carrier: str) -> None:
    phone = await box.phone(carrier, TD)
    flood = [encode_client(m.AllOff())] * 50
    for _ in range(int(links.BURST) // 50 + 1):
        await phone.say_raw(*flood)
    await phone.ended()
    await box.until_gone(TD)


@pytest.mark.parametrize("carrier", CARRIERS)
async def test_a_link_that_falls_silent_is_gone(
    box: Box, carrier: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "SILENCE_S", 0.3)
    phone = await box.phone(carrier, TD)
    gone = await phone.get(m.Gone)
    assert isinstance(gone, m.Gone)
    assert (gone.reason, gone.again) == ("silent", True)
    await phone.ended()


# Only the second carrier.


async def test_the_stream_is_one_of_events_and_never_cached(box: Box) -> None:
    phone = await http(box)
    assert phone.head.startswith("HTTP/1.1 200")
    assert "content-type: text/event-stream" in phone.head.lower()
    assert "cache-control: no-store" in phone.head.lower()


async def test_opening_a_stream_alone_takes_nothing_over(box: Box) -> None:
    phone = await box.phone("websocket", TD)
    await box.silent("http", TD)
    await phone.say(m.BeatMessage(at=1.0))
    await phone.get(m.Pong)


async def test_a_stream_that_never_says_hello_ends(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "HELLO_S", 0.2)
    await (await box.silent("http", TD)).ended()


async def test_too_many_streams_of_one_station_are_refused_and_of_another_are_not(box: Box) -> None:
    for _ in range(MAX_STREAMS):
        await box.silent("http", TD)
    stream = await trio.open_tcp_stream("127.0.0.1", box.port)
    await stream.send_all(box.head("GET", "/api/v1/link/events", TD))
    assert b"429" in await stream.receive_some(100)
    await http(box, CAM)


async def test_a_batch_that_is_repeated_is_taken_once(box: Box) -> None:
    phone = await http(box)
    press = encode_client(m.Press(key="main", n=1))
    release = encode_client(m.Release(key="main", n=2, held_ms=900))
    assert (await phone.send(2, press)).status == 200
    assert (await phone.send(3, release)).status == 200
    for n in (1, 2, 3):
        assert (await phone.send(n, encode_client(m.Press(key="main", n=9)))).status == 200
    assert (await phone.send(4, BEAT)).status == 200
    await phone.get(m.Pong)
    assert not box.board.plan.talking


async def test_a_batch_that_comes_too_early_is_refused_and_changes_nothing(box: Box) -> None:
    phone = await http(box)
    answer = await phone.send(7, encode_client(m.Press(key="main", n=1)))
    assert (answer.status, answer.body["error"]) == (409, "too_early")
    assert (await phone.send(2, BEAT)).status == 200
    await phone.get(m.Pong)
    assert not box.board.plan.talking


async def test_nobody_speaks_on_anothers_stream(box: Box) -> None:
    phone = await http(box)
    body = {"carrier": phone.name, "n": 2, "frames": [encode_client(m.Press(key="main", n=1))]}
    assert (await box.post(body, CAM)).status == 410
    assert (await box.post(body, None)).status == 401
    assert (await box.post(body, TD, origin="https://elsewhere.example")).status == 403
    assert (await box.post({**body, "carrier": "guessed"}, TD)).status == 410
    assert not box.board.plan.talking


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b'{"carrier":"a","n":1}',
        b'{"carrier":"a","n":0,"frames":["x"]}',
        b'{"carrier":"a","n":1,"frames":[]}',
        b'{"carrier":"a","n":1,"frames":[{}]}',
        b'{"carrier":"a","n":1,"frames":["x"],"more":1}',
    ],
)
async def test_a_malformed_body_is_refused_and_the_link_goes_on(box: Box, raw: bytes) -> None:
    phone = await http(box)
    assert (await box.post(None, TD, raw=raw)).status in (400, 415)
    assert (await phone.send(2, BEAT)).status == 200
    await phone.get(m.Pong)


async def test_a_huge_body_is_refused_and_the_link_goes_on(box: Box) -> None:
    phone = await http(box)
    raw = b'{"carrier":"' + b"a" * MAX_BODY_BYTES + b'","n":2,"frames":["x"]}'
    assert (await box.post(None, TD, raw=raw)).status == 413
    assert (await phone.send(2, BEAT)).status == 200
    await phone.get(m.Pong)


async def test_a_stream_that_is_over_takes_no_more(box: Box) -> None:
    phone = await http(box)
    await phone.cut()
    await box.until_gone(TD)
    assert (await phone.send(2, BEAT)).status == 410


async def test_many_streams_that_vanish_leave_nothing(box: Box) -> None:
    other = await box.phone("websocket", CAM)
    for _ in range(30):
        phone = await http(box)
        await phone.cut()
    await box.until_gone(TD)
    await other.say(m.BeatMessage(at=1.0))
    await other.get(m.Pong)
    await http(box)


async def test_a_phone_that_stops_reading_its_stream_is_dropped_and_nobody_waits(box: Box) -> None:
    other = await box.phone("http", CAM)
    await http(box)
    for _ in range(40):
        for outbox_owner, outbox in box.board._outboxes.values():
            if outbox_owner == TD:
                outbox.say(m.Notice(kind="info", text="x" * 500_000))
    await other.say(m.BeatMessage(at=1.0))
    await other.get(m.Pong)
    await box.until_gone(TD)


def test_a_batch_is_taken_whole_or_not_at_all() -> None:
    stream = Stream(TD)
    assert stream.take(1, ["x"] * (MAX_WAITING - 1)) is Taken.YES
    assert stream.take(2, ["x", "y"]) is Taken.TOO_MANY
    assert stream.take(2, ["x"]) is Taken.YES
    assert stream.take(2, ["x"]) is Taken.BEFORE
