import os
import socket
import stat
from pathlib import Path

import pytest

from soundmesh.server.paths import DataDir, DataDirError, default_root, set_aside, write_whole


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_data_folder_is_made_private(tmp_path: Path) -> None:
    data = DataDir.make(tmp_path / "a" / "data")
    assert mode_of(data.root) == 0o750
    assert mode_of(data.tls) == 0o750


def test_making_it_twice_changes_nothing(tmp_path: Path) -> None:
    first = DataDir.make(tmp_path / "data")
    first.state.write_text("kept")
    assert DataDir.make(tmp_path / "data").state.read_text() == "kept"


def test_finding_makes_nothing(tmp_path: Path) -> None:
    data = DataDir.find(tmp_path / "data")
    assert data.control_socket == tmp_path / "data" / "control.sock"
    assert not data.root.exists()


@pytest.mark.parametrize(
    ("environment", "root"),
    [
        ({"STATE_DIRECTORY": "/var/lib/soundmesh:/var/lib/more"}, "/var/lib/soundmesh"),
        ({"XDG_STATE_HOME": "/xdg"}, "/xdg/soundmesh"),
        ({"XDG_STATE_HOME": "not/absolute", "HOME": "/home/jo"}, "/home/jo/.local/state/soundmesh"),
        ({"HOME": "/home/jo"}, "/home/jo/.local/state/soundmesh"),
    ],
)
def test_the_default_folder_follows_the_environment(
    environment: dict[str, str], root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("STATE_DIRECTORY", "XDG_STATE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert default_root() == Path(root)


def test_a_file_in_the_way_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(DataDirError, match="a file is in its way"):
        DataDir.make(tmp_path / "data")
    with pytest.raises(DataDirError, match="a file is in its way"):
        DataDir.make(tmp_path / "data" / "deeper")


def test_a_folder_nobody_may_write_is_one_sentence() -> None:
    # /proc refuses even the superuser, whom file modes do not.
    with pytest.raises(DataDirError) as refused:
        DataDir.make(Path("/proc/soundmesh"))
    assert "--data-dir" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_deep_folder_gets_its_socket_elsewhere_and_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = tmp_path / "run"
    runtime.mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(runtime))
    deep = tmp_path / ("d" * 100) / "data"
    data = DataDir.make(deep)
    assert data.control_socket.is_relative_to(runtime)
    assert mode_of(data.control_socket.parent) == 0o750
    assert DataDir.find(deep).control_socket == data.control_socket
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(data.control_socket))


def test_two_deep_folders_get_different_sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    one, two = (DataDir.make(tmp_path / ("d" * 100) / name) for name in ("one", "two"))
    assert one.control_socket != two.control_socket


def test_a_socket_folder_open_to_others_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    deep = tmp_path / ("d" * 100) / "data"
    DataDir.make(deep).control_socket.parent.chmod(0o777)
    with pytest.raises(DataDirError, match="not private"):
        DataDir.make(deep)


def test_a_runtime_folder_too_deep_as_well_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(deep))
    with pytest.raises(DataDirError, match="too deep"):
        DataDir.make(deep / "data")


def test_a_file_is_replaced_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert mode_of(path) == 0o600
    assert os.listdir(tmp_path) == ["file"]


def test_a_failed_replacement_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.mkdir()
    (path / "inside").touch()
    with pytest.raises(OSError):
        write_whole(path, b"new")
    assert os.listdir(tmp_path) == ["file"]


def test_broken_files_are_kept_aside_the_newest_five(tmp_path: Path) -> None:
    path = tmp_path / "state.toml"
    for number in range(1, 9):
        path.write_text(str(number))
        assert set_aside(path).name == f"state.toml.broken-{number}"
    assert sorted(p.read_text() for p in tmp_path.iterdir()) == ["4", "5", "6", "7", "8"]
