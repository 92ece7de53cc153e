"""The last line of scripts/test tells the truth, also when a run dies without a report."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
REPORT = '<testsuites><testsuite tests="{0}" failures="{1}" errors="{2}" skipped="{3}"/></testsuites>'


@pytest.fixture
def checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("soundmesh_checks", ROOT / "scripts" / "checks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "soundmesh_checks", module)
    spec.loader.exec_module(module)
    module.ROOT = module.LOGS = tmp_path
    return module


def fake_pytest(checks: ModuleType, report: str | None, code: int) -> object:
    """A step that writes this report and ends with this code, in place of pytest."""
    write = f"open('t.xml', 'w').write({report!r});" if report is not None else ""
    command = (sys.executable, "-c", f"{write}raise SystemExit({code})")
    return checks.Check("t", "tests", (command,), tests=True)


@pytest.mark.parametrize(
    ("report", "code", "passed", "failed", "skipped"),
    [
        (REPORT.format(10, 0, 0, 0), 0, 10, 0, 0),
        (REPORT.format(10, 2, 1, 3), 1, 4, 3, 3),
        (REPORT.format(10, 0, 0, 0), 1, 10, 1, 0),  # all pass, but coverage is short
        (REPORT.format(0, 0, 0, 0), 5, 0, 1, 0),  # nothing was collected
        (None, 137, 0, 1, 0),  # killed before it could write
        (None, 0, 0, 1, 0),  # nobody knows what it did
    ],
)
def test_tests_are_counted_from_the_report_and_the_exit_code(
    checks: ModuleType, report: str | None, code: int, passed: int, failed: int, skipped: int
) -> None:
    result = checks._run(fake_pytest(checks, report, code))
    assert (result.passed, result.failed, result.skipped) == (passed, failed, skipped)


def test_one_failing_command_fails_its_step_and_the_rest_of_it_is_not_run(checks: ModuleType) -> None:
    bad = (sys.executable, "-c", "raise SystemExit(3)")
    after = (sys.executable, "-c", "open('after', 'w')")
    result = checks._run(checks.Check("two", "two commands", (bad, after)))
    assert (result.passed, result.failed) == (0, 1)
    assert not (checks.ROOT / "after").exists()


def test_a_program_that_is_missing_is_a_failure_with_its_name_in_the_log(checks: ModuleType) -> None:
    result = checks._run(checks.Check("gone", "a missing program", (("no-such-program",),)))
    assert result.failed == 1
    assert "no-such-program" in (checks.LOGS / "gone.log").read_text()


def test_the_last_line_adds_everything_up_and_the_exit_code_agrees(
    checks: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    good = checks.Check("good", "good", ((sys.executable, "-c", ""),))
    bad = checks.Check("bad", "bad", ((sys.executable, "-c", "raise SystemExit(1)"),))
    checks.CHECKS = (good, bad)
    assert checks.main([]) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("1 passed, 1 failed in ")
    assert checks.main(["good"]) == 0
    assert checks.main(["god"]) == 2


def test_steps_that_run_abreast_are_counted_in_their_order(checks: ModuleType) -> None:
    wait = "import os, time\nwhile not os.path.exists('second'): time.sleep(0.01)"
    first = checks.Check("first", "waits for the second", ((sys.executable, "-c", wait),), abreast=True)
    second = (sys.executable, "-c", "open('second', 'w')")
    results = checks._run_group([first, checks.Check("second", "ends first", (second,), abreast=True)], 2)
    assert [(r.check.name, r.passed, r.failed) for r in results] == [("first", 1, 0), ("second", 1, 0)]


def test_fast_leaves_out_browsers_and_packaging_only(checks: ModuleType) -> None:
    fast = checks._choose(["fast"])
    assert {c.name for c in checks.CHECKS} - {c.name for c in fast} == {"e2e", "pack", "screens"}
