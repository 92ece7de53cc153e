"""The show file in JSON Schema, so that an editor completes and explains it."""

from __future__ import annotations

from typing import Any

from soundmesh.config.cells import CELL_PATTERN, LONG
from soundmesh.config.names import Ident
from soundmesh.config.settings import (
    COLORS,
    COMPUTED,
    MATRIX,
    REQUIRED,
    RIGHTS,
    ROLE,
    SHOW,
    TABLES,
    Setting,
    Table,
)

__all__ = ["COLORS", "RIGHTS", "json_schema"]

ROWS_DOC = "The cells of each role, as many as there are columns."
CELL_DOC = 'One cell, short ("TL!") or long ({ talk = true, listen = "forced", latch = false }).'


def json_schema() -> dict[str, Any]:
    """The whole file.

    Source: JSON Schema draft 2020-12, https://json-schema.org/draft/2020-12
    """
    properties = {table.name: _table(table) for table in TABLES}
    matrix = properties[MATRIX.name]
    matrix["properties"]["rows"] = {
        "type": "object",
        "description": ROWS_DOC,
        "propertyNames": Ident().json(),
        "additionalProperties": {"type": "array", "items": _cell()},
    }
    matrix["required"].append("rows")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:soundmesh:show",
        "title": "SoundMesh show",
        "type": "object",
        "additionalProperties": False,
        "required": [SHOW.name, ROLE.name, MATRIX.name],
        "properties": properties,
    }


def _table(table: Table) -> dict[str, Any]:
    properties = {setting.name: _setting(setting) for setting in table.settings}
    properties |= {inner.name: _table(inner) for inner in table.tables}
    found = {
        "type": "object",
        "additionalProperties": False,
        "required": [setting.name for setting in table.settings if setting.default is REQUIRED],
        "properties": properties,
    }
    if table.many:
        return {"type": "array", "description": table.doc, "items": found}
    return {"description": table.doc, **found}


def _setting(setting: Setting) -> dict[str, Any]:
    found = {"description": f"{setting.doc} Applies: {setting.applies}.", **setting.kind.json()}
    if setting.default is COMPUTED:
        found["description"] += f" Default: {setting.otherwise}."
    elif setting.default is not REQUIRED:
        found["default"] = list(setting.default) if isinstance(setting.default, tuple) else setting.default
    return found


def _cell() -> dict[str, Any]:
    long = {
        name: {**kind.json(), "default": default, "description": doc} for name, kind, default, doc in LONG
    }
    short = {"type": "string", "pattern": CELL_PATTERN}
    table = {"type": "object", "additionalProperties": False, "properties": long}
    return {"description": CELL_DOC, "anyOf": [short, table]}
