import json
from typing import Any

import pytest
from quart import Response, request, websocket
from quart.testing.connections import WebsocketResponseError
from quart_trio import QuartTrio

from soundmesh.server import guard
from soundmesh.server.guard import HEADERS, host_allowed, is_json, origin_allowed, split_host

HOSTS = {"soundmesh.local", "192.168.1.20", "fd00::20"}


@pytest.mark.parametrize(
    ("header", "split"),
    [
        ("soundmesh.local", ("soundmesh.local", None)),
        ("SoundMesh.Local.:8443", ("soundmesh.local", 8443)),
        ("[FD00:0::20]:8443", ("fd00::20", 8443)),
        ("192.168.1.20:1", ("192.168.1.20", 1)),
        ("", None),
        (":8443", None),
        ("a:b", None),
        ("a:99999", None),
        ("user@soundmesh.local", None),
        ("soundmesh.local/x", None),
        ("soundmesh.local, evil.example", None),
        ("[fd00::20", None),
        ("soundmesh.local#", None),
    ],
)
def test_a_host_header_is_host_and_port_or_nothing(header: str, split: tuple[str, int | None] | None) -> None:
    assert split_host(header) == split


@pytest.mark.parametrize(
    "header", ["soundmesh.local", "soundmesh.local:9", "[fd00::20]", "localhost:1", "127.0.0.1", "[::1]:8443"]
)
def test_own_names_are_allowed_with_any_port(header: str) -> None:
    assert host_allowed(header, HOSTS)


@pytest.mark.parametrize("header", ["", "evil.example", "soundmesh.local.evil.example", "192.168.1.21", "::"])
def test_other_names_are_not(header: str) -> None:
    assert not host_allowed(header, HOSTS)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://soundmesh.local:8443", True),
        ("https://SOUNDMESH.local:8443", True),
        ("http://localhost:5173", True),
        ("https://127.0.0.1:8443", True),
        ("http://soundmesh.local:8443", False),
        ("https://soundmesh.local", False),
        ("https://192.168.1.20:8443", False),
        ("https://evil.example", False),
        ("https://soundmesh.local:8443/x", False),
        ("ftp://localhost", False),
        ("null", False),
        ("", False),
        ("https://", False),
        ("soundmesh.local:8443", False),
        ("https://[", False),
    ],
)
def test_only_this_very_page_or_one_of_this_machine_may_change_things(origin: str, allowed: bool) -> None:
    assert origin_allowed(origin, "soundmesh.local:8443", "https", HOSTS) is allowed


def test_a_websockets_origin_is_its_pages() -> None:
    assert origin_allowed("https://soundmesh.local", "soundmesh.local", "wss", HOSTS)
    assert origin_allowed("http://soundmesh.local", "soundmesh.local", "ws", HOSTS)


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("text/plain", False),
        ("application/x-www-form-urlencoded", False),
        ("text/plain; application/json", False),
        ("", False),
    ],
)
def test_only_json_is_json(kind: str, answer: bool) -> None:
    assert is_json(kind) is answer


@pytest.fixture
def app() -> QuartTrio:
    app = QuartTrio(__name__, static_folder=None)
    guard.install(app, lambda: HOSTS)

    @app.get("/")
    async def page() -> Response:
        return Response("page", headers={"Referrer-Policy": "same-origin"})

    @app.post("/thing")
    async def thing() -> Response:
        return Response(str(len(await request.get_data())))

    @app.get("/bug")
    async def bug() -> Response:
        raise KeyError("secret inside")

    @app.websocket("/link")
    async def link() -> None:
        await websocket.send("hello")

    return app


async def ask(app: QuartTrio, method: str, path: str, body: bytes | None = None, **headers: str) -> Any:
    given = {"Host": "soundmesh.local", **{k.replace("_", "-"): v for k, v in headers.items()}}
    return await app.test_client().open(path, method=method, headers=given, data=body, scheme="https")


async def fault_of(response: Any) -> tuple[int, str]:
    assert response.content_type == "application/json"
    body = json.loads(await response.get_data())
    assert body["text"].endswith(".")
    return response.status_code, body["error"]


OURS = {"Origin": "https://soundmesh.local"}
JSON = {"Content_Type": "application/json"}


