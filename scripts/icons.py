"""Draws the panel's icons as PNG from web/public/icon.svg, with Chromium.

Run it after a change of the drawing: ``python -m scripts.icons``.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e.pages import launch

PUBLIC = Path(__file__).resolve().parent.parent / "web" / "public"
GROUND = "#12151a"
"""The icon's own ground, which a mask shows to its edge."""
ICONS = {"icon-192.png": (192, 1.0), "icon-512.png": (512, 1.0), "icon-maskable-512.png": (512, 0.8)}
"""File: its size in pixels, and the part of it that the drawing takes: a mask may cut off the outer fifth."""


def main() -> None:
    svg = (PUBLIC / "icon.svg").read_text()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for name, (size, part) in ICONS.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            ground = GROUND if part < 1 else "transparent"
            style = (
                f"html,body{{margin:0;height:100%;background:{ground};display:grid;place-items:center}}"
                f"svg{{width:{part:.0%};height:{part:.0%}}}"
            )
            page.set_content(f"<style>{style}</style>{svg}")
            page.screenshot(path=PUBLIC / name, omit_background=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
