"""Beside the touch screen: keyboard, pedals, the headset's button, the pocket lock, the wake lock."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import shows, sound
from tests.e2e.holds import Fingers, hide
from tests.e2e.pages import Phone, until
from tests.e2e.serve import Appliance

pytestmark = pytest.mark.e2e

DEVICES = """
  const buttons = [false, false];
  let there = false;
  const pad = () => ({ index: 0, connected: true, buttons: buttons.map((pressed) => ({ pressed })) });
  navigator.getGamepads = () => (there ? [pad()] : []);
  window.__pad = {
    plug: (on) => {
      there = on;
      window.dispatchEvent(new Event(on ? "gamepadconnected" : "gamepaddisconnected"));
    },
    set: (button, down) => { buttons[button] = down; },
  };
  window.__media = {};
  const session = navigator.mediaSession;
  const real = session.setActionHandler.bind(session);
  session.setActionHandler = (action, handler) => {
    window.__media[action] = handler;
    real(action, handler);
  };
  window.__buzzed = [];
  navigator.vibrate = (pattern) => window.__buzzed.push(pattern) > 0;
  window.__locks = [];
  navigator.wakeLock.request = async () => {
    const lock = { released: false, release: async () => { lock.released = true; } };
    window.__locks.push(lock);
    return lock;
  };
