"""Pictures of the panel as people meet it, kept under build/screens; and that nothing is wrong on the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e import sound
from tests.e2e.pages import Phone, until
from tests.e2e.serve import ROOT, Appliance

pytestmark = pytest.mark.e2e

SCREENS = ROOT / "build" / "screens"
SIZES = {
    "phone": {"width": 390, "height": 844},
    "phone-wide": {"width": 844, "height": 390},
    "desktop": {"width": 1240, "height": 820},
}
TOO_SMALL = """() => {
  const reach = 19;  // above and below its middle; a target may reach past what it draws
  const hits = (b, x, y) => document.elementFromPoint(x, y)?.closest("button") === b;
  return [...document.querySelectorAll("button")].filter((b) => {
    const {left, top, width, height} = b.getBoundingClientRect();
    if (height === 0 || height >= 2 * reach) return false;
    const [x, y] = [left + width / 2, top + height / 2];
    return !(hits(b, x, y - reach) && hits(b, x, y + reach));
  }).map((b) => b.ariaLabel ?? b.textContent);
}"""


@pytest.mark.parametrize("size", SIZES)
def test_the_demo_shows_panel_fits_and_is_quiet_in_the_console(
    phone: Callable[..., Phone], appliance: Callable[[str], Appliance], size: str
) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    box = appliance((ROOT / "configs" / "shows" / "demo.toml").read_text())
    ada = phone(name="Ada", hz=sound.tone_hz(0), viewport=SIZES[size])
    link = box.invite("director")
    ada.open(link)
    expect(ada.page.get_by_role("button", name="Join with sound")).to_be_visible()
    ada.page.screenshot(path=SCREENS / f"{size}-join.png")
    ada.join(link)
    until(lambda: box.station("Ada")["media"], 10, "sound is connected")
    ben = phone(name="Ben", hz=sound.tone_hz(4))
    ben.join(box.invite("camera"))
    until(lambda: box.station("Ben")["media"], 10, "sound is connected")

    mine = ada.page.locator("button[aria-label^='Talk, ']:not([aria-disabled='true'])")
    ada.tap(str(mine.first.get_attribute("aria-label")).removeprefix("Talk, "))
    theirs = ben.page.locator("button[aria-label^='Talk, ']:not([aria-disabled='true'])")
    ben.tap(str(theirs.first.get_attribute("aria-label")).removeprefix("Talk, "))
    expect(mine.first).to_have_attribute("aria-pressed", "true")
    ada.page.wait_for_timeout(600)
    ada.page.screenshot(path=SCREENS / f"{size}-panel.png")

    wide = ada.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{wide} px stick out at the side"
    small = ada.page.evaluate(TOO_SMALL)
    assert small == [], "too small for a thumb"
    assert ada.errors == []
