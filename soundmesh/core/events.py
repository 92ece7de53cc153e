"""Facts that happened, the only input of ``core.step`` beside time and the show."""

from __future__ import annotations

from dataclasses import dataclass

from soundmesh.core.effects import Reason
from soundmesh.core.ids import KeyId, LinkId, RoleId, SeatName, SessionId, StationId, TargetId
from soundmesh.core.state import SignalKind


@dataclass(frozen=True, slots=True)
class StationJoined:
    """A person proved a right to a role and asks for a seat of it (None: any)."""

    station: StationId
    role: RoleId
    person: str
    seat: SeatName | None = None


@dataclass(frozen=True, slots=True)
class StationLinked:
    """A control link opened for a station that joined before; it replaces an older link.

    ``tab``: the page's own name, empty when it has none. A page that comes back finds its media session.
    """

    station: StationId
    link: LinkId
    tab: str = ""


@dataclass(frozen=True, slots=True)
class StationUnlinked:
    """That control link is gone. Ignored when a newer link has taken over."""

    station: StationId
    link: LinkId


@dataclass(frozen=True, slots=True)
class StationLeft:
    """The person left for good, or was sent away: the seat is free at once.

    ``by`` and ``why``: who sent the person away and the words for it, for the screen.
    """

    station: StationId
    reason: Reason = Reason.LEFT
    by: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class SeatHandedOver:
    """The giver's seat goes to another person in one step, with nothing of the giver's on it.

    When the giver no longer sits there, this is a join that asks for that seat.
    ``by``: whom the giver's screen names: the new person for ``HANDED_OVER``, who decided for ``SEAT_GIVEN``.
    """

    giver: StationId
    station: StationId
    role: RoleId
    person: str
    seat: SeatName
    reason: Reason = Reason.HANDED_OVER
    by: str = ""


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """``other``: whom the reply key showed as it went down; None: whoever is on top, or another key."""

    station: StationId
    key: KeyId
    counter: int
    other: StationId | None = None


@dataclass(frozen=True, slots=True)
class KeyReleased:
    """The end of a hold. ``held_ms`` is the phone's own measure, pointer down to pointer up."""

    station: StationId
    key: KeyId
    counter: int
    held_ms: float
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class TalksClosed:
    """Talk-all-off, pressed by the person."""

    station: StationId


@dataclass(frozen=True, slots=True)
class ListenSet:
    station: StationId
    key: KeyId
    counter: int
    on: bool


@dataclass(frozen=True, slots=True)
class VolumeSet:
    station: StationId
    key: KeyId
    volume_db: float
    muted: bool = False


@dataclass(frozen=True, slots=True)
class MasterSet:
    station: StationId
    volume_db: float


@dataclass(frozen=True, slots=True)
class Beat:
    """Sign of life: the keys physically held, and whether the page is hidden."""

    station: StationId
    held: frozenset[KeyId]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class ReplyAimed:
    """The person put ``other`` on top of the reply stack."""

    station: StationId
    other: StationId


@dataclass(frozen=True, slots=True)
class ReplyDismissed:
    """The person took ``other`` off the reply stack."""

    station: StationId
    other: StationId


@dataclass(frozen=True, slots=True)
class SignalGiven:
    """A call, cue or text to an address; see ``State.signals``."""

    station: StationId
    kind: SignalKind
    to: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class SignalSeen:
    """The person acknowledged a signal."""

    station: StationId
    signal: int


@dataclass(frozen=True, slots=True)
class SignalWithdrawn:
    station: StationId
    signal: int


@dataclass(frozen=True, slots=True)
class Unlatched:
    """Every talk of an address (see ``State.killed``) is closed once. ``by`` None: from the box itself."""

    address: str
    by: StationId | None = None


@dataclass(frozen=True, slots=True)
class KillSet:
    """Mic kill of an address (see ``State.killed``), set or lifted. ``by`` None: from the box itself."""

    address: str
    on: bool
    by: StationId | None = None


@dataclass(frozen=True, slots=True)
class ShowChanged:
    """The show given to ``step`` together with this event is new."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A deadline of ``next_deadline`` passed."""


# Facts of the media engine.


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """The appliance answered an offer of the station; not connected yet."""

    station: StationId
    session: SessionId


@dataclass(frozen=True, slots=True)
class SessionUp:
    station: StationId
    session: SessionId


@dataclass(frozen=True, slots=True)
class SessionLost:
    station: StationId
    session: SessionId


@dataclass(frozen=True, slots=True)
class UplinkResumed:
    """Packets of this microphone arrive (again)."""

    station: StationId
    session: SessionId


@dataclass(frozen=True, slots=True)
class UplinkStalled:
    """No packet of this microphone for one second."""

    station: StationId
    session: SessionId


@dataclass(frozen=True, slots=True)
class UplinkSilent:
    """``on``: the microphone delivered digital silence for 3 s; else it sounds again."""

    station: StationId
    session: SessionId
    on: bool


@dataclass(frozen=True, slots=True)
class LanesChanged:
    """Who is on which lane of this listener."""

    station: StationId
    lanes: tuple[StationId | None, ...]


@dataclass(frozen=True, slots=True)
class ProgramsSilent:
    """Which programs have nothing that can be played, all of them: their listeners hear silence."""

    programs: frozenset[TargetId]


Event = (
    StationJoined
    | StationLinked
    | StationUnlinked
    | StationLeft
    | SeatHandedOver
    | KeyPressed
    | KeyReleased
    | TalksClosed
    | ListenSet
    | VolumeSet
    | MasterSet
    | Beat
    | ReplyAimed
    | ReplyDismissed
    | SignalGiven
    | SignalSeen
    | SignalWithdrawn
    | Unlatched
    | KillSet
    | ShowChanged
    | Tick
    | SessionStarted
    | SessionUp
    | SessionLost
    | UplinkResumed
    | UplinkStalled
    | UplinkSilent
    | LanesChanged
    | ProgramsSilent
)
MediaFact = SessionUp | SessionLost | UplinkResumed | UplinkStalled | UplinkSilent | LanesChanged
