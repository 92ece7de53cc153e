"""What a phone is told of its keys, its rights and where it may call."""

from __future__ import annotations

from soundmesh.core.ids import RoleId, SeatName, StationId
from soundmesh.core.show import Show
from soundmesh.core.state import Station
from soundmesh.server.panel import make_panel
from soundmesh.wire import messages as m

from .crewshow import crew_show

TEXT = """
[show]
name = "Live"
[[channel]]
id = "pl"
name = "Party"
[[group]]
id = "all-call"
targets = ["everyone"]
[[ifb]]
id = "talent"
program = "music"
[[port]]
id = "music"
tone_hz = 440
[[role]]
id = "td"
rights = ["calls"]
[[role.key]]
target = "camera/Cam 2"
[[role.key]]
target = "host/2"
[[role]]
id = "camera"
seats = ["Cam 1", "Cam 2"]
[[role.key]]
target = "music"
dim_db = -60
[[role]]
id = "host"
name = "Host"
seats = 2
rights = ["kill"]
reply = false
[[role]]
id = "guest"
seats = 0
[matrix]
columns = ["pl", "camera", "host", "all-call", "talent", "music"]
[matrix.rows]
td     = ["TL", "T", "T", "Tm", "TL", "L?"]
camera = ["L",  "-", "-", "-",  "-",  "L!"]
host   = ["TL", "T", "-", "-",  "L",  "-"]
guest  = ["L",  "-", "-", "-",  "L",  "-"]
[talk]
remind_s = 30
[dim]
attack_ms = 10
hold_ms = 20
release_ms = 30
"""


def show() -> Show:
    return crew_show(TEXT)


def panel_of(role: str, seat: str = "1") -> m.Panel:
    return make_panel(show(), Station(StationId(1), RoleId(role), "Jo", seat=SeatName(seat)))


def keys_of(role: str, seat: str = "1") -> dict[str, m.PanelKey]:
    return {key.id: key for key in panel_of(role, seat).keys}


def test_each_key_says_what_it_points_at() -> None:
    keys = keys_of("td")
    assert {name: (key.kind, key.address, key.label) for name, key in keys.items()} == {
        "camera/Cam 2": ("seat", "camera/Cam 2", "Cam 2"),
        "host/2": ("seat", "host/2", "Host 2"),
        "pl": ("channel", "pl", "Party"),
        "camera": ("role", "camera", "camera"),
        "host": ("role", "host", "Host"),
        "all-call": ("group", "all-call", "all-call"),
        "talent": ("ifb", "talent", "talent"),
        "music": ("port", "music", "music"),
    }
    assert [name for name, key in keys.items() if key.may_listen] == ["pl", "talent", "music"]
    assert keys["all-call"].latch == "momentary"


def test_a_listen_says_how_far_it_is_lowered() -> None:
    assert {name: key.dim_db for name, key in keys_of("td").items() if key.dim_db} == {
        "talent": -14,
        "music": -14,
    }
    assert keys_of("camera", "Cam 1")["music"].dim_db == -60
    panel = panel_of("td")
    assert (panel.dim_attack_ms, panel.dim_hold_ms, panel.dim_release_ms) == (10, 20, 30)
    assert panel.remind_s == 30


def test_whoever_may_talk_may_call_and_the_right_allows_the_rest_but_no_program() -> None:
    assert [name for name, key in keys_of("host").items() if key.may_call] == ["pl", "camera"]
    assert [name for name, key in keys_of("td").items() if not key.may_call] == ["music"]
    assert [name for name, key in keys_of("guest").items() if key.may_call] == []


def test_rights_open_every_address_of_the_show() -> None:
    addresses = panel_of("td").addresses
    assert [(a.address, a.label, a.kind) for a in addresses] == [
        ("pl", "Party", "channel"),
        ("all-call", "all-call", "group"),
        ("talent", "talent", "ifb"),
        ("td", "td", "role"),
        ("camera", "camera", "role"),
        ("camera/Cam 1", "Cam 1", "seat"),
        ("camera/Cam 2", "Cam 2", "seat"),
        ("host", "Host", "role"),
        ("host/1", "Host 1", "seat"),
        ("host/2", "Host 2", "seat"),
        ("guest", "guest", "role"),
    ]
    assert panel_of("host").addresses == addresses
    assert panel_of("camera", "Cam 1").addresses == []


def test_a_panel_says_its_rights_and_whether_it_may_answer() -> None:
    assert (panel_of("td").rights, panel_of("td").reply) == (["calls"], True)
    assert (panel_of("host").rights, panel_of("host").reply) == (["kill"], False)
