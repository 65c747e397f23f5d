"""JSON Schema as grammar: what it writes keeps to the schema, and what it cannot keep is refused."""

import json
import re
from decimal import Decimal
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import InvalidValueError
from appliance.engine.text.grammar import grammar_of
from appliance.engine.text.json_schema import schema_grammar
from appliance.engine.text.matching import Machine
from tests.engine.text.grammar_walks import texts_of

Schema = dict[str, object]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=10,
)
WORDS = (
    "type properties required additionalProperties items prefixItems minItems maxItems enum const "
    "anyOf oneOf allOf $ref $defs minLength maxLength pattern format minimum maximum "
    "exclusiveMinimum exclusiveMaximum nullable not uniqueItems minProperties"
).split()


def written(schema: Schema, *, count: int = 60) -> list[object]:
    """Return values that the schema's grammar allows."""
    texts = texts_of(schema_grammar(schema), count=count, seed=7)
    assert texts
    return [json.loads(text) for text in texts]


def allows(schema: Schema, text: str) -> bool:
    machine = Machine(grammar_of(schema_grammar(schema)))
    state = machine.read(machine.start, text)
    return state is not None and state.may_end


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ({"type": "boolean"}, ["true", "false"], ["null", "True", ""]),
        ({"type": ["integer", "null"]}, ["-12", "0", "null"], ["1.5", "01", '"1"']),
        ({"type": "string", "nullable": True}, ['"é"', "null"], ["x"]),
        ({"type": "number"}, ["1", "-0.5", "1e9", "2.5E-3"], [".5", "1.", "+1", "NaN"]),
        ({"enum": ["a", "ab", 3, None]}, ['"a"', '"ab"', "3", "null"], ['"abc"', '"', "4"]),
        ({"type": "string", "enum": ["a", 3]}, ['"a"'], ["3"]),
        ({"const": {"a": [1, "x"]}}, ['{"a": [1, "x"]}'], ["{}"]),
        ({"type": "string", "minLength": 2, "maxLength": 3}, ['"ab"', '"\\n\\u00e9x"'], ['"a"']),
        ({"type": "string", "format": "date"}, ['"2026-11-21"'], ['"2026-13-01"', '"2026-02-30"']),
        ({"type": "string", "format": "email"}, ['"x"'], ["x"]),
        ({"type": "array", "items": {"type": "null"}}, ["[]", "[null, null]"], ["[null,]", "[1]"]),
        ({"type": "array", "items": {"type": "null"}, "minItems": 1, "maxItems": 2},
         ["[null]", "[null, null]"], ["[]", "[null, null, null]"]),
        ({"type": "array", "prefixItems": [{"type": "null"}, {"type": "boolean"}],
          "items": False, "minItems": 1}, ["[null]", "[null, true]"], ["[]", "[null, true, 1]"]),
        ({"type": "object", "properties": {"a": {"type": "null"}, "b": {"type": "null"}}},
         ["{}", '{"a": null}', '{"b": null}', '{"a": null, "b": null}'],
         ['{"b": null, "a": null}', '{"c": 1}', '{"a": null,}']),
        ({"type": "object", "properties": {"a": {"type": "null"}}, "required": ["b", "a"]},
         ['{"a": null, "b": [1]}'], ["{}", '{"a": null}']),
        ({"type": "object", "additionalProperties": {"type": "integer"}},
         ["{}", '{"x": 1, "y": 2}'], ['{"x": null}']),
        ({"type": "object"}, ["{}", '{"x": {"y": [1]}}'], ["[]"]),
        ({}, ["1", "[]", '{"a": "b"}'], ["", "x"]),
        ({"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 5}]}, ["null", "5"], ["4"]),
        ({"allOf": [{"type": "integer"}, {"minimum": 3}, {"maximum": 4}]}, ["3", "4"], ["2", "5"]),
        ({"$defs": {"n": {"type": "object", "properties": {"next": {"anyOf": [
            {"$ref": "#/$defs/n"}, {"type": "null"}]}}, "required": ["next"]}}, "$ref": "#/$defs/n"},
         ['{"next": null}', '{"next": {"next": null}}'], ["{}", "null"]),
        ({"type": "array", "items": {"$ref": "#"}}, ["[]", "[[], [[]]]"], ["[1]"]),
        ({"type": "string", "pattern": '^[A-Z]{2}-\\d+(x|")?$'}, ['"AB-12x"', '"AB-1\\""'], ['"A-1"']),
        ({"type": "string", "pattern": "b+"}, ['"abc"', '"b"'], ['"a"']),
        ({"properties": {"a": True}, "required": ["a"]}, ['{"a": {"x": 1}}'], ["{}"]),
    ],
)  # fmt: skip
def test_a_schema_allows_its_values_and_no_others(
    schema: Schema, right: list[str], wrong: list[str]
):
    assert [text for text in right if not allows(schema, text)] == []
    assert [text for text in wrong if allows(schema, text)] == []


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"not": {"type": "null"}}, "not is not supported"),
        ({"type": "array", "uniqueItems": True}, "uniqueItems is not supported"),
        ({"type": "number", "multipleOf": 0.01}, "multipleOf is not supported"),
        ({"if": {}, "then": {}}, "is not supported"),
        ({"type": "object", "patternProperties": {"^x": {}}}, "patternProperties"),
        ({"type": "strange"}, "the type"),
        ({"type": 3}, "the type"),
        ({"type": []}, "the type"),
        ({"enum": []}, "an enum allows nothing"),
        ({"enum": ["a"], "type": "integer"}, "an enum allows nothing"),
        ({"anyOf": []}, "anyOf has no choices"),
        ({"anyOf": [False]}, "allows nothing"),
        ({"properties": {"a": False}, "required": ["a"]}, "allows nothing"),
        ({"$ref": "https://example.org/schema"}, "leads out of it"),
        ({"$ref": "#/$defs/none"}, "leads nowhere"),
        ({"$ref": "#"}, "ends"),
        ({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}},
          "$ref": "#/$defs/a"}, ""),
        ({"$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"}, "circles"),
        ({"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}, "ends"),
        ({"type": "object", "required": ["a"], "additionalProperties": False}, "not allowed"),
        ({"type": "integer", "minimum": 5, "maximum": 4}, "no number is between"),
        ({"type": "integer", "exclusiveMinimum": 4, "exclusiveMaximum": 5}, "no number is between"),
        ({"type": "number", "minimum": float("nan")}, "minimum is"),
        ({"type": "number", "maximum": float("inf")}, "maximum is"),
        ({"type": "number", "minimum": 1e300}, "minimum is"),
        ({"type": "string", "minLength": 3, "maxLength": 2}, "at least 3"),
        ({"type": "string", "maxLength": -1}, "maxLength is -1"),
        ({"type": "string", "maxLength": 10**12}, "maxLength is"),
        ({"type": "array", "minItems": 3, "maxItems": 2}, "at least 3"),
        ({"type": "array", "minItems": "many"}, "minItems is"),
        ({"type": "string", "pattern": "(?=x)y"}, "looks around"),
        ({"type": "string", "pattern": "(a"}, "not closed"),
        ({"type": "string", "pattern": "a)"}, "closes"),
        ({"type": "string", "pattern": "[a"}, "not closed"),
        ({"type": "string", "pattern": "\\1"}, "not supported"),
        ({"type": "string", "pattern": "\\p{L}"}, "not supported"),
        ({"type": "string", "pattern": "a{1,2,3}"}, "cannot be read"),
        ({"type": "string", "pattern": "*"}, "cannot"),
        ({"type": "string", "pattern": "(" * 100 + ")" * 100}, "nests deeper"),
        ({"type": "string", "pattern": "x" * 5000}, "characters"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "cannot be"),
        ({"allOf": [{"pattern": "a"}, {"pattern": "b"}]}, "at once"),
        ({"allOf": "x"}, "allOf is no list"),
        ({"properties": []}, "properties is no object"),
        ({"type": "object", "required": 3}, "required is no list"),
        ({"type": "object", "properties": {"a": {}}, "minProperties": 2}, "minProperties"),
    ],
)  # fmt: skip
def test_a_schema_that_cannot_be_kept_to_is_refused_by_name(schema: Schema, reason: str):
    with pytest.raises(InvalidValueError) as caught:
        Machine(grammar_of(schema_grammar(schema)))

    assert caught.value.code in {"bad_schema", "bad_grammar"}
    assert reason in caught.value.message


