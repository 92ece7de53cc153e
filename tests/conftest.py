"""Options of the whole suite: long and measuring tests run only when they are asked for."""

from __future__ import annotations

import pytest
from hypothesis import settings

# A busy machine makes any single example slow; how long a test may take is pytest's own limit.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

ASKED_FOR = ("soak", "bench")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("soundmesh")
    group.addoption("--soak", action="store_true", help="run the long tests too")
    group.addoption("--bench", action="store_true", help="run the measurements too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what was not asked for, as deselected: a skip would look like something missing."""
    left_out = [
        item
        for item in items
        for name in ASKED_FOR
        if item.get_closest_marker(name) and not config.getoption(f"--{name}")
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
