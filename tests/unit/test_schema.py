"""Tool names, call ids and schemas as a dialect takes them."""

from __future__ import annotations

import re
import tracemalloc
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from axio_transport_openai.dialect import COMPATIBLE, OPENAI, SIMPLE_SCHEMA, Dialect
from axio_transport_openai.function import functions, written
from axio_transport_openai.naming import call_id, tool_name, tool_names
from axio_transport_openai.schema import fitted

if TYPE_CHECKING:
    from collections.abc import Mapping

LETTER_FIRST = Dialect(name_pattern="[a-zA-Z][a-zA-Z0-9_-]{0,63}")
#: What a service is found to take that allows few characters.
SHORT = Dialect(name_pattern="[a-zA-Z][a-zA-Z0-9_-]{0,31}")
#: What a person may write for a service of their own.
LOWER = Dialect(name_pattern="[a-z][a-z0-9_]{0,63}")
FLAGGED = Dialect(name_pattern="(?i)[a-z][a-z0-9_]{0,63}")
GROUPED = Dialect(name_pattern="(?P<first>[a-z])[a-z0-9_]{0,63}")
NINE = Dialect(id_pattern="[a-zA-Z0-9]{9}", id_length=9)
SIMPLE = Dialect(schema_simple=True, schema_words=True, schema_dropped=SIMPLE_SCHEMA)
STRICT = Dialect(strict=True)

anything = st.text(max_size=80)


@dataclass(frozen=True)
class Offered:
    """A tool, as far as it is told; axio's own refuses a schema that is a boolean."""

    description: str
    schema: Mapping[str, object]


@dataclass
class Point:
    """What JSON can be made of, and Python has no hash for."""

    x: int


def made(schema: Mapping[str, object], dialect: Dialect = COMPATIBLE) -> dict[str, Any]:
    tools = functions(["f"], [Offered("", schema)], dialect)
    (tool,) = msgspec.json.decode(written(tools, dialect))
    found: dict[str, Any] = tool["function"]["parameters"]
    return found


def leaf(schema: Mapping[str, object], dialect: Dialect = COMPATIBLE) -> dict[str, Any]:
    """What becomes of the schema of one parameter."""
    root = made({"type": "object", "properties": {"a": schema}}, dialect)
    found: dict[str, Any] = root["properties"]["a"]
    return found


@pytest.mark.parametrize(
    ("name", "dialect", "expected"),
    [
        pytest.param("read_file-2", OPENAI, "read_file-2", id="one that fits"),
        pytest.param("get weather", OPENAI, "get_weather_jb9QH2Vg", id="a space"),
        pytest.param("9lives", OPENAI, "9lives", id="a digit first, where it may"),
        pytest.param("9lives", LETTER_FIRST, "t_9lives_jdGgfqc2", id="a digit first"),
        pytest.param("погода", OPENAI, "t_CihHeHL8", id="nothing to keep"),
    ],
)
def test_a_name_is_kept_as_far_as_it_may_be(name: str, dialect: Dialect, expected: str) -> None:
    assert tool_name(name, dialect) == expected


@given(
    anything | st.just("x" * 71),
    st.sampled_from([OPENAI, LETTER_FIRST, SHORT, LOWER, FLAGGED, GROUPED]),
)
@example("Read-File", LOWER)
@example("Read-File", FLAGGED)
def test_every_name_fits_its_pattern(name: str, dialect: Dialect) -> None:
    assert re.fullmatch(dialect.name_pattern, tool_name(name, dialect))


@given(st.sets(anything, min_size=2, max_size=5), st.sampled_from([OPENAI, LETTER_FIRST, LOWER]))
def test_different_names_stay_different(names: set[str], dialect: Dialect) -> None:
    assert len({tool_name(name, dialect) for name in names}) == len(names)


@given(anything, st.sampled_from([OPENAI, LETTER_FIRST]))
def test_a_name_that_was_made_fits_as_it_is(name: str, dialect: Dialect) -> None:
    once = tool_name(name, dialect)

    assert tool_name(once, dialect) == once


@pytest.mark.parametrize("dialect", [FLAGGED, GROUPED], ids=["flags", "a group"])
def test_names_that_fit_a_pattern_of_any_form_are_kept(dialect: Dialect) -> None:
    assert tool_names(["read", "write"], dialect) == ["read", "write"]


def test_names_that_a_model_made_at_length_are_not_kept() -> None:
    tool_name("x" * 100_000, OPENAI)
    tracemalloc.start()
    try:
        for at in range(50):
            tool_name(f"{at} " * 50_000, OPENAI)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept < 50_000


def test_a_name_that_has_to_change_is_known_from_before() -> None:
    assert tool_name("get the weather", OPENAI) is tool_name("get the weather", OPENAI)


