"""The locator says the line ``tomllib`` does not tell, for whatever ``tomllib`` accepts."""

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundmesh.config.locate import locate

SHOWS = sorted((Path(__file__).parents[2] / "configs").rglob("*.toml"))


def lines_of(text):
    """Every path the locator knows, and its line."""
    found = {}
    around = [((), locate(text))]
    while around:
        path, place = around.pop()
        for part, inner in place.inner.items():
            found[(*path, part)] = inner.line
            around.append(((*path, part), inner))
    return found


def paths(value, path=()):
    """Every path of a parsed document."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from paths(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from paths(inner, (*path, index))


def test_each_line_of_a_small_show_is_found():
    text = """\
# a comment with = and [brackets]
[show]
name = "A # b"

[[role]]
id = "one"
  [[role.key]]
  target = "x"
  [[role.key]]
  target = "y"

[[role]]
id = "two"
seats = [
  "Cam ]",   # one
  'Cam "2"',
]
  [role.more.deep]
  it = 1
[matrix]
columns = ["x", "y"]
[matrix.rows]
one = [ { talk = true,
 listen = "on" }, "-" ]
"""
    # An inline table may not run over lines in TOML 1.0; a multi-line text inside it may.
    text = text.replace("true,\n listen", "true, listen")
    lines = lines_of(text)
    assert lines[("show", "name")] == 3
    assert lines[("role", 0)] == 5
    assert lines[("role", 0, "key", 0, "target")] == 8
    assert lines[("role", 0, "key", 1, "target")] == 10
    assert lines[("role", 1)] == 12
    assert lines[("role", 1, "seats", 0)] == 15
    assert lines[("role", 1, "seats", 1)] == 16
    assert lines[("role", 1, "more", "deep", "it")] == 19
    assert lines[("matrix",)] == 20
    assert lines[("matrix", "rows", "one", 0, "listen")] == 23
    assert set(lines) == set(paths(tomllib.loads(text)))


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ('a = """\n\n"""\nb = 1', ("b",), 4),
        ('a = """x""""\nb = 1', ("b",), 2),
        ('a = """x"""""\nb = 1', ("b",), 2),
        ('a = """""a"""\nb = 1', ("b",), 2),
        ("a = '''x''\n'''''\nb = 1", ("b",), 3),
        ('a = """\\\n   \\"""" \nb = 1', ("b",), 3),
        ("a = \"\"\nb = ''\nc = 1", ("c",), 3),
        ('a = "\\"]"\nb = 1', ("b",), 2),
        ("\"a.b\" . 'c d' = 1", ("a.b", "c d"), 1),
        ('\n"\\u00e9\\n" = 1', ("é\n",), 2),
        ("a = 1979-05-27 07:32:00 # when\nb = 2", ("b",), 2),
        ("a = [[1, 2],\n [3,\n 4,],\n]\nb = 1", ("a", 1, 1), 3),
        ("a = [ # one\n]\nb = 1", ("b",), 3),
        ("a = {}\nb = { c = [{}, {d.e = 1}] }", ("b", "c", 1, "d", "e"), 2),
        ("[a.b]\n[a]\nc = 1", ("a",), 2),
        ("a.b = 1\na.c = 2", ("a",), 1),
        ("a = 1\r\n\r\nb = 2\r\n", ("b",), 3),
        ("[ a . b ]\n[[ a . c ]]\n[[a.c]]\nd=1", ("a", "c", 1, "d"), 4),
        ("[[a]]\n[[a.b]]\n[a.b.c]\nd = 1\n[[a]]\n[[a.b]]\n[a.b.c]\nd = 1", ("a", 1, "b", 0, "c", "d"), 8),
        ("a = [1, # ]\n2]\nb = 1", ("a", 1), 2),
        ("a = +1_000.5e-3\nb = true", ("b",), 2),
    ],
)
def test_toml_in_all_its_spellings_is_passed(text, path, line):
    tree = tomllib.loads(text)
    lines = lines_of(text)
    assert lines[path] == line
    assert set(lines) == set(paths(tree))


@pytest.mark.parametrize("path", SHOWS, ids=lambda path: path.name)
def test_every_key_of_the_shows_has_the_line_it_stands_on(path):
    text = path.read_text("utf-8")
    lines = lines_of(text)
    assert set(lines) == set(paths(tomllib.loads(text)))
    rows = text.splitlines()
    for found, line in lines.items():
        if isinstance(found[-1], str):
            assert found[-1] in rows[line - 1]


def test_a_document_nested_as_deep_as_tomllib_allows_is_located():
    depth = 100
    while True:
        text = "a = " + "[" * depth + "]" * depth
        try:
            tomllib.loads(text)
        except RecursionError:
            break
        assert len(lines_of(text)) == depth
        depth += 50


# Documents written line by line, so that the right answer is known from the writing.

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=8)
NAMES = WORDS.filter(lambda word: word not in {"T0", "T1", "T2", "K"})
"""Never the name of a table below, which would be said twice."""
BARE = st.text("abcxyz019_-", min_size=1, max_size=5)


def basic(text, quote='"'):
    out = ""
    for char in text:
        if char in '"\\':
            out += "\\" + char
        elif char == "\n" and len(quote) == 3:
            out += char
        elif ord(char) < 32 or ord(char) == 127:
            out += f"\\u{ord(char):04x}"
        else:
            out += char
    return quote + out + quote


@dataclass
class Writer:
    """Writes TOML and notes on which line each path began."""

    draw: st.DrawFn
    out: str = ""
    lines: dict = field(default_factory=dict)

    def line(self):
        return self.out.count("\n") + 1

    def blank(self, breaks):
        options = ["", " ", "\t"]
        if breaks:
            options += ["\n", " # ]}\"' [x]\n", "\n\n  "]
        self.out += self.draw(st.sampled_from(options))

    def name(self, word):
        plain = word and all(char in "abcxyz019_-" for char in word)
        self.out += word if plain and self.draw(st.booleans()) else basic(word)

    def pair(self, path, parts, depth):
        line = self.line()
        for index, part in enumerate(parts):
            path = (*path, part)
            self.lines.setdefault(path, line)
            if index:
                self.blank(False)
                self.out += "."
                self.blank(False)
            self.name(part)
        self.blank(False)
        self.out += "="
        self.blank(False)
        self.value(path, depth)

    def value(self, path, depth):
        kind = self.draw(st.integers(0, 6 if depth else 4))
        if kind == 0:
            number = self.draw(st.sampled_from([-3, 0, 12, 1.5, -2e300]))
            self.out += repr(number)
        elif kind == 1:
            self.out += self.draw(st.sampled_from(["true", "false", "inf", "0xff"]))
        elif kind == 2:
            moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=self.draw(st.integers(0, 99)))
            self.out += moment.isoformat(self.draw(st.sampled_from([" ", "T"])))
        elif kind == 3:
            self.out += basic(self.draw(WORDS), self.draw(st.sampled_from(['"', '"""'])))
        elif kind == 4:
            text = self.draw(st.text('ab"\\#[]{},= ', max_size=6))
            self.out += f"'{text}'"
        elif kind == 5:
            self.list(path, depth)
        else:
            self.table(path, depth)

    def list(self, path, depth):
        self.out += "["
        count = self.draw(st.integers(0, 3))
        for index in range(count):
            self.blank(True)
            self.lines[(*path, index)] = self.line()
            self.value((*path, index), depth - 1)
            self.blank(True)
            if index < count - 1 or self.draw(st.booleans()):
                self.out += ","
        self.blank(True)
        self.out += "]"

    def table(self, path, depth):
        self.out += "{"
        for index, word in enumerate(self.draw(st.lists(BARE, max_size=3, unique=True))):
            self.out += "," if index else ""
            self.blank(False)
            self.pair(path, [word], depth - 1)
            self.blank(False)
        self.out += "}"

    def pairs(self, path):
        for word in self.draw(st.lists(BARE | NAMES, max_size=3, unique=True)):
            # The first part of a dotted name is used by no other, so no table is opened twice.
            rest = self.draw(st.lists(BARE, max_size=2))
            self.pair(path, [word, *rest], 2)
            self.out += self.draw(st.sampled_from(["\n", " # x = [\n", "\n\n"]))

    def header(self, path, parts, many):
        line = self.line()
        self.lines.setdefault(path, line)
        if many:
            # The caller counts the elements; the path ends in the index.
            self.lines.setdefault(path[:-1], line)
        self.out += "[[" if many else "["
        for index, part in enumerate(parts):
            self.out += "." if index else ""
            self.blank(False)
            self.name(part)
            self.blank(False)
        self.out += "]]\n" if many else "]\n"


@st.composite
def documents(draw):
    writer = Writer(draw)
    writer.pairs(())
    for number in range(draw(st.integers(0, 3))):
        name = f"T{number}"
        if draw(st.booleans()):
            writer.header((name,), [name], many=False)
            writer.pairs((name,))
            continue
        for index in range(draw(st.integers(1, 2))):
            writer.header((name, index), [name], many=True)
            writer.pairs((name, index))
            for inner in range(draw(st.integers(0, 2))):
                path = (name, index, "K", inner)
                writer.header(path, [name, "K"], many=True)
                writer.pairs(path)
    return writer.out, writer.lines


@given(documents())
def test_the_locator_agrees_with_whoever_wrote_the_document(document):
    text, expected = document
    assert set(expected) == set(paths(tomllib.loads(text)))
    assert lines_of(text) == expected


@given(documents())
def test_windows_line_ends_change_no_line(document):
    text, expected = document
    windows = text.replace("\n", "\r\n")
    tomllib.loads(windows)
    assert lines_of(windows) == expected
