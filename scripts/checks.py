"""Runs the checks one after another, says how each went and how long it took. Called by scripts/test."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "test"
PY = sys.executable
BIN = Path(PY).parent
RUFF = f"{BIN}/ruff"
TAIL_LINES = 40
ABREAST = 2
SCREENS = tuple(f"tests/e2e/test_{name}.py" for name in ("accessible", "pictures", "references"))
"""Browser tests that no clock judges."""


@dataclass(frozen=True)
class Check:
    """One step. A pytest step counts its tests, any other counts as one."""

    name: str
    about: str
    commands: tuple[tuple[str, ...], ...]
    tests: bool = False
    folder: str = "."
    fast: bool = True
    abreast: bool = False
    """Runs beside its neighbours: a busy machine does not change what it finds."""


def _pytest(name: str, about: str, *args: str, fast: bool = True, abreast: bool = False) -> Check:
    report = LOGS / f"{name}.xml"
    command = (PY, "-m", "pytest", "-q", f"--junitxml={report}", *args)
    return Check(name, about, (command,), tests=True, fast=fast, abreast=abreast)


CHECKS = (
    Check("ruff", "Python style and format", ((RUFF, "check"), (RUFF, "format", "--check"))),
    Check("mypy", "Python types", ((f"{BIN}/mypy",),)),
    Check("imports", "who may import whom", ((f"{BIN}/lint-imports",),)),
    Check("generated", "generated files are fresh", ((PY, "scripts/generate.py", "--check"),)),
    Check("web-types", "TypeScript types", (("npm", "run", "typecheck"),), folder="web"),
    Check("web-lint", "TypeScript style", (("npm", "run", "lint"),), folder="web"),
    Check("web-test", "the panel's own tests", (("npm", "test"),), folder="web"),
    Check("web-size", "the panel's download size", (("node", "scripts/budget.mjs"),), folder="web"),
    _pytest(
        "unit",
        "everything else in Python",
        "tests",
        "--ignore=tests/core",
        "--ignore=tests/e2e",
        "--ignore=tests/pack",
        "--ignore=tests/bench",
        abreast=True,
    ),
    _pytest(
        "core",
        "the pure core, every branch",
        "tests/core",
        "--cov=soundmesh.core",
        "--cov-branch",
        "--cov-fail-under=100",
        "--cov-report=term-missing:skip-covered",
        abreast=True,
    ),
    _pytest("pack", "the frozen program", "tests/pack", fast=False, abreast=True),
    _pytest("screens", "every screen, looked at", *SCREENS, fast=False, abreast=True),
    _pytest(
        "e2e",
        "real browsers on a real appliance",
        "tests/e2e",
        *(f"--ignore={file}" for file in SCREENS),
        fast=False,
    ),
)


@dataclass
class Result:
    check: Check
    seconds: float
    passed: int
    failed: int
    skipped: int = 0


def main(args: Sequence[str]) -> int:
    """Run what was asked for. Exit code 0 when everything passed, 1 when not, 2 for an unknown step."""
    if "--list" in args:
        for check in CHECKS:
            print(f"  {check.name:<11} {check.about}")
        return 0
    wanted = _choose(args)
    if isinstance(wanted, str):
        print(wanted, file=sys.stderr)
        return 2
    LOGS.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    results = []
    for abreast, group in groupby(wanted, lambda check: check.abreast):
        results += _run_group(list(group), ABREAST if abreast else 1)
    _table(results)
    failed = sum(r.failed for r in results)
    passed = sum(r.passed for r in results)
    skipped = sum(r.skipped for r in results)
    more = f", {skipped} skipped" if skipped else ""
    print(f"{passed} passed, {failed} failed{more} in {time.monotonic() - started:.1f}s")
    return 1 if failed else 0


def _run_group(checks: list[Check], at_once: int) -> list[Result]:
    """Run them and say how each went when it ends; the results in the order of the checks."""
    with ThreadPoolExecutor(at_once) as pool:
        running = [pool.submit(_run, check) for check in checks]
        for done in as_completed(running):
            result = done.result()
            verdict = "ok" if result.failed == 0 else "FAILED"
            print(f"· {result.check.about} …  {verdict}  {result.seconds:.0f} s", flush=True)
    return [done.result() for done in running]


def _choose(args: Sequence[str]) -> list[Check] | str:
    if not args:
        return list(CHECKS)
    if list(args) == ["fast"]:
        return [c for c in CHECKS if c.fast]
    known = {c.name: c for c in CHECKS}
    strange = [a for a in args if a not in known]
    if strange:
        return f"There is no step {', '.join(strange)}. There are: fast, {', '.join(known)}."
    return [c for c in CHECKS if c.name in args]


def _run(check: Check) -> Result:
    """Run one step; its output is in build/test/NAME.log, and shown when it failed."""
    log = LOGS / f"{check.name}.log"
    report = LOGS / f"{check.name}.xml"
    report.unlink(missing_ok=True)
    started = time.monotonic()
    code = 0
    with log.open("w") as out:
        for command in check.commands:
            code = code or _call(command, ROOT / check.folder, out)
    seconds = time.monotonic() - started
    result = _counted(check, report, code, seconds) if check.tests else _single(check, code, seconds)
    if result.failed:
        print(f"\n── {check.name}: the end of {log.relative_to(ROOT)}")
        print("\n".join(log.read_text(errors="replace").splitlines()[-TAIL_LINES:]), flush=True)
    return result


def _call(command: tuple[str, ...], folder: Path, out) -> int:
    try:
        done = subprocess.run(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT, env=_environment())
    except OSError as error:
        print(f"{command[0]} could not be started: {error}", file=out)
        return 127
    return done.returncode


def _environment() -> dict[str, str]:
    return {**os.environ, "FORCE_COLOR": "0", "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def _single(check: Check, code: int, seconds: float) -> Result:
    return Result(check, seconds, passed=int(code == 0), failed=int(code != 0))


def _counted(check: Check, report: Path, code: int, seconds: float) -> Result:
    """Counts from pytest's report. A run that ended badly, or left no report, is at least one failure."""
    total = failed = skipped = 0
    if report.exists():
        for suite in ET.parse(report).getroot().iter("testsuite"):
            total += int(suite.get("tests", 0))
            failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            skipped += int(suite.get("skipped", 0))
    passed = max(0, total - failed - skipped)
    if failed == 0 and (code != 0 or not report.exists()):
        failed = 1
    return Result(check, seconds, passed, failed, skipped)


def _table(results: Sequence[Result]) -> None:
    print("\n  step         passed  failed    time")
    for r in results:
        mark = " " if r.failed == 0 else "✗"
        print(f"{mark} {r.check.name:<12} {r.passed:>6}  {r.failed:>6}  {r.seconds:>5.0f} s")
    print()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