@pytest.mark.parametrize(
    ("given_id", "dialect", "expected"),
    [
        pytest.param("functions.read:0", OPENAI, "functions.read:0", id="anything short"),
        pytest.param("x" * 65, OPENAI, "rYKnpU1A3sA1nckyYGsAcCpH", id="too long"),
        pytest.param("abcdef123", NINE, "abcdef123", id="nine that fit"),
        pytest.param("call_0", NINE, "mupIKT56D", id="nine from less"),
    ],
)
def test_an_id_is_kept_if_it_fits(given_id: str, dialect: Dialect, expected: str) -> None:
    assert call_id(given_id, dialect) == expected


@given(st.sets(anything, min_size=2, max_size=5), st.sampled_from([OPENAI, NINE]))
def test_two_ids_stay_two_and_fit(ids: set[str], dialect: Dialect) -> None:
    written = {call_id(one, dialect) for one in ids}

    assert len(written) == len(ids)
    assert all(len(one) <= dialect.id_length for one in written)
    assert all(re.fullmatch(dialect.id_pattern, one) for one in written if dialect.id_pattern)


def test_a_schema_that_fits_is_sent_as_it_is() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "array", "items": {}}}}

    assert made(schema) == schema


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        pytest.param({}, {"type": "object", "properties": {}}, id="an empty schema"),
        pytest.param({"type": "object"}, {"type": "object", "properties": {}}, id="no properties"),
        pytest.param({"properties": {}}, {"type": "object", "properties": {}}, id="no type"),
        pytest.param({"type": "string", "title": "T"}, {"type": "string"}, id="no object"),
        pytest.param(
            {"$schema": "x", "title": "T", "type": "object", "properties": {"title": {}}},
            {"type": "object", "properties": {"title": {}}},
            id="a title is dropped, and a parameter of that name is not",
        ),
        pytest.param(
            {
                "type": "object",
                "properties": {"a": {"enum": [{"title": "kept"}], "default": {"title": "kept"}}},
                "title": "T",
            },
            {
                "type": "object",
                "properties": {"a": {"enum": [{"title": "kept"}], "default": {"title": "kept"}}},
            },
            id="values are not schemas",
        ),
        pytest.param(
            {"type": "object", "properties": {"a": {"type": "array"}}},
            {"type": "object", "properties": {"a": {"type": "array", "items": {}}}},
            id="an array of anything",
        ),
        pytest.param(
            {
                "type": "object",
                "properties": {"a": {"$ref": "#/$defs/A", "description": "d"}},
                "$defs": {"A": {"type": "object", "properties": {"b": {"$ref": "#/$defs/B"}}}},
                "definitions": {},
            }
            | {"$defs": {"A": {"anyOf": [{"$ref": "#/$defs/B"}]}, "B": {"type": "string"}}},
            {
                "type": "object",
                "properties": {"a": {"anyOf": [{"type": "string"}], "description": "d"}},
            },
            id="references are followed",
        ),
        pytest.param(
            {
                "type": "object",
                "properties": {"a": {"$ref": "#/$defs/Node"}},
                "$defs": {
                    "Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}
                },
            },
            {
                "type": "object",
                "properties": {"a": {"type": "object", "properties": {"next": {"type": "object"}}}},
            },
            id="a reference that goes round ends",
        ),
        pytest.param(
            {
                "type": "object",
                "properties": {"a": {"$ref": "#/properties/b~1c~0"}, "b/c~": {"type": "string"}},
            },
            {
                "type": "object",
                "properties": {"a": {"type": "string"}, "b/c~": {"type": "string"}},
            },
            id="a reference with escapes",
        ),
        pytest.param(
            {
                "type": "object",
                "properties": {
                    "a": {"anyOf": [{"type": "null"}, {"type": "string"}]},
                    "b": {"$ref": "#/properties/a/anyOf/1"},
                    "c": {"$ref": "#/properties/a/anyOf/2"},
                    "d": {"$ref": "#/properties/a/anyOf/-1"},
                    "e": {"$ref": "#/properties/a/anyOf/0/type/0"},
                },
            },
            {
                "type": "object",
                "properties": {
                    "a": {"anyOf": [{"type": "null"}, {"type": "string"}]},
                    "b": {"type": "string"},
                    "c": {},
                    "d": {},
                    "e": {},
                },
            },
            id="references into a list",
        ),
        pytest.param(
            {
                "type": "object",
                "properties": {"a": {"$ref": "#/definitions/Partial%3CA~1B%3E"}},
                "definitions": {"Partial<A/B>": {"type": "string"}},
            },
            {"type": "object", "properties": {"a": {"type": "string"}}},
            id="a reference as a part of an address",
        ),
        pytest.param(
            {"type": "object", "properties": {"a": {"$ref": "https://x/y"}, "b": {"$ref": "#/z"}}},
            {"type": "object", "properties": {"a": {}, "b": {}}},
            id="references to nowhere",
        ),
    ],
)
def test_a_schema_is_made_to_fit(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    assert made(schema) == expected


@pytest.mark.parametrize(
    "keyword",
    [
        "additionalItems",
        "additionalProperties",
        "contains",
        "contentSchema",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    ],
)
def test_a_schema_beneath_a_keyword_is_one(keyword: str) -> None:
    assert leaf({keyword: {"title": "T", "type": "string"}}) == {keyword: {"type": "string"}}


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf", "prefixItems"])
def test_each_schema_of_a_list_is_fitted(keyword: str) -> None:
    assert leaf({keyword: [{"title": "T"}, {}]}) == {keyword: [{}, {}]}


@pytest.mark.parametrize(
    "keyword", ["properties", "patternProperties", "dependentSchemas", "dependencies"]
)
def test_schemas_named_beneath_a_keyword_are_some(keyword: str) -> None:
    assert leaf({keyword: {"title": {"title": "T"}, "b": {}}}) == {keyword: {"title": {}, "b": {}}}


def test_what_a_property_depends_on_may_be_names_and_no_schema() -> None:
    found = {"dependencies": {"a": ["b"], "c": {"$ref": "#/$defs/C"}}}
    told = made({"properties": {"x": found}, "$defs": {"C": {"required": ["d"]}}})

    assert told["properties"]["x"] == {"dependencies": {"a": ["b"], "c": {"required": ["d"]}}}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        pytest.param({"items": True}, {"items": {}}, id="items"),
        pytest.param({"anyOf": [True, {}]}, {"anyOf": [{}, {}]}, id="the first of a list"),
        pytest.param({"anyOf": [{}, True]}, {"anyOf": [{}, {}]}, id="the last of a list"),
        pytest.param({"anyOf": [{}, False]}, {"anyOf": [{}]}, id="one that takes nothing"),
        pytest.param(
            {"properties": {"b": True, "c": False}}, {"properties": {"b": {}}}, id="properties"
        ),
        pytest.param(
            {"prefixItems": [{}], "items": False}, {"prefixItems": [{}]}, id="the end of a tuple"
        ),
        pytest.param({"not": False}, {}, id="not nothing"),
        pytest.param(
            {"additionalProperties": True, "unevaluatedProperties": False, "default": True},
            {"additionalProperties": True, "unevaluatedProperties": False, "default": True},
            id="booleans that every service knows",
        ),
        pytest.param({"enum": [True, False]}, {"enum": [True, False]}, id="values"),
        pytest.param(
            {"properties": {"b": {}, "c": False}, "required": ["b", "c"]},
            {"properties": {"b": {}}, "required": ["b"]},
            id="what is required and takes nothing",
        ),
        pytest.param({"anyOf": [False], "type": "string"}, {"type": "string"}, id="no choice"),
        pytest.param({"type": "array", "items": []}, {"type": "array", "items": {}}, id="no tuple"),
        pytest.param({"items": {}, "contains": {}}, {"items": {}, "contains": {}}, id="no boolean"),
    ],
)
def test_a_schema_that_is_a_boolean_is_told_as_an_object_where_none_is_understood(
    schema: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert leaf(schema, Dialect(schema_booleans=False)) == expected


@pytest.mark.parametrize("dialect", [OPENAI, COMPATIBLE])
@pytest.mark.parametrize(
    "schema",
    [
        {"prefixItems": [{}, True], "items": False},
        {"anyOf": [False, True, {}]},
        {"properties": {"b": False, "c": True}, "required": ["c"]},
        {"not": False},
    ],
)
def test_a_schema_that_is_a_boolean_stays_one_where_it_is_understood(
    schema: dict[str, Any], dialect: Dialect
) -> None:
    changed = {"type": "object", "properties": {"b": {"type": "array"}, "a": schema}}

    assert made(changed, dialect)["properties"]["a"] == schema


@pytest.mark.parametrize("keyword", ["properties", "patternProperties"])
def test_what_should_be_an_object_of_schemas_and_is_none_is_left_as_it_is(keyword: str) -> None:
    assert leaf({keyword: ["title"], "title": "T"}) == {keyword: ["title"]}


@pytest.mark.parametrize("keyword", ["$defs", "definitions"])
def test_definitions_are_schemas_where_they_stay(keyword: str) -> None:
    stays = Dialect(schema_inlined=False)
    schema = {"type": "object", "properties": {}, keyword: {"A": {"title": "T"}}}

    assert made(schema, stays)[keyword] == {"A": {}}


def test_references_beside_branches_stay_where_both_are_taken() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/A"}},
        "anyOf": [{"required": ["a"]}],
        "$defs": {"A": {"type": "string"}},
    }

    assert made(schema, Dialect(schema_inlined=False, schema_flat=False)) == schema


