"""A box without a battery clock: it boots in the past, and later its clock is set."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trio
from trio.testing import memory_stream_pair

from soundmesh.core.ids import StationId
from soundmesh.core.state import State
from soundmesh.server import tls
from soundmesh.server.invites import Invites
from soundmesh.server.memory import dump, restore
from soundmesh.server.sessions import Sessions
from soundmesh.server.tls import Authority

from .crewshow import crew_show

BOOT = datetime(1970, 1, 1, tzinfo=UTC)
SAVED_S = 4_000_000_000.0
"""Later than any build of this program."""


class StoppedClock(datetime):
    @classmethod
    def now(cls, tz: object = None) -> datetime:
        return BOOT


async def test_its_certificate_is_one_that_phones_believe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "datetime", StoppedClock)
    authority = Authority.load_or_make(tmp_path / "tls", ["rack.local"], [])
    assert not authority.renew_if_needed(BOOT, ["rack.local"], [])
    near, far = memory_stream_pair()
    phone = ssl.create_default_context(cadata=authority.ca_pem.decode())
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            server = trio.SSLStream(far, authority.ssl_context(), server_side=True)
            nursery.start_soon(server.do_handshake)
            await trio.SSLStream(near, phone, server_hostname="rack.local").do_handshake()


def test_setting_the_clock_ends_no_session() -> None:
    _, sessions, _ = restore(dump(State(), Sessions(), Invites(), SAVED_S), crew_show(), 0.0)
    token = sessions.make(StationId(1), BOOT.timestamp())
    assert sessions.find(token, BOOT.timestamp() + 60.0) is not None
    assert sessions.find(token, SAVED_S + 86400.0) is not None


def test_setting_the_clock_on_the_first_start_ends_no_session() -> None:
    _, sessions, _ = restore({}, crew_show(), 0.0)
    token = sessions.make(StationId(1), BOOT.timestamp())
    assert sessions.find(token, datetime.now(UTC).timestamp()) is not None