@pytest.mark.trio
async def test_every_answer_carries_the_headers(app: QuartTrio) -> None:
    for path in ("/", "/nothing", "/bug", "/thing"):
        response = await ask(app, "GET", path)
        for name in HEADERS:
            assert name in response.headers
    assert (await ask(app, "GET", "/")).headers["Referrer-Policy"] == "same-origin"


def test_the_page_may_use_the_microphone_and_run_only_its_own_code() -> None:
    assert "microphone=(self)" in HEADERS["Permissions-Policy"]
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == policy["style-src"] == policy["worker-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"


@pytest.mark.trio
async def test_a_rebound_name_is_told_nothing(app: QuartTrio) -> None:
    for host in ("evil.example", "", "soundmesh.local@evil.example"):
        assert await fault_of(await ask(app, "GET", "/", Host=host)) == (421, "wrong_host")


@pytest.mark.trio
async def test_another_sites_page_changes_nothing(app: QuartTrio) -> None:
    for origin in ("https://evil.example", "null", "http://soundmesh.local"):
        response = await ask(app, "POST", "/thing", b"{}", Origin=origin, **JSON)
        assert await fault_of(response) == (403, "wrong_origin")
    assert await fault_of(await ask(app, "POST", "/thing", b"{}", **JSON)) == (403, "wrong_origin")
    assert await fault_of(await ask(app, "OPTIONS", "/thing")) == (403, "wrong_origin")


@pytest.mark.trio
async def test_our_own_page_may(app: QuartTrio) -> None:
    response = await ask(app, "POST", "/thing", b"{}", **OURS, **JSON)
    assert (response.status_code, await response.get_data()) == (200, b"2")


@pytest.mark.trio
async def test_a_body_that_is_not_json_is_refused_and_no_body_is_fine(app: QuartTrio) -> None:
    form = {"Content_Type": "application/x-www-form-urlencoded", "Content_Length": "3"}
    refused = await ask(app, "POST", "/thing", b"a=b", **form, **OURS)
    assert await fault_of(refused) == (415, "json_only")
    assert (await ask(app, "POST", "/thing", **OURS)).status_code == 200


@pytest.mark.trio
async def test_too_large_and_too_long_are_refused(app: QuartTrio) -> None:
    large = await ask(app, "POST", "/thing", b"x" * (guard.MAX_BODY_BYTES + 1), **OURS, **JSON)
    assert await fault_of(large) == (413, "too_large")
    assert await fault_of(await ask(app, "GET", "/" + "x" * 600)) == (414, "too_long")
    assert await fault_of(await ask(app, "GET", "/?" + "x" * 3000)) == (414, "too_long")


@pytest.mark.trio
async def test_framework_errors_are_faults_without_their_insides(
    app: QuartTrio, caplog: pytest.LogCaptureFixture
) -> None:
    assert await fault_of(await ask(app, "GET", "/nothing")) == (404, "not_found")
    wrong = await ask(app, "DELETE", "/thing", **OURS)
    assert await fault_of(wrong) == (405, "bad_method")
    assert "POST" in wrong.headers["Allow"]
    broken = await ask(app, "GET", "/bug")
    assert await fault_of(broken) == (500, "failed")
    assert b"secret" not in await broken.get_data()
    assert "secret inside" in caplog.text


@pytest.mark.trio
async def test_a_double_slash_is_no_redirect(app: QuartTrio) -> None:
    assert await fault_of(await ask(app, "GET", "//evil.example")) == (404, "not_found")


@pytest.mark.trio
async def test_another_sites_websocket_is_refused_and_ours_is_not(app: QuartTrio) -> None:
    client = app.test_client()
    for origin in ("https://evil.example", ""):
        headers = {"Host": "soundmesh.local", "Origin": origin}
        refused = pytest.RaisesExc(WebsocketResponseError, check=lambda e: e.response.status_code == 403)
        with pytest.RaisesGroup(refused, flatten_subgroups=True):
            async with client.websocket("/link", headers=headers, scheme="wss") as link:
                await link.receive()
    headers = {"Host": "soundmesh.local", **OURS}
    async with client.websocket("/link", headers=headers, scheme="wss") as link:
        assert await link.receive() == "hello"
