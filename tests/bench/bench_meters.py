"""What moving meters costs a slow phone: 24 keys, 20 people talking, a core throttled to a quarter.

Run it: ``python -m tests.bench.bench_meters [ROUNDS]``. One page of the development server with the real
panel, the real meters and levels ten times a second; in each round the meters are drawn for a window and
rested for a window, in turn. The share is the difference in the main thread's task time, script, style,
layout and paint together, over the window, in time of that thread alone, so that others on the machine do
not count. The browser's own idle work falls out of the difference.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.e2e.pages import launch

WEB = Path(__file__).parents[2] / "web"
PORT = 5297
THROTTLE = 4
WARM_UP_S = 4.0
WINDOW_S = 10.0
LIMIT = 0.05
PARTS = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration", "TaskDuration")


def main(rounds: int) -> int:
    with _server() as url, sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2).new_page()
        page.goto(f"{url}/?fixture=meters")
        page.wait_for_selector("[data-key=line24]", state="attached", timeout=30_000)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        session.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
        time.sleep(WARM_UP_S)
        shares = [_round(page, session) for _ in range(rounds)]
        browser.close()
    print(f"{'share of the core':<18}" + "".join(f"{p.removesuffix('Duration'):>13}" for p in PARTS))
    for name, which in (("drawn", 0), ("at rest", 1)):
        print(f"{name:<18}" + "".join(f"{median(r[which][p] for r in shares):>13.2%}" for p in PARTS))
    costs = [on["TaskDuration"] - off["TaskDuration"] for on, off in shares]
    print("meters, each round: " + ", ".join(f"{cost:.2%}" for cost in costs))
    print(f"meters, median:     {median(costs):.2%} of a core throttled {THROTTLE}x, at most {LIMIT:.0%}")
    return 0 if median(costs) < LIMIT else 1


def _round(page: Page, session: CDPSession) -> tuple[dict[str, float], dict[str, float]]:
    """Shares of the window while drawn, and while at rest."""
    return _window(page, session, drawing=True), _window(page, session, drawing=False)


def _window(page: Page, session: CDPSession, *, drawing: bool) -> dict[str, float]:
    page.evaluate("drawing => { window.meterBench.drawing = drawing; }", drawing)
    time.sleep(0.5)
    draws = page.evaluate("window.meterBench.draws")
    before = _metrics(session)
    time.sleep(WINDOW_S)
    after = _metrics(session)
    drawn = page.evaluate("window.meterBench.draws") - draws
    assert (drawn > WINDOW_S * 8) is drawing, f"{drawn} draws in {WINDOW_S:g} s"
    span = after["Timestamp"] - before["Timestamp"]
    return {name: (after[name] - before[name]) / span for name in PARTS}


def _metrics(session: CDPSession) -> dict[str, float]:
    return {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}


@contextmanager
def _server() -> Iterator[str]:
    """The development server of the panel, which alone has the fixture."""
    command = ["npx", "vite", "--host", "127.0.0.1", "--port", str(PORT), "--strictPort"]
    server = subprocess.Popen(command, cwd=WEB, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert server.stdout is not None
        for line in server.stdout:
            if "ready in" in line:
                break
        yield f"http://127.0.0.1:{PORT}"
    finally:
        server.terminate()
        server.wait(10)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
