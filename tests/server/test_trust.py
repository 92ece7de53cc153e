import hashlib
import plistlib
import re
import ssl
from base64 import b64decode
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from quart_trio import QuartTrio

from soundmesh.server.tls import Authority
from soundmesh.server.trust import make_trust_app
from soundmesh.server.trustpage import system_of

URLS = ["https://192.168.1.20:8443", "https://soundmesh.local:8443"]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.load_or_make(tmp_path / "tls", ["soundmesh.local"], ["192.168.1.20"])


@pytest.fixture
def app(authority: Authority) -> QuartTrio:
    return make_trust_app(lambda: authority, lambda: 'Sunday <script>"10:30"', lambda: URLS)


async def get(app: QuartTrio, path: str, host: str = "192.168.1.20:8080", **headers: str) -> Any:
    return await app.test_client().get(path, headers={"Host": host, **headers})


@pytest.mark.trio
async def test_the_page_shows_the_fingerprint_and_the_way_to_the_panel(
    app: QuartTrio, authority: Authority
) -> None:
    html = await (await get(app, "/")).get_data(as_text=True)
    shown = re.findall(r"<span>([0-9A-F]{2})</span>", html)
    assert ":".join(shown) == authority.fingerprint_sha256
    assert authority.name in html
    for system in ("iPhone", "Android", "Mac", "Windows", "Linux"):
        assert system in html


@pytest.mark.trio
async def test_the_page_is_whole_and_a_shows_name_stays_text(app: QuartTrio) -> None:
    html = await (await get(app, "/")).get_data(as_text=True)
    assert "Sunday &lt;script&gt;&quot;10:30&quot;" in html
    open_tags: list[str] = []

    class Check(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in {"meta", "link", "path", "rect"}:
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            if tag not in {"path", "rect"}:
                assert open_tags.pop() == tag

    Check().feed(html)
    assert open_tags == []


@pytest.mark.trio
@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("192.168.1.20:8080", URLS[0]),
        ("soundmesh.local:8080", URLS[1]),
        ("soundmesh.local", URLS[1]),
        ("evil.example:8080", URLS[0]),
        ("", URLS[0]),
    ],
)
async def test_the_panel_is_offered_at_the_address_the_page_was_reached_by(
    app: QuartTrio, host: str, url: str
) -> None:
    html = await (await get(app, "/", host)).get_data(as_text=True)
    assert re.findall(r'href="(https:[^"]+)"', html) == [url]


@pytest.mark.trio
async def test_the_page_without_a_panel_yet_is_still_a_page(authority: Authority) -> None:
    app = make_trust_app(lambda: authority, lambda: "Show", list)
    html = await (await get(app, "/")).get_data(as_text=True)
    assert "Open the panel" not in html


@pytest.mark.trio
async def test_only_the_pages_own_style_may_run(app: QuartTrio) -> None:
    response = await get(app, "/")
    html = await response.get_data(as_text=True)
    found = re.search(r"<style>(.*?)</style>", html, re.S)
    assert found is not None
    policy = response.headers["Content-Security-Policy"]
    hashed = re.search(r"style-src 'sha256-([^']+)'", policy)
    assert hashed is not None
    assert b64decode(hashed[1]) == hashlib.sha256(found[1].encode()).digest()
    assert policy.startswith("default-src 'none'")
    assert "<script" not in html
    assert " style=" not in html


@pytest.mark.trio
async def test_the_certificate_is_the_authoritys(app: QuartTrio, authority: Authority) -> None:
    response = await get(app, "/ca.crt")
    assert response.content_type == "application/x-x509-ca-cert"
    der = await response.get_data()
    assert ssl.DER_cert_to_PEM_cert(der).split() == authority.ca_pem.decode().split()


@pytest.mark.trio
async def test_the_profile_installs_the_authority_as_a_root(app: QuartTrio, authority: Authority) -> None:
    response = await get(app, "/ca.mobileconfig")
    assert response.content_type == "application/x-apple-aspen-config"
    assert "Content-Disposition" not in response.headers
    data = await response.get_data()
    profile = plistlib.loads(data)
    (root,) = profile["PayloadContent"]
    assert root["PayloadType"] == "com.apple.security.root"
    assert root["PayloadContent"] == authority.ca_der
    assert root["PayloadUUID"] != profile["PayloadUUID"]
    assert await (await get(app, "/ca.mobileconfig")).get_data() == data


@pytest.mark.trio
async def test_nothing_else_is_there(app: QuartTrio) -> None:
    for path in ("/api/v1/door", "/j/abc", "/static/x", "/authority.pem", "/../authority.pem", "/ca.key"):
        response = await get(app, path)
        assert response.status_code == 404
        assert response.content_type == "application/json"


@pytest.mark.trio
async def test_only_reading_is_answered(app: QuartTrio) -> None:
    client = app.test_client()
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        response = await client.open("/", method=method)
        assert response.status_code == 405
        assert response.headers["Allow"] == "GET, HEAD"
    assert (await client.head("/")).status_code == 200


@pytest.mark.parametrize(
    ("agent", "system"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)", "iPhone and iPad"),
        ("Mozilla/5.0 (Linux; Android 16; Pixel 9)", "Android"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "Mac"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "Windows"),
        ("curl/8", None),
    ],
)
def test_the_system_is_known_by_its_browser(agent: str, system: str | None) -> None:
    assert system_of(agent) == system


@pytest.mark.trio
async def test_the_steps_of_this_device_lie_open_and_its_file_comes_first(app: QuartTrio) -> None:
    html = await (await get(app, "/", **{"User-Agent": "(Linux; Android 16)"})).get_data(as_text=True)
    assert re.findall(r"<details open><summary>.*?</svg>(\w+)", html) == ["Android"]
    assert html.index('href="/ca.crt"') < html.index('href="/ca.mobileconfig"')
