"""The small shows of the end-to-end tests, and who may hear whom in them, worked out without the product."""

from __future__ import annotations

from collections.abc import Mapping

COLUMNS = ("stage", "office")
THREE: dict[str, tuple[str, str]] = {
    "director": ("TL", "TL"),
    "camera": ("TL", "-"),
    "guest": ("-", "TL"),
}
"""The director stands on both lines; camera and guest share none: the forbidden path."""
LABELS = {"stage": "Stage", "office": "Office"}


def write(rows: Mapping[str, tuple[str, ...]], seats: int = 1) -> str:
    """A show file of two channels with this matrix."""
    roles = "\n".join(f'[[role]]\nid = "{r}"\nname = "{r.title()}"\nseats = {seats}\n' for r in rows)
    grid = "\n".join(f"{r} = {list(cells)!r}".replace("'", '"') for r, cells in rows.items())
    channels = "\n".join(f'[[channel]]\nid = "{c}"\nname = "{LABELS[c]}"\n' for c in COLUMNS)
    columns = ", ".join(f'"{c}"' for c in COLUMNS)
    head = '[show]\nname = "Three phones"\n'
    return f"{head}\n{channels}\n{roles}\n[matrix]\ncolumns = [{columns}]\n\n[matrix.rows]\n{grid}\n"


def may_talk(rows: Mapping[str, tuple[str, ...]], role: str) -> list[str]:
    """The labels of the lines this role may talk on."""
    return [LABELS[c] for c, cell in zip(COLUMNS, rows[role], strict=True) if "T" in cell]


def hears(rows: Mapping[str, tuple[str, ...]], talking: Mapping[str, tuple[str, ...]]) -> dict[str, set[str]]:
    """Who each role hears while these talk on these lines: a line that one talks on and the other hears."""
    return {
        ear: {
            mouth
            for mouth, lines in talking.items()
            for column, spoken, listened in zip(COLUMNS, rows[mouth], cells, strict=True)
            if mouth != ear and column in lines and "T" in spoken and "L" in listened
        }
        for ear, cells in rows.items()
    }
