"""Ways to lose a hold that need the browser's own debugger, or a hand on the page's socket."""

from __future__ import annotations

import contextlib
from typing import Any

from playwright.sync_api import Error, Locator, Page, WebSocketRoute

HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  Object.defineProperty(document, "visibilityState",
    { configurable: true, get: () => (hidden ? "hidden" : "visible") });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
"""Headless Chromium never hides a page by itself."""


class Fingers:
    """Real touches, through the browser's own input queue."""

    def __init__(self, page: Page) -> None:
        self._debugger = page.context.new_cdp_session(page)

    def down(self, *targets: Locator) -> None:
        """One finger on each of these, together."""
        self._send("touchStart", [_middle(target) for target in targets])

    def up(self) -> None:
        """They lift, if any is down."""
        with contextlib.suppress(Error):
            self._send("touchEnd", [])

    def cancel(self) -> None:
        """The system takes the touches away, as for a notification or a gesture of its own."""
        self._send("touchCancel", [])

    def palm(self, target: Locator, contacts: int = 5) -> None:
        """A hand laid on one control."""
        x, y = _middle(target)
        self._send("touchStart", [(x + 4 * n, y + 3 * n) for n in range(contacts)])

    def _send(self, kind: str, points: list[tuple[float, float]]) -> None:
        touches = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
        self._debugger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def leave_window(page: Page) -> None:
    """Another window comes to the front: a real blur."""
    debugger = page.context.new_cdp_session(page)
    debugger.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    page.bring_to_front()
    page.context.new_page().bring_to_front()


def return_to(page: Page) -> None:
    """The page is in front again, in sight, and the only one."""
    for other in page.context.pages:
        if other != page:
            other.close()
    debugger = page.context.new_cdp_session(page)
    debugger.send("Emulation.setFocusEmulationEnabled", {"enabled": True})
    page.bring_to_front()
    hide(page, False)


def hide(page: Page, hidden: bool = True) -> None:
    """Put the page out of sight, or back into it, as far as its scripts can tell."""
    page.evaluate(HIDE, hidden)


class Wire:
    """The page's control link in the hand: stalled, delivered, or cut. To be made before the page opens."""

    def __init__(self, page: Page) -> None:
        self._stalled = False
        self._kept: list[tuple[WebSocketRoute, str | bytes]] = []
        self._routes: list[WebSocketRoute] = []
        self._cut = False
        page.route_web_socket("**/api/v1/link", self._take)

    def _take(self, route: WebSocketRoute) -> None:
        if self._cut:
            route.close()
            return
        far = route.connect_to_server()
        self._routes.append(route)
        route.on_message(lambda message: self._pass(far, message))

    def _pass(self, far: WebSocketRoute, message: str | bytes) -> None:
        if self._stalled:
            self._kept.append((far, message))
        else:
            far.send(message)

    def stall(self) -> None:
        """From now on nothing the page says arrives."""
        self._stalled = True

    def deliver(self) -> list[str]:
        """All that was kept arrives at once; what it was."""
        self._stalled = False
        said = [str(message) for _, message in self._kept]
        for far, message in self._kept:
            far.send(message)
        self._kept.clear()
        return said

    def cut(self) -> None:
        """The link breaks and does not come back."""
        self._cut = True
        for route in self._routes:
            route.close()


def _middle(target: Locator) -> tuple[float, float]:
    box: Any = target.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