def nested(levels: int) -> Schema:
    schema: Schema = {"type": "null"}
    for _ in range(levels):
        schema = {"type": "array", "items": schema}
    return schema


@pytest.mark.parametrize(
    "schema",
    [
        nested(80),
        {"anyOf": [{"anyOf": [{"type": "null"}] * 70} for _ in range(70)]},
        {"type": "object", "properties": {f"k{n}": {"type": "object"} for n in range(4000)}},
        {"type": "string", "const": "x" * 300_000},
        {"allOf": [{"allOf": [{"allOf": [{"$ref": "#"}] * 9}] * 9}] * 9},
    ],
)
def test_a_bomb_of_a_schema_is_refused(schema: Schema):
    with pytest.raises(InvalidValueError) as caught:
        schema_grammar(schema)

    assert caught.value.code == "bad_schema"


def test_a_long_list_of_choices_is_read_in_few_ways():
    schema: Schema = {"enum": [f"{n:04d}-{n * 7}" for n in range(2000)]}

    assert allows(schema, '"0042-294"')
    assert not allows(schema, '"0042-295"')


@pytest.mark.parametrize("kind", ["integer", "number"])
@given(
    low=st.decimals(-2000, 2000, places=2),
    width=st.decimals(0, 900, places=2),
)
def test_numbers_are_written_within_their_bounds(kind: str, low: Decimal, width: Decimal):
    schema: Schema = {"type": kind, "minimum": float(low), "maximum": float(low + width)}
    try:
        values = written(schema, count=12)
    except InvalidValueError as error:
        assert (kind, "no number" in error.message) == ("integer", True)
        return

    assert all(float(low) <= cast("float", value) <= float(low + width) for value in values)
    if kind == "integer":
        assert all(isinstance(value, int) for value in values)


