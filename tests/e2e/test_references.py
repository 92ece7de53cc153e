"""Every screen looks as it was last reviewed: the reference pictures are kept in docs/images/screens.

``SOUNDMESH_PICTURES=renew`` writes them anew (`just pictures`); whoever does that looks at each of them.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e import gallery
from tests.e2e.serve import ROOT

pytestmark = pytest.mark.e2e

KEPT = ROOT / "docs" / "images" / "screens"
NEW = ROOT / "build" / "pictures"
RENEW = os.environ.get("SOUNDMESH_PICTURES") == "renew"
MOST_CHANGED = 0.04
"""Share of pixels that may differ: a layout that moves changes more, another machine's fonts less."""
DIFFER = """async ([kept, now]) => {
  const pixels = async (data) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, image.width, image.height);
  };
  const [a, b] = [await pixels(kept), await pixels(now)];
  if (a.width !== b.width || a.height !== b.height) return 1;
  let differ = 0;
  for (let at = 0; at < a.data.length; at += 4) {
    const far = Math.max(...[0, 1, 2].map((c) => Math.abs(a.data[at + c] - b.data[at + c])));
    if (far > 48) differ += 1;
  }
  return differ / (a.width * a.height);
}"""
ALIKE = ("panel-rest", "one", "listener", "invite", "day-2-more-to-answer")
"""Much like others: axe reads them, but no picture of them is kept."""
WHERE = (*((size, "dark") for size in gallery.SIZES), ("390x844", "blackout"))
"""Both themes have one layout, and axe reads every screen in both: phones stand for blackout."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with gallery.served() as where:
        yield where


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("size", "theme"), WHERE)
def test_the_screens_look_as_reviewed(page: Page, address: str, size: str, theme: str) -> None:
    page.set_viewport_size(gallery.SIZES[size])  # type: ignore[arg-type]
    for folder in (KEPT, NEW):
        folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for screen in (one for one in gallery.SCREENS if one.name not in ALIKE):
        gallery.show(page, address, screen, theme)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, screen.name
        now = page.screenshot()
        kept = gallery.picture_of(KEPT, screen, size, theme)
        if RENEW:
            kept.write_bytes(now)
            continue
        both = [base64.b64encode(picture).decode() for picture in (kept.read_bytes(), now)]
        share = page.evaluate(DIFFER, both)
        if share > MOST_CHANGED:
            gallery.picture_of(NEW, screen, size, theme).write_bytes(now)
            changed.append(f"{screen.name}: {share:.1%} differs, see build/pictures")
    assert changed == []
