"""Files on disk, and what the command prints of them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from soundmesh.config import cli
from soundmesh.config.load import LoadedShow, load_show

DEMO = Path(__file__).parents[2] / "configs" / "shows" / "demo.toml"


def only(result):
    assert isinstance(result, LoadedShow)
    assert result.show is None
    (problem,) = result.problems
    return problem


def test_a_show_on_disk_loads():
    result = load_show(DEMO)
    assert result.problems == ()
    assert result.show.name == "Demo show"


def test_a_missing_file_is_a_problem(tmp_path):
    path = tmp_path / "none.toml"
    assert str(only(load_show(path))) == f"{path}: there is no such file."


def test_a_folder_is_a_problem(tmp_path):
    assert "is a folder" in only(load_show(tmp_path)).reason


def test_a_file_where_a_folder_should_be_is_a_problem():
    assert "cannot be read" in only(load_show(DEMO / "show.toml")).reason


def test_a_path_no_system_allows_is_a_problem():
    assert "cannot be read" in only(load_show(Path("a\0b"))).reason


def test_a_forbidden_file_is_a_problem(tmp_path, monkeypatch):
    # The superuser reads everything, so the refusal is made here.
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "may not be read" in only(load_show(tmp_path / "show.toml")).reason


def test_a_file_too_large_is_a_problem_and_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "show.toml"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 1 << 40)
    assert "1 MiB" in only(load_show(path)).reason


def test_a_file_that_is_not_text_is_a_problem(tmp_path):
    path = tmp_path / "show.toml"
    path.write_bytes(b"[show]\nname = '\xff'")
    problem = only(load_show(path))
    assert (problem.file, problem.line) == (str(path), 2)


def test_check_of_a_good_show_says_so_and_returns_0(capsys):
    assert cli.check(DEMO) == 0
    out, err = capsys.readouterr()
    assert out == f'{DEMO}: "Demo show" loads: 5 roles, 6 channels.\n'
    assert err == ""


def test_check_of_a_broken_show_lists_every_problem_and_returns_2(tmp_path, capsys):
    path = tmp_path / "show.toml"
    path.write_text(DEMO.read_text("utf-8").replace("seats = 2 ", "seets = 2 ").replace('"TLm"', '"T!"'))
    assert cli.check(path) == 2
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert len(lines) == 3
    assert 'role.sound.seets: [[role]] has no setting "seets". Did you mean "seats"?' in lines[0]
    assert "matrix.rows.guest.lounge: " in lines[1]
    assert lines[2] == f"{path}: 2 problems; the show does not load."


def test_check_with_a_warning_returns_0(tmp_path, capsys):
    path = tmp_path / "show.toml"
    text = DEMO.read_text("utf-8").replace('files = ["sounds/walk-in.ogg"]', "tone_hz = 440")
    path.write_text(text + '\n[[channel]]\nid = "spare"\n')
    assert cli.check(path) == 0
    out, err = capsys.readouterr()
    assert "warning: channel.spare.id:" in err
    assert out.endswith("; 1 warning.\n")


def test_checking_a_show_warns_of_sounds_that_are_not_there_and_loads_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "show.toml"
    shutil.copy(DEMO, path)
    assert cli.check(path) == 0
    printed = capsys.readouterr()
    assert (
        f'{path}: warning: port.program.files: "sounds/walk-in.ogg" is not there; it is left out until it is.'
    ) in printed.err
    assert "1 warning." in printed.out
    (tmp_path / "sounds").mkdir()
    (tmp_path / "sounds" / "walk-in.ogg").write_bytes(b"")
    assert cli.check(path) == 0
    assert capsys.readouterr().err == ""


def test_schema_prints_json(capsys):
    assert cli.schema() == 0
    assert json.loads(capsys.readouterr().out)["title"] == "SoundMesh show"


@pytest.mark.parametrize(("text", "code"), [(DEMO.read_text("utf-8"), 0), ("[shw]", 2)])
def test_the_command_returns_what_check_returns(tmp_path, text, code):
    path = tmp_path / "show.toml"
    path.write_text(text, "utf-8")
    # A terminal without Unicode still gets every problem.
    run = subprocess.run(
        [sys.executable, "-m", "soundmesh", "check", str(path)],
        capture_output=True,
        timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "ascii:backslashreplace"},
    )
    assert run.returncode == code
    assert b"Traceback" not in run.stderr


def test_reading_shows_loads_no_network_and_no_media():
    code = (
        "import sys, soundmesh.config.load, soundmesh.config.cli, soundmesh.config.document;"
        "names = ('asyncio', 'aiortc', 'trio', 'quart', 'socket', 'ssl', 'numpy');"
        "print([name for name in names if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "[]"
