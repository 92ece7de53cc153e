"""How long from a finger on the key, and from a mouth, to an ear: two Chromium pages on one appliance.

Run it: ``python -m tests.bench.bench_mouth_to_ear [ROUNDS]``. In every round the same is measured between
the same two pages without an appliance (peer to peer, the key being the track's gate), so that the
difference is the appliance's share. A press starts at the pointer event's own time stamp and ends where the
tone crosses half level at the rendered output of the listener's page. Mouth to ear is the shift of
chirps between the microphone's track and the rendered sound. Converters and Bluetooth are outside.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.e2e import p2p, shows, sound
from tests.e2e.pages import LabPage, Phone, launch, until
from tests.e2e.serve import Appliance

PRESSES = 12
HOLD_MS = 700
PAUSE_MS = 900
ODD_MS = 7
"""Presses come at times that are no multiple of a frame."""
WARM_UP_MS = 7000
WINDOW_S = 10.0
HZ = sound.tone_hz(0)
LEVEL = 0.1


@dataclass
class Figures:
    """One target's measurements, ms."""

    name: str
    opened: list[float] = field(default_factory=list)
    closed: list[float] = field(default_factory=list)
    mouth_to_ear: list[float] = field(default_factory=list)
    misses: int = 0

    def line(self) -> str:
        return (
            f"{self.name:<14} {_spread(self.opened)}   {_spread(self.closed)}   {self.misses:>6}   "
            f"{median(self.mouth_to_ear):5.0f}  ({min(self.mouth_to_ear):.0f}-{max(self.mouth_to_ear):.0f})"
        )


def _spread(values: list[float]) -> str:
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return f"{median(ordered):5.0f} {p95:5.0f} {ordered[-1]:5.0f}"


@dataclass
class Pair:
    """A talker's page and a listener's, and how the talker's key is worked."""

    talker: LabPage
    listener: LabPage
    down: Callable[[], None]
    up: Callable[[], None]


def press_and_listen(pair: Pair, figures: Figures) -> None:
    """Twelve presses; each is heard and ends, or counts as missed."""
    for number in range(PRESSES):
        pair.talker.page.wait_for_timeout(PAUSE_MS + ODD_MS * number % 20)
        pair.down()
        pair.talker.page.wait_for_timeout(HOLD_MS)
        pair.up()
        pair.talker.page.wait_for_timeout(600)
        down, up = (event["at"] for event in pair.talker.lab("presses.slice(-2)"))
        sounds = pair.listener.taken(down, (up - down) / 1000 + 0.5)
        opened = sound.edge_ms(sounds, HZ, LEVEL, rising=True)
        closed = sound.edge_ms(sounds, HZ, LEVEL, rising=False, after_ms=up - down)
        if opened is None or closed is None or opened > up - down:
            figures.misses += 1
        else:
            figures.opened.append(opened)
            figures.closed.append(closed)


def listen_long(pair: Pair, figures: Figures) -> None:
    """Mouth to ear over ten seconds of steady talk, after the jitter buffer has settled."""
    pair.down()
    pair.talker.page.wait_for_timeout(WARM_UP_MS)
    start = pair.talker.now_ms()
    pair.talker.page.wait_for_timeout(WINDOW_S * 1000 + 500)
    mouth = pair.talker.taken(start, WINDOW_S, "mouth")
    ear = pair.listener.taken(start, WINDOW_S)
    figures.mouth_to_ear.append(sound.delay_ms(mouth, ear))
    pair.up()


def measure(pair: Pair, figures: Figures) -> None:
    listen_long(pair, figures)
    press_and_listen(pair, figures)


def through_the_appliance(browser: Browser, figures: Figures) -> None:
    """One round: a fresh appliance, camera talks to director."""
    with tempfile.TemporaryDirectory() as folder:
        appliance = Appliance(Path(folder), shows.write(shows.THREE))
        appliance.start()
        talker = Phone(browser, name="Talker", hz=HZ, level=LEVEL, chirp=True)
        listener = Phone(browser, name="Listener", hz=sound.tone_hz(5))
        try:
            with talker, listener:
                listener.join(appliance.invite("director"))
                talker.join(appliance.invite("camera"))
                until(lambda: all(s["media"] for s in appliance.status()["stations"]), 10, "sound")
                measure(Pair(talker, listener, lambda: talker.press("Stage"), talker.release), figures)
        finally:
            appliance.stop()


def peer_to_peer(browser: Browser, figures: Figures) -> None:
    """One round of the baseline: the same two pages, nothing between them."""
    talker = LabPage(browser, hz=HZ, level=LEVEL, chirp=True)
    listener = LabPage(browser, hz=sound.tone_hz(5))
    with talker, listener:
        for page in (talker, listener):
            page.page.route(p2p.ADDRESS, _answer)
            page.page.goto(p2p.ADDRESS)
        offer = talker.page.evaluate(p2p.OFFER)
        talker.page.evaluate(p2p.TAKE, listener.page.evaluate(p2p.ANSWER, offer))
        box = talker.page.locator("button").bounding_box()
        assert box is not None
        talker.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        measure(Pair(talker, listener, talker.page.mouse.down, talker.page.mouse.up), figures)


def _answer(route: Any) -> None:
    route.fulfill(body=p2p.PAGE, content_type="text/html")


def main(rounds: int) -> int:
    """Exit code 1 when a press was missed."""
    appliance, baseline = Figures("SoundMesh"), Figures("peer to peer")
    with sync_playwright() as playwright:
        browser = launch(playwright, more=("--disable-features=WebRtcHideLocalIpsWithMdns",))
        for number in range(rounds):
            peer_to_peer(browser, baseline)
            through_the_appliance(browser, appliance)
            print(f"· round {number + 1} of {rounds}", flush=True)
        browser.close()
    print("\nms             press to heard      release to silent   missed   mouth to ear")
    print("               p50   p95   max     p50   p95   max")
    for figures in (baseline, appliance):
        print(figures.line())
    share = median(a - b for a, b in zip(appliance.mouth_to_ear, baseline.mouth_to_ear, strict=True))
    print(f"\nThe appliance's share of mouth to ear: {share:+.0f} ms (median of {rounds} rounds).")
    return 1 if appliance.misses else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
