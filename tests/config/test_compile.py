"""What a good show file becomes."""

import dataclasses

import pytest

from soundmesh.config.compile import read_show
from soundmesh.core.show import (
    NO_CELL,
    Cell,
    Dim,
    Key,
    Latch,
    Listen,
    Media,
    Network,
    Port,
    Role,
    Talk,
    Target,
    TargetKind,
)

SUNDAY = """\
[show]
name = "Sunday 10:30"

[[channel]]                # a party line: many talk, many listen
id = "director"
name = "Director"
color = "blue"

[[channel]]
id = "cams"
name = "Cameras"

[[role]]
id = "td"
name = "Technical director"
rights = ["mixer", "presets", "calls", "kill", "approve", "admin"]

[[role]]
id = "camera"
name = "Camera"
seats = ["Cam 1", "Cam 2", "Cam 3"]   # named seats; a number (how many), or 0 for any number, also works

[matrix]                   # the grid: one row a role, one column a channel
columns = ["director", "cams", "td"]

[matrix.rows]
td      = ["TL",       "TL",   "-" ]
camera  = ["L",        "TL!",  "T" ]   # the third column is a role: a direct key to the TD
"""


def load(text):
    result = read_show(text.encode(), "show.toml")
    assert result.problems == ()
    assert result.show is not None
    return result.show


def small(keys="", columns='"a", "b", "c"', row='"TL", "L", "T"', extra=""):
    """A show with one role of interest, ``one``."""
    return load(f"""
[show]
name = "Small"
[[channel]]
id = "a"
color = "teal"
[[channel]]
id = "b"
name = "Beta"
priority = 2
[[channel]]
id = "c"
[[role]]
id = "one"
{keys}
[matrix]
columns = [{columns}]
rows.one = [{row}]
{extra}
""")


def keys_of(show):
    return [(key.id, key.target) for key in show.roles["one"].keys]


def armed_of(show):
    return [key.id for key in show.roles["one"].keys if key.armed]


def test_the_show_of_the_manual_loads_as_it_is_written():
    show = load(SUNDAY)
    assert show.name == "Sunday 10:30"
    assert list(show.targets.values()) == [
        Target("director", TargetKind.CHANNEL, "Director", "blue"),
        Target("cams", TargetKind.CHANNEL, "Cameras"),
        Target("td", TargetKind.ROLE, "Technical director"),
    ]
    assert show.roles["camera"] == Role(
        id="camera",
        name="Camera",
        seats=("Cam 1", "Cam 2", "Cam 3"),
        keys=(
            Key("director", "director", "Director", "blue"),
            Key("cams", "cams", "Cameras", "grey", armed=True),
            Key("td", "td", "Technical director", "grey"),
        ),
    )
    assert show.roles["td"].rights == {"mixer", "presets", "calls", "kill", "approve", "admin"}
    assert show.matrix == {
        "td": {"director": Cell(True, Listen.ON), "cams": Cell(True, Listen.ON)},
        "camera": {"director": Cell(False, Listen.ON), "cams": Cell(True, Listen.FORCED), "td": Cell(True)},
    }
    assert (show.network, show.media, show.talk) == (Network(), Media(), Talk())


def test_short_and_long_cells_compile_to_one_show():
    long = SUNDAY.replace('"TL!"', '{ talk = true, listen = "forced" }').replace('"T" ', "{ talk = true }")
    assert long != SUNDAY
    assert load(long) == load(SUNDAY)


def test_comments_spelling_and_order_of_tables_do_not_matter():
    head, tail = SUNDAY.split("[[role]]", 1)
    tables = "[[role]]" + tail
    turned = tables[: tables.index("[matrix]")] + head.replace("[show]", "[ 'show' ]")
    rest = tables[tables.index("[matrix]") :].replace("columns = [", "columns = [\n\n")
    assert load(turned + rest) == load(SUNDAY)


def test_a_role_has_one_key_for_each_column_it_may_use():
    assert keys_of(small(row='"T", "-", "L?"')) == [("a", "a"), ("c", "c")]


