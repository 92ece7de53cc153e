"""The seam to the media engine, as the switchboard uses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from soundmesh.core.ids import SessionId, StationId, TargetId
from soundmesh.core.media import MediaSnapshot
from soundmesh.core.plan import Plan
from soundmesh.core.show import Port


class MediaEngine(Protocol):
    """Knows plans, sessions and station numbers, not people.

    Facts (``core.events.MediaFact``) come up on the Trio thread through the
    callback given at construction, in order. The real engine and the fake
    pass one contract test.
    """

    def set_plan(self, plan: Plan) -> None:
        """Swap the plan; never blocks."""

    def set_ports(self, ports: Mapping[TargetId, Port]) -> None:
        """Play the programs of these ports to whoever the plan lets hear them; never blocks."""

    async def answer(self, session: SessionId, station: StationId, offer: str) -> str:
        """Make a session of this station from an SDP offer.

        A station's newest session carries its media as soon as it is up; an
        older one goes on until then.

        Raises: MediaError.
        """

    async def restart(self, session: SessionId, offer: str) -> str:
        """ICE restart under the same DTLS session. Raises: MediaError."""

    def close(self, session: SessionId) -> None:
        """Free a session; unknown and closed ones are ignored. No ``SessionLost`` follows."""

    def snapshot(self) -> MediaSnapshot:
        """Levels and statistics, pulled."""
