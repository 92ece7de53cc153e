"""The door over HTTP: who gets in, with what, and what everybody else is told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trio
from quart_trio import QuartTrio

from soundmesh.bridge.fake import FakeMedia
from soundmesh.core import events as ev
from soundmesh.core.ids import LinkId, RoleId, StationId
from soundmesh.core.state import State
from soundmesh.server.app import PUBLIC, make_panel_app
from soundmesh.server.desk import Desk
from soundmesh.server.invites import Invites
from soundmesh.server.secrets import PinStore
from soundmesh.server.sessions import COOKIE, Sessions
from soundmesh.server.switchboard import Switchboard
from soundmesh.server.webfiles import WebFiles

from .crewshow import TEXT, crew_show

HOST = "box.local"
ORIGIN = f"https://{HOST}"


@dataclass
class House:
    desk: Desk
    app: QuartTrio

    def browser(self) -> Any:
        return self.app.test_client()

    def invite(self, role: str, uses: int = 1) -> str:
        import time

        return self.desk.invites.make(role, uses, 60, time.time())


@pytest.fixture
def house(tmp_path: Path) -> House:
    board = Switchboard(crew_show(), State())
    board.connect_media(FakeMedia(board.apply))
    desk = Desk(board, Sessions(), Invites(), PinStore(tmp_path / "secrets.toml"))
    web = tmp_path / "web"
    (web / "assets").mkdir(parents=True)
    (web / "index.html").write_text("<!doctype html><title>panel</title>")
    (web / "assets" / "a-123.js").write_text("1")
    (web / "sw.js").write_text("2")
    (web / "panel.webmanifest").write_text("{}")
    return House(desk, make_panel_app(desk, WebFiles(web), lambda: {HOST}))


async def send(
    browser: Any, method: str, path: str, body: object = None, *, cookie: str = "", origin: str = ORIGIN
) -> tuple[int, Any, Any]:
    headers = {"Host": HOST, "Origin": origin}
    if cookie:
        headers["Cookie"] = f"{COOKIE}={cookie}"
    data = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        data = json.dumps(body)
    response = await browser.open(path, method=method, headers=headers, data=data, scheme="https")
    raw = await response.get_data()
    parsed = json.loads(raw) if response.content_type == "application/json" else raw
    return response.status_code, parsed, response.headers


def cookie_of(headers: Any) -> str:
    cookie = headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for needed in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert needed in cookie
    return str(cookie.split(";")[0].partition("=")[2])


async def test_an_invite_opens_its_role_and_gives_a_session(house: House) -> None:
    browser = house.browser()
    status, joined, headers = await send(
        browser, "POST", "/api/v1/join", {"name": "Ann", "invite": house.invite("td")}
    )
    assert (status, joined["role"], joined["seat"]) == (200, "td", "TD")
    status, door, _ = await send(browser, "GET", "/api/v1/door", cookie=cookie_of(headers))
    assert door["me"] == {"role": "td", "person": "Ann", "seat": "TD"}


async def test_a_join_is_answered_only_when_a_power_cut_could_not_undo_it(house: House) -> None:
    saved: list[int] = []

    async def persist() -> None:
        await trio.lowlevel.checkpoint()
        saved.append(len(house.desk.sessions))

    house.desk._persist = persist
    body = {"name": "Ann", "invite": house.invite("td")}
    assert (await send(house.browser(), "POST", "/api/v1/join", body))[0] == 200
    assert saved == [1]


async def test_looking_at_an_invite_spends_nothing_and_joining_spends_it(house: House) -> None:
    token = house.invite("cam")
    for _ in range(3):
        _, door, _ = await send(house.browser(), "GET", f"/api/v1/door?invite={token}")
        assert door["invite"] == {"role": "cam", "role_name": "Camera"}
    assert (await send(house.browser(), "POST", "/api/v1/join", {"name": "A", "invite": token}))[0] == 200
    status, fault, _ = await send(house.browser(), "POST", "/api/v1/join", {"name": "B", "invite": token})
    assert (status, fault["error"]) == (410, "invite_over")


async def test_a_join_that_finds_no_seat_does_not_spend_the_invite(house: House) -> None:
    first = {"name": "Ann", "invite": house.invite("td")}
    assert (await send(house.browser(), "POST", "/api/v1/join", first))[0] == 200
    house.desk.board.apply(ev.StationLinked(StationId(1), LinkId(900)))
    token = house.invite("td")
    status, fault, _ = await send(house.browser(), "POST", "/api/v1/join", {"name": "Bo", "invite": token})
    assert (status, fault["error"]) == (409, "role_full")
    assert fault["text"] == "Director is full (1 of 1: Ann). Ask one of them to hand over."
    _, door, _ = await send(house.browser(), "GET", f"/api/v1/door?invite={token}")
    assert door["invite"]["role"] == "td"


async def test_a_pin_opens_its_role_and_a_wrong_one_does_not(house: House) -> None:
    house.desk.pins.set("cam", "135790")
    status, fault, _ = await send(
        house.browser(), "POST", "/api/v1/join", {"name": "Bo", "role": "cam", "pin": "1111"}
    )
    assert (status, fault["error"]) == (403, "wrong_pin")
    status, joined, _ = await send(
        house.browser(), "POST", "/api/v1/join", {"name": "Bo", "role": "cam", "pin": "135790"}
    )
    assert (status, joined["seat"]) == (200, "Cam 1")


async def test_many_wrong_pins_are_slowed_but_not_a_device_that_joined_before(house: House) -> None:
    house.desk.pins.set("cam", "135790")
    body = {"name": "Bo", "role": "cam", "pin": "135790"}
    _, _, headers = await send(house.browser(), "POST", "/api/v1/join", body)
    wrong = {"name": "X", "role": "cam", "pin": "0000"}
    statuses = [(await send(house.browser(), "POST", "/api/v1/join", wrong))[0] for _ in range(6)]
    assert statuses[-1] == 429
    status, fault, _ = await send(house.browser(), "POST", "/api/v1/join", body)
    assert (status, fault["error"]) == (429, "pin_delay")
    assert 0 < fault["retry_s"] <= 10
    assert (await send(house.browser(), "POST", "/api/v1/join", body, cookie=cookie_of(headers)))[0] == 200


async def test_a_role_without_a_pin_asks_for_an_invite(house: House) -> None:
    status, fault, _ = await send(
        house.browser(), "POST", "/api/v1/join", {"name": "A", "role": "td", "pin": "1234"}
    )
    assert (status, fault["error"]) == (403, "invite_needed")


async def test_an_unknown_role_and_a_bad_form_have_their_own_answers(house: House) -> None:
    for body, expected in (
        ({"name": "A", "role": "nobody", "pin": "1234"}, (404, "unknown_role")),
        ({"name": "", "role": "td"}, (400, "bad_body")),
        ({"name": "  ", "invite": house.invite("td")}, (400, "name_needed")),
        ({"name": "\u202e", "invite": house.invite("td")}, (400, "name_needed")),
        ({"nome": "A"}, (400, "bad_body")),
        ([], (400, "bad_body")),
    ):
        status, fault, _ = await send(house.browser(), "POST", "/api/v1/join", body)
        assert (status, fault["error"]) == expected


async def test_joining_again_from_the_same_browser_keeps_one_seat(house: House) -> None:
    _, _, headers = await send(
        house.browser(), "POST", "/api/v1/join", {"name": "Ann", "invite": house.invite("cam")}
    )
    cookie = cookie_of(headers)
    status, joined, _ = await send(
        house.browser(), "POST", "/api/v1/join", {"name": "Ann", "invite": house.invite("td")}, cookie=cookie
    )
    assert (status, joined["role"]) == (200, "td")
    assert [s.role for s in house.desk.board.state.stations.values() if s.seat] == [RoleId("td")]


async def test_leaving_frees_the_seat_and_ends_the_session(house: House) -> None:
    _, _, headers = await send(
        house.browser(), "POST", "/api/v1/join", {"name": "Ann", "invite": house.invite("td")}
    )
    cookie = cookie_of(headers)
    assert (await send(house.browser(), "POST", "/api/v1/leave", cookie=cookie))[0] == 200
    assert not house.desk.board.state.stations
    assert (await send(house.browser(), "POST", "/api/v1/leave", cookie=cookie))[0] == 401


async def test_every_route_needs_a_session_except_the_listed(house: House) -> None:
    tried = 0
    for rule in house.app.url_map.iter_rules():
        if rule.endpoint in PUBLIC or rule.websocket:
            continue
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            status, fault, _ = await send(house.browser(), method, rule.rule)
            assert (status, fault["error"]) == (401, "join_first"), rule
            tried += 1
    assert tried


async def test_a_strange_page_may_change_nothing(house: House) -> None:
    status, fault, _ = await send(
        house.browser(),
        "POST",
        "/api/v1/join",
        {"name": "A", "invite": house.invite("td")},
        origin="https://evil.example",
    )
    assert (status, fault["error"]) == (403, "wrong_origin")


async def test_a_strange_host_name_gets_nothing(house: House) -> None:
    response = await house.browser().get("/", headers={"Host": "evil.example"}, scheme="https")
    assert response.status_code == 421


async def test_the_panel_is_served_at_the_door_and_by_invite(house: House) -> None:
    for path in ("/", "/j/whatever"):
        status, body, headers = await send(house.browser(), "GET", path)
        assert (status, b"panel" in body, headers["Cache-Control"]) == (200, True, "no-store")
        assert "script-src 'self'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("path", "kind"), [("/sw.js", "text/javascript"), ("/panel.webmanifest", "application/manifest+json")]
)
async def test_what_an_installed_panel_needs_is_asked_for_anew_each_time(
    house: House, path: str, kind: str
) -> None:
    status, _, headers = await send(house.browser(), "GET", path)
    assert (status, headers["Cache-Control"]) == (200, "no-cache")
    assert headers["Content-Type"].startswith(kind)
    assert "worker-src 'self'" in headers["Content-Security-Policy"]


async def test_only_files_of_the_build_are_served(house: House) -> None:
    status, _, headers = await send(house.browser(), "GET", "/assets/a-123.js")
    assert (status, "immutable" in headers["Cache-Control"]) == (200, True)
    for path in ("/assets/../index.html", "/etc/passwd", "/assets/", "/index.html", "/%2e%2e/x"):
        assert (await send(house.browser(), "GET", path))[0] == 404


ASKING = TEXT.replace("seats = 0", "seats = 0\nask = true")
ASKING = ASKING.replace('seats = ["TD"]', 'seats = ["TD"]\nrights = ["approve"]')


async def with_a_director(house: House) -> None:
    """Somebody is here who may let people in."""
    house.desk.board.change_show(crew_show(ASKING))
    house.desk.board.apply(ev.StationJoined(StationId(9), RoleId("td"), "Ann"))
    assert house.desk.board.open_link(StationId(9)) is not None


async def test_somebody_without_pin_or_invite_asks_and_is_let_in(house: House) -> None:
    await with_a_director(house)
    browser = house.browser()
    status, door, _ = await send(browser, "GET", "/api/v1/door")
    assert {role["id"]: role["ask"] for role in door["roles"]} == {"td": False, "cam": False, "guest": True}
    status, asked, _ = await send(browser, "POST", "/api/v1/ask", {"name": " Eva\u202e ", "role": "guest"})
    assert (status, asked["state"]) == (200, "waiting")
    proof = {"name": "Somebody else", "ask": asked["token"]}
    assert (await send(browser, "POST", "/api/v1/join", proof))[0] == 410
    (waiting,) = house.desk.board.doorkeeper.waiting(StationId(9))
    assert (waiting.person, waiting.role_name) == ("Eva", "Guest")
    assert house.desk.board.decide(StationId(9), waiting.id, True)
    _, asked, _ = await send(browser, "GET", f"/api/v1/ask/{asked['token']}")
    assert (asked["state"], asked["by"]) == ("admitted", "TD (Ann)")
    status, joined, headers = await send(browser, "POST", "/api/v1/join", proof)
    assert (status, joined["role"]) == (200, "guest")
    assert house.desk.board.state.stations[joined["station"]].person == "Eva"
    assert cookie_of(headers)
    assert (await send(browser, "POST", "/api/v1/join", proof))[0] == 410


async def test_a_no_at_the_door_opens_nothing(house: House) -> None:
    await with_a_director(house)
    browser = house.browser()
    _, asked, _ = await send(browser, "POST", "/api/v1/ask", {"name": "Eva", "role": "guest"})
    house.desk.board.decide(StationId(9), house.desk.board.doorkeeper.waiting(StationId(9))[0].id, False)
    assert (await send(browser, "GET", f"/api/v1/ask/{asked['token']}"))[1]["state"] == "declined"
    assert (await send(browser, "POST", "/api/v1/join", {"name": "Eva", "ask": asked["token"]}))[0] == 410
    assert (await send(browser, "GET", "/api/v1/ask/nothing"))[0] == 410


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"name": "Eva", "role": "cam"}, 403, "invite_needed"),
        ({"name": "Eva", "role": "nobody"}, 404, "unknown_role"),
        ({"name": "\u200b", "role": "guest"}, 400, "name_needed"),
        ({"name": "Eva", "role": "guest", "seat": "\u202eTD"}, 404, "unknown_seat"),
        ({"name": "Eva"}, 404, "unknown_role"),
        ({"role": "guest"}, 400, "bad_body"),
    ],
)
async def test_where_nobody_may_ask_asking_is_refused(
    house: House, body: dict[str, str], status: int, error: str
) -> None:
    await with_a_director(house)
    found, said, _ = await send(house.browser(), "POST", "/api/v1/ask", body)
    assert (found, said["error"]) == (status, error)


async def test_without_anybody_who_could_answer_nobody_waits(house: House) -> None:
    house.desk.board.change_show(crew_show(ASKING))
    status, said, _ = await send(house.browser(), "POST", "/api/v1/ask", {"name": "Eva", "role": "guest"})
    assert (status, said["error"]) == (409, "nobody_answers")


async def test_two_of_one_address_wait_at_once_and_who_asks_again_waits_once(house: House) -> None:
    await with_a_director(house)
    browser = house.browser()
    for name, status in (("A", 200), ("A", 200), ("B", 200), ("C", 429)):
        assert (await send(browser, "POST", "/api/v1/ask", {"name": name, "role": "guest"}))[0] == status
    assert [r.person for r in house.desk.board.doorkeeper.waiting(StationId(9))] == ["A", "B"]


async def test_only_the_right_to_approve_lets_in(house: House) -> None:
    await with_a_director(house)
    house.desk.board.apply(ev.StationJoined(StationId(8), RoleId("cam"), "Bo"))
    house.desk.board.open_link(StationId(8))
    await send(house.browser(), "POST", "/api/v1/ask", {"name": "Eva", "role": "guest"})
    (waiting,) = house.desk.board.doorkeeper.waiting(StationId(9))
    assert not house.desk.board.decide(StationId(8), waiting.id, True)
    assert house.desk.board.doorkeeper.waiting(StationId(9)) == [waiting]
