"""Every mistake is said with its line, its key, a calm sentence and the nearest right spelling."""

import pytest

from soundmesh.config.compile import read_show
from soundmesh.config.locate import locate
from soundmesh.config.problems import MOST, Findings, Problem, Severity, quoted, shown

GOOD = """\
[show]
name = "Sunday"

[[channel]]
id = "director"
name = "Director"

[[channel]]
id = "cams"

[[role]]
id = "td"

[[role]]
id = "camera"
seats = ["Cam 1", "Cam 2"]
  [[role.key]]
  target = "cams"

[matrix]
columns = ["director", "cams", "td"]
[matrix.rows]
td     = ["TL", "TL", "-"]
camera = ["L",  "TLm!", "T"]

[network]
port = 8443
[media]
lanes = 8
[talk]
tap_ms = 200
"""


def found(text, name="show.toml"):
    return read_show(text.encode(), name).problems


def one(old, new):
    """The only problem of the good show with one text replaced, and its line's text."""
    assert GOOD.count(old) == 1
    text = GOOD.replace(old, new)
    (problem,) = found(text)
    return problem, text.splitlines()[problem.line - 1]


def test_the_good_show_has_no_problem():
    assert found(GOOD) == ()


# What is replaced, by what, the key, the nearest spelling, and the end of the line it stands on.
SINGLE = [
    ('name = "Sunday"', 'nmae = "Sunday"\nname = "S"', "show.nmae", "name", 'nmae = "Sunday"'),
    ('name = "Sunday"', "", "show", None, "[show]"),
    ('name = "Sunday"', "name = 3", "show.name", None, "name = 3"),
    ('name = "Sunday"', 'name = "  "', "show.name", None, 'name = "  "'),
    ('name = "Sunday"', 'name = " a"', "show.name", "a", 'name = " a"'),
    ('name = "Sunday"', 'name = "a\\nb"', "show.name", None, 'name = "a\\nb"'),
    ('name = "Sunday"', f'name = "{"x" * 41}"', "show.name", None, '"'),
    ("[network]", "[netwrok]\n[network]", "netwrok", "network", "[netwrok]"),
    ("[network]", "port = 1\n[network]", "matrix.rows.port", None, "port = 1"),
    ('name = "Director"', 'color = "red"', "channel.director.color", "pink", 'color = "red"'),
    ('name = "Director"', 'color = "tael"', "channel.director.color", "teal", 'color = "tael"'),
    ('name = "Director"', "color = 1", "channel.director.color", None, "color = 1"),
    ('name = "Director"', "priority = 4", "channel.director.priority", None, "priority = 4"),
    ('name = "Director"', "priority = true", "channel.director.priority", None, "priority = true"),
    ('name = "Director"', "priority = 1.0", "channel.director.priority", None, "priority = 1.0"),
    ('name = "Director"', "lanes = 4", "channel.director.lanes", None, "lanes = 4"),
    ('name = "Director"', 'colour = "blue"', "channel.director.colour", "color", 'colour = "blue"'),
    (
        'id = "cams"\n\n[[role]]',
        'id = "cams"\n[[channel]]\nid = "cams"\n\n[[role]]',
        "channel.cams.id",
        None,
        '"cams"',
    ),
    ('[[role]]\nid = "td"', '[[role]]\nid = "td"\n[[channel]]\nid = "td"', "channel.td.id", None, '"td"'),
    ('["Cam 1", "Cam 2"]', "501", "role.camera.seats", None, "501"),
    ('["Cam 1", "Cam 2"]', "-1", "role.camera.seats", None, "-1"),
    ('["Cam 1", "Cam 2"]', '"Cam 1"', "role.camera.seats", '["Cam 1"]', '"Cam 1"'),
    ('["Cam 1", "Cam 2"]', "[]", "role.camera.seats", None, "[]"),
    ('["Cam 1", "Cam 2"]', '[\n"a",\n"A"]', "role.camera.seats[2]", None, '"A"]'),
    ('["Cam 1", "Cam 2"]', '["a",\n"",\n"b"]', "role.camera.seats[2]", None, '"",'),
    ('["Cam 1", "Cam 2"]', '["a/b"]', "role.camera.seats[1]", "a-b", '["a/b"]'),
    ('["Cam 1", "Cam 2"]', f'["{"x" * 25}"]', "role.camera.seats[1]", None, '"]'),
    ('["Cam 1", "Cam 2"]', '["a", 2]', "role.camera.seats[2]", None, "2]"),
    ('["Cam 1", "Cam 2"]', '1\nrights = ["kil"]', "role.camera.rights[1]", "kill", '["kil"]'),
    ('["Cam 1", "Cam 2"]', '1\nrights = "kill"', "role.camera.rights", '["kill"]', '"kill"'),
    ('["Cam 1", "Cam 2"]', "1\nseets = 2", "role.camera.seets", "seats", "seets = 2"),
    ('target = "cams"', 'target = "cam"', "role.camera.key.cam.target", "cams", 'target = "cam"'),
    ('target = "cams"', 'target = "camera"', "role.camera.key.camera.target", "cams", 'target = "camera"'),
    ('target = "cams"', "", "role.camera.key[1]", None, "[[role.key]]"),
    (
        'target = "cams"',
        'target = "director"\narmed = true',
        "role.camera.key.director.armed",
        None,
        "armed = true",
    ),
    ('target = "cams"', 'target = "cams"\narmed = 1', "role.camera.key.cams.armed", "true", "armed = 1"),
    (
        'target = "cams"',
        'target = "cams"\nlatch = "latched"',
        "role.camera.key.cams.latch",
        "latching",
        '"latched"',
    ),
    ('target = "cams"', 'target = "cams"\nid = "Big"', "role.camera.key.Big.id", "big", 'id = "Big"'),
    ('target = "cams"', 'target = "cams"\nid = "td"', "role.camera.key.td.id", None, 'id = "td"'),
    ('target = "cams"', 'target = "cams"\nseats = 4', "role.camera.key.cams.seats", None, "seats = 4"),
    (
        'target = "cams"',
        'target = "cams"\n[[role.key]]\ntarget = "cams"',
        "role.camera.key.cams",
        None,
        "[[role.key]]",
    ),
    (
        '["director", "cams", "td"]',
        '["director",\n"camz", "td"]',
        "matrix.columns[2]",
        "cams",
        '"camz", "td"]',
    ),
    ('["director", "cams", "td"]', '"director"', "matrix.columns", '["director"]', '"director"'),
    ('["TL", "TL", "-"]', '["TL",\n"TL"]', "matrix.rows.td", None, '["TL",'),
    ('["TL", "TL", "-"]', '["TL",\n"X",\n"-"]', "matrix.rows.td.cams", "-", '"X",'),
    ('["TL", "TL", "-"]', '["TL",\n"TL", "TL!"]', "matrix.rows.td.td", "T", '"TL", "TL!"]'),
    ('["TL", "TL", "-"]', '["TL", "TL",\n{listen = "on"}]', "matrix.rows.td.td", "-", '{listen = "on"}]'),
    ('["TL", "TL", "-"]', '["TL", "T?", "-"]', "matrix.rows.td.cams", "TL?", '"-"]'),
    ('["TL", "TL", "-"]', '["TL", "Lm", "-"]', "matrix.rows.td.cams", "TLm", '"-"]'),
    (
        '["TL", "TL", "-"]',
        '["TL", {talk = true, lisen = "on"}, "-"]',
        "matrix.rows.td.cams.lisen",
        "listen",
        '"-"]',
    ),
    ('["TL", "TL", "-"]', '["TL", true, "-"]', "matrix.rows.td.cams", "TL", '"-"]'),
    ('["TL", "TL", "-"]', '["TL", 1, "-"]', "matrix.rows.td.cams", None, '"-"]'),
    (
        '["TL", "TL", "-"]',
        '["TL", "TL", "-"]\ncams = ["T", "-", "-"]',
        "matrix.rows.cams",
        None,
        '["T", "-", "-"]',
    ),
    (
        '["TL", "TL", "-"]',
        '["TL", "TL", "-"]\ncamra = ["T", "-", "-"]',
        "matrix.rows.camra",
        "camera",
        '"-", "-"]',
    ),
    ('["TL", "TL", "-"]', '"TL TL -"', "matrix.rows.td", None, '"TL TL -"'),
    ("port = 8443", "port = 65536", "network.port", None, "port = 65536"),
    ("port = 8443", "port = 8080", "network.port", None, "port = 8080"),
    ("port = 8443", "trust_port = 8443", "network.trust_port", None, "trust_port = 8443"),
    ("port = 8443", "media_prot = 1", "network.media_prot", "media_port", "media_prot = 1"),
    ("port = 8443", 'port = "8443"', "network.port", "8443", 'port = "8443"'),
    ("port = 8443", 'bind = ["localhost"]', "network.bind[1]", "127.0.0.1", '["localhost"]'),
    ("port = 8443", 'bind = ["10.0.0.1:80"]', "network.bind[1]", "10.0.0.1", '["10.0.0.1:80"]'),
    ("port = 8443", 'bind = ["10.0.0.256"]', "network.bind[1]", None, '["10.0.0.256"]'),
    ("port = 8443", 'bind = ["fe80::1%a\\n"]', "network.bind[1]", "fe80::1%a", '%a\\n"]'),
    ("port = 8443", 'bind = "10.0.0.1"', "network.bind", '["10.0.0.1"]', '"10.0.0.1"'),
    ("port = 8443", 'names = ["a_b"]', "network.names[1]", "a-b", '["a_b"]'),
    ("port = 8443", 'names = ["https://box.local/x"]', "network.names[1]", "box.local", 'x"]'),
    ("port = 8443", 'names = ["10.0.0.1"]', "network.names[1]", None, '["10.0.0.1"]'),
    ("port = 8443", 'names = ["10.0.0.300"]', "network.names[1]", None, '["10.0.0.300"]'),
    ("port = 8443", "bind = [1]", "network.bind[1]", None, "[1]"),
    ("port = 8443", 'bind = ["::1",\n"::1"]', "network.bind[2]", None, '"::1"]'),
    ("port = 8443", f"bind = {['::1'] * 33}", "network.bind", None, "]"),
    ("port = 8443", "names = [1]", "network.names[1]", None, "[1]"),
    ("port = 8443", 'latch = "auto"', "network.latch", None, '"auto"'),
    ('target = "cams"', 'target = "cams"\nlatch = 1', "role.camera.key.cams.latch", None, "latch = 1"),
    ("lanes = 8", "lanes = 0", "media.lanes", None, "lanes = 0"),
    ("lanes = 8", "lanes = 17", "media.lanes", None, "lanes = 17"),
    ("lanes = 8", "bitrate_bps = 32", "media.bitrate_bps", None, "= 32"),
    ("lanes = 8", "nack = 1", "media.nack", "true", "nack = 1"),
    ("tap_ms = 200", "tap_ms = 79", "talk.tap_ms", None, "= 79"),
    ("tap_ms = 200", "tap_ms = 501", "talk.tap_ms", None, "= 501"),
    ("tap_ms = 200", "tail_ms = 501", "talk.tail_ms", None, "= 501"),
    ("tap_ms = 200", "tail_ms = -1", "talk.tail_ms", None, "= -1"),
    ("tap_ms = 200", 'latch_when_hidden = "no"', "talk.latch_when_hidden", "false", '"no"'),
    ("tap_ms = 200", "tap_ms = 1979-05-27", "talk.tap_ms", None, "1979-05-27"),
]


