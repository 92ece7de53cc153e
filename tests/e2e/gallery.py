"""Every screen of the panel without an appliance: the fixtures' own bundle, served to a browser."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.e2e.serve import ROOT

BUNDLE = ROOT / "build" / "fixtures"
"""Never the shipped one: that has no fixtures in it."""
THEMES = ("dark", "blackout")
SIZES = {
    "390x844": {"width": 390, "height": 844},
    "844x390": {"width": 844, "height": 390},
    "820x1180": {"width": 820, "height": 1180},
    "1440x900": {"width": 1440, "height": 900},
}


@dataclass(frozen=True, slots=True)
class Screen:
    """A fixture, and the buttons to press in it one after the other."""

    fixture: str
    press: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        parts = (self.fixture, *(press.split(",")[0] for press in self.press))
        return "-".join(parts).lower().replace(":", "-").replace(" ", "-")


SCREENS = (
    Screen("day"),
    Screen("signals"),
    Screen("panel-rest"),
    Screen("trouble"),
    Screen("ears"),
    Screen("many"),
    Screen("one"),
    Screen("none"),
    Screen("lost"),
    Screen("listener"),
    Screen("day", ("Menu",)),
    Screen("day", ("Menu", "Keyboard and pedals")),
    Screen("day", ("Menu", "Open")),
    Screen("day", ("Lock the panel for a pocket",)),
    Screen("day", ("Volume, Cameras",)),
    Screen("day", ("2 more to answer",)),
    Screen("director", ("Cues and calls",)),
    Screen("director", ("Menu", "Crew")),
    Screen("join"),
    Screen("invite"),
    Screen("back"),
    Screen("away"),
    Screen("mic:denied"),
    Screen("ended:taken_over"),
    Screen("ended:handed_over"),
    Screen("ended:seat_given"),
    Screen("ended:kicked"),
    Screen("ended:show_changed"),
    Screen("ended:reload"),
    Screen("asked"),
    Screen("insecure"),
    Screen("unsupported"),
    Screen("interrupted"),
    Screen("muted"),
    Screen("mic:missing"),
)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def served() -> Iterator[str]:
    """Builds the fixtures and serves them on loopback until the block ends. Yields the address."""
    build = ["npx", "vite", "build", "--mode", "fixtures", "--outDir", str(BUNDLE), "--emptyOutDir"]
    made = subprocess.run(build, cwd=ROOT / "web", capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(BUNDLE)))
    thread = threading.Thread(target=server.serve_forever, name="gallery")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def show(page: Page, address: str, screen: Screen, theme: str) -> None:
    """Brings the screen up and waits until it stands still."""
    page.goto(f"{address}/?fixture={screen.fixture}&theme={theme}&still")
    page.locator("main, .stage").first.wait_for()
    for name in screen.press:
        page.get_by_role("button", name=name, exact=True).first.click()
        page.locator("dialog[open] h2").first.wait_for()
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(150)


def picture_of(folder: Path, screen: Screen, size: str, theme: str) -> Path:
    """Where the reference picture of a screen is kept."""
    return folder / f"{screen.name}.{size}.{theme}.png"
