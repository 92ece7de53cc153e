"""The messages of a control link, as tagged structs (the tag is the field ``t``).

A client sends one of ``ClientMessage`` and gets ``ServerMessage``s, each one
JSON text frame. State messages (``Panel``, ``Tally``, ``Levels``) replace the
one before; the others are said once.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from soundmesh.core.tally import Tally as TallyState

PROTOCOL = 1
MAX_MESSAGE_BYTES = 16 * 1024
"""A longer frame ends the link; an SDP offer alone may be longer."""
MAX_SDP_BYTES = 64 * 1024

KeyName = Annotated[str, Meta(min_length=1, max_length=64)]
Counter = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Decibels = Annotated[float, Meta(ge=-120.0, le=12.0)]
SessionName = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Sdp = Annotated[str, Meta(max_length=MAX_SDP_BYTES)]


class Message(Struct, frozen=True, tag_field="t", forbid_unknown_fields=True):
    pass


# Client to appliance.


class Hello(Message, frozen=True, tag="hello"):
    """First message of a link. The newest link of a station takes over from an older one."""

    protocol: int


class Press(Message, frozen=True, tag="press"):
    key: KeyName
    n: Counter


class Release(Message, frozen=True, tag="release"):
    """``held_ms`` by the pointer events' own time stamps; ``cancel`` for every end that is no release."""

    key: KeyName
    n: Counter
    held_ms: Annotated[float, Meta(ge=0, le=86_400_000)]
    cancel: bool = False


class AllOff(Message, frozen=True, tag="all_off"):
    """Close every talk of mine."""


class Hear(Message, frozen=True, tag="hear"):
    """Open or close a listen."""

    key: KeyName
    n: Counter
    on: bool


class Volume(Message, frozen=True, tag="volume"):
    key: KeyName
    db: Decibels
    muted: bool = False


class Master(Message, frozen=True, tag="master"):
    db: Decibels


class BeatMessage(Message, frozen=True, tag="beat"):
    """Sign of life. ``at`` comes back in ``Pong``; ``held`` are the keys physically down."""

    at: float
    held: Annotated[list[KeyName], Meta(max_length=64)] = []
    hidden: bool = False


class Offer(Message, frozen=True, tag="offer"):
    """A new media session of this station; the client names it (random, once)."""

    session: SessionName
    sdp: Sdp


class Restart(Message, frozen=True, tag="restart"):
    """An ICE restart of a running session."""

    session: SessionName
    sdp: Sdp


class Leave(Message, frozen=True, tag="leave"):
    """Give up the seat and forget this device's session."""


ClientMessage = (
    Hello | Press | Release | AllOff | Hear | Volume | Master | BeatMessage | Offer | Restart | Leave
)


# Appliance to client.


class PanelKey(Struct, frozen=True):
    id: str
    label: str
    color: str
    kind: Literal["channel", "role"]
    latch: Literal["momentary", "latching", "auto"]
    may_talk: bool
    may_listen: bool
    forced: bool
    """The listen is always open."""
    armed: bool


class Welcome(Message, frozen=True, tag="welcome"):
    """The link is the station's. ``n``: counters at or below this were used before."""

    protocol: int
    station: int
    n: int
    beat_talking_ms: int
    beat_idle_ms: int


class Panel(Message, frozen=True, tag="panel"):
    """What the show gives this station; sent at start and after each reload."""

    show: str
    role: str
    role_name: str
    seat: str
    """What the crew calls this station, such as ``Cam 2``."""
    person: str
    lanes: int
    tap_ms: int
    latch_when_hidden: bool
    keys: list[PanelKey]


class Tally(Message, frozen=True, tag="tally"):
    """The station's lamps now."""

    state: TallyState


class Levels(Message, frozen=True, tag="levels"):
    """Loudness per talker heard or shown, dBov (-127 to 0), about 10 a second while anybody talks."""

    of: dict[int, int]


class Answer(Message, frozen=True, tag="answer"):
    session: str
    sdp: str


class MediaRefused(Message, frozen=True, tag="media_refused"):
    """The offer or restart was not taken; make a new session."""

    session: str
    text: str


class Refused(Message, frozen=True, tag="refused"):
    """A press or listen was not applied."""

    key: str
    n: int
    reason: str
    text: str


class Closed(Message, frozen=True, tag="closed"):
    """A talk was closed by something else than its person."""

    key: str
    reason: str
    text: str


class Notice(Message, frozen=True, tag="notice"):
    """One sentence for the person."""

    kind: Literal["info", "warning"]
    text: str


class Gone(Message, frozen=True, tag="gone"):
    """The link ends and why; ``again``: reconnecting makes sense by itself."""

    reason: str
    text: str
    again: bool


class Pong(Message, frozen=True, tag="pong"):
    at: float


ServerMessage = (
    Welcome | Panel | Tally | Levels | Answer | MediaRefused | Refused | Closed | Notice | Gone | Pong
)