GRID = """\
[show]
name = "Live"
[[channel]]
id = "pl"
[[group]]
id = "all-call"
targets = ["pl", "everyone"]
[[ifb]]
id = "talent"
program = "music"
[[port]]
id = "music"
files = ["walk-in.ogg"]
[[role]]
id = "td"
[[role.key]]
target = "camera/Cam 2"
[[role]]
id = "camera"
seats = ["Cam 1", "Cam 2"]
[[role.key]]
target = "music"
[matrix]
columns = ["pl", "camera", "all-call", "talent", "music"]
[matrix.rows]
td     = ["TL", "T", "Tm", "TL", "L?"]
camera = ["TL", "-", "-", "L", "L!"]
[dim]
hold_ms = 700
"""

KEY_OF_TD = "role.td.key"
WIDER = [
    ('"everyone"]', '"everybody"]', "group.all-call.targets[2]", "everyone", '"everybody"]'),
    ('"everyone"]', '"talent"]', "group.all-call.targets[2]", None, '"talent"]'),
    ('"everyone"]', '"all-call"]', "group.all-call.targets[2]", None, '"all-call"]'),
    ('"everyone"]', '"Camera"]', "group.all-call.targets[2]", "camera", '"Camera"]'),
    ('"everyone"]', '"pl"]', "group.all-call.targets[2]", None, '"pl"]'),
    ('["pl", "everyone"]', "[]", "group.all-call.targets", None, "[]"),
    ('["pl", "everyone"]', '"everyone"', "group.all-call.targets", '["everyone"]', '"everyone"'),
    ('targets = ["pl", "everyone"]', "", "group.all-call", None, "[[group]]"),
    ('program = "music"', 'program = "musik"', "ifb.talent.program", "music", '"musik"'),
    ('program = "music"', 'program = "pl"', "ifb.talent.program", None, '"pl"'),
    ('program = "music"', "", "ifb.talent", None, "[[ifb]]"),
    ('files = ["walk-in.ogg"]', "", "port.music", None, "[[port]]"),
    ('files = ["walk-in.ogg"]', "tone_hz = 0", "port.music", None, "[[port]]"),
    ('files = ["walk-in.ogg"]', 'files = ["a"]\ntone_hz = 440', "port.music.tone_hz", None, "= 440"),
    ('files = ["walk-in.ogg"]', 'files = ["a"]\ngain_db = 13', "port.music.gain_db", None, "= 13"),
    ('files = ["walk-in.ogg"]', "files = []", "port.music.files", None, "[]"),
    ('files = ["walk-in.ogg"]', 'files = "a.ogg"', "port.music.files", '["a.ogg"]', '"a.ogg"'),
    ('files = ["walk-in.ogg"]', 'files = ["a",\n" "]', "port.music.files[2]", None, '" "]'),
    ('files = ["walk-in.ogg"]', "files = [1]", "port.music.files[1]", None, "[1]"),
    ('files = ["walk-in.ogg"]', 'files = ["http://a/b.mp3"]', "port.music.files[1]", None, 'mp3"]'),
    ('files = ["walk-in.ogg"]', "files = ['a\\b.mp3']", "port.music.files[1]", "a/b.mp3", "mp3']"),
    ('files = ["walk-in.ogg"]', f'files = ["{"x" * 401}"]', "port.music.files[1]", None, 'x"]'),
    ('"camera/Cam 2"', '"camera/Cam 3"', f"{KEY_OF_TD}[1].target", "camera/Cam 2", '"camera/Cam 3"'),
    ('"camera/Cam 2"', '"camera/cam 2"', f"{KEY_OF_TD}[1].target", "camera/Cam 2", '"camera/cam 2"'),
    ('"camera/Cam 2"', '"camera/"', f"{KEY_OF_TD}[1].target", None, '"camera/"'),
    ('"camera/Cam 2"', '"camra/Cam 2"', f"{KEY_OF_TD}[1].target", "camera/Cam 2", '"camra/Cam 2"'),
    ('"camera/Cam 2"', '"Camera/Cam 2"', f"{KEY_OF_TD}[1].target", "camera/Cam 2", '"Camera/Cam 2"'),
    ('"camera/Cam 2"', '"camera/a/b"', f"{KEY_OF_TD}[1].target", None, '"camera/a/b"'),
    ('"camera/Cam 2"', '"td/1"', f"{KEY_OF_TD}[1].target", None, '"td/1"'),
    ('"camera/Cam 2"', '"camera/Cam 2"\npriority = 4', f"{KEY_OF_TD}[1].priority", None, "= 4"),
    ('"camera/Cam 2"', '"camera/Cam 2"\ndim_db = -14', f"{KEY_OF_TD}[1].dim_db", None, "= -14"),
    ('"camera/Cam 2"', '"talent"\ndim_db = 1', f"{KEY_OF_TD}.talent.dim_db", None, "= 1"),
    ('target = "music"', 'target = "music"\npriority = 1', "role.camera.key.music.priority", None, "= 1"),
    ('target = "music"', 'target = "music"\narmed = true', "role.camera.key.music.armed", None, "true"),
    ('target = "music"', 'target = "all-call"', "role.camera.key.all-call.target", None, 'all-call"'),
    ('target = "music"', 'target = "camera/Cam 1"', "role.camera.key[1].target", None, 'Cam 1"'),
    ('"Tm", "TL", "L?"', '"Tm!", "TL", "L?"', "matrix.rows.td.all-call", "TLm!", '"L?"]'),
    ('"Tm", "TL", "L?"', '"TL", "TL", "L?"', "matrix.rows.td.all-call", "T", '"L?"]'),
    ('"Tm", "TL", "L?"', '"Tm", "TL", "TL?"', "matrix.rows.td.music", "L?", '"TL?"]'),
    ('"Tm", "TL", "L?"', '"Tm", "TL", "T"', "matrix.rows.td.music", "-", '"T"]'),
    ('camera = ["TL"', 'music = []\ncamera = ["TL"', "matrix.rows.music", None, "music = []"),
    ("hold_ms = 700", "hold_ms = 5001", "dim.hold_ms", None, "= 5001"),
    ("hold_ms = 700", "atack_ms = 5", "dim.atack_ms", "attack_ms", "= 5"),
    ("hold_ms = 700", "attack_ms = 51", "dim.attack_ms", None, "= 51"),
    ("hold_ms = 700", "release_ms = 9", "dim.release_ms", None, "= 9"),
    ("hold_ms = 700", "remind_s = 9", "dim.remind_s", None, "= 9"),
    ("[dim]", "[talk]\nremind_s = -1\n[dim]", "talk.remind_s", None, "= -1"),
    ("[dim]", "[dmi]\n[dim]", "dmi", "dim", "[dmi]"),
    ('seats = ["Cam 1", "Cam 2"]', 'seats = ["Cam 1", "Cam 2"]\nask = 1', "role.camera.ask", "true", "= 1"),
    ('id = "pl"', 'id = "pl"\n[[channel]]\nid = "music"', "port.music.id", None, '"music"'),
]