def test_keys_listed_come_first_and_the_others_follow_in_the_columns_order():
    show = small('[[role.key]]\ntarget = "c"\nlabel = "Sea"', columns='"b", "a", "c"', row='"TL", "TL", "T"')
    assert keys_of(show) == [("c", "c"), ("b", "b"), ("a", "a")]
    assert show.roles["one"].keys[0].label == "Sea"


def test_a_key_takes_from_its_target_what_it_does_not_say():
    plain, said = (
        small('[[role.key]]\ntarget = "b"\nid = "bee"\nlabel = "Bee"\ncolor = "pink"\nlatch = "momentary"'),
        small(),
    )
    assert plain.roles["one"].keys[0] == Key("bee", "b", "Bee", "pink", Latch.MOMENTARY)
    assert said.key("one", "b") == Key("b", "b", "Beta", "grey")
    assert said.key("one", "a") == Key("a", "a", "a", "teal", Latch.AUTO, armed=True)


def test_two_keys_may_point_at_one_target():
    show = small('[[role.key]]\ntarget = "a"\n[[role.key]]\ntarget = "a"\nid = "a2"\nlatch = "latching"')
    assert keys_of(show) == [("a", "a"), ("a2", "a"), ("b", "b"), ("c", "c")]


@pytest.mark.parametrize(
    ("keys", "row", "armed"),
    [
        ("", '"TL", "TL", "T"', ["a"]),
        ("", '"L", "TL", "T"', ["b"]),
        ("", '"L", "L!", "L?"', []),
        ('[[role.key]]\ntarget = "c"', '"TL", "TL", "T"', ["c"]),
        ('[[role.key]]\ntarget = "c"\narmed = true', '"TL", "TL", "T"', ["c"]),
        ('[[role.key]]\ntarget = "c"\narmed = false', '"TL", "TL", "T"', ["a"]),
        (
            '[[role.key]]\ntarget = "c"\narmed = true\n[[role.key]]\ntarget = "b"\narmed = true',
            '"TL", "TL", "T"',
            ["c", "b"],
        ),
    ],
)
def test_the_bar_holds_the_keys_that_say_so_else_the_first_that_may_talk(keys, row, armed):
    assert armed_of(small(keys, row=row)) == armed


def test_priorities_and_counts_of_seats_are_kept():
    show = load(
        SUNDAY.replace('color = "blue"', "priority = 3").replace(
            '["Cam 1", "Cam 2", "Cam 3"]', "0\npriority = 1"
        )
    )
    assert show.targets["director"].priority == 3
    assert (show.roles["camera"].seats, show.roles["camera"].priority) == (0, 1)
    assert show.roles["td"].seats == 1


def test_the_priority_of_a_role_is_not_that_of_calls_to_it():
    assert (
        load(SUNDAY.replace('rights = ["mixer"', 'priority = 3\nrights = ["mixer"')).targets["td"].priority
        == 0
    )


def test_the_tables_of_settings_reach_the_show():
    show = small(
        extra="""
[network]
bind = ["127.0.0.1", "::1", "0:0:0:0:0:0:0:1"]
port = 0
media_port = 5000
trust_port = 0
names = ["Box.Local"]
[media]
lanes = 16
bitrate_bps = 24000
nack = false
[talk]
tap_ms = 80
tail_ms = 0
latch_when_hidden = true
remind_s = 0
[dim]
attack_ms = 10
hold_ms = 0
release_ms = 1000
"""
    )
    assert show.network == Network(("127.0.0.1", "::1"), 0, 5000, 0, ("box.local",))
    assert show.media == Media(16, 24000, False)
    assert show.talk == Talk(80, 0, True, 0)
    assert show.dim == Dim(10, 0, 1000)


def test_a_column_twice_or_a_channel_without_column_is_no_target():
    text = SUNDAY.replace('"director", "cams", "td"]', '"director", "td"]').replace('"TL",   "-"', '"-"')
    result = read_show(text.replace('"TL!",  "T"', '"T"').encode(), "show.toml")
    assert result.show is not None
    assert list(result.show.targets) == ["director", "td"]
    assert [str(problem.severity) for problem in result.problems] == ["warning"]


