import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from soundmesh.server.lock import DataDirLock, LockError
from soundmesh.server.paths import DataDir

HOLDER = """
import sys, pathlib
sys.argv = ["/opt/bin/soundmesh", "serve", "/shows/sunday.toml"]
from soundmesh.server.lock import DataDirLock
from soundmesh.server.paths import DataDir
with DataDirLock(DataDir(pathlib.Path({root!r}))):
    print("locked", flush=True)
    sys.stdin.read()
"""


def hold(data: DataDir) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER.format(root=str(data.root))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    return process


def test_a_second_appliance_is_refused_by_the_first_ones_name_and_pid(tmp_path: Path) -> None:
    data = DataDir.make(tmp_path / "data")
    with hold(data) as process:
        with pytest.raises(LockError) as refused, DataDirLock(data):
            pass
        process.communicate("")
    assert f"pid {process.pid}" in str(refused.value)
    assert "soundmesh serve sunday.toml" in str(refused.value)
    assert "--data-dir" in str(refused.value)


def test_a_killed_appliance_leaves_no_lock(tmp_path: Path) -> None:
    data = DataDir.make(tmp_path / "data")
    with hold(data) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    with DataDirLock(data):
        assert str(os.getpid()) in data.lock.read_text()


def test_the_lock_is_free_after_leaving(tmp_path: Path) -> None:
    data = DataDir.make(tmp_path / "data")
    for _ in range(2):
        with DataDirLock(data):
            pass
    assert data.lock.read_text() == ""


def test_a_refused_appliance_does_not_disturb_the_lock(tmp_path: Path) -> None:
    data = DataDir.make(tmp_path / "data")
    with DataDirLock(data):
        for _ in range(2):
            with pytest.raises(LockError), DataDirLock(data):
                pass
