"""The core depends on nothing that could surprise a test."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

import soundmesh.core
from soundmesh.core.ids import SessionId, StationId
from soundmesh.core.media import LegStats, MediaSnapshot

ALLOWED = {"__future__", "collections", "dataclasses", "enum", "math", "types", "typing", "soundmesh.core"}
FILES = sorted(Path(soundmesh.core.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_core_module_imports_only_data_modules_and_the_core(file: Path) -> None:
    importlib.import_module(f"soundmesh.core.{file.stem}" if file.stem != "__init__" else "soundmesh.core")
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add(node.module or "")
    outside = {
        name for name in found if name.split(".")[0] not in ALLOWED and not name.startswith("soundmesh.core")
    }
    assert outside == set()


def test_a_snapshot_is_a_value() -> None:
    leg = LegStats(StationId(1), True, 50, 1, 0.02, 1, 400, 0.0, 0, None)
    one, two = (MediaSnapshot({StationId(1): -20}, {SessionId("a"): leg}, 0) for _ in range(2))
    assert one == two
