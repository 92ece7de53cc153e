"""What ``soundmesh check`` and ``soundmesh schema`` print."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from soundmesh.config.load import load_show
from soundmesh.config.problems import Problem, Severity, quoted
from soundmesh.config.schema import json_schema
from soundmesh.core.show import Show, TargetKind


def check(path: Path) -> int:
    """Print every problem of a show file on standard error and a summary. Returns 0 when it loads, else 2."""
    loaded = load_show(path)
    problems = (*loaded.problems, *(_missing_files(path, loaded.show) if loaded.show else ()))
    for problem in problems:
        print(problem, file=sys.stderr)
    print(_summary(path, loaded.show, problems), file=sys.stderr if loaded.show is None else sys.stdout)
    return 2 if loaded.show is None else 0


def schema() -> int:
    """Print the JSON Schema of the show file. Returns 0."""
    print(json.dumps(json_schema(), indent=2))
    return 0


def _missing_files(path: Path, show: Show) -> Iterator[Problem]:
    """What programs are to play and is not there. The show goes on without it, so it is never an error."""
    for port in show.ports.values():
        for name in port.files:
            if not os.path.exists(path.resolve().parent / os.path.expanduser(name)):
                reason = f"{quoted(name)} is not there; it is left out until it is."
                yield Problem(str(path), 0, f"port.{port.id}.files", reason, severity=Severity.WARNING)


def _summary(path: Path, show: Show | None, problems: Iterable[Problem]) -> str:
    found = list(problems)
    errors = sum(1 for problem in found if problem.severity is Severity.ERROR)
    noted = [_count(errors, "problem")] * bool(errors)
    noted += [_count(len(found) - errors, "warning")] * (len(found) > errors)
    if show is None:
        return f"{path}: {' and '.join(noted)}; the show does not load."
    channels = sum(1 for target in show.targets.values() if target.kind is TargetKind.CHANNEL)
    size = f"{_count(len(show.roles), 'role')}, {_count(channels, 'channel')}"
    ending = f"; {' and '.join(noted)}" if noted else ""
    return f'{path}: "{show.name}" loads: {size}{ending}.'


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