def test_many_references_do_not_multiply_without_end() -> None:
    definitions: dict[str, Any] = {"D0": {"type": "string"}}
    for at in range(1, 30):
        both = {"$ref": f"#/$defs/D{at - 1}"}
        definitions[f"D{at}"] = {"type": "object", "properties": {"a": both, "b": both}}
    root = {"type": "object", "properties": {"a": {"$ref": "#/$defs/D29"}}, "$defs": definitions}

    assert len(msgspec.json.encode(made(root))) < 100_000


def referred(times: int, told: dict[str, Any], reference: str = "#/$defs/A") -> dict[str, Any]:
    """A schema that refers to a definition so many times."""
    names = {f"p{at}": {"$ref": reference} for at in range(times)}
    return {"type": "object", "properties": names, "$defs": {"A": told}}


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"enum": [f"word {at}" for at in range(5000)]}, id="values"),
        pytest.param({"properties": {f"q{at}": {} for at in range(5000)}}, id="schemas"),
    ],
)
def test_a_large_definition_is_not_written_without_end(told: dict[str, Any]) -> None:
    told = {"type": "object", **told}
    names = made(referred(256, told))["properties"]

    assert names["p0"] == names["p5"] == told
    assert names["p255"] == {"type": "object"}
    assert len(msgspec.json.encode(names)) < 700_000


