"""A small show for server tests."""

from __future__ import annotations

from soundmesh.config.compile import read_show
from soundmesh.core.show import Show

TEXT = """
[show]
name = "Test show"

[[channel]]
id = "main"
name = "Main"

[[role]]
id = "td"
name = "Director"
seats = ["TD"]

[[role]]
id = "cam"
name = "Camera"
seats = ["Cam 1", "Cam 2"]

[[role]]
id = "guest"
name = "Guest"
seats = 0

[matrix]
columns = ["main", "td"]

[matrix.rows]
td = ["TL", "-"]
cam = ["TL", "T"]
guest = ["L", "-"]
"""


def crew_show(text: str = TEXT) -> Show:
    loaded = read_show(text.encode(), "test.toml")
    assert loaded.show is not None, loaded.problems
    return loaded.show
