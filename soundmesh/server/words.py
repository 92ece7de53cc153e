"""One calm sentence for every reason the core can give. The panel may translate the code instead."""

from __future__ import annotations

from soundmesh.core.effects import Reason

_WORDS = {
    Reason.UNKNOWN_KEY: "This key is not on your panel any more.",
    Reason.LISTEN_ONLY: "Your role may only listen here.",
    Reason.NOT_ALLOWED: "Your role has no access here.",
    Reason.FORCED: "This listen always stays open.",
    Reason.KILLED: "Your microphone was closed by the director.",
    Reason.NOT_SEATED: "You have no seat. Join again.",
    Reason.UNKNOWN_ROLE: "This role is not in the show.",
    Reason.UNKNOWN_SEAT: "This seat is not in the show.",
    Reason.SEAT_TAKEN: "This seat is taken.",
    Reason.ROLE_FULL: "All seats of this role are taken.",
    Reason.TAKEN_OVER: "Another tab or device took over your panel.",
    Reason.SHOW_CHANGED: "The show changed and this is no longer allowed.",
    Reason.LEFT: "You left the show.",
    Reason.SEAT_YIELDED: "Your seat was given to somebody else while you were away.",
    Reason.NO_BEAT: "Closed because this phone stopped answering.",
    Reason.LINK_LOST: "Closed because the connection was lost.",
    Reason.MEDIA_LOST: "Closed because the audio connection was lost.",
    Reason.NOBODY_HERE: "Nobody is there to see it now.",
    Reason.UNKNOWN_ADDRESS: "There is nothing of that name in the show.",
    Reason.UNLATCHED: "Closed by the director. You may open it again.",
    Reason.NOBODY: "Nobody has spoken to you or called you.",
    Reason.OTHER_LEFT: "That person has left.",
    Reason.TOO_LATE: "The time to answer is over.",
}

AGAIN = frozenset({Reason.LINK_LOST})
"""Reasons after which a phone may reconnect by itself."""


def words(reason: Reason) -> str:
    """The sentence for a reason."""
    return _WORDS[reason]