def test_a_definition_of_any_size_is_written_once() -> None:
    told = {"type": "string", "description": "x" * 2**20}
    names = made(referred(2, told))["properties"]

    assert names == {"p0": told, "p1": {"type": "string"}}


def test_of_a_schema_that_refers_to_itself_its_definitions_do_not_count() -> None:
    names = made(referred(9, {"type": "string", "description": "x" * 2**19}, "#"))["properties"]

    assert all(len(name["properties"]) == 9 for name in names.values())


_PLACES = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["string", "array", "object"]),
            "title": st.just("T"),
            "$comment": st.just("c"),
            "$ref": st.just("#/$defs/D"),
        },
    ),
    lambda beneath: (
        st.fixed_dictionaries(
            {"type": st.just("object")},
            optional={"properties": st.fixed_dictionaries({"a": beneath})},
        )
        | st.fixed_dictionaries({"anyOf": st.lists(beneath, min_size=1, max_size=2)})
    ),
    max_leaves=4,
)


@given(
    _PLACES,
    st.builds(
        Dialect,
        schema_dropped=st.lists(st.sampled_from(["title", "$comment"])).map(tuple),
        schema_inlined=st.booleans(),
        schema_flat=st.booleans(),
    ),
)
@example(
    {"type": "object", "properties": {"a": {"$comment": "c"}}},
    Dialect(schema_inlined=False, schema_dropped=("$comment",)),
)
@example({"type": "object", "properties": {"a": {"$ref": "#/$defs/D"}}}, Dialect(schema_dropped=()))
@example(
    {"type": "object", "properties": {"a": {"title": "T"}}},
    Dialect(schema_inlined=False, schema_dropped=("title",)),
)
@example(
    {"type": "object", "properties": {"a": {"type": "array"}}},
    Dialect(schema_inlined=False, schema_dropped=()),
)
@example(
    {"type": "object", "properties": {}, "anyOf": [{}]},
    Dialect(schema_inlined=False, schema_dropped=(), schema_flat=True),
)
def test_nothing_that_has_to_change_is_overlooked(
    schema: dict[str, object], dialect: Dialect
) -> None:
    root = {**schema, "$defs": {"D": {"type": "integer"}}}

    assert made(root, dialect) == fitted(root, dialect)


