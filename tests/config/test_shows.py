"""The shows that come with SoundMesh, and the reference."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from soundmesh.config.compile import read_show
from soundmesh.config.document import reference_toml
from soundmesh.config.load import load_show
from soundmesh.config.settings import COLORS, COMPUTED, REQUIRED, RIGHTS, TABLES
from soundmesh.core.show import NO_CELL, Dim, Latch, Media, Network, Talk, TargetKind

CONFIGS = Path(__file__).parents[2] / "configs"
SHOWS = sorted((CONFIGS / "shows").glob("*.toml"))
REFERENCE = CONFIGS / "reference.toml"


def show_in(path):
    result = load_show(path)
    assert result.problems == ()
    assert result.show is not None
    return result.show


def test_there_are_four_shows():
    assert {path.stem for path in SHOWS} == {"church", "demo", "sports-truck", "theatre"}


@pytest.mark.parametrize("path", [*SHOWS, REFERENCE], ids=lambda path: path.stem)
def test_every_show_loads_with_no_problem_and_no_warning(path):
    show = show_in(path)
    assert show.roles
    assert show.targets


@pytest.mark.parametrize("path", SHOWS, ids=lambda path: path.stem)
def test_labels_fit_on_the_keys_of_a_phone(path):
    for role in show_in(path).roles.values():
        for key in role.keys:
            assert len(key.label) <= 10, (role.id, key.label)
        assert len({key.label for key in role.keys}) == len(role.keys), role.id


@pytest.mark.parametrize("path", SHOWS, ids=lambda path: path.stem)
def test_in_every_show_somebody_is_forbidden_something_and_everybody_may_do_something(path):
    show = show_in(path)
    assert any(show.cell(role, target) == NO_CELL for role in show.roles for target in show.targets)
    assert all(role.keys for role in show.roles.values())


@pytest.mark.parametrize("path", SHOWS, ids=lambda path: path.stem)
def test_the_grid_stands_in_straight_columns(path):
    lines = path.read_text("utf-8").splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("columns"))
    grid = [line.rstrip("]") for line in lines[start:] if re.match(r'[\w-]+ *= \["', line)]
    # Where each cell begins: after "[" or after a comma and blanks.
    starts = {tuple(found.end() - 1 for found in re.finditer(r'(?<=[\[,]) *"', line)) for line in grid}
    assert len(starts) == 1


def test_the_demo_has_what_the_walkthrough_shows():
    show = show_in(CONFIGS / "shows" / "demo.toml")
    assert list(show.roles) == ["director", "camera", "sound", "stage", "guest"]
    assert show.roles["camera"].seats == ("Cam 1", "Cam 2", "Cam 3")
    assert {"Director", "Cameras", "Stage"} <= {target.name for target in show.targets.values()}
    assert len(show.roles["director"].keys) >= 6
    assert show.targets["director"].kind is TargetKind.ROLE
    assert show.cell("guest", "production") == NO_CELL
    assert show.cell("camera", "production").talk
    assert "admin" in show.roles["director"].rights


def test_the_reference_is_what_the_settings_say():
    assert REFERENCE.read_text("utf-8") == reference_toml(), (
        "run: python -m soundmesh.config.document > configs/reference.toml"
    )


def test_the_module_writes_the_reference():
    run = subprocess.run(
        [sys.executable, "-m", "soundmesh.config.document"], capture_output=True, check=True, timeout=60
    )
    assert run.stdout.decode("utf-8").replace("\r\n", "\n") == reference_toml()


def test_the_reference_equals_the_defaults():
    show = show_in(REFERENCE)
    assert (show.network, show.media, show.talk, show.dim) == (Network(), Media(), Talk(), Dim())
    bare = """
[show]
name = "My show"
[[channel]]
id = "director"
[[group]]
id = "all-call"
targets = ["everyone"]
[[ifb]]
id = "talent"
program = "music"
[[port]]
id = "music"
files = ["music/walk-in.ogg"]
[[role]]
id = "camera"
[matrix]
columns = ["director", "camera", "all-call", "talent", "music"]
rows.camera = ["TL", "-", "-", "-", "-"]
"""
    assert read_show(bare.encode(), "bare.toml").show == show
    assert show.roles["camera"].keys[0].latch is Latch.AUTO


def test_the_reference_documents_every_setting_with_meaning_default_and_when_it_applies():
    text = reference_toml()
    for table in TABLES:
        for block in (table, *table.tables):
            header = block.name if block is table else f"{table.name}.{block.name}"
            part = text[text.index(f"[{header}]") :].split("\n\n\n")[0]
            for setting in block.settings:
                comment = part[: re.search(rf"^(# )?{setting.name} = ", part, re.M).start()].split("\n\n")[-1]
                words = " ".join(comment.replace("# ", "").split())
                assert setting.doc in words
                assert setting.kind.expects in words
                assert f"Applies: {setting.applies}." in words
                if setting.default is REQUIRED:
                    assert "Must be written." in words
                elif setting.default is COMPUTED:
                    assert f"Default: {setting.otherwise}." in words
                else:
                    assert "Default: " in words


def test_every_commented_setting_of_the_reference_may_be_uncommented():
    text = re.sub(r"^# (\w+ = )", r"\1", reference_toml(), flags=re.M)
    assert text.count("\n# ") < reference_toml().count("\n# ")
    result = read_show(text.encode(), "reference.toml")
    assert result.problems == ()
    assert result.show.targets["director"].name == "Director"


def test_lamp_colours_are_no_chips():
    assert not {"red", "amber", "green", "orange", "yellow"} & set(COLORS)
    assert {"grey", "blue", "violet", "teal", "pink", "sand", "steel"} <= set(COLORS)


def test_rights_are_the_scopes_of_the_manual():
    assert set(RIGHTS) == {"read", "keys", "presets", "mixer", "calls", "kill", "approve", "admin"}
