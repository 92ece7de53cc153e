"""At the door without an invite: a person asks, the director answers in the panel."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e import sound
from tests.e2e.pages import Phone
from tests.e2e.serve import Appliance

pytestmark = pytest.mark.e2e

SHOW = """
[show]
name = "Asking"
[[channel]]
id = "main"
name = "Stage"
[[role]]
id = "director"
name = "Director"
rights = ["approve", "calls", "kill"]
[[role]]
id = "guest"
name = "Guest"
seats = 0
ask = true
[matrix]
columns = ["main"]
[matrix.rows]
director = ["TL"]
guest = ["TL"]
"""


def ask(eva: Phone, box: Appliance) -> None:
    eva.open(box.url)
    eva.page.get_by_role("radio", name="Guest").click()
    eva.page.get_by_label("Your name").fill("Eva")
    eva.page.get_by_role("button", name="Ask to join").click()


def answer(ada: Phone, button: str) -> None:
    ada.page.get_by_role("button", name="Cues and calls").click()
    expect(ada.page.get_by_text("Eva")).to_be_visible(timeout=10_000)
    ada.page.get_by_role("button", name=button).click()


def test_who_asks_is_let_in_with_sound_by_the_director(
    phone: Callable[..., Phone], appliance: Callable[[str], Appliance]
) -> None:
    box = appliance(SHOW)
    ada, eva = phone(name="Ada", hz=sound.tone_hz(0)), phone(name="Eva", hz=sound.tone_hz(4))
    ada.join(box.invite("director"))
    ask(eva, box)
    expect(eva.page.get_by_text("Waiting for an answer")).to_be_visible()
    answer(ada, "Let in")
    expect(eva.talk("Stage")).to_be_visible(timeout=15_000)
    assert box.station("Eva")["role"] == "guest"


def test_a_no_is_told(phone: Callable[..., Phone], appliance: Callable[[str], Appliance]) -> None:
    box = appliance(SHOW)
    ada, eva = phone(name="Ada", hz=sound.tone_hz(0)), phone(name="Eva", hz=sound.tone_hz(4))
    ada.join(box.invite("director"))
    ask(eva, box)
    answer(ada, "Refuse")
    expect(eva.page.get_by_role("alert")).to_contain_text("declined", timeout=10_000)
