"""The codec takes every message of the protocol and nothing else."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundmesh.core.effects import Reason
from soundmesh.core.ids import KeyId, SeatName, StationId
from soundmesh.core.tally import (
    AckView,
    AirLamp,
    KeyTally,
    ReplyView,
    SentView,
    SignalKind,
    SignalView,
    TalkLamp,
)
from soundmesh.core.tally import Tally as TallyState
from soundmesh.wire import codec
from soundmesh.wire import messages as m
from soundmesh.wire.codec import WireError, decode_client, decode_server, encode, encode_client

CLIENT = [
    m.Hello(protocol=1),
    m.Press(key="director", n=1),
    m.Press(key="reply", n=2, station=65535),
    m.Release(key="director", n=1, held_ms=120.5),
    m.Release(key="director", n=2**53 - 1, held_ms=0, cancel=True),
    m.AllOff(),
    m.Hear(key="cams", n=7, on=False),
    m.Volume(key="cams", db=-6.0),
    m.Volume(key="cams", db=12.0, muted=True),
    m.Master(db=-120.0),
    m.BeatMessage(at=12345.678, held=["director"], hidden=True),
    m.Offer(session="Ab_-9", sdp="v=0\r\n"),
    m.Restart(session="Ab_-9", sdp="v=0\r\n"),
    m.Leave(),
    m.Signal(kind="call", to="camera/Cam 2"),
    m.Signal(kind="standby", to="cams", text="Cue 42, pan to choir"),
    m.Acknowledge(signal=7),
    m.Withdraw(signal=7),
    m.Aim(station=9),
    m.Dismiss(station=9),
    m.Kill(address="camera", on=True),
    m.Unlatch(address="*"),
    m.Decide(request="Ab_-9", admit=True),
    m.Kick(station=7, why="Wrong seat."),
    m.Watch(people=True),
]

STATE = TallyState(
    seat=SeatName("Cam 1"),
    keys={
        KeyId("director"): KeyTally(
            talk=TalkLamp.LATCHED,
            air=AirLamp.NO_SOUND,
            listen=True,
            volume_db=-3.0,
            muted=False,
            talk_counter=4,
            listen_counter=2,
            open_to=3,
            online=5,
            speakers=(StationId(7),),
            why=Reason.KILLED,
        )
    },
    lanes=(StationId(7), None),
    via={StationId(7): (KeyId("director"),), StationId(9): ()},
    people={StationId(7): "Director (Maria)"},
    master_db=0.0,
    media=True,
    addresses={StationId(7): "director/Director 1"},
    priority={StationId(7): 200},
    signals=(SignalView(4, SignalKind.STANDBY, StationId(7), "Director (Maria)", "Cue 42", False),),
    sent=(
        SentView(5, SignalKind.CALL, "cams", "Cameras", "", (AckView("Cam 2", 840), AckView("Cam 3", None))),
    ),
    reply=(ReplyView(StationId(7), "Director (Maria)", True, True),),
    killed=True,
)

KEY = m.PanelKey("d", "Director", "blue", "channel", "auto", True, True, False, True, True, -14, "d")
WHERE = m.PanelAddress("camera/Cam 2", "Cam 2", "seat")
PERSON = m.Person(
    7, "camera/Cam 2", "Cam 2", "Jo", "Camera", "here", ["d"], ["d"], [], True, False, False, True
)

SERVER = [
    m.Welcome(protocol=1, station=7, n=40, beat_talking_ms=250, beat_idle_ms=1000),
    m.Panel(
        show="Sunday",
        role="camera",
        role_name="Camera",
        seat="Cam 1",
        person="Jo",
        lanes=8,
        tap_ms=200,
        latch_when_hidden=False,
        remind_s=60,
        dim_attack_ms=50,
        dim_hold_ms=700,
        dim_release_ms=400,
        rights=["calls"],
        reply=True,
        keys=[KEY],
        addresses=[WHERE],
    ),
    m.People(people=[PERSON], killed=["camera"]),
    m.Requests([m.DoorRequest("Ab_-9", "Sam", "Camera", "Cam 3", False)]),
    m.Tally(state=STATE),
    m.Levels(of={7: -23, 9: -127}),
    m.Answer(session="a", sdp="v=0\r\n"),
    m.MediaRefused(session="a", text="Not opus."),
    m.Refused(key="d", n=3, reason="listen_only", text="Your role may only listen here."),
    m.Closed(key="d", reason="killed", text="Closed."),
    m.Notice(kind="info", text="Hello – früh"),
    m.Gone(reason="taken_over", text="Another tab.", again=False),
    m.Gone(
        reason="kicked", text="Maria sent you away.", again=False, by="Maria (Director)", why="Wrong seat."
    ),
    m.Pong(at=1.5),
]


@pytest.mark.parametrize("message", CLIENT, ids=lambda one: type(one).__name__)
def test_a_client_message_survives_the_wire(message: m.ClientMessage) -> None:
    assert decode_client(encode_client(message)) == message
    assert decode_client(encode_client(message).encode()) == message


@pytest.mark.parametrize("message", SERVER, ids=lambda one: type(one).__name__)
def test_a_server_message_survives_the_wire(message: m.ServerMessage) -> None:
    assert decode_server(encode(message)) == message


def test_every_message_of_the_protocol_was_tried_above() -> None:
    assert {type(one) for one in CLIENT} == set(m.ClientMessage.__args__)
    assert {type(one) for one in SERVER} == set(m.ServerMessage.__args__)


def test_station_numbers_are_strings_in_a_frame_and_numbers_in_the_program() -> None:
    assert json.loads(encode(m.Levels(of={7: -23}))) == {"t": "levels", "of": {"7": -23}}


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "{",
        "[]",
        "null",
        '"hello"',
        "{}",
        '{"t":"welcome","protocol":1}',
        '{"t":"sudo"}',
        '{"t":"press","key":"d"}',
        '{"t":"press","key":"","n":1}',
        '{"t":"press","key":"' + "k" * 65 + '","n":1}',
        '{"t":"press","key":"d","n":0}',
        '{"t":"press","key":"d","n":9007199254740992}',
        '{"t":"press","key":"d","n":1,"also":2}',
        '{"t":"release","key":"d","n":1,"held_ms":-1}',
        '{"t":"release","key":"d","n":1,"held_ms":NaN}',
        '{"t":"release","key":"d","n":1,"held_ms":1e999}',
        '{"t":"volume","key":"d","db":12.5}',
        '{"t":"master","db":-121}',
        '{"t":"hear","key":"d","n":1,"on":1}',
        '{"t":"offer","session":"a b","sdp":""}',
        '{"t":"offer","session":"' + "a" * 65 + '","sdp":""}',
        '{"t":"beat","at":1,"held":[' + ",".join(['"d"'] * 65) + "]}",
        "[" * 100_000,
        '{"t":"press","key":"\ud800","n":1}',
        b"\xff\xfe",
    ],
    ids=lambda raw: repr(raw[:40]),
)
def test_a_frame_that_is_no_message_is_one_wire_error(raw: str | bytes) -> None:
    with pytest.raises(WireError):
        decode_client(raw)


def test_an_offer_may_be_as_long_as_its_sdp_may_and_no_longer() -> None:
    assert decode_client(encode_client(m.Offer(session="a", sdp="x" * m.MAX_SDP_BYTES)))
    with pytest.raises(WireError):
        decode_client(encode_client(m.Offer(session="a", sdp="x" * (m.MAX_SDP_BYTES + 1))))


def test_any_other_message_is_short() -> None:
    padded = '{"t":"leave"' + " " * m.MAX_MESSAGE_BYTES + "}"
    with pytest.raises(WireError, match="Leave"):
        decode_client(padded)
    with pytest.raises(WireError, match="Leave"):
        decode_client(padded.encode())


def test_a_huge_frame_is_refused_unread() -> None:
    with pytest.raises(WireError, match="at most"):
        decode_client(b"{" * (codec.MAX_FRAME_BYTES + 1))
    with pytest.raises(WireError, match="at most"):
        decode_client("ä" * (codec.MAX_FRAME_BYTES // 2 + 1))


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_no_bytes_raise_anything_but_a_wire_error(raw: str | bytes) -> None:
    with contextlib.suppress(WireError):
        decode_client(raw)