def test_references_stay_where_they_are_understood() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/A"}},
        "$defs": {"A": {"type": "string"}},
    }

    assert made(schema, OPENAI) == schema


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        pytest.param(
            {"type": ["string", "null"], "minLength": 1, "description": "d"},
            {"description": "d", "anyOf": [{"type": "string", "minLength": 1}, {"type": "null"}]},
            id="a list of types",
        ),
        pytest.param({"const": "a"}, {"type": "string", "enum": ["a"]}, id="a constant"),
        pytest.param(
            {"enum": [1, 2], "description": "How many."},
            {"type": "integer", "description": "How many. Values: 1, 2."},
            id="values that are no words",
        ),
        pytest.param(
            {"enum": [1, "a"]},
            {
                "description": 'Values: 1, "a".',
                "anyOf": [{"type": "integer"}, {"type": "string"}],
            },
            id="mixed values",
        ),
        pytest.param(
            {"const": True}, {"type": "boolean", "description": "Values: true."}, id="yes"
        ),
        pytest.param(
            {"type": "string", "enum": ["a", None]},
            {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]},
            id="a word or none",
        ),
        pytest.param({"const": None}, {"type": "null"}, id="none"),
        pytest.param(
            {"type": "string", "properties": {}, "required": [], "items": {}, "minItems": 1},
            {"type": "string"},
            id="keywords of other types",
        ),
        pytest.param(
            {
                "type": ["object", "array", "string"],
                "properties": {"b": {"type": "string"}},
                "required": ["b"],
                "items": {"type": "integer"},
                "maxItems": 2,
            },
            {
                "anyOf": [
                    {
                        "type": "object",
                        "properties": {"b": {"type": "string"}},
                        "required": ["b"],
                    },
                    {"type": "array", "items": {"type": "integer"}, "maxItems": 2},
                    {"type": "string"},
                ]
            },
            id="keywords of each type",
        ),
        pytest.param({"type": []}, {"type": "string"}, id="a list of no types"),
        pytest.param({"type": None}, {"type": "string"}, id="no type"),
        pytest.param({"type": "any"}, {"type": "string"}, id="a type that is none"),
        pytest.param({"type": ["str", "null"]}, {"type": "null"}, id="a type of Python's"),
        pytest.param({"enum": []}, {"type": "string"}, id="no values"),
        pytest.param(
            {"type": "array", "items": [{"type": "string"}, {"type": "integer"}]},
            {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
            id="a tuple",
        ),
        pytest.param(
            {"type": "array", "items": [{"type": "string"}]},
            {"type": "array", "items": {"type": "string"}},
            id="a tuple of one",
        ),
        pytest.param(
            {"type": "array", "items": []},
            {"type": "array", "items": {"type": "string"}},
            id="an empty tuple",
        ),
        pytest.param(
            {"prefixItems": [{"type": "string"}, {"type": "integer"}], "minItems": 2},
            {
                "type": "array",
                "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
                "minItems": 2,
            },
            id="a tuple of places",
        ),
        pytest.param(
            {
                "type": "array",
                "prefixItems": [{"type": "string"}],
                "items": {"type": "integer"},
            },
            {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
            id="a tuple and what follows",
        ),
        pytest.param(
            {
                "type": "array",
                "items": [{"type": "string"}],
                "additionalItems": {"type": "integer"},
            },
            {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
            id="a tuple as it was told before, and what follows",
        ),
        pytest.param(
            {"type": "object", "anyOf": [{"properties": {}}, {"type": "string"}]},
            {"anyOf": [{"type": "object", "properties": {}}, {"type": "string"}]},
            id="a type beside a choice",
        ),
        pytest.param(
            {"type": "integer", "enum": ["1", "2"]},
            {"type": "integer", "description": 'Values: "1", "2".'},
            id="words of a type that is none",
        ),
        pytest.param({}, {"type": "string"}, id="anything"),
        pytest.param(
            {"items": {"type": "string"}},
            {"type": "array", "items": {"type": "string"}},
            id="an array that does not say so",
        ),
        pytest.param(
            {"properties": {}}, {"type": "object", "properties": {}}, id="an object that does not"
        ),
        pytest.param(
            {"type": "object", "additionalProperties": False, "properties": {}},
            {"type": "object", "properties": {}},
            id="a keyword that is too much",
        ),
        pytest.param(
            {"type": "integer", "anyOf": [{"minimum": 1}, {"anyOf": [{"maximum": -1}]}]},
            {
                "anyOf": [
                    {"type": "integer", "minimum": 1},
                    {"anyOf": [{"type": "integer", "maximum": -1}]},
                ]
            },
            id="a type that its branches have",
        ),
        pytest.param(
            {"oneOf": [{"type": "string"}, {"enum": ["a"]}, {}]},
            {"anyOf": [{"type": "string"}, {"type": "string", "enum": ["a"]}, {"type": "string"}]},
            id="one of some",
        ),
        pytest.param(
            {
                "type": "object",
                "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
                "anyOf": [{"required": ["id"]}, {"required": ["name"]}],
            },
            {
                "type": "object",
                "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
                "description": "Takes any of these: id; name.",
            },
            id="properties of which some are required",
        ),
        pytest.param(
            {"type": "object", "required": ["a"], "anyOf": [{"properties": {"a": {}}}, {}]},
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
            id="properties that a branch defines",
        ),
        pytest.param(
            {"allOf": [{"required": ["a"]}, {"properties": {"a": {"type": "integer"}}}]},
            {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
            id="properties that another branch defines",
        ),
        pytest.param(
            {"properties": {"a": {"type": "string"}}, "required": ["a", "b"]},
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
            id="properties that nothing defines",
        ),
        pytest.param({"allOf": [{}]}, {"type": "string"}, id="all of anything"),
        pytest.param(
            {"description": "d", "anyOf": [{"type": "string"}, {"type": "integer"}]},
            {"description": "d", "anyOf": [{"type": "string"}, {"type": "integer"}]},
            id="a choice, described",
        ),
        pytest.param(
            {"type": "array", "prefixItems": []},
            {"type": "array", "items": {"type": "string"}},
            id="a tuple of nothing",
        ),
        pytest.param(
            {"type": ["string", "null"], "enum": ["a", "b"]},
            {"anyOf": [{"type": "string", "enum": ["a", "b"]}, {"type": "null"}]},
            id="words or null",
        ),
        pytest.param({"type": "INTEGER"}, {"type": "integer"}, id="a type in capitals"),
        pytest.param(
            {
                "allOf": [
                    {"description": "d"},
                    {"type": "integer"},
                    {"type": "number", "minimum": 1},
                ]
            },
            {"description": "d", "type": "integer", "minimum": 1},
            id="all of some",
        ),
        pytest.param(
            {
                "allOf": [
                    {"properties": {"a": {"type": "string"}}, "required": ["a"]},
                    {
                        "properties": {"a": {"type": "number"}, "b": {"type": "integer"}},
                        "required": ["a", "b"],
                    },
                    {"if": {"required": ["a"]}, "then": {"required": ["c"]}},
                ]
            },
            {
                "type": "object",
                "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
                "required": ["a", "b"],
            },
            id="all of some properties",
        ),
        pytest.param(
            {"properties": {"a": True, "b": False}, "required": ["a", "b"]},
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
            id="what takes anything, and what takes nothing",
        ),
    ],
)
def test_a_schema_can_be_written_in_simple_forms(
    schema: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert leaf(schema, SIMPLE) == expected


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        pytest.param(
            {"type": "integer", "enum": [1, 2]}, {"type": "integer", "enum": [1, 2]}, id="numbers"
        ),
        pytest.param({"const": True}, {"type": "boolean", "enum": [True]}, id="yes"),
        pytest.param({"enum": [1, 2.5]}, {"type": "number", "enum": [1, 2.5]}, id="any numbers"),
        pytest.param(
            {"enum": ["a", 1, None, True], "description": "d"},
            {
                "description": "d",
                "anyOf": [
                    {"type": "string", "enum": ["a"]},
                    {"type": "integer", "enum": [1]},
                    {"type": "boolean", "enum": [True]},
                    {"type": "null"},
                ],
            },
            id="mixed",
        ),
        pytest.param(
            {"type": ["string", "number", "boolean"], "enum": ["a", 1]},
            {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "number", "enum": [1]}]},
            id="of several types",
        ),
        pytest.param(
            {"type": ["integer"], "enum": [1]}, {"type": "integer", "enum": [1]}, id="of one type"
        ),
        pytest.param(
            {"type": ["integer", "boolean"], "enum": ["a"]},
            {"anyOf": [{"type": "integer"}, {"type": "boolean"}]},
            id="of other types",
        ),
        pytest.param({"enum": [[1]]}, {"type": "string", "enum": [[1]]}, id="of no simple type"),
    ],
)
def test_values_are_listed_with_their_types_where_they_need_not_be_words(
    schema: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert leaf(schema, Dialect(schema_simple=True)) == expected


A = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
B = {"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"]}
AND_B = {"a": {"type": "string"}, "b": {"type": "string"}}
A_OR_B = {"properties": AND_B, "description": "Takes any of these: a; b."}
READ = {"type": "string", "const": "read", "description": "reads"}
DELETE = {"type": "string", "const": "delete", "description": "deletes for ever"}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        pytest.param({"anyOf": [A, B]}, A_OR_B, id="any of some"),
        pytest.param(
            {"oneOf": [A, B]},
            {"properties": AND_B, "description": "Takes one of these: a; b."},
            id="one of some",
        ),
        pytest.param(
            {"allOf": [A, B]}, {"properties": AND_B, "required": ["a", "b"]}, id="all of some"
        ),
        pytest.param(
            {"properties": AND_B, "required": ["a"], "anyOf": [{"required": ["b"]}, {}]},
            {"properties": AND_B, "required": ["a"]}
            | {"description": "Takes any of these: b; anything."},
            id="what is required beside a choice",
        ),
        pytest.param(
            {"anyOf": [{"allOf": [A, B]}, A]},
            {"properties": AND_B, "required": ["a"]}
            | {"description": "Takes any of these: a, b; a."},
            id="what all branches require",
        ),
        pytest.param(
            {"anyOf": [{"$ref": "#/$defs/A"}, B], "$defs": {"A": A}},
            A_OR_B,
            id="references",
        ),
        pytest.param(
            {
                "oneOf": [
                    {"properties": {"kind": {"type": "string", "enum": [name]}, name: {}}}
                    | {"required": ["kind", name]}
                    for name in ("x", "y", "x")
                ]
            },
            {
                "properties": {"kind": {"type": "string", "enum": ["x", "y"]}, "x": {}, "y": {}},
                "required": ["kind"],
                "description": 'Takes one of these: kind="x", x; kind="y", y.',
            },
            id="branches told apart by a word",
        ),
        pytest.param(
            {
                "description": "Files",
                "oneOf": [
                    {"description": "By path.", "properties": {"op": READ}, "required": ["op"]},
                    {"description": "for the brave", "properties": {"op": DELETE}},
                ],
            },
            {
                "description": 'Files. Takes one of these: By path (op="read"); for the brave.',
                "properties": {"op": {"anyOf": [READ, DELETE]}},
            },
            id="branches described",
        ),
        pytest.param(
            {"anyOf": [{"description": "by path", **A}]},
            {"description": "by path", **A},
            id="a branch alone",
        ),
        pytest.param(
            {"description": "Files!", "allOf": [A | {"description": "by path"}, B]},
            {
                "description": "Files! by path",
                "properties": AND_B,
                "required": ["a", "b"],
            },
            id="all of some, described",
        ),
        pytest.param(
            {
                "anyOf": [
                    {"properties": {"kind": {"const": name, "default": name}}}
                    for name in ("x", "y", "я")
                ]
            },
            {"properties": {"kind": {"enum": ["x", "y", "я"]}}},
            id="branches told apart by a default",
        ),
        pytest.param(
            {
                "anyOf": [
                    {"properties": {"a": {"enum": ["x"], "default": "x"}}},
                    {"properties": {"a": {"enum": ["y", "z"], "default": "y"}}},
                ]
            },
            {
                "properties": {
                    "a": {
                        "anyOf": [
                            {"enum": ["x"], "default": "x"},
                            {"enum": ["y", "z"], "default": "y"},
                        ]
                    }
                }
            },
            id="values with a default of their own",
        ),
        pytest.param(
            {"anyOf": [A, True, False], "properties": {}},
            {"properties": {"a": {"type": "string"}}}
            | {"description": "Takes any of these: a; anything."},
            id="booleans",
        ),
        pytest.param(
            {"anyOf": [{"properties": {"a": one}} for one in (True, {"const": 1})]},
            {"properties": {"a": {"anyOf": [True, {"const": 1}]}}},
            id="a property that is a boolean",
        ),
        pytest.param(
            {"anyOf": [{"properties": {"a": {"const": one}}} for one in (1, True, 1)]},
            {"properties": {"a": {"enum": [1, True]}}},
            id="one and yes",
        ),
        pytest.param(
            {
                "anyOf": [
                    {"properties": {"a": {"type": "integer", "default": one}}} for one in (0, False)
                ]
            },
            {
                "properties": {
                    "a": {
                        "anyOf": [
                            {"type": "integer", "default": 0},
                            {"type": "integer", "default": False},
                        ]
                    }
                }
            },
            id="nought and no",
        ),
        pytest.param(
            {
                "anyOf": [
                    {"properties": {"a": {"type": "string"}}},
                    {"properties": {"a": {"type": "integer"}}},
                ]
            },
            {"properties": {"a": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}},
            id="one property of two types",
        ),
        pytest.param(
            {"anyOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]}, True]},
            {
                "properties": {"a": {"type": "string"}},
                "description": "Takes any of these: a; anything.",
            },
            id="a branch that takes anything",
        ),
        pytest.param(
            {"properties": {}, "enum": [{}], "not": {"required": ["a"]}},
            {"properties": {}},
            id="what is refused as well",
        ),
    ],
)
@pytest.mark.parametrize("dialect", [OPENAI, Dialect(schema_flat=True)])
def test_the_root_of_a_schema_is_an_object_where_it_must_be(
    schema: dict[str, Any], expected: dict[str, Any], dialect: Dialect
) -> None:
    assert made({"type": "object", **schema}, dialect) == {"type": "object", **expected}


