"""One calm sentence for every reason the core can give. The panel may translate the code instead."""

from __future__ import annotations

from difflib import get_close_matches

from soundmesh.core.effects import Reason
from soundmesh.core.seats import names
from soundmesh.core.show import Show

_WORDS = {
    Reason.UNKNOWN_KEY: "This key is not on your panel any more.",
    Reason.LISTEN_ONLY: "Your role may only listen here.",
    Reason.NOT_ALLOWED: "Your role has no access here.",
    Reason.FORCED: "This listen always stays open.",
    Reason.KILLED: "Your microphone was closed at the appliance.",
    Reason.NOT_SEATED: "You have no seat. Join again.",
    Reason.UNKNOWN_ROLE: "This role is not in the show.",
    Reason.UNKNOWN_SEAT: "This seat is not in the show.",
    Reason.SEAT_TAKEN: "This seat is taken.",
    Reason.ROLE_FULL: "All seats of this role are taken.",
    Reason.TAKEN_OVER: "Another tab or device took over your panel.",
    Reason.SHOW_CHANGED: "The show changed and this is no longer allowed.",
    Reason.LEFT: "You left the show.",
    Reason.SEAT_YIELDED: "Your seat was given to somebody else while you were away.",
    Reason.HANDED_OVER: "You handed your seat over.",
    Reason.SEAT_GIVEN: "Your seat was given to somebody else.",
    Reason.KICKED: "You were sent away from the show.",
    Reason.NO_BEAT: "Closed because this phone stopped answering.",
    Reason.LINK_LOST: "Closed because the connection was lost.",
    Reason.MEDIA_LOST: "Closed because the audio connection was lost.",
    Reason.NOBODY_HERE: "Nobody is there to see it now.",
    Reason.UNKNOWN_ADDRESS: "There is nothing of that name in the show.",
    Reason.UNLATCHED: "Closed at the appliance. You may open it again.",
    Reason.NOBODY: "Nobody has spoken to you or called you.",
    Reason.OTHER_LEFT: "That person has left.",
    Reason.TOO_MANY: "Too much waits for an answer there.",
    Reason.TOO_LATE: "The time to answer is over.",
}

_NAMING = {
    Reason.HANDED_OVER: "You handed over to {by}.",
    Reason.SEAT_GIVEN: "{by} gave your seat to somebody else.",
    Reason.KICKED: "{by} sent you away.",
}

AGAIN = frozenset({Reason.LINK_LOST})
"""Reasons after which a phone may reconnect by itself."""


_BY = {
    Reason.KILLED: "Your microphone was closed by {by}.",
    Reason.UNLATCHED: "Closed by {by}. You may open it again.",
}


def words(reason: Reason, by: str = "") -> str:
    """The sentence for a reason. ``by``: who did it, where that is somebody."""
    return _BY[reason].format(by=by) if by and reason in _BY else _WORDS[reason]


def unknown_address(show: Show, address: str) -> str:
    """The sentence for an address that the show has not, with the nearest that it has."""
    known = {target.name.lower(): str(target.id) for target in show.targets.values()}
    known |= {role.name.lower(): str(role.id) for role in show.roles.values()}
    for role in show.roles.values():
        seats = [f"{role.id}/{seat}" for seat in names(role)] if isinstance(role.seats, tuple) else []
        known |= {spelling.lower(): spelling for spelling in [str(role.id), *seats]}
    known |= {str(target).lower(): str(target) for target in show.targets}
    close = get_close_matches(address.strip().lower(), known, n=1)
    found = f' Did you mean "{known[close[0]]}"?' if close else ""
    return f'There is no "{address}" in the show.{found}'


def farewell(reason: Reason, by: str = "", why: str = "") -> str:
    """The sentence a station's panel ends with. ``by``: whom it names; ``why``: what that person wrote."""
    said = _NAMING[reason].format(by=by) if by and reason in _NAMING else words(reason)
    return f"{said} {why}" if why else said