def test_the_wider_show_has_no_problem():
    assert found(GRID) == ()


@pytest.mark.parametrize(("old", "new", "key", "nearest", "ending"), WIDER, ids=[w[2] for w in WIDER])
def test_groups_programs_and_seats_are_checked_as_strictly(old, new, key, nearest, ending):
    assert GRID.count(old) == 1
    text = GRID.replace(old, new)
    problems = found(text)
    assert [(p.key, p.nearest) for p in problems][:1] == [(key, nearest)], problems
    assert text.splitlines()[problems[0].line - 1].endswith(ending)
    assert all(str(p).endswith((".", "?")) and str(p).isprintable() for p in problems)
    assert len({p.line for p in problems}) == 1


def test_a_seat_of_a_role_that_is_no_column_may_not_be_called():
    text = GRID.replace('"camera", "all-call"', '"all-call"').replace('"T", "Tm"', '"Tm"')
    (problem,) = found(text.replace('["TL", "-", "-", "L", "L!"]', '["TL", "-", "L", "L!"]'))
    assert "no column" in problem.reason


def test_seats_without_names_are_called_by_number():
    text = GRID.replace('["Cam 1", "Cam 2"]', "2").replace("camera/Cam 2", "camera/2")
    assert found(text) == ()
    (problem,) = found(text.replace("camera/2", "camera/3"))
    assert (problem.key, problem.nearest) == ("role.td.key[1].target", None)
    assert found(text.replace("seats = 2", "seats = 0").replace("camera/2", "camera/40")) == ()