def test_a_simple_schema_is_an_object_at_its_root() -> None:
    assert made({"anyOf": [A, B]}, SIMPLE) == {"type": "object", **A_OR_B}


def test_the_root_of_a_schema_stays_a_choice_where_it_may() -> None:
    schema = {"type": "object", "properties": {}, "anyOf": [A, B]}

    assert made(schema) == schema


def test_a_strict_schema_requires_everything_and_allows_nothing_else() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "integer", "default": 1}},
        "required": ["a"],
    }

    assert made(schema, STRICT) == {
        "type": "object",
        "properties": {
            "a": {"type": "string"},
            "b": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        },
        "required": ["a", "b"],
        "additionalProperties": False,
    }


#: As pydantic writes a model that holds itself.
NODE: dict[str, Any] = {
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
            },
            "required": ["name", "next"],
        }
    },
    "$ref": "#/$defs/Node",
}


def test_the_root_of_a_schema_is_no_reference_where_references_stay() -> None:
    node = NODE["$defs"]["Node"]
    told = made(NODE | {"description": "A list."}, OPENAI)

    assert told == {**node, "description": "A list.", "$defs": NODE["$defs"]}


def test_a_strict_schema_that_holds_itself_takes_what_it_took() -> None:
    node = NODE["$defs"]["Node"] | {"additionalProperties": False}
    told = made(NODE, OPENAI.with_changes({"strict": True}))

    assert told == {**node, "$defs": {"Node": node}}


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        pytest.param("#/properties/a/items", "#/properties/a/anyOf/0/items", id="beneath one"),
        pytest.param("#/properties/a", "#/properties/a/anyOf/0", id="to one"),
        pytest.param("#/properties/b/items", "#/properties/b/items", id="one that is required"),
        pytest.param(
            "#/$defs/properties/properties/a~1b%20c/items",
            "#/$defs/properties/properties/a~1b%20c/anyOf/0/items",
            id="in a definition",
        ),
        pytest.param("#/$defs/properties", "#/$defs/properties", id="to a definition"),
        pytest.param("#", "#", id="to the root"),
        pytest.param("#/properties/x/items", "#/properties/x/items", id="to nowhere"),
        pytest.param("other.json#/properties/a", "other.json#/properties/a", id="elsewhere"),
    ],
)
def test_a_reference_by_way_of_a_property_finds_it_where_it_may_be_null(
    reference: str, expected: str
) -> None:
    some = {"type": "array", "items": {"type": "string"}}
    schema = {
        "type": "object",
        "properties": {"a": some, "b": some, "c": {"$ref": reference}},
        "required": ["b", "c", "x"],
        "$defs": {"properties": {"type": "object", "properties": {"a/b c": some}}},
    }
    told = made(schema, OPENAI.with_changes({"strict": True}))

    assert told["properties"]["c"] == {"$ref": expected}