LIVE = """\
[show]
name = "Live"
[[channel]]
id = "pl"
[[group]]
id = "all-call"
name = "All call"
color = "white"
priority = 3
targets = ["pl", "everyone", "camera"]
[[ifb]]
id = "talent"
program = "music"
priority = 1
[[port]]
id = "tone"
tone_hz = 1000
loop = false
[[port]]
id = "music"
name = "Music"
files = ["walk-in.ogg", "walk-out.ogg"]
gain_db = -6
[[role]]
id = "td"
ask = true
reply = false
[[role.key]]
target = "camera/Cam 2"
[[role.key]]
target = "host/2"
priority = 3
[[role.key]]
target = "talent"
dim_db = -60
[[role]]
id = "camera"
seats = ["Cam 1", "Cam 2"]
[[role]]
id = "host"
name = "Host"
seats = 0
[matrix]
columns = ["pl", "camera", "host", "all-call", "talent", "tone"]
[matrix.rows]
td     = ["TL", "T", "Tm", "Tm", "TL", "L?"]
camera = ["TL", "-", "-", "-", "L", "L!"]
host   = ["L", "-", "-", "-", "-", "-"]
"""


def test_a_group_knows_whom_it_reaches():
    assert load(LIVE).targets["all-call"] == Target(
        "all-call",
        TargetKind.GROUP,
        "All call",
        "white",
        3,
        members=("pl", "td", "camera", "host"),
    )


def test_an_ifb_knows_its_program_and_a_port_its_number():
    show = load(LIVE)
    assert show.targets["talent"] == Target("talent", TargetKind.IFB, "talent", priority=1, source="music")
    assert show.targets["tone"] == Target("tone", TargetKind.PORT, "tone")
    assert show.ports == {
        "tone": Port("tone", 65536, "tone", tone_hz=1000, loop=False),
        "music": Port("music", 65537, "Music", 0, ("walk-in.ogg", "walk-out.ogg"), gain_db=-6),
    }
    assert "music" not in show.targets
    assert dict(show.feeds) == {"tone": ("tone",), "music": ("talent",)}


def test_a_key_may_point_at_one_seat_and_needs_the_roles_column_alone():
    show = load(LIVE)
    keys = show.roles["td"].keys
    assert [key.id for key in keys] == [
        "camera/Cam 2",
        "host/2",
        "talent",
        "pl",
        "camera",
        "host",
        "all-call",
        "tone",
    ]
    assert (keys[0].label, keys[1].label, keys[1].priority) == ("Cam 2", "Host 2", 3)
    assert show.targets["camera/Cam 2"] == Target(
        "camera/Cam 2", TargetKind.SEAT, "Cam 2", role="camera", seat="Cam 2"
    )
    assert show.cell("td", "camera/Cam 2") == Cell(True)
    assert show.cell("td", "host/2") == Cell(True, momentary=True)
    assert show.cell("camera", "camera/Cam 2") == NO_CELL
    assert [key.id for key in keys if key.armed] == ["camera/Cam 2"]


def test_programs_give_way_to_voices_unless_their_key_says_otherwise():
    show = load(LIVE)
    assert {key.id: key.dim_db for key in show.roles["td"].keys if key.dim_db} == {"talent": -60, "tone": -14}
    assert {key.id: key.dim_db for key in show.roles["camera"].keys} == {"pl": 0, "talent": -14, "tone": -14}


def test_a_role_says_whether_its_people_may_ask_and_answer():
    show = load(LIVE)
    assert [(role.ask, role.reply) for role in show.roles.values()] == [
        (True, False),
        (False, True),
        (False, True),
    ]


def test_only_cells_that_allow_something_are_kept():
    show = small(row='"-", "", "T"')
    assert show.matrix == {"one": {"c": Cell(True)}}
    assert show.cell("one", "a") == NO_CELL


def test_a_show_cannot_be_changed():
    show = small()
    with pytest.raises(dataclasses.FrozenInstanceError):
        show.name = "other"
    with pytest.raises(TypeError):
        show.matrix["one"]["a"] = NO_CELL
    with pytest.raises(TypeError):
        show.roles["two"] = show.roles["one"]
    with pytest.raises(TypeError):
        show.targets["d"] = show.targets["a"]
