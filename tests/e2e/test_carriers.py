"""Joining, talking, taking over and coming back, once over each carrier of the control link."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e import shows, sound
from tests.e2e.pages import Phone, until
from tests.e2e.serve import Appliance

pytestmark = pytest.mark.e2e

ADA_HZ, BEN_HZ = sound.tone_hz(0), sound.tone_hz(4)
TONES = [ADA_HZ, BEN_HZ]
RETURN_S = 6.0
PRESSES = 15
REFUSALS = {
    "websocket": "",
    "closed": """
        window.WebSocket = class extends EventTarget {
          constructor() {
            super();
            setTimeout(() => this.onclose?.(new CloseEvent("close", { code: 1006 })), 5);
          }
          send() {}
          close() {}
        };""",
    "thrown": """
        window.WebSocket = class {
          constructor() {
            throw new DOMException("no", "SecurityError");
          }
        };""",
}
"""How a browser refuses websockets: by closing them, as an iPhone does, or by throwing."""


@pytest.fixture(params=list(REFUSALS))
def carrier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def crew(
    appliance: Callable[[str], Appliance], phone: Callable[..., Phone], carrier: str
) -> tuple[Appliance, Phone, Phone]:
    """Ada directs, Ben is a camera; both links go by this carrier."""
    box = appliance(shows.write(shows.THREE))
    phones = [phone(name=name, hz=hz) for name, hz in (("Ada", ADA_HZ), ("Ben", BEN_HZ))]
    for one, role in zip(phones, ("director", "camera"), strict=True):
        one.context.add_init_script(REFUSALS[carrier])
        one.join(box.invite(role))
    for one in phones:
        until(lambda name=one.name: box.station(name)["media"], 10, f"{one.name} has sound")
    return box, phones[0], phones[1]


def test_two_people_talk_and_the_panel_says_what_carries_their_keys(
    crew: tuple[Appliance, Phone, Phone], carrier: str
) -> None:
    _, ada, ben = crew
    ben.press("Stage")
    ben.sees_on_air("Stage")
    ada.until_hears({BEN_HZ}, TONES)
    ben.release()
    ben.sees_off("Stage")
    ben.tap("Stage")
    ada.tap("Stage")
    ada.until_hears({BEN_HZ}, TONES)
    ben.until_hears({ADA_HZ}, TONES)
    pill = ada.page.locator(".pill")
    expect(pill).to_have_attribute("data-state", "live")
    says = pill.get_attribute("aria-label") or ""
    assert ("Websockets are refused" in says) == (carrier != "websocket")
    ada.listen("Stage").click()
    ada.until_hears(set(), TONES)


def test_a_second_tab_takes_over(crew: tuple[Appliance, Phone, Phone], carrier: str) -> None:
    box, ada, _ = crew
    ada.tap("Stage")
    ada.sees_on_air("Stage")
    second = ada.context.new_page()
    second.goto(box.url)
    second.get_by_role("button", name="Join with sound").click()
    expect(second.locator("button[aria-label^='Talk, Stage']").first).to_be_visible(timeout=15_000)
    expect(ada.talk("Stage")).to_be_hidden()
    assert box.station("Ada")["talks"] == []


def test_after_kill_9_both_are_back_by_themselves(crew: tuple[Appliance, Phone, Phone], carrier: str) -> None:
    box, ada, ben = crew
    ben.tap("Stage")
    ben.sees_on_air("Stage")
    box.kill()
    box.start()

    def back() -> bool:
        return all(station["media"] for station in box.status()["stations"])

    until(back, RETURN_S, "both are back with sound")
    assert [s["talks"] for s in box.status()["stations"]] == [[], []]
    ben.tap("Stage")
    ada.until_hears({BEN_HZ}, TONES)


def test_a_press_is_confirmed_soon(
    crew: tuple[Appliance, Phone, Phone], carrier: str, record_property: Callable[[str, object], None]
) -> None:
    _, ada, _ = crew
    took = []
    for _ in range(PRESSES):
        ada.page.wait_for_timeout(120)
        ada.press("Stage")
        took.append(float(ada.page.evaluate(CONFIRMED)))
        ada.page.wait_for_timeout(250)
        ada.release()
        ada.sees_off("Stage")
    median = sorted(took)[PRESSES // 2]
    record_property("press_to_lamp_ms", median)
    print(f"\n{carrier}: press to lamp {median:.0f} ms, {min(took):.0f} to {max(took):.0f}")
    assert median < 300


CONFIRMED = """
() => new Promise((resolve) => {
  const pressed = window.__lab.presses.filter((press) => press.type === "pointerdown").at(-1).at;
  const look = () => {
    const key = document.querySelector("button[aria-label^='Talk, Stage']");
    if (key.getAttribute("aria-pressed") === "true")
      resolve(performance.timeOrigin + performance.now() - pressed);
    else requestAnimationFrame(look);
  };
  look();
})
"""
