"""Names for the numbers and strings that identify things."""

from typing import NewType

ChannelId = NewType("ChannelId", str)
RoleId = NewType("RoleId", str)
SeatName = NewType("SeatName", str)
TargetId = NewType("TargetId", str)
"""A matrix column: a channel's id or a role's. Ids are unique over all columns."""

KeyId = NewType("KeyId", str)
"""A key of one role. A key that the show does not name has its target's id."""

StationId = NewType("StationId", int)
"""A station's number, 1 to 65535. It outlives reloads and restarts and is the CSRC of its packets."""

SessionId = NewType("SessionId", str)
"""One WebRTC transport of a station."""

LinkId = NewType("LinkId", int)
"""One control link (a websocket) of a station; a later link has a higher number."""
