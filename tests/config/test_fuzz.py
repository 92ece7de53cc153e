"""Whatever the file holds, reading it ends in a show or in errors, never in an exception."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from soundmesh.config.compile import read_show
from soundmesh.config.problems import Severity
from soundmesh.core.show import TargetKind

DEMO = (Path(__file__).parents[2] / "configs" / "shows" / "demo.toml").read_text("utf-8")
LINES = DEMO.splitlines()

SNIPPETS = st.sampled_from(
    [
        "[show]",
        "[[role]]",
        "[[role.key]]",
        "[role]",
        "[matrix.rows]",
        "[matrix]",
        "[talk]",
        "tap_ms = 300",
        'id = "camera"',
        'id = ""',
        "id = 3",
        'target = "crew"',
        "seats = [[]]",
        "seats = -0x80",
        "columns = [1, {}, []]",
        "columns = []",
        "rows = 3",
        "director = 1979-05-27",
        'x.y.z = """\n"""',
        'director = ["T", {talk = "x"}, {listen = {}}, []]',
        "armed = true",
        "[[group]]",
        "[[ifb]]",
        "[[port]]",
        'targets = ["everyone", "crew", "nobody", 3]',
        'program = "music"',
        'target = "camera/Cam 1"',
        'target = "/"',
        "dim_db = -20",
        "tone_hz = 440",
        'files = ["a.ogg", "../b", ""]',
        "priority = inf",
        "port = 0xffffffffffffffffffffffff",
        "bind = ['']",
        "names = ['.', '']",
        '"\\u0000" = 1',
    ]
)


def judge(data):
    """Read, and check what is true of every reading."""
    result = read_show(data, "show.toml")
    errors = [problem for problem in result.problems if problem.severity is Severity.ERROR]
    assert (result.show is None) == bool(errors)
    lines = data.count(b"\n") + 1
    for problem in result.problems:
        assert str(problem).isprintable()
        assert len(str(problem)) < 500
        assert 0 <= problem.line <= lines
        assert problem.file == "show.toml"
    if result.show is not None:
        sound(result.show)
    return result


def sound(show):
    """What the rest of the program relies on."""
    for role in show.roles.values():
        assert len({key.id for key in role.keys}) == len(role.keys)
        for key in role.keys:
            cell = show.cell(role.id, key.target)
            assert cell.talk or cell.listen != "none"
            assert cell.talk or not key.armed
        reached = {key.target for key in role.keys if show.targets[key.target].kind is not TargetKind.SEAT}
        assert reached == set(show.matrix[role.id])
    for row in show.matrix.values():
        for target, cell in row.items():
            kind = show.targets[target].kind
            assert kind.is_heard_by_choice or cell.listen == "none"
            assert kind is not TargetKind.PORT or not cell.talk
    for target in show.targets.values():
        members = [show.targets[member].kind for member in target.members if member in show.targets]
        assert {TargetKind.CHANNEL, TargetKind.ROLE}.issuperset(members)
        assert target.source is None or target.source in show.ports


@given(st.binary(max_size=300))
def test_any_bytes_are_judged(data):
    judge(data)


@given(st.text(max_size=200))
def test_any_text_is_judged(text):
    judge(text.encode())


@given(st.lists(st.sampled_from(LINES) | SNIPPETS, max_size=25))
def test_any_heap_of_lines_is_judged(lines):
    judge("\n".join(lines).encode())


@st.composite
def mutated(draw):
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        kind = draw(st.integers(0, 5))
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines.insert(at, draw(SNIPPETS))
        elif kind == 2:
            lines.insert(at, lines[draw(st.integers(0, len(lines) - 1))])
        elif kind == 3:
            other = draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], lines[at]
        else:
            # One character more, less or other.
            column = draw(st.integers(0, len(lines[at])))
            char = draw(
                st.sampled_from(["", "x", '"', "[", "]", "=", ".", "-", "T", "!", "7", "\t", "é", "\n"])
            )
            lines[at] = lines[at][:column] + char + lines[at][column + kind - 4 :]
    return "\n".join(lines)


@given(mutated())
@settings(max_examples=600)
def test_any_slip_in_the_demo_show_is_judged(text):
    judge(text.encode())


def test_names_joined_without_end_are_refused():
    for text in ["x." * 60 + "x = 1", "[" + "'x' . " * 60 + "x]", 'a = {"b" = 1}\n' + '"x".' * 60 + "x = 1"]:
        (problem,) = judge(text.encode()).problems
        assert "dots" in problem.reason
        assert problem.line == text.count("\n") + 1


@given(st.integers(0, len(DEMO)))
def test_a_show_cut_off_anywhere_is_judged(length):
    judge(DEMO[:length].encode())


def test_a_megabyte_of_anything_is_judged_soon():
    size = (1 << 20) - 100
    for unit in [
        "a" * 7,
        "[[role]]\n",
        "[",
        '"""',
        "x.",
        "#\n",
        "= ",
        "[a]\n",
        '"\\',
        "'",
        "{a=",
        "\n",
        "[[a.a]]\n",
    ]:
        judge((unit * (size // len(unit))).encode())
    many = "".join(f'[[channel]]\nid = "c{number}"\ncolour = "blue"\n' for number in range(20_000))
    judge((DEMO + many).encode())
    judge(("a = [" + "1," * 400_000 + "]").encode())
    judge(('a = "' + "\\n" * 400_000 + '"').encode())
    judge(("a = " + "{" + "x=[{" * 150 + "y." * 49 + "y=1" + "}]" * 150 + "}").encode())
    judge(("a = [" + "{x.y.z=1}," * 90_000 + "]").encode())
    judge(DEMO.replace('"TL!"', '"' + "T" * 900_000 + '"', 1).encode())