@pytest.mark.parametrize("reference", ["#", "#/$defs/Nowhere"])
def test_a_root_that_refers_to_nothing_else_is_an_object(reference: str) -> None:
    assert made({"$ref": reference}, OPENAI)["type"] == "object"


def test_what_stands_beside_a_reference_adds_to_what_it_refers_to() -> None:
    base = {
        "type": "object",
        "properties": {"kind": {"type": "string"}, "path": {"type": "string"}},
        "required": ["path"],
        "description": "Something.",
    }
    beside = {
        "$ref": "#/$defs/Base",
        "properties": {"kind": {"const": "file"}, "size": {"type": "integer"}},
        "required": ["kind", "path"],
        "description": "A file.",
    }
    told = made({"type": "object", "properties": {"a": beside}, "$defs": {"Base": base}})

    assert told["properties"]["a"] == {
        "type": "object",
        "properties": {
            "kind": {"const": "file"},
            "size": {"type": "integer"},
            "path": {"type": "string"},
        },
        "required": ["kind", "path"],
        "description": "A file.",
    }


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_a_strict_schema_requires_of_branches_what_all_of_them_require(keyword: str) -> None:
    both = {"properties": {"op": {"type": "string"}} | AND_B, "required": ["op", "a"]}
    schema = {keyword: [both, {"properties": {"op": {"type": "string"}}, "required": ["op"]}]}
    nullable = {"anyOf": [{"type": "string"}, {"type": "null"}]}

    assert made(schema, STRICT) == {
        "type": "object",
        "properties": {"op": {"type": "string"}, "a": nullable, "b": nullable},
        "required": ["op", "a", "b"],
        "additionalProperties": False,
        "description": f"Takes {keyword.removesuffix('Of')} of these: op, a; op.",
    }


