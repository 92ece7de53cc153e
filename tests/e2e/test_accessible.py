"""Every screen and sheet passes axe's rules of WCAG 2.2 AA, in both themes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e import gallery
from tests.e2e.serve import ROOT

pytestmark = pytest.mark.e2e

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
APART = "label-content-name-mismatch"
"""Judged by a test of its own: it wants all text within a button in its name, and on a key that is also who
speaks and how many are there, which would be read out with every change. Those are its description."""
RUN = """async ([rules, apart]) => {
  const { violations } = await axe.run(document, { runOnly: rules, rules: { [apart]: { enabled: false } } });
  return violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 160)
    + ' ' + (n.any[0]?.message ?? '')).join(' | ')}`);
}"""
SMALL = """() => {
  const front = document.querySelector('dialog[open]') ?? document;
  const all = front.querySelectorAll('button, select, a, input');
  return [...all].filter((e) => e.offsetHeight && (e.offsetHeight < 24 || e.offsetWidth < 24))
    .map((e) => e.ariaLabel ?? e.textContent);
}"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with gallery.served() as where:
        yield where


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=gallery.SIZES["390x844"], reduced_motion="reduce")  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("theme", gallery.THEMES)
@pytest.mark.parametrize("screen", gallery.SCREENS, ids=lambda screen: screen.name)
def test_a_screen_passes_the_rules_of_wcag_2_2_aa(
    page: Page, address: str, screen: gallery.Screen, theme: str
) -> None:
    gallery.show(page, address, screen, theme)
    page.add_script_tag(path=AXE)
    assert page.evaluate(RUN, [RULES, APART]) == []
    assert page.evaluate(SMALL) == [], "smaller than 24 px"


@pytest.mark.parametrize("theme", gallery.THEMES)
@pytest.mark.parametrize("size", ["820x1180", "1440x900"])
def test_the_crew_beside_the_keys_passes_them_too(page: Page, address: str, size: str, theme: str) -> None:
    before = page.viewport_size
    assert before is not None
    page.set_viewport_size(gallery.SIZES[size])  # type: ignore[arg-type]
    gallery.show(page, address, gallery.Screen("director"), theme)
    crew = page.get_by_role("complementary", name="Crew")
    assert "talk stays open" in crew.inner_text()
    page.add_script_tag(path=AXE)
    assert page.evaluate(RUN, [RULES, APART]) == []
    page.set_viewport_size(before)


def test_a_key_says_by_word_what_this_ear_does_to_it(page: Page, address: str) -> None:
    gallery.show(page, address, gallery.Screen("ears"), "dark")
    for key, shown, said in (
        ("director", ["SOLO", "L"], "Solo, left 100 %"),
        ("lights", ["MUTE"], "muted"),
        ("program", ["14", "R"], "lowered 14 dB, right 100 %"),
    ):
        marks = page.locator(f"[data-key={key}] .marks i")
        assert [one.strip() for one in marks.all_inner_texts()] == shown
        described = page.locator(f"[data-key={key}] .listen").get_attribute("aria-describedby")
        assert page.locator(f"[id='{described}']").inner_text() == said
    assert "not sent" in page.locator("[data-key=sound] .talk").inner_text()


def test_on_a_phone_held_sideways_a_go_and_its_button_are_in_view(page: Page, address: str) -> None:
    before = page.viewport_size
    assert before is not None
    page.set_viewport_size(gallery.SIZES["844x390"])  # type: ignore[arg-type]
    gallery.show(page, address, gallery.Screen("signals"), "dark")
    first = page.locator(".signal").first
    assert first.get_attribute("data-kind") == "go"
    notes, button = page.locator(".notes").bounding_box(), first.get_by_role("button").bounding_box()
    assert notes is not None
    assert button is not None
    assert button["y"] >= notes["y"]
    assert button["y"] + button["height"] <= notes["y"] + notes["height"]
    page.set_viewport_size(before)


def test_ending_the_talks_of_an_address_asks_once_and_names_it(page: Page, address: str) -> None:
    gallery.show(page, address, gallery.Screen("director", ("Cues and calls",)), "dark")
    for button in ("Close these microphones", "End these open talks"):
        page.get_by_role("button", name=button, exact=True).click()
        asked = page.locator(".sure")
        assert "Camera?" in asked.inner_text()
        asked.get_by_role("button", name="No", exact=True).click()
        assert asked.count() == 0


def test_the_panel_mirrors_where_writing_runs_from_right_to_left(page: Page, address: str) -> None:
    page.goto(f"{address}/?fixture=day&dir=rtl&still")
    key = page.locator("[data-key=director]")
    key.wait_for()
    listen, talk = key.locator(".listen").bounding_box(), key.locator(".talk").bounding_box()
    assert listen is not None
    assert talk is not None
    assert listen["x"] > talk["x"], "listen is at the start, which is at the right"
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_call_is_announced_and_a_talk_zone_says_its_state(page: Page, address: str) -> None:
    gallery.show(page, address, gallery.Screen("day"), "dark")
    assert "Tom calls" in page.locator("p[role=status].sr-only").inner_text()
    talk = page.get_by_role("button", name="Talk, Cameras", exact=True)
    assert talk.get_attribute("aria-pressed") == "true"
    described = talk.get_attribute("aria-describedby")
    assert "open to 5" in page.locator(f"[id='{described}']").inner_text()


def test_what_a_button_is_called_on_screen_is_in_its_name(page: Page, address: str) -> None:
    gallery.show(page, address, gallery.Screen("day"), "dark")
    for label in page.locator(".talk .label b").all_inner_texts():
        assert page.get_by_role("button", name=f"Talk, {label}", exact=True).count() == 1
    for shown in ("Push to talk", "All talk off", "Got it"):
        assert page.get_by_role("button", name=shown, exact=True).count() == 1
    assert "Tom" in (page.locator(".reply").get_attribute("aria-label") or "")
