import itertools
import logging
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from soundmesh.server.paths import DataDirError
from soundmesh.server.statefile import StateFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.toml"


def test_nothing_saved_is_an_empty_state(path: Path) -> None:
    assert StateFile(path).load() == {}


def test_what_is_saved_comes_back(path: Path) -> None:
    state = {"wall_s": 1.5, "stations": [{"number": 1, "person": 'Zoë "Z"\n'}], "killed": ["*", "td/TD"]}
    StateFile(path).save(state)
    assert StateFile(path).load() == state
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_save_leaves_the_generation_before(path: Path) -> None:
    file = StateFile(path)
    for number in range(3):
        file.save({"n": number})
    path.unlink()
    os.rename(file.previous, path)
    assert StateFile(path).load() == {"n": 1}


@pytest.mark.parametrize("cut", [0, 1, 30, 92, -1])
def test_a_file_cut_short_gives_way_to_the_generation_before(
    path: Path, cut: int, caplog: pytest.LogCaptureFixture
) -> None:
    file = StateFile(path)
    file.save({"n": 1})
    file.save({"n": 2})
    data = path.read_bytes()
    path.write_bytes(data[:cut])
    with caplog.at_level(logging.WARNING):
        assert StateFile(path).load() == {"n": 1}
    assert path.with_name("state.toml.broken-1").read_bytes() == data[:cut]
    assert "is broken" in caplog.text


def test_every_single_changed_byte_is_noticed(path: Path) -> None:
    StateFile(path).save({"n": 1, "name": "Jo"})
    whole = path.read_bytes()
    for at in range(len(whole)):
        if whole[at : at + 1] in b"# SoundMesh state, sha256":
            continue
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert StateFile(path).load() == {}


def test_both_generations_broken_is_an_empty_state_and_said(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = StateFile(path)
    file.save({"n": 1})
    file.save({"n": 2})
    path.write_bytes(b"\x00" * 100)
    file.previous.write_bytes(b"")
    assert StateFile(path).load() == {}
    assert "everybody joins again" in caplog.text


def test_a_broken_file_is_replaced_by_the_next_save(path: Path) -> None:
    path.write_text("garbage")
    file = StateFile(path)
    assert file.load() == {}
    file.save({"n": 1})
    assert StateFile(path).load() == {"n": 1}


def test_a_state_that_cannot_be_read_is_one_sentence(path: Path) -> None:
    path.mkdir()
    with pytest.raises(DataDirError, match="cannot be read"):
        StateFile(path).load()


def test_the_same_state_is_not_written_twice(path: Path) -> None:
    file = StateFile(path)
    file.save({"n": 1})
    before = path.stat().st_ino
    file.save({"n": 1})
    assert path.stat().st_ino == before


def test_without_hard_links_the_generation_before_is_a_copy(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", no_links)
    file = StateFile(path)
    file.save({"n": 1})
    file.save({"n": 2})
    path.write_bytes(b"")
    assert StateFile(path).load() == {"n": 1}


WRITER = """
import itertools, sys
from pathlib import Path
from soundmesh.server.statefile import StateFile
file = StateFile(Path(sys.argv[1]))
for n in itertools.count():
    file.save({"n": n, "pad": ["x" * 64] * 200})
    print(n, flush=True)
"""


def test_a_kill_at_any_moment_leaves_a_state_that_loads(path: Path) -> None:
    for after in (1, 2, 5, 9, 17):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            said = [int(process.stdout.readline()) for _ in range(after)]
            process.send_signal(signal.SIGKILL)
            said += [int(line) for line in process.stdout.read().split("\n") if line.isdigit()]
        assert StateFile(path).load()["n"] >= said[-1]
    assert not list(path.parent.glob("*.broken-*"))


class Counting(StateFile):
    """Counts the writes that reach the disk's side."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.saved: list[dict[str, Any]] = []
        self.full = False

    def save(self, state: dict[str, Any]) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.saved.append(state)
        super().save(state)


@pytest.mark.trio
async def test_many_touches_are_few_writes_and_the_last_state_wins(path: Path) -> None:
    file, state = Counting(path), {"n": 0}
    async with trio.open_nursery() as nursery:
        await nursery.start(file.run, lambda: dict(state))
        for n in range(1, 200):
            state["n"] = n
            file.touch()
            await trio.lowlevel.checkpoint()
        nursery.cancel_scope.cancel()
    assert len(file.saved) <= 3
    assert StateFile(path).load() == {"n": 199}


@pytest.mark.trio
async def test_writes_are_at_least_250_ms_apart(
    path: Path, autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, times = StateFile(path), []

    async def note(*_: object) -> None:
        times.append(trio.current_time())

    monkeypatch.setattr(trio.to_thread, "run_sync", note)
    async with trio.open_nursery() as nursery:
        await nursery.start(file.run, dict)
        for _ in range(100):
            file.touch()
            await trio.sleep(0.01)
        nursery.cancel_scope.cancel()
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert 3 <= len(times) <= 6
    assert all(gap >= 0.249 for gap in gaps[:-1])


@pytest.mark.trio
async def test_the_end_writes_what_was_touched_last(path: Path) -> None:
    file = Counting(path)
    async with trio.open_nursery() as nursery:
        await nursery.start(file.run, lambda: {"n": 1})
        file.touch()
        nursery.cancel_scope.cancel()
    assert StateFile(path).load() == {"n": 1}


@pytest.mark.trio
async def test_nothing_touched_is_nothing_written(path: Path) -> None:
    file = Counting(path)
    async with trio.open_nursery() as nursery:
        await nursery.start(file.run, dict)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert file.saved == []


@pytest.mark.trio
async def test_a_full_disk_is_said_and_tried_again(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = Counting(path)
    file.full = True
    async with trio.open_nursery() as nursery:
        await nursery.start(file.run, lambda: {"n": 1})
        file.touch()
        await trio.testing.wait_all_tasks_blocked(0.05)
        assert "No space left" in caplog.text
        file.full = False
        nursery.cancel_scope.cancel()
    assert StateFile(path).load() == {"n": 1}


async def test_settling_waits_for_what_was_touched_and_for_nothing_else(path: Path) -> None:
    file = StateFile(path)
    assert await file.settle(lambda: {"n": 1})
    assert file.load() == {}
    file.touch()
    assert await file.settle(lambda: {"n": 2})
    assert file.load() == {"n": 2}


async def test_touches_after_settling_are_still_written(path: Path) -> None:
    file = StateFile(path)
    async with trio.open_nursery() as nursery:
        await nursery.start(file.run, lambda: {"n": 3})
        await trio.testing.wait_all_tasks_blocked()
        file.touch()
        await file.settle(lambda: {"n": 1})
        file.touch()
        with trio.fail_after(5):
            while file.load() != {"n": 3}:  # noqa: ASYNC110  a file has no event
                await trio.sleep(0.02)
        nursery.cancel_scope.cancel()
