"""The bodies of the HTTP interface: the door (join) and the control socket."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Name = Annotated[str, Meta(min_length=1, max_length=40)]


class DoorSeat(Struct, frozen=True):
    name: str
    holder: str | None


class DoorRole(Struct, frozen=True):
    id: str
    name: str
    seats: list[DoorSeat]
    """Named seats; empty for a role with any number of seats."""
    free: int | None
    """Free seats, None for any number."""
    pin: bool
    """Whether a PIN opens this role."""
    ask: bool = False
    """Whether somebody without a PIN or an invite may ask for a seat."""


class Door(Struct, frozen=True):
    """GET /api/v1/door, public: what the join screen needs."""

    show: str
    roles: list[DoorRole]
    time_s: float
    """Wall clock of the appliance."""
    me: Me | None
    """The session this browser already has."""
    invite: DoorInvite | None = None
    """What ``?invite=`` opens; looking at it spends nothing."""


class Me(Struct, frozen=True):
    role: str
    person: str
    seat: str | None


class DoorInvite(Struct, frozen=True):
    role: str
    role_name: str


class Say(Struct, frozen=True, forbid_unknown_fields=True):
    """POST /api/v1/link/say: messages up a link without a websocket, each as the text a websocket carries."""

    carrier: Annotated[str, Meta(max_length=64)]
    n: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    """Of the batch: 1, then one more with each."""
    frames: Annotated[list[str], Meta(min_length=1, max_length=64)]


class Ask(Struct, frozen=True, forbid_unknown_fields=True):
    """POST /api/v1/ask: a person without PIN or invite asks for a seat. Answered with ``Asked``.

    With ``hand_over`` its holder is asked for it: then ``pin`` or ``invite`` prove the right to the role,
    unless the role lets anybody ask.
    """

    name: Name
    role: Annotated[str, Meta(max_length=64)] = ""
    """May be left out with an invite."""
    seat: Annotated[str, Meta(max_length=64)] | None = None
    hand_over: bool = False
    pin: Annotated[str, Meta(max_length=32)] | None = None
    invite: Annotated[str, Meta(max_length=64)] | None = None


class Asked(Struct, frozen=True):
    """How it stands; again by GET /api/v1/ask/TOKEN. Once admitted, the token is the proof of a join."""

    token: str
    state: Literal["waiting", "admitted", "declined", "run_out"]
    by: str
    """Who answered, as the crew calls that person."""


class Join(Struct, frozen=True, forbid_unknown_fields=True):
    """POST /api/v1/join. One of ``pin``, ``invite`` and ``ask``. Sets the session cookie."""

    name: Name
    role: Annotated[str, Meta(max_length=64)] = ""
    """May be left out with an invite."""
    seat: Annotated[str, Meta(max_length=64)] | None = None
    pin: Annotated[str, Meta(max_length=32)] | None = None
    invite: Annotated[str, Meta(max_length=64)] | None = None
    ask: Annotated[str, Meta(max_length=64)] | None = None
    """The token of a request that was admitted."""


class Joined(Struct, frozen=True):
    station: int
    role: str
    seat: str


class Fault(Struct, frozen=True):
    """Every error body: a code for programs, a sentence for people."""

    error: str
    text: str
    details: list[str] = []
    retry_s: float | None = None


class MakeInvite(Struct, frozen=True, forbid_unknown_fields=True):
    """POST /invite on the control socket."""

    role: Annotated[str, Meta(max_length=64)]
    uses: Annotated[int, Meta(ge=1, le=1000)] = 1
    minutes: Annotated[int, Meta(ge=1, le=60 * 24 * 31)] = 60


class Invite(Struct, frozen=True):
    role: str
    url: str
    """On the first address; ``urls`` has one for each."""
    urls: list[str]
    trust_url: str
    uses: int
    minutes: int


class SetPin(Struct, frozen=True, forbid_unknown_fields=True):
    """POST /pin on the control socket. ``pin`` None clears it."""

    role: Annotated[str, Meta(max_length=64)]
    pin: Annotated[str, Meta(min_length=4, max_length=32, pattern=r"^[0-9]+$")] | None


class SetKill(Struct, frozen=True, forbid_unknown_fields=True):
    """POST /kill on the control socket."""

    address: Annotated[str, Meta(max_length=130)]
    on: bool


class Kick(Struct, frozen=True, forbid_unknown_fields=True):
    """POST /kick on the control socket: the station's session ends and its seat is free."""

    station: Annotated[int, Meta(ge=1, le=65535)]
    why: Annotated[str, Meta(max_length=80)] = ""


class Waiting(Struct, frozen=True):
    """Somebody at the door who waits for an answer."""

    id: str
    person: str
    role: str
    seat: str | None
    """None: any free one."""
    holder: str
    """Who is asked to hand the seat over; empty: a free seat is asked for."""
    address: str


class WaitingList(Struct, frozen=True):
    """GET /requests on the control socket."""

    requests: list[Waiting]


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """POST /requests on the control socket: the answer to one of them."""

    id: Annotated[str, Meta(max_length=16)]
    admit: bool


class StationStatus(Struct, frozen=True):
    station: int
    role: str
    seat: str | None
    person: str
    link: str
    """``here``, ``lost`` or ``away``."""
    media: bool
    talks: list[str]
    """Keys whose talk is open."""
    hears: list[int]
    """Stations in this ear by the plan."""
    loss: float | None = None
    rtt_ms: float | None = None


class ProgramStatus(Struct, frozen=True):
    id: str
    playing: str
    """The file or tone that is heard; nothing while nobody listens."""
    listeners: int
    packets: int
    """Encoded since the start, once for all who listen."""
    alarm: bool
    """There is nothing that can be played: its listeners hear silence."""
    ended: bool
    troubles: list[str]
    """One sentence for each thing that cannot be played."""


class KillStatus(Struct, frozen=True):
    """A mic kill that stands."""

    address: str
    by: str
    """Who did it; empty: the box itself."""


class SignalStatus(Struct, frozen=True):
    """A call, cue or text that stands."""

    kind: str
    sender: str
    to: str
    """The address it was given to."""
    text: str
    given_to: int
    acknowledged: int
    age_s: float


class Status(Struct, frozen=True):
    """GET /status on the control socket; what ``soundmesh status --json`` prints."""

    version: str
    show: str
    file: str
    revision: int
    problems: list[str]
    """Of the file as it is now, when the running show is an older one."""
    urls: list[str]
    trust_url: str
    fingerprint: str
    """SHA-256 of the box's own certificate authority, to compare on a phone before trusting it."""
    media: list[str]
    """address:port of the UDP side."""
    stations: list[StationStatus]
    uptime_s: float
    programs: list[ProgramStatus] = []
    kills: list[KillStatus] = []
    signals: list[SignalStatus] = []