def test_what_nobody_can_use_is_a_warning():
    spare = '[[group]]\nid = "g"\ntargets = ["pl"]\n[[ifb]]\nid = "i"\nprogram = "music"\n'
    spare += '[[port]]\nid = "p"\ntone_hz = 440\n[[ifb]]\nid = "j"\nprogram = "q"\n'
    spare += '[[port]]\nid = "q"\ntone_hz = 1\n'
    result = read_show((GRID + spare).encode(), "show.toml")
    assert result.show is not None
    assert [p.key for p in result.problems] == ["group.g.id", "ifb.i.id", "port.p.id", "ifb.j.id"]
    assert {p.severity for p in result.problems} == {Severity.WARNING}


NAMES = [f"{index}-{mistake[2]}" for index, mistake in enumerate(SINGLE)]


@pytest.mark.parametrize(("old", "new", "key", "nearest", "ending"), SINGLE, ids=NAMES)
def test_one_mistake_is_one_problem_in_the_right_place(old, new, key, nearest, ending):
    problem, line = one(old, new)
    assert (problem.key, problem.nearest) == (key, nearest)
    assert line.endswith(ending)
    assert problem.severity is Severity.ERROR


@pytest.mark.parametrize(("old", "new", "key", "nearest", "ending"), SINGLE, ids=NAMES)
def test_every_problem_is_a_calm_sentence_on_one_line(old, new, key, nearest, ending):
    text = str(one(old, new)[0])
    assert text.startswith("show.toml:")
    assert text.endswith((".", "?"))
    assert text.isprintable()
    assert len(text) < 220
    assert not {"Error", "error", "invalid", "illegal"} & set(text.split())