def test_a_strict_tool_without_parameters_takes_none() -> None:
    assert made({"type": "object"}, STRICT) == {
        "type": "object",
        "properties": {},
        "required": [],
        "additionalProperties": False,
    }


def test_a_strict_schema_has_no_default_anywhere_but_properties_of_that_name() -> None:
    schema = {
        "type": "object",
        "properties": {
            "default": {"type": "array", "items": {"type": "integer", "default": 1}},
            "b": {"anyOf": [{"type": "string", "default": "x"}, {"type": "null"}]},
        },
        "required": ["default", "b"],
    }

    assert made(schema, STRICT)["properties"] == {
        "default": {"type": "array", "items": {"type": "integer"}},
        "b": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    }


def test_a_strict_schema_is_one_beneath_its_root_too() -> None:
    inner = {"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"]}

    assert leaf({"type": "array", "items": inner}, STRICT)["anyOf"][0] == {
        "type": "array",
        "items": inner | {"additionalProperties": False},
    }


def test_half_a_character_does_not_stop_a_schema() -> None:
    schema = {"type": "object", "properties": {"a": {"description": "\ud83c"}}}

    assert made(schema)["properties"] == {"a": {"description": "\ufffd"}}


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        pytest.param({"a"}, ["a"], id="a set"),
        pytest.param(bytearray(b"a"), "YQ==", id="bytes that can change"),
        pytest.param(Point(1), {"x": 1}, id="an object that can change"),
    ],
)
def test_what_python_cannot_look_up_is_told_apart_too(default: object, expected: object) -> None:
    ways = [{"properties": {"way": {"enum": [way], "default": default}}} for way in "ab"]

    root = made({"type": "object", "anyOf": ways}, OPENAI)

    assert root["properties"]["way"] == {"default": expected, "enum": ["a", "b"]}


def test_one_schema_that_has_to_change_leaves_the_others_as_they_are() -> None:
    plain = Offered("Fits.", {"type": "object", "properties": {}, "additional": 1})
    titled = Offered("", {"type": "object", "properties": {}, "title": "T"})
    tools = functions(["plain", "titled"], [plain, titled], COMPATIBLE)

    assert written(tools, COMPATIBLE) == (
        b'[{"type":"function","function":{"name":"plain","description":"Fits.","parameters":'
        b'{"type":"object","properties":{},"additional":1}}},'
        b'{"type":"function","function":{"name":"titled","parameters":'
        b'{"type":"object","properties":{}}}}]'
    )


@pytest.mark.parametrize("names", [[], ["a"], ["a", "b"], ["a\nb"], ["a", "b c"], ["a", ""]])
def test_names_fit_together_as_each_does_alone(names: list[str]) -> None:
    assert list(tool_names(names, OPENAI)) == [tool_name(name, OPENAI) for name in names]
