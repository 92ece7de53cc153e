"""A cell is read as a person writes it, and a wrong one is answered with the nearest right one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundmesh.config.cells import CELL_PATTERN, SPELLINGS, read_long, read_short, why_not, write
from soundmesh.core.show import Cell, Listen

EVERY_CELL = [
    Cell(talk, listen, momentary)
    for talk in (False, True)
    for listen in Listen
    for momentary in (False, True)
    if talk or not momentary
]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("", Cell()),
        ("-", Cell()),
        ("  ", Cell()),
        ("T", Cell(True)),
        ("t", Cell(True)),
        ("Tm", Cell(True, Listen.NONE, True)),
        ("L", Cell(False, Listen.ON)),
        ("L!", Cell(False, Listen.FORCED)),
        ("l?", Cell(False, Listen.OFF)),
        ("TL", Cell(True, Listen.ON)),
        ("lt", Cell(True, Listen.ON)),
        (" TL ", Cell(True, Listen.ON)),
        ("TL!", Cell(True, Listen.FORCED)),
        ("TL?", Cell(True, Listen.OFF)),
        ("TLM", Cell(True, Listen.ON, True)),
        ("TLm!", Cell(True, Listen.FORCED, True)),
        ("LT!m", Cell(True, Listen.FORCED, True)),
        ("TL?m", Cell(True, Listen.OFF, True)),
    ],
)
def test_a_short_cell_says_what_it_says(text, cell):
    assert read_short(text) == cell


@pytest.mark.parametrize(
    "text", ["TT", "LL", "m", "!", "?", "T!", "T?", "Lm", "TL!?", "!L", "X", "T L", "TL\n", "--"]
)
def test_anything_else_is_no_cell(text):
    assert read_short(text) is None


@pytest.mark.parametrize("cell", EVERY_CELL, ids=write)
def test_every_cell_has_one_short_spelling_that_reads_back(cell):
    assert write(cell) in SPELLINGS
    assert read_short(write(cell)) == cell


def test_there_is_no_spelling_more_than_there_are_cells():
    assert sorted(SPELLINGS) == sorted(write(cell) for cell in EVERY_CELL)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("T!", "TL!"),
        ("T?", "TL?"),
        ("Lm", "TLm"),
        ("m", "Tm"),
        ("!", "L!"),
        ("TL!?", "TL!"),
        ("!L", "L!"),
        ("T L", "TL"),
        ("T/L", "TL"),
        ("TT", "T"),
        ("TLTL", "TL"),
        ("talk", "T"),
        ("Listen", "L"),
        ("both", "TL"),
        ("x", "-"),
        ("–", "-"),
        ("TK", "T"),
        ("nonsense", None),
    ],
)
def test_a_wrong_cell_is_answered_with_the_nearest_right_one(text, near):
    reason, nearest = why_not(text)
    assert nearest == near
    assert reason.endswith(".")


@pytest.mark.parametrize(
    ("text", "word"),
    [("T!", "listen"), ("T?", "listen"), ("Lm", "talk"), ("TL!?", "keep one"), ("X", "T, L, TL")],
)
def test_the_reason_names_the_mistake(text, word):
    assert word in why_not(text)[0]


@given(st.text("TLMtlm!?-+ x/") | st.text(max_size=8))
def test_any_text_is_a_cell_or_has_a_reason_and_only_right_spellings_are_proposed(text):
    cell = read_short(text)
    if cell is None:
        _, nearest = why_not(text)
        assert nearest is None or nearest in SPELLINGS
    else:
        assert re.search(CELL_PATTERN, text)
        assert read_short(write(cell)) == cell


@pytest.mark.parametrize("cell", EVERY_CELL, ids=write)
def test_the_long_form_says_the_same_as_the_short(cell):
    long = {"talk": cell.talk, "listen": cell.listen.value}
    if cell.talk:
        long["latch"] = not cell.momentary
    assert read_long(long) == (cell, [])


def test_a_long_cell_may_leave_out_what_is_usual():
    assert read_long({}) == (Cell(), [])
    assert read_long({"talk": True}) == (Cell(True), [])
    assert read_long({"listen": "off"}) == (Cell(False, Listen.OFF), [])
    assert read_long({"latch": True, "listen": "on"}) == (Cell(False, Listen.ON), [])


@pytest.mark.parametrize(
    ("table", "setting", "near"),
    [
        ({"tlak": True}, "tlak", "talk"),
        ({"talk": 1}, "talk", "true"),
        ({"talk": "no"}, "talk", "false"),
        ({"listen": "froced"}, "listen", "forced"),
        ({"listen": True}, "listen", None),
        ({"latch": False}, "latch", None),
    ],
)
def test_a_wrong_long_cell_is_answered_by_setting(table, setting, near):
    cell, wrong = read_long(table)
    assert cell is None
    assert [(name, nearest) for name, _, nearest in wrong] == [(setting, near)]


def test_all_that_is_wrong_in_a_long_cell_is_said_at_once():
    _, wrong = read_long({"talk": 3, "listen": 4, "latch": 5, "more": 6})
    assert [name for name, _, _ in wrong] == ["talk", "listen", "latch", "more"]