@pytest.mark.parametrize("word", ["all", "none", "show", "reply"])
def test_words_that_mean_something_else_are_no_ids(word):
    text = GOOD.replace('"cams"', f'"{word}"').replace('"TLm!"', '"TL"')
    problems = found(text)
    assert {problem.key for problem in problems if problem.key.startswith("channel")} == {
        f"channel.{word}.id"
    }
    assert all("itself" in problem.reason for problem in problems)


def test_a_wrong_id_is_said_where_it_stands_and_nowhere_else_is_called_unknown():
    problems = found(GOOD.replace('"cams"', '"Cams"'))
    assert all("is no id" in problem.reason for problem in problems)
    assert [problem.nearest for problem in problems] == ["cams"] * len(problems)


def test_all_problems_come_at_once_in_the_order_of_the_file():
    text = GOOD
    for old, new in [
        ('name = "Sunday"', "name = 1"),
        ('name = "Director"', "priority = 9"),
        ('["Cam 1", "Cam 2"]', "-1"),
        ('["TL", "TL", "-"]', '["TL", "Y"]'),
        ("lanes = 8", "lanes = 99"),
    ]:
        text = text.replace(old, new)
    problems = found(text)
    assert [problem.key for problem in problems] == [
        "show.name",
        "channel.director.priority",
        "role.camera.seats",
        "matrix.rows.td",
        "matrix.rows.td.cams",
        "media.lanes",
    ]
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)


