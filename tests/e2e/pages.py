"""Chromium pages with a laboratory microphone and ear, and the crew panel as a person uses it."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, Playwright, expect

from tests.e2e import sound

LAB = (Path(__file__).parent / "lab.js").read_text()
PHONE = {"width": 390, "height": 844}
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)
AUTOPLAY = "--autoplay-policy=no-user-gesture-required"
UNTRUSTED = "An SSL certificate error occurred when fetching the script."
"""Chromium's own remark when it refuses a service worker for a certificate that was clicked through."""
SETTLE_S = 0.3
"""Longer than the jitter buffer: what is heard after it was sent after the change."""


def launch(
    playwright: Playwright,
    *,
    autoplay: bool = True,
    more: tuple[str, ...] = (),
    program: Path | None = None,
) -> Browser:
    """The distribution's Chromium, headless. ``program``: what starts it, instead of its own name."""
    switches = [*SWITCHES, *([AUTOPLAY] if autoplay else []), *more]
    return playwright.chromium.launch(executable_path=program or chromium(), args=switches)


def chromium() -> str:
    """Where it is. Raises: RuntimeError with what to do."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        if name and (found := shutil.which(name)):
            return found
    raise RuntimeError("The browser tests need Chromium. On Debian: sudo apt install chromium")


def until(holds: Callable[[], Any], seconds: float, what: str) -> Any:
    """Ask until the answer is true. Raises: AssertionError saying what never became true."""
    end = time.monotonic() + seconds
    while not (answer := holds()):
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)
    return answer


class LabPage:
    """A page whose microphone says one tone and whose output can be listened to."""

    def __init__(self, browser: Browser, *, hz: float, viewport: dict[str, int] = PHONE, **lab: Any) -> None:
        self.hz = hz
        self.context: BrowserContext = browser.new_context(
            ignore_https_errors=True, viewport=viewport, device_scale_factor=2
        )
        given = json.dumps({"hz": hz, **lab})
        self.context.add_init_script(f"window.__given = {given};\n{LAB}")
        self.page: Page = self.context.new_page()
        self.crashed = False
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._keep_errors)

    def _keep_errors(self, message: Any) -> None:
        if message.type == "error" and message.text != UNTRUSTED:
            self.errors.append(message.text)

    def __enter__(self) -> LabPage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.context.close()

    def lab(self, what: str) -> Any:
        return self.page.evaluate(f"window.__lab.{what}")

    def now_ms(self) -> float:
        return float(self.lab("now()"))

    def record(self, seconds: float, which: str = "ear") -> sound.Samples:
        """Listen for that long, from now on."""
        start = self.now_ms()
        self.page.wait_for_timeout(seconds * 1000 + 150)
        return self.taken(start, seconds, which)

    def taken(self, from_ms: float, seconds: float, which: str = "ear") -> sound.Samples:
        """What was rendered (or said) in a span of the wall clock that has passed."""
        data = self.page.evaluate(
            "([which, from, seconds]) => window.__lab.read(which, from, seconds)", [which, from_ms, seconds]
        )
        return np.frombuffer(base64.b64decode(data), dtype=np.float32)

    def hears(self, tones: list[float], seconds: float = 1.0) -> set[float]:
        return sound.heard(self.record(seconds), tones)

    def until_hears(self, expected: set[float], tones: list[float], seconds: float = 10.0) -> None:
        """Wait for exactly these tones. Raises: AssertionError with what is heard instead."""
        end = time.monotonic() + seconds
        while (heard := self.hears(tones, 0.5)) != expected:
            assert time.monotonic() < end, f"expected {sorted(expected)} Hz, heard {sorted(heard)} Hz"

    def crash(self) -> None:
        """End the page's process the hard way: no script of it runs any more, nothing is said goodbye to."""
        self.crashed = True
        with contextlib.suppress(Error):
            self.page.goto("chrome://crash", timeout=5000)
        with pytest.raises(Error, match="crashed"):
            self.page.evaluate("1")


class Phone(LabPage):
    """The crew panel in the hands of one person."""

    def __init__(self, browser: Browser, *, name: str, **lab: Any) -> None:
        super().__init__(browser, **lab)
        self.name = name

    def open(self, url: str) -> None:
        self.page.goto(url)

    def join(self, url: str) -> None:
        """From the invite's link to the panel with connected sound."""
        self.open(url)
        self.page.get_by_label("Your name").fill(self.name)
        self.page.get_by_role("button", name="Join with sound").click()
        expect(self.talk_buttons().or_(self.listen_buttons()).first).to_be_visible(timeout=15_000)

    def talk_buttons(self) -> Locator:
        return self.page.locator("button[aria-label^='Talk, ']")

    def listen_buttons(self) -> Locator:
        return self.page.locator("button[aria-label^='Listen, ']")

    def talk(self, label: str) -> Locator:
        return self.page.get_by_role("button", name=f"Talk, {label}", exact=True)

    def listen(self, label: str) -> Locator:
        return self.page.get_by_role("button", name=f"Listen, {label}", exact=True)

    def press(self, label: str) -> None:
        """Put a finger down on the talk key and keep it there."""
        self.hold(self.talk(label))

    def hold(self, button: Locator) -> None:
        """Put a finger down on any button and keep it there."""
        self._finger_on(button)
        self.page.mouse.down()

    def release(self) -> None:
        self.page.mouse.up()

    def tap(self, label: str) -> None:
        """Latch the talk: down and up well within 200 ms."""
        self.press(label)
        self.page.mouse.up()

    def _finger_on(self, button: Locator) -> None:
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def sees_on_air(self, label: str, seconds: float = 6.0) -> None:
        expect(self.talk(label)).to_have_attribute("aria-pressed", "true", timeout=seconds * 1000)

    def sees_off(self, label: str, seconds: float = 6.0) -> None:
        expect(self.talk(label)).to_have_attribute("aria-pressed", "false", timeout=seconds * 1000)