"""
"""A gamepad, a vibration motor, a headset and a wake lock: what Chromium has not here, at its own borders."""


@pytest.fixture
def box(appliance: Callable[[str], Appliance]) -> Appliance:
    return appliance(shows.write(shows.THREE))


@pytest.fixture
def ada(phone: Callable[..., Phone], box: Appliance) -> Phone:
    """A director: Stage is the first key and armed, Office the second."""
    made: Phone = phone(name="Ada", hz=sound.tone_hz(0))
    made.context.add_init_script(f"{{ {DEVICES} }}")
    made.join(box.invite("director"))
    until(lambda: box.station("Ada")["media"], 10, "sound is connected")
    return made


def test_a_keyboard_talks_pushes_and_closes(ada: Phone, box: Appliance) -> None:
    keys = ada.page.keyboard
    keys.down("2")
    ada.sees_on_air("Office")
    ada.page.wait_for_timeout(250)
    keys.up("2")
    ada.sees_off("Office")
    keys.down("Space")
    ada.sees_on_air("Stage")
    keys.up("Space")
    ada.sees_off("Stage")
    keys.press("1")
    ada.sees_on_air("Stage")
    keys.press("Escape")
    ada.sees_off("Stage")
    keys.press("Shift+Digit1")
    expect(ada.listen("Stage")).to_have_attribute("aria-pressed", "false")


def _open_hands(page: Page) -> None:
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Keyboard and pedals").click()
    expect(page.get_by_role("dialog", name="Keyboard and pedals")).to_be_visible()


def test_a_shortcut_can_be_moved_its_loser_is_told_and_it_is_remembered(ada: Phone, box: Appliance) -> None:
    _open_hands(ada.page)
    ada.page.get_by_role("button", name="Push to talk: Space").click()
    ada.page.keyboard.press("2")
    expect(ada.page.get_by_text("Taken from “Talk, Office”")).to_be_visible()
    ada.page.get_by_role("button", name="Push to talk: 2").click()
    ada.page.keyboard.press("F5")
    expect(ada.page.get_by_text("the browser's own")).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(ada.page.get_by_role("dialog")).to_have_count(0)

    ada.page.reload()
    ada.page.get_by_role("button", name="Join with sound").click()
    until(lambda: box.station("Ada")["media"], 15, "sound is connected")
    expect(ada.talk("Office").locator(".cap")).to_have_count(0)
    ada.page.keyboard.down("2")
    ada.sees_on_air("Stage")
    ada.sees_off("Office")
    ada.page.keyboard.up("2")
    ada.sees_off("Stage")


def test_shortcuts_switched_off_leave_the_keyboard_alone_but_escape(ada: Phone, box: Appliance) -> None:
    _open_hands(ada.page)
    ada.page.get_by_role("switch", name="Single-key shortcuts").click()
    ada.page.get_by_role("button", name="Close").click()
    ada.page.keyboard.press("1")
    ada.page.wait_for_timeout(400)
    assert box.station("Ada")["talks"] == []
    ada.tap("Stage")
    ada.sees_on_air("Stage")
    ada.page.keyboard.press("Escape")
    ada.sees_off("Stage")


def test_a_pedal_holds_and_pulling_its_plug_closes(ada: Phone, box: Appliance) -> None:
    ada.page.evaluate("__pad.set(0, true); __pad.plug(true)")
    ada.page.wait_for_timeout(300)
    assert box.station("Ada")["talks"] == [], "a pedal plugged in pressed opens nothing"
    ada.page.evaluate("__pad.set(0, false)")
    ada.page.wait_for_timeout(100)
    ada.page.evaluate("__pad.set(0, true)")
    ada.sees_on_air("Stage")
    ada.page.evaluate("__pad.plug(false)")
    ada.sees_off("Stage")
    assert box.station("Ada")["talks"] == []


def test_a_pedals_button_is_assigned_in_the_sheet(ada: Phone, box: Appliance) -> None:
    ada.page.evaluate("__pad.plug(true)")
    _open_hands(ada.page)
    ada.page.evaluate("__pad.set(1, true)")
    expect(ada.page.get_by_text("Button 2: pressed")).to_be_visible()
    ada.page.get_by_label("Button 2").select_option("talk.2")
    ada.page.get_by_role("button", name="Close").click()
    ada.page.wait_for_timeout(200)
    assert box.station("Ada")["talks"] == [], "what was pressed in the sheet opens nothing after it"
    ada.page.evaluate("__pad.set(1, false)")
    ada.page.wait_for_timeout(100)
    ada.page.evaluate("__pad.set(1, true)")
    ada.sees_on_air("Office")
    ada.page.wait_for_timeout(250)
    ada.page.evaluate("__pad.set(1, false)")
    ada.sees_off("Office")


def test_the_headsets_button_closes_and_opens_only_where_it_was_chosen(ada: Phone, box: Appliance) -> None:
    ada.page.evaluate("__media.togglemicrophone()")
    ada.sees_on_air("Stage")
    assert "On air: Stage" in ada.page.evaluate("navigator.mediaSession.metadata.title")
    ada.page.evaluate("__media.pause()")
    ada.sees_off("Stage")
    ada.page.evaluate("__media.pause(); __media.play()")
    ada.page.wait_for_timeout(400)
    assert box.station("Ada")["talks"] == [], "an ear piece taken out or put in opens nothing"
    _open_hands(ada.page)
    ada.page.get_by_role("switch", name="Headset's play button talks").click()
    ada.page.get_by_role("button", name="Close").click()
    ada.page.evaluate("__media.pause()")
    ada.sees_on_air("Stage")
    ada.page.evaluate("__media.pause()")
    ada.sees_off("Stage")


def test_a_hand_feels_what_it_did_unless_switched_off(ada: Phone) -> None:
    ada.press("Stage")
    ada.sees_on_air("Stage")
    ada.page.wait_for_timeout(250)
    ada.release()
    assert ada.page.evaluate("__buzzed") == [[18]]
    _open_hands(ada.page)
    ada.page.get_by_role("switch", name="Vibration").click()
    ada.page.get_by_role("button", name="Close").click()
    ada.press("Stage")
    ada.sees_on_air("Stage")
    ada.page.wait_for_timeout(250)
    ada.release()
    assert ada.page.evaluate("__buzzed.length") == 1


def test_the_screen_is_kept_awake_again_after_the_page_was_hidden(ada: Phone) -> None:
    assert ada.page.evaluate("__locks.length") == 1
    ada.page.evaluate("__locks[0].released = true")
    hide(ada.page)
    hide(ada.page, False)
    until(lambda: ada.page.evaluate("__locks.filter((l) => !l.released).length") == 1, 2, "awake again")
    ada.page.get_by_role("button", name="Menu").click()
    ada.page.get_by_role("button", name="Leave the show").click()
    until(lambda: ada.page.evaluate("__locks.every((l) => l.released)"), 2, "the screen may sleep")


# The pocket lock.


def test_a_locked_panel_still_pushes_and_shows_that_it_is_on_air(ada: Phone, box: Appliance) -> None:
    page = ada.page
    page.get_by_role("button", name="Lock the panel").click()
    lock = page.get_by_role("dialog", name="Locked")
    expect(lock.get_by_text("Nobody hears you")).to_be_visible()
    page.wait_for_timeout(350)
    fingers = Fingers(page)
    fingers.down(lock.get_by_role("button", name="Push to talk"))
    expect(lock.get_by_text("On air")).to_be_visible()
    assert box.station("Ada")["talks"] == ["stage"]
    fingers.up()
    expect(lock.get_by_text("Nobody hears you")).to_be_visible()
    for x, y in ((30, 300), (200, 420), (360, 90)):
        page.touchscreen.tap(x, y) if page.evaluate("navigator.maxTouchPoints") else page.mouse.click(x, y)
    page.wait_for_timeout(300)
    assert box.station("Ada")["talks"] == []
    expect(lock).to_be_visible()


def test_a_locked_panel_closes_every_talk_and_escape_does_not_unlock(ada: Phone) -> None:
    ada.tap("Office")
    ada.sees_on_air("Office")
    ada.page.get_by_role("button", name="Lock the panel").click()
    lock = ada.page.get_by_role("dialog", name="Locked")
    expect(lock.get_by_text("On air")).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(lock.get_by_text("Nobody hears you")).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(lock).to_be_visible()
    expect(lock.get_by_role("button", name="All talk off")).to_be_visible()


def test_it_is_unlocked_by_a_whole_slide_or_by_the_keyboard_and_not_by_a_tap(ada: Phone) -> None:
    page = ada.page
    page.get_by_role("button", name="Lock the panel").click()
    lock = page.get_by_role("dialog", name="Locked")
    handle = lock.get_by_role("button", name="Unlock the panel")

    def slide(far: float) -> None:
        box = handle.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + far, y, steps=8)
        page.mouse.up()

    expect(lock.get_by_text("Slide to unlock")).to_be_in_viewport()
    handle.click()
    slide(150)
    expect(lock).to_be_visible()
    slide(300)
    expect(lock).to_have_count(0)
    page.get_by_role("button", name="Lock the panel").click()
    handle.focus()
    page.keyboard.press("Enter")
    expect(lock).to_have_count(0)


def test_the_pill_opens_what_is_known_of_the_connection(ada: Phone, box: Appliance) -> None:
    ada.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ada.page.get_by_role("button", name="Connection:").click()
    sheet = ada.page.get_by_role("dialog", name="Connection")
    expect(sheet.get_by_text("opus 48000")).to_be_visible()
    expect(sheet.get_by_text("websocket")).to_be_visible()
    expect(sheet.get_by_text(f"127.0.0.1:{box.port}")).to_be_visible()
    sheet.get_by_role("button", name="Copy report").click()
    expect(sheet.get_by_role("button", name="Copied")).to_be_visible()
    report = ada.page.evaluate("navigator.clipboard.readText()")
    assert report.startswith("SoundMesh ")
    assert "Ada" not in report
    cookie = ada.context.cookies()[0].get("value", "")
    assert cookie
    assert cookie not in report