def test_a_setting_in_the_wrong_table_is_sent_to_the_right_one():
    problem, _ = one("lanes = 8", "tap_ms = 100")
    assert "it belongs in [talk]" in problem.reason


@pytest.mark.parametrize(
    ("old", "new", "header"),
    [
        ("[show]", "[[show]]", "[show]"),
        ("[network]", "[[network]]", "[network]"),
        ("[matrix]", "[[matrix]]", "[matrix]"),
        ('[[channel]]\nid = "cams"', "", "[[channel]]"),
    ],
)
def test_single_and_double_brackets_are_told_apart(old, new, header):
    text = GOOD.replace(old, new)
    if header == "[[channel]]":
        text = text.replace('[[channel]]\nid = "director"', '[channel]\nid = "director"')
    assert any(f"write {'one table ' * (not header.startswith('[['))}{header}" in str(p) for p in found(text))


def test_a_list_of_plain_values_is_no_list_of_tables():
    problems = found("channel = [1, {id = 'a'}]\n" + GOOD.replace("[[channel]]", "[[role]]"))
    assert "channel[1]" in {problem.key for problem in problems}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "is empty"),
        ("# nothing\n", "is empty"),
        ("[show]\nname = 'x'", "no role"),
        (GOOD[: GOOD.index("[matrix]")], "no [matrix]"),
    ],
)
def test_a_show_that_could_carry_nobody_is_refused(text, word):
    result = read_show(text.encode(), "show.toml")
    assert result.show is None
    assert any(word in problem.reason for problem in result.problems)


