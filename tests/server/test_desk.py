"""A seat that was given is remembered: an answer to a join is worth as much after a crash."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from soundmesh.core.state import State
from soundmesh.server.desk import Admission, Desk, Refusal
from soundmesh.server.invites import Invites
from soundmesh.server.memory import dump, restore
from soundmesh.server.secrets import PinStore
from soundmesh.server.sessions import Sessions
from soundmesh.server.statefile import StateFile
from soundmesh.server.switchboard import Switchboard
from soundmesh.wire import http as w

from .crewshow import crew_show

pytestmark = pytest.mark.trio


def open_desk(folder: Path) -> tuple[Desk, StateFile]:
    file = StateFile(folder / "state.toml")
    board = Switchboard(crew_show(), State(), on_change=file.touch)
    sessions, invites = Sessions(), Invites()

    def memory() -> dict[str, Any]:
        return dump(board.state, sessions, invites)

    pins = PinStore(folder / "secrets.toml")
    return Desk(board, sessions, invites, pins, persist=partial(file.settle, memory)), file


async def test_a_join_is_answered_when_its_session_and_seat_are_on_the_disk(tmp_path: Path) -> None:
    desk, _ = open_desk(tmp_path)
    role = next(iter(desk.show.roles))
    token = desk.invites.make(role, 1, 60, time.time())
    outcome = await desk.join(w.Join(name="Ada", invite=token), None, "192.0.2.7")
    assert isinstance(outcome, Admission)

    # A kill -9 at this moment: nothing but the file is left.
    state, sessions, invites = restore(StateFile(tmp_path / "state.toml").load(), crew_show(), 0.0)
    session = sessions.find(outcome.token)
    assert session is not None
    assert session.station == outcome.joined.station
    station = state.stations[outcome.joined.station]
    assert (station.role, station.seat) == (role, outcome.joined.seat)
    assert invites.look(token, time.time()) is None


async def test_a_refused_join_writes_nothing(tmp_path: Path) -> None:
    desk, file = open_desk(tmp_path)
    outcome = await desk.join(w.Join(name="Ada", invite="nonsense"), None, "192.0.2.7")
    assert isinstance(outcome, Refusal)
    assert not file.path.exists()


async def test_a_full_disk_does_not_keep_a_person_out(tmp_path: Path) -> None:
    desk, file = open_desk(tmp_path)
    file.path.mkdir()
    token = desk.invites.make(next(iter(desk.show.roles)), 1, 60, time.time())
    outcome = await desk.join(w.Join(name="Ada", invite=token), None, "192.0.2.7")
    assert isinstance(outcome, Admission)
