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
TabName = Annotated[str, Meta(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")]
Address = Annotated[str, Meta(min_length=1, max_length=64)]
Line = Annotated[str, Meta(max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line of text."""
Sdp = Annotated[str, Meta(max_length=MAX_SDP_BYTES)]


class Message(Struct, frozen=True, tag_field="t", forbid_unknown_fields=True):
    pass


# Client to appliance.


class Hello(Message, frozen=True, tag="hello"):
    """First message of a link. The newest link of a station takes over from an older one.

    ``tab``: a random name of this page, new with each load: by it a returning page finds its media session.
    """

    protocol: int
    tab: TabName = ""


class Press(Message, frozen=True, tag="press"):
    """``station``: on the reply key, whom it shows to its person; 0: whoever is on top."""

    key: KeyName
    n: Counter
    station: Annotated[int, Meta(ge=0, le=65535)] = 0


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


class Signal(Message, frozen=True, tag="signal"):
    """Call, cue or text to an address: a channel, role, group or ``role/seat``."""

    kind: Literal["call", "standby", "go", "text"]
    to: Address
    text: Line = ""


class Acknowledge(Message, frozen=True, tag="acknowledge"):
    """I have seen this call, cue or text."""

    signal: int


class Withdraw(Message, frozen=True, tag="withdraw"):
    """Take back a signal I gave."""

    signal: int


class Aim(Message, frozen=True, tag="aim"):
    """Put this station on top of my reply stack."""

    station: int


class Dismiss(Message, frozen=True, tag="dismiss"):
    """Take this station off my reply stack."""

    station: int


class Kill(Message, frozen=True, tag="kill"):
    """Mic kill of an address, set or lifted; needs the right ``kill``."""

    address: Address
    on: bool


class Unlatch(Message, frozen=True, tag="unlatch"):
    """Close every talk of an address once; needs the right ``kill``."""

    address: Address


class Decide(Message, frozen=True, tag="decide"):
    """Answer somebody who asks at the door; see ``Requests``."""

    request: Annotated[str, Meta(max_length=64)]
    admit: bool


class Kick(Message, frozen=True, tag="kick"):
    """Send a station away: its session ends, its seat is free; needs the right ``approve``."""

    station: Annotated[int, Meta(ge=1, le=65535)]
    why: Line = ""


class Watch(Message, frozen=True, tag="watch"):
    """Whether a list of people is in front: then ``People`` come."""

    people: bool


ClientMessage = (
    Hello
    | Press
    | Release
    | AllOff
    | Hear
    | Volume
    | Master
    | BeatMessage
    | Offer
    | Restart
    | Leave
    | Signal
    | Acknowledge
    | Withdraw
    | Aim
    | Dismiss
    | Kill
    | Unlatch
    | Decide
    | Kick
    | Watch
)


# Appliance to client.


class PanelKey(Struct, frozen=True):
    id: str
    label: str
    color: str
    kind: Literal["channel", "role", "seat", "group", "ifb", "port"]
    latch: Literal["momentary", "latching", "auto"]
    may_talk: bool
    may_listen: bool
    forced: bool
    """The listen is always open."""
    armed: bool
    may_call: bool
    dim_db: int
    """How much this listen is lowered while a path of higher priority speaks; 0: never."""
    address: str
    """The target, as signals and kills name it."""


class PanelAddress(Struct, frozen=True):
    """Where a role with the right ``calls`` or ``kill`` may aim beyond its keys."""

    address: str
    label: str
    kind: Literal["channel", "role", "seat", "group", "ifb"]


class Welcome(Message, frozen=True, tag="welcome"):
    """The link is the station's. ``n``: counters at or below this were used before."""

    protocol: int
    station: int
    n: int
    beat_talking_ms: int
    beat_idle_ms: int
    media: str = ""
    """The page's media session that still stands, by the name it was offered with; empty: none."""
    address: str = ""
    """Where this link comes from, as the appliance sees it: a page that finds it changed has moved."""


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
    remind_s: int
    """A latched talk reminds its person this often; 0: never."""
    dim_attack_ms: int
    dim_hold_ms: int
    dim_release_ms: int
    rights: list[str]
    reply: bool
    """The panel has a reply key."""
    keys: list[PanelKey]
    addresses: list[PanelAddress]


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
    """A press or listen was not applied. ``by``: as in ``Closed``."""

    key: str
    n: int
    reason: str
    text: str
    by: str = ""


class Closed(Message, frozen=True, tag="closed"):
    """A talk was closed by something else than its person.

    ``by``: for the reasons ``killed`` and ``unlatched`` who did it; empty: the box itself.
    """

    key: str
    reason: str
    text: str
    by: str = ""


class Person(Struct, frozen=True):
    """One station as another sees it."""

    station: int
    address: str
    """``role/seat``"""
    place: str
    person: str
    role_name: str
    state: Literal["here", "lost"]
    on: list[str]
    """My keys on whose lines this person is."""
    talks: list[str]
    """My keys this person talks on."""
    hears: list[str]
    """My keys this person listens to."""
    talking: bool
    """Any talk of this person is open, whether or not over a key of mine."""
    latched: bool
    killed: bool
    media: bool


class People(Message, frozen=True, tag="people"):
    """Everybody this station shares a line with; all of the crew for the rights ``calls`` and ``kill``."""

    people: list[Person]
    killed: list[str]
    """Addresses under a mic kill; empty without the right ``kill``."""


class DoorRequest(Struct, frozen=True):
    id: str
    person: str
    role_name: str
    seat: str
    hand_over: bool
    """Somebody has this seat and is asked to give it up."""
    holder: str = ""
    """Who has it."""
    mine: bool = False
    """It is the seat of who reads this."""


class Requests(Message, frozen=True, tag="requests"):
    """Who waits at the door for an answer of this station."""

    requests: list[DoorRequest]


class Notice(Message, frozen=True, tag="notice"):
    """One sentence for the person."""

    kind: Literal["info", "warning"]
    text: str


class Gone(Message, frozen=True, tag="gone"):
    """The link ends and why; ``again``: reconnecting makes sense by itself."""

    reason: str
    text: str
    again: bool
    by: str = ""
    """Who decided it, or who has the seat now."""
    why: str = ""
    """What that person wrote."""


class Pong(Message, frozen=True, tag="pong"):
    at: float


ServerMessage = (
    Welcome
    | Panel
    | Tally
    | People
    | Requests
    | Levels
    | Answer
    | MediaRefused
    | Refused
    | Closed
    | Notice
    | Gone
    | Pong
)