def test_a_role_without_a_row_and_a_channel_without_a_column_are_warnings():
    text = GOOD + '[[role]]\nid = "lights"\n[[channel]]\nid = "spare"\n'
    result = read_show(text.encode(), "show.toml")
    assert result.show is not None
    assert [(problem.key, problem.severity) for problem in result.problems] == [
        ("role.lights.id", Severity.WARNING),
        ("channel.spare.id", Severity.WARNING),
    ]
    line = text.splitlines().index('id = "lights"') + 1
    assert str(result.problems[0]).startswith(f"show.toml:{line}: warning: role.lights.id: ")


def test_a_latching_key_on_a_momentary_cell_is_a_warning():
    problem, line = one('target = "cams"', 'target = "cams"\nlatch = "latching"')
    assert problem.severity is Severity.WARNING
    assert line == 'latch = "latching"'


def test_a_hostile_file_gets_a_list_a_person_can_read():
    text = GOOD + "".join(f"x{number} = 1\n" for number in range(50_000))
    problems = found(text)
    assert len(problems) == MOST + 1
    assert f"{50_000 - MOST} more problems" in problems[-1].reason
    assert problems[-1].severity is Severity.ERROR


def test_many_warnings_do_not_stop_a_show():
    text = GOOD + "".join(f'[[channel]]\nid = "spare{number}"\n' for number in range(MOST + 10))
    result = read_show(text.encode(), "show.toml")
    assert result.show is not None
    assert len(result.problems) == MOST + 1
    assert {problem.severity for problem in result.problems} == {Severity.WARNING}


def test_a_problem_reads_as_one_sentence():
    problem = Problem("show.toml", 12, "role.camera.seets", "[[role]] has no such setting.", "seats")
    assert (
        str(problem) == 'show.toml:12: role.camera.seets: [[role]] has no such setting. Did you mean "seats"?'
    )
    assert str(Problem("show.toml", 0, "", "there is no such file.")) == "show.toml: there is no such file."


def test_a_mistake_deep_in_a_key_has_the_line_of_what_it_stands_in():
    findings = Findings("s", {}, locate("a = 1\n[b]\nc = [\n1]\n"))
    paths = [("b",), ("b", "c", 0), ("b", "c", 9, "a"), ("b", "x", "c"), ()]
    assert [findings.line(path) for path in paths] == [2, 4, 3, 2, 1]


def test_numbers_and_flags_are_proposed_as_they_are_written():
    assert str(Problem("s", 1, "k", "r.", "true")).endswith("Did you mean true?")
    assert str(Problem("s", 1, "k", "r.", "8443")).endswith("Did you mean 8443?")
    assert str(Problem("s", 1, "k", "r.", '["a"]')).endswith('Did you mean ["a"]?')


def test_any_value_is_shown_on_one_short_line():
    for value in ["a\nb", "x" * 9999, 1 << 40000, float("nan"), {}, [[]], True, "\x1b[2J"]:
        assert shown(value).isprintable()
        assert len(shown(value)) < 80


def test_text_in_a_sentence_is_shortened():
    assert quoted("a" * 50) == f'"{"a" * 37}…"'
