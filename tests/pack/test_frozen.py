"""The frozen one-folder program serves the demo show, its panel and a control session."""

from __future__ import annotations

import http.client
import json
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
from trio_websocket import open_websocket_url

from soundmesh.dsp.tone import levels_dbfs
from soundmesh.sim.crew import Place, measured, open_crew
from soundmesh.wire import messages as m
from soundmesh.wire.codec import decode_server, encode_client
from tests.e2e.serve import ROOT, Appliance

pytestmark = [pytest.mark.pack, pytest.mark.timeout(600)]

PROGRAM = ROOT / "dist" / "soundmesh" / "soundmesh"
DEMO = ROOT / "configs" / "shows" / "demo.toml"
PROGRAMS = """
[show]
name = "Programs"
[[port]]
id = "music"
files = ["sounds"]
gain_db = -30
[[port]]
id = "line-up"
tone_hz = 440
[[role]]
id = "ear"
[matrix]
columns = ["music", "line-up"]
[matrix.rows]
ear = ["L", "L"]
"""
WEBSOCKET_S = 10
RECORD_S = 1.5


@pytest.fixture(scope="module")
def program() -> Path:
    """Built now, or before from the same sources."""
    subprocess.run([sys.executable, "scripts/pack.py"], cwd=ROOT, check=True, timeout=580)
    return PROGRAM


@pytest.fixture
def frozen(program: Path, tmp_path: Path) -> Iterator[Appliance]:
    appliance = Appliance(tmp_path, DEMO.read_text(), command=(str(program),))
    appliance.start()
    yield appliance
    appliance.stop()


@pytest.fixture
def trusting(frozen: Appliance) -> ssl.SSLContext:
    """Trusts what the appliance's own trust page hands out, and nothing else."""
    plain = http.client.HTTPConnection("127.0.0.1", frozen.trust_port, timeout=10)
    plain.request("GET", "/ca.crt")
    data = plain.getresponse().read()
    plain.close()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=data.decode() if data.startswith(b"-----") else data)
    return context


def ask(
    frozen: Appliance, trusting: ssl.SSLContext, method: str, path: str, body: object = None
) -> tuple[int, bytes, dict[str, str]]:
    """One request to the panel's server: status, body, headers."""
    connection = http.client.HTTPSConnection("127.0.0.1", frozen.port, context=trusting, timeout=10)
    headers = {"Origin": frozen.url}
    if body is not None:
        headers["Content-Type"] = "application/json"
    connection.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer.status, data, {name.lower(): value for name, value in answer.getheaders()}


def test_the_program_holds_the_built_panel(program: Path) -> None:
    inside = program.parent / "_internal" / "soundmesh" / "_web"
    built = ROOT / "web" / "dist"
    names = {f.relative_to(built) for f in built.rglob("*") if f.is_file()}
    assert Path("index.html") in names
    assert {f.relative_to(inside) for f in inside.rglob("*") if f.is_file()} == names


def test_it_serves_the_panel_and_its_script_over_tls(frozen: Appliance, trusting: ssl.SSLContext) -> None:
    status, page, _ = ask(frozen, trusting, "GET", "/")
    assert status == 200
    script = page.decode().split('src="', 1)[1].split('"', 1)[0]
    status, code, headers = ask(frozen, trusting, "GET", script)
    assert status == 200
    assert "javascript" in headers["content-type"]
    assert len(code) > 10_000


def test_an_invite_opens_a_control_session(frozen: Appliance, trusting: ssl.SSLContext) -> None:
    token = frozen.invite("director").rsplit("/", 1)[1]
    status, joined, headers = ask(frozen, trusting, "POST", "/api/v1/join", {"name": "Ada", "invite": token})
    assert status == 200, joined
    cookie = headers["set-cookie"].split(";", 1)[0]
    messages = trio.run(_first_messages, frozen, trusting, cookie)
    kinds = [type(message) for message in messages]
    assert kinds[0] is m.Welcome
    panel = next(message for message in messages if isinstance(message, m.Panel))
    assert panel.role == "director"
    assert panel.keys


async def _first_messages(frozen: Appliance, trusting: ssl.SSLContext, cookie: str) -> list[m.ServerMessage]:
    """What comes until the panel has come."""
    url = frozen.url.replace("https:", "wss:") + "/api/v1/link"
    headers = [(b"Origin", frozen.url.encode()), (b"Cookie", cookie.encode())]
    seen: list[m.ServerMessage] = []
    with trio.fail_after(WEBSOCKET_S):
        async with open_websocket_url(url, ssl_context=trusting, extra_headers=headers) as link:
            await link.send_message(encode_client(m.Hello(protocol=m.PROTOCOL)))
            while not any(isinstance(message, m.Panel) for message in seen):
                seen.append(decode_server(await link.get_message()))
    return seen


def test_it_plays_the_sounds_beside_its_show_and_a_test_tone(program: Path, tmp_path: Path) -> None:
    shutil.copytree(DEMO.parent / "sounds", tmp_path / "sounds")
    appliance = Appliance(tmp_path, PROGRAMS, command=(str(program),))
    appliance.start()
    try:
        heard = trio.run(_heard, appliance)
        assert heard == pytest.approx(-20, abs=2.0)
        programs = {one["id"]: one for one in appliance.status()["programs"]}
        assert programs["music"]["troubles"] == []
        assert programs["music"]["packets"] > 50
    finally:
        appliance.stop()


async def _heard(appliance: Appliance) -> float:
    """How loud the tone is in an ear that hears both programs, dBFS."""
    with trio.fail_after(60):
        place = await Place.find(appliance.data)
        async with open_crew(place, ["ear"], measured(1)) as (ear,):
            ear.phone.record()
            await trio.sleep(RECORD_S)
            recording = ear.phone.take()
            playing = {one["id"]: one["playing"] for one in appliance.status()["programs"]}
            assert playing == {"music": "sounds/walk-in.ogg", "line-up": "tone of 440 Hz"}
            assert len(recording.talkers) == 2
            return float(levels_dbfs(recording.sound(), [440.0])[0])


def test_sigterm_ends_it_within_5_s(frozen: Appliance) -> None:
    assert frozen.stop() < 5.0
    assert frozen.process.returncode == 0


def test_it_checks_a_show_and_names_its_mistakes(program: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text(DEMO.read_text().replace("[matrix]", "[matricks]"))
    done = subprocess.run([program, "check", broken], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert "matrix" in done.stderr
