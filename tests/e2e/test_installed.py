"""The panel as an installed app: its own files kept where the certificate is trusted, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import ssl
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.e2e import shows, sound
from tests.e2e.pages import AUTOPLAY, PHONE, SWITCHES, Phone, chromium, until
from tests.e2e.serve import ROOT, Appliance

pytestmark = pytest.mark.e2e

READY = "navigator.serviceWorker.ready.then(() => true)"
KEPT = """async () => {
  const names = await caches.keys();
  const urls = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys())));
  return { names, paths: urls.flat().map((request) => new URL(request.url).pathname) };
}"""


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Appliance]:
    """An appliance with a copy of the built panel that a test may change."""
    shutil.copytree(ROOT / "web" / "dist", tmp_path / "web")
    (tmp_path / "box").mkdir()
    command = ("env", f"SOUNDMESH_WEB={tmp_path / 'web'}", sys.executable, "-m", "soundmesh")
    made = Appliance(tmp_path / "box", shows.write(shows.THREE), command=command)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def trusting(playwright: Playwright, tmp_path: Path, box: Appliance) -> Iterator[BrowserContext]:
    """A browser that trusts the box's certificate, as after its root was installed."""
    leaf = x509.load_pem_x509_certificate(ssl.get_server_certificate(("127.0.0.1", box.port)).encode())
    key = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pin = base64.b64encode(hashlib.sha256(key).digest()).decode()
    context = playwright.chromium.launch_persistent_context(
        tmp_path / "profile",
        executable_path=chromium(),
        args=[*SWITCHES, AUTOPLAY, f"--ignore-certificate-errors-spki-list={pin}"],
        viewport=PHONE,
    )
    yield context
    context.close()


def kept_page(context: BrowserContext, box: Appliance) -> Page:
    page = context.new_page()
    page.goto(box.url)
    assert page.evaluate(READY)
    return page


def test_without_the_box_the_panel_says_no_answer_and_comes_back_by_itself(
    trusting: BrowserContext, box: Appliance
) -> None:
    page = kept_page(trusting, box)
    box.stop()
    page.reload()
    expect(page.get_by_role("heading", name="No answer")).to_be_visible(timeout=10_000)
    box.start()
    expect(page.get_by_label("Your name")).to_be_visible(timeout=15_000)
    assert page.evaluate("document.documentElement.dataset.kept === undefined"), "the real page took over"


def test_only_the_panels_own_files_are_kept(trusting: BrowserContext, box: Appliance) -> None:
    page = kept_page(trusting, box)
    kept = page.evaluate(KEPT)
    assert len(kept["names"]) == 1
    assert "/" in kept["paths"]
    assert [p for p in kept["paths"] if p.startswith(("/api", "/j/"))] == []


def test_a_new_build_replaces_what_is_kept(trusting: BrowserContext, box: Appliance, tmp_path: Path) -> None:
    page = kept_page(trusting, box)
    before = page.evaluate(KEPT)["names"]
    box.stop()
    page_file, worker = tmp_path / "web" / "index.html", tmp_path / "web" / "sw.js"
    page_file.write_text(page_file.read_text().replace("<title>SoundMesh", "<title>Newer"))
    worker.write_text(re.sub(r'VERSION = "\w+"', 'VERSION = "newer"', worker.read_text()))
    box.start()
    page.reload()
    until(lambda: page.evaluate(KEPT)["names"] == ["shell-newer"], 10, "the new build's files are kept alone")
    assert before != ["shell-newer"]
    assert "<title>Newer" in page.evaluate("caches.match('/').then((page) => page.text())")


def test_a_certificate_that_was_only_clicked_through_keeps_nothing_and_breaks_nothing(
    phone: Callable[..., Phone], box: Appliance
) -> None:
    ada = phone(name="Ada", hz=sound.tone_hz(0))
    ada.join(box.invite("camera"))
    ada.page.get_by_role("button", name="Menu").click()
    ada.page.get_by_role("button", name="Keyboard and pedals").click()
    expect(ada.page.get_by_text("Single-key shortcuts")).to_be_visible()
    assert ada.page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    assert ada.errors == []


def test_after_leaving_only_preferences_are_left(phone: Callable[..., Phone], box: Appliance) -> None:
    ada = phone(name="Ada", hz=sound.tone_hz(0))
    ada.join(box.invite("camera"))
    assert [c["name"] for c in ada.context.cookies()] == ["__Host-soundmesh"]
    ada.page.get_by_role("button", name="Menu").click()
    ada.page.get_by_role("button", name="Leave the show").click()
    expect(ada.page.get_by_text("You left")).to_be_visible()
    left = ada.page.evaluate(
        "async () => [Object.keys(localStorage), Object.keys(sessionStorage), await indexedDB.databases()]"
    )
    assert left == [["soundmesh.prefs"], [], []]
    stored = ada.page.evaluate("localStorage.getItem('soundmesh.prefs')")
    assert not re.search(r"[0-9a-f]{24}|[A-Za-z0-9_-]{32}", stored), "nothing that looks like a secret"