@pytest.mark.parametrize("number", ["0.5", "-0.5", "1.25", "3", "-3", "17.001", "99.99"])
def test_a_bound_that_is_excluded_is_not_written(number: str):
    schema: Schema = {"type": "number", "exclusiveMinimum": float(number)}
    assert not allows(schema, number)
    assert all(cast("float", value) > float(number) for value in written(schema))

    schema = {"type": "number", "exclusiveMaximum": float(number)}
    assert not allows(schema, number)
    assert all(cast("float", value) < float(number) for value in written(schema))


def test_whole_objects_are_written_as_the_schema_says():
    schema: Schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 5},
            "plate": {"type": "string", "pattern": "^[A-Z]{1,2}[0-9]{3}$"},
            "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 3},
        },
        "required": ["name", "plate"],
    }
    for value in written(schema):
        found = cast("dict[str, str]", value)
        assert 1 <= len(found["name"]) <= 5
        assert re.fullmatch("[A-Z]{1,2}[0-9]{3}", found["plate"])
        assert set(found.get("tags", [])) <= {"a", "b"}


@given(schema=st.dictionaries(st.sampled_from(WORDS), json_values, max_size=5))
def test_no_schema_fails_otherwise_than_by_being_refused(schema: Schema):
    try:
        Machine(grammar_of(schema_grammar(schema)))
    except InvalidValueError as error:
        assert error.code in {"bad_schema", "bad_grammar"}
