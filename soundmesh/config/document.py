"""The reference: a show file that says every setting, its meaning and its default. It loads as it stands.

``python -m soundmesh.config.document > configs/reference.toml`` writes it anew.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

from soundmesh.config.cells import LONG, SPELLINGS
from soundmesh.config.settings import (
    COMPUTED,
    KEY,
    MATRIX,
    REQUIRED,
    ROLE,
    TABLES,
    Applies,
    Setting,
    Table,
)

_WIDTH = 100
_INTRO = (
    "Every setting of a show file. Generated; edit a show of your own instead.",
    "",
    "A line that is not a comment says a default, or an example where the setting must be written.",
    "A setting behind a # has a default that depends on others, which its comment names.",
    "Each comment ends with when a change takes effect:",
    "    live          as soon as the file is saved",
    "    next_session  when a phone connects its sound anew",
    "    restart       when the appliance starts again",
)


def reference_toml() -> str:
    """The whole file."""
    lines = ["# " + line if line else "#" for line in _INTRO]
    for table in TABLES:
        lines += _table(table, table.name)
    return "\n".join(lines) + "\n"


def _table(table: Table, header: str) -> Iterator[str]:
    yield ""
    yield ""
    yield from _comment(table.doc)
    yield f"[[{header}]]" if table.many else f"[{header}]"
    for setting in table.settings:
        yield ""
        yield from _setting(setting)
    for inner in table.tables:
        yield from _table(inner, f"{header}.{inner.name}")
    if table is MATRIX:
        yield from _rows()


def _setting(setting: Setting) -> Iterator[str]:
    yield from _comment(setting.doc)
    if setting.default is REQUIRED:
        default = "Must be written"
    elif setting.default is COMPUTED:
        default = f"Default: {setting.otherwise}"
    else:
        default = f"Default: {_literal(setting.default)}"
    yield from _comment(f"Write {setting.kind.expects}. {default}. Applies: {setting.applies}.")
    if setting.default is COMPUTED and not setting.shown:
        yield f"# {setting.name} = {_literal(setting.example)}"
    else:
        value = setting.example if setting.default in (REQUIRED, COMPUTED) else setting.default
        yield f"{setting.name} = {_literal(value)}"


def _rows() -> Iterator[str]:
    """The grid of the example: its one role and its two columns."""
    yield ""
    yield from _comment(
        f"One row a role, one cell a column. A cell is one of {', '.join(SPELLINGS)}. Case is ignored."
        f" Default: none; a role without a row can do nothing. Applies: {Applies.LIVE}."
    )
    yield from _comment("A cell may also be written long, as a table of:")
    for name, kind, default, doc in LONG:
        yield f"#     {name:<7}{doc} Write {kind.expects}. Default: {_literal(default)}."
    yield f"[{MATRIX.name}.rows]"
    role = next(setting.example for setting in ROLE.settings if setting.name == "id")
    target = next(setting.example for setting in KEY.settings if setting.name == "target")
    columns = next(setting.example for setting in MATRIX.settings if setting.name == "columns")
    cells = ["TL" if column == target else "-" for column in columns]
    long = '{ talk = true, listen = "on" }, "-"'
    yield f"{role} = {_literal(cells)}  # or: {role} = [{long}]"


def _comment(text: str) -> list[str]:
    return ["# " + line for line in textwrap.wrap(text, _WIDTH - 2, break_on_hyphens=False)]


def _literal(value: Any) -> str:
    """A value in TOML."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_literal(element) for element in value) + "]"
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(reference_toml())
