"""Bytes that are no show file are one problem, said by its line where it has one."""

import pytest

from soundmesh.config.compile import read_show

SHORT = """\
[show]
name = "Small"

[[channel]]
id = "main"

[[role]]
id = "td"

[matrix]
columns = ["main"]

[matrix.rows]
td = ["TL"]
"""


@pytest.mark.parametrize(
    ("data", "line", "word"),
    [
        (b'[show]\nname = "x\n', 2, "closed"),
        (b"[show]\nname = x\n", 2, "double quotes"),
        (b"[show]\nname = [\n\n", 2, "at its end"),
        (b"[show]\nname : 1\n", 2, "needs ="),
        (b"[show]\n[show]\n", 2, '"show" twice'),
        (b"[a.b]\n\n[a.b]\n", 3, '"a.b" twice'),
        (b"a = 1\na = 2\nb = 3", 2, "said before"),
        (b"[show]\nname = '\xff'\n", 2, "UTF-8"),
        (b"\xff\xfe[\x00", 1, "UTF-8"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, 0, "deeply"),
        (b"a = " + b"9" * 5000, 0, "TOML"),
        (b"#" * (1 << 20) + b"\n", 0, "1 MiB"),
    ],
    ids=range(12),
)
def test_what_is_not_toml_is_one_problem_with_its_line(data, line, word):
    result = read_show(data, "show.toml")
    assert result.show is None
    (problem,) = result.problems
    assert problem.line == line
    assert word in problem.reason
    assert str(problem).isprintable()


def test_a_byte_order_mark_is_no_problem():
    assert read_show(b"\xef\xbb\xbf" + SHORT.encode(), "show.toml").problems == ()
