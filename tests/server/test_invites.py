import re
import xml.etree.ElementTree as ET

import pytest
import segno

from soundmesh.server.invites import MAX_INVITES, Invites, qr_png, qr_svg, qr_terminal

URL = "https://192.168.1.20:8443/j/Zm9vYmFyYmF6cXV4MTIzNA"


def test_looking_at_an_invite_spends_nothing() -> None:
    invites = Invites()
    token = invites.make("camera", uses=1, minutes=60, now=0.0)
    for _ in range(20):
        found = invites.look(token, 10.0)
        assert found is not None
        assert found.role == "camera"
    assert invites.spend(token, 10.0)


def test_an_invite_opens_as_often_as_it_says() -> None:
    invites = Invites()
    token = invites.make("camera", uses=3, minutes=60, now=0.0)
    assert [invites.spend(token, 1.0) for _ in range(5)] == [True, True, True, False, False]
    assert invites.look(token, 1.0) is None
    assert len(invites) == 0


def test_an_invite_runs_out() -> None:
    invites = Invites()
    token = invites.make("camera", uses=5, minutes=1, now=100.0)
    assert invites.look(token, 159.9) is not None
    assert invites.look(token, 160.0) is None
    assert not invites.spend(token, 160.0)


@pytest.mark.parametrize("token", ["", "nonsense", "\ud800", "x" * 100_000])
def test_a_strange_token_opens_nothing(token: str) -> None:
    invites = Invites()
    invites.make("camera", uses=1, minutes=60, now=0.0)
    assert invites.look(token, 0.0) is None
    assert not invites.spend(token, 0.0)


def test_what_is_saved_opens_the_same_and_holds_no_token() -> None:
    invites = Invites()
    token = invites.make("camera", uses=2, minutes=60, now=0.0)
    over = invites.make("td", uses=2, minutes=1, now=0.0)
    invites.spend(token, 1.0)
    saved = invites.dump(100.0)
    assert token not in repr(saved)
    assert over not in repr(saved)
    again = Invites.restore(saved)
    assert len(again) == 1
    assert [again.spend(token, 100.0) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"hash": "ab", "role": "td", "uses": 1, "expires_s": 9.0},
        {"hash": "a" * 64, "role": "td", "uses": 0, "expires_s": 9.0},
        {"hash": "a" * 64, "role": "td", "uses": 1, "expires_s": "soon"},
    ],
)
def test_a_row_that_makes_no_sense_is_left_out(row: dict[str, object]) -> None:
    assert len(Invites.restore([row])) == 0


def test_open_invites_are_bounded() -> None:
    invites = Invites()
    first = invites.make("camera", uses=1, minutes=1, now=0.0)
    for _ in range(MAX_INVITES):
        last = invites.make("camera", uses=1, minutes=60, now=0.0)
    assert len(invites) == MAX_INVITES
    assert invites.look(first, 0.0) is None
    assert invites.look(last, 0.0) is not None


def test_the_terminal_code_is_the_urls_modules_two_to_a_character() -> None:
    wanted = [[bool(m) for m in row] for row in segno.make(URL, error="m", micro=False).matrix_iter(border=2)]
    dark = {" ": (True, True), "█": (False, False), "▀": (False, True), "▄": (True, False)}
    shown: list[list[bool]] = []
    for line in qr_terminal(URL, ansi=False).split("\n"):
        pairs = [dark[c] for c in line]
        shown += [[upper for upper, _ in pairs], [lower for _, lower in pairs]]
    assert shown[: len(wanted)] == wanted


def test_on_a_terminal_the_code_brings_its_own_black_and_white() -> None:
    lines = qr_terminal(URL, ansi=True).split("\n")
    assert all(re.fullmatch("\x1b\\[97;40m[ ▀▄█]+\x1b\\[0m", line) for line in lines)


def test_the_picture_codes_are_pictures() -> None:
    assert ET.fromstring(qr_svg(URL)).tag.endswith("svg")
    assert qr_png(URL).startswith(b"\x89PNG\r\n")
