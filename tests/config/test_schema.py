"""The JSON Schema says what the parser does."""

import json
import re
import tomllib
from copy import deepcopy
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from soundmesh.config.compile import read_show
from soundmesh.config.schema import json_schema
from soundmesh.config.settings import TABLES

CONFIGS = Path(__file__).parents[2] / "configs"
SHOWS = sorted(CONFIGS.rglob("*.toml"))
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
PLAIN = {"$schema", "$id", "title", "description", "default", "format"}
"""Keywords that say nothing of whether a document fits."""


def fits(value, schema):
    """Whether a document fits a schema: the keywords that the show's schema uses, and no other."""
    tests = {
        "type": lambda kind: (
            isinstance(value, TYPES[kind]) and (kind != "integer" or not isinstance(value, bool))
        ),
        "enum": lambda options: value in options,
        "anyOf": lambda options: any(fits(value, option) for option in options),
        "not": lambda inner: not fits(value, inner),
        "pattern": lambda pattern: not isinstance(value, str) or re.search(pattern, value) is not None,
        "minLength": lambda least: not isinstance(value, str) or len(value) >= least,
        "maxLength": lambda most: not isinstance(value, str) or len(value) <= most,
        "minimum": lambda least: not isinstance(value, int) or value >= least,
        "maximum": lambda most: not isinstance(value, int) or value <= most,
        "minItems": lambda least: not isinstance(value, list) or len(value) >= least,
        "maxItems": lambda most: not isinstance(value, list) or len(value) <= most,
        "uniqueItems": lambda _: not isinstance(value, list) or len({repr(e) for e in value}) == len(value),
        "items": lambda inner: not isinstance(value, list) or all(fits(element, inner) for element in value),
        "required": lambda names: not isinstance(value, dict) or set(names) <= set(value),
        "propertyNames": lambda inner: (
            not isinstance(value, dict) or all(fits(name, inner) for name in value)
        ),
        "properties": lambda inner: (
            not isinstance(value, dict)
            or all(fits(value[name], inner[name]) for name in inner if name in value)
        ),
        "additionalProperties": lambda inner: (
            not isinstance(value, dict)
            or all(
                inner and fits(value[name], inner)
                for name in value
                if name not in schema.get("properties", {})
            )
        ),
    }
    return all(tests[keyword](said) for keyword, said in schema.items() if keyword not in PLAIN)


@pytest.mark.parametrize("path", SHOWS, ids=lambda path: path.stem)
def test_every_show_fits_the_schema(path):
    assert fits(tomllib.loads(path.read_text("utf-8")), json_schema())


def test_the_schema_is_plain_json_of_its_draft():
    schema = json_schema()
    assert json.loads(json.dumps(schema)) == schema
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_setting_is_explained_to_the_editor():
    tables = json_schema()["properties"]
    for table in TABLES:
        found = tables[table.name].get("items", tables[table.name])
        assert found["additionalProperties"] is False
        for setting in table.settings:
            assert setting.doc in found["properties"][setting.name]["description"]
    assert "latch" in tables["role"]["items"]["properties"]["key"]["items"]["properties"]


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield from places(inner, (*path, name))


DEMO = tomllib.loads((CONFIGS / "shows" / "demo.toml").read_text("utf-8"))
PLACES = [path for path in places(DEMO) if path]
VALUES = st.one_of(
    st.booleans(),
    st.integers(-5, 99999),
    st.sampled_from(["", "TL", "T!", "tlm", "blue", "red", "director", "a/b", "127.0.0.1", "X Y", "none"]),
    st.lists(st.sampled_from(["TL", "director", "kill", "-"]), max_size=3),
    st.just({}),
    st.just({"talk": True, "listen": "off"}),
    st.just({"name": "x"}),
)


@given(st.sampled_from(PLACES), VALUES)
@settings(max_examples=300)
def test_what_the_schema_refuses_the_parser_refuses(place, value):
    tree = deepcopy(DEMO)
    here = tree
    for part in place[:-1]:
        here = here[part]
    here[place[-1]] = value
    if not fits(tree, json_schema()):
        result = read_show(tomli_w.dumps(tree).encode(), "show.toml")
        assert result.show is None, (place, value)
