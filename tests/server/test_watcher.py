import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from soundmesh.server import watcher
from soundmesh.server.watcher import folders_of, looks_of, watch_show

PATIENCE_S = 10.0
QUIET_S = 0.7
"""Longer than the debounce and the thread's step together."""


class Reader:
    """What a reload would have read at each change; None where there was no file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read: list[str | None] = []
        self._more = trio.Event()

    def __call__(self) -> None:
        self.read.append(self.path.read_text() if self.path.exists() else None)
        self._more.set()

    async def until(self, *wanted: str | None) -> None:
        """The reads so far become exactly these, and stay so."""
        with trio.move_on_after(PATIENCE_S):
            while len(self.read) < len(wanted):
                self._more = trio.Event()
                await self._more.wait()
        await trio.sleep(QUIET_S)
        assert self.read == list(wanted)


@asynccontextmanager
async def watching(path: Path) -> AsyncIterator[Reader]:
    reader = Reader(path)
    async with trio.open_nursery() as nursery:

        async def watch(task_status: trio.TaskStatus[None]) -> None:
            await watch_show(path, reader, task_status=task_status)

        await nursery.start(watch)
        yield reader
        nursery.cancel_scope.cancel()


@pytest.fixture
def show(tmp_path: Path) -> Path:
    path = tmp_path / "shows" / "show.toml"
    path.parent.mkdir()
    path.write_text("first")
    return path


def save(path: Path, text: str) -> None:
    path.write_text(text)


def delete(path: Path) -> None:
    path.unlink()


def text_of(path: Path) -> str:
    return path.read_text()


def replace_by_rename(path: Path, text: str) -> None:
    new = path.with_name("show.toml~new")
    new.write_text(text)
    os.replace(new, path)


@pytest.mark.trio
async def test_a_file_nobody_touches_is_not_read(show: Path) -> None:
    async with watching(show) as reader:
        await reader.until()


@pytest.mark.trio
async def test_a_save_in_place_is_read_once(show: Path) -> None:
    async with watching(show) as reader:
        save(show, "second")
        await reader.until("second")


@pytest.mark.trio
async def test_two_quick_saves_are_read_once_after_the_last(show: Path) -> None:
    async with watching(show) as reader:
        save(show, "second")
        await trio.sleep(0.05)
        save(show, "third!")
        await reader.until("third!")


@pytest.mark.trio
async def test_an_editors_rename_and_replace_is_read_every_time(show: Path) -> None:
    async with watching(show) as reader:
        replace_by_rename(show, "second")
        await reader.until("second")
        replace_by_rename(show, "third")
        await reader.until("second", "third")
        save(show, "fourth")
        await reader.until("second", "third", "fourth")


@pytest.mark.trio
async def test_an_editor_that_deletes_and_writes_anew_is_read_once(show: Path) -> None:
    async with watching(show) as reader:
        delete(show)
        await trio.sleep(0.05)
        save(show, "second")
        await reader.until("second")


@pytest.mark.trio
async def test_a_deleted_file_is_told_once_and_so_is_its_return(show: Path) -> None:
    async with watching(show) as reader:
        delete(show)
        await reader.until(None)
        save(show, "back")
        await reader.until(None, "back")


@pytest.mark.trio
async def test_a_missing_file_is_seen_when_it_appears(tmp_path: Path) -> None:
    async with watching(tmp_path / "show.toml") as reader:
        (tmp_path / "show.toml").write_text("here")
        await reader.until("here")


@pytest.mark.trio
async def test_a_symlink_swapped_to_another_file_is_read(tmp_path: Path) -> None:
    for name in ("morning", "evening"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "show.toml").write_text(name)
    link = tmp_path / "etc" / "show.toml"
    link.parent.mkdir()
    link.symlink_to("../morning/show.toml")
    async with watching(link) as reader:
        swap = link.with_name("new")
        swap.symlink_to("../evening/show.toml")
        os.replace(swap, link)
        await reader.until("evening")
        (tmp_path / "evening" / "show.toml").write_text("late")
        await reader.until("evening", "late")


@pytest.mark.trio
async def test_a_symlinks_target_saved_in_its_own_folder_is_read(tmp_path: Path) -> None:
    target = tmp_path / "real" / "show.toml"
    target.parent.mkdir()
    target.write_text("first")
    link = tmp_path / "etc" / "show.toml"
    link.parent.mkdir()
    link.symlink_to(target)
    async with watching(link) as reader:
        replace_by_rename(target, "second")
        await reader.until("second")


@pytest.mark.trio
async def test_a_folder_symlink_swapped_as_deployments_do_is_read(tmp_path: Path) -> None:
    for name in ("v1", "v2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "show.toml").write_text(name)
    (tmp_path / "current").symlink_to("v1")
    (tmp_path / "show.toml").symlink_to("current/show.toml")
    async with watching(tmp_path / "show.toml") as reader:
        (tmp_path / "swap").symlink_to("v2")
        os.replace(tmp_path / "swap", tmp_path / "current")
        await reader.until("v2")


@pytest.mark.trio
async def test_a_folder_removed_and_made_again_is_watched_again(show: Path) -> None:
    async with watching(show) as reader:
        delete(show)
        os.rmdir(show.parent)
        await reader.until(None)
        os.mkdir(show.parent)
        save(show, "back")
        await reader.until(None, "back")


@pytest.mark.trio
async def test_a_noisy_neighbour_does_not_hold_up_a_change(show: Path) -> None:
    async with watching(show) as reader, trio.open_nursery() as nursery:

        async def make_noise() -> None:
            while True:
                show.with_name("recording.wav").write_bytes(os.urandom(64))
                await trio.sleep(0.02)

        nursery.start_soon(make_noise)
        save(show, "second")
        await reader.until("second")
        nursery.cancel_scope.cancel()


@pytest.mark.trio
async def test_without_any_event_the_poll_finds_the_change(
    show: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deaf(folders: object, poke: object, stop: object) -> None:
        return

    monkeypatch.setattr(watcher, "_watch_in_thread", deaf)
    async with watching(show) as reader:
        save(show, "second")
        await reader.until("second")


@pytest.mark.trio
async def test_a_change_between_reading_and_watching_is_not_missed(show: Path) -> None:
    seen = looks_of(show)
    replace_by_rename(show, "second")
    changed = trio.Event()
    async with trio.open_nursery() as nursery:

        async def watch() -> None:
            await watch_show(show, changed.set, seen=seen)

        nursery.start_soon(watch)
        with trio.fail_after(PATIENCE_S):
            await changed.wait()
        nursery.cancel_scope.cancel()
    assert changed.is_set()


@pytest.mark.trio
async def test_a_change_during_a_reload_is_read_by_the_next(show: Path) -> None:
    read: list[str] = []
    done = trio.Event()

    async def reload() -> None:
        read.append(text_of(show))
        if len(read) == 1:
            replace_by_rename(show, "third")
            return
        done.set()

    async with trio.open_nursery() as nursery:
        await nursery.start(lambda task_status: watch_show(show, reload, task_status=task_status))
        save(show, "second")
        with trio.fail_after(PATIENCE_S):
            await done.wait()
        nursery.cancel_scope.cancel()
    assert read == ["second", "third"]


def test_every_folder_a_link_can_be_swapped_in_is_watched(tmp_path: Path) -> None:
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1" / "show.toml").touch()
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "current").symlink_to("../v1")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "show.toml").symlink_to("../links/current/show.toml")
    found = folders_of(tmp_path / "etc" / "show.toml")
    assert {str(tmp_path / n) for n in ("etc", "links", "v1")} <= set(found)


def test_a_circle_of_links_is_no_trap(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert str(tmp_path) in folders_of(tmp_path / "a")
    assert looks_of(tmp_path / "a").inode is None
