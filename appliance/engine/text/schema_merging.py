"""Schemas that hold at the same time, as one; and what no grammar can keep to."""

import json
from collections.abc import Callable, Mapping
from typing import cast

from appliance.base.errors import InvalidValueError

Schema = Mapping[str, object]

_DEEPEST = 32
_UNSUPPORTED = frozenset({
    "not", "if", "then", "else", "patternProperties", "propertyNames", "contains", "minContains",
    "maxContains", "dependentRequired", "dependentSchemas", "dependencies", "multipleOf",
    "uniqueItems", "unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef",
})  # fmt: skip
# Words that say nothing with these values.
_HARMLESS: Mapping[str, tuple[object, ...]] = {
    "uniqueItems": (False,),
    "multipleOf": (1,),
    "unevaluatedProperties": (True, False),
}
_LARGER = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_SMALLER = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_REMARKS = frozenset({"title", "description", "default", "examples", "$defs", "definitions"})


def bad_schema(reason: str) -> InvalidValueError:
    """Return the refusal of a schema."""
    return InvalidValueError(
        f"The JSON schema cannot be used: {reason}.",
        code="bad_schema",
        hint="Simplify it, or ask for JSON without a schema.",
    )


def refuse_unsupported(schema: Schema) -> None:
    """Refuse words whose promise could not be kept.

    Raises:
        InvalidValueError: If there is one (`bad_schema`).
    """
    for word in _UNSUPPORTED & schema.keys():
        if schema[word] not in _HARMLESS.get(word, ()):
            raise bad_schema(f"{word} is not supported")


def merged(schema: Schema, target_of: Callable[[object], object]) -> Schema:
    """Return one schema for all that `allOf` and `$ref` add to this one.

    Args:
        schema: The schema.
        target_of: Finds what a `$ref` refers to.

    Raises:
        InvalidValueError: If they contradict each other, or cannot be joined (`bad_schema`).
    """
    return _merged(schema, target_of, 0)


def _merged(schema: Schema, target_of: Callable[[object], object], depth: int) -> Schema:
    if depth > _DEEPEST:
        raise bad_schema("its references go round in circles")
    joined: dict[str, object] = {
        word: value for word, value in schema.items() if word not in {"allOf", "$ref"}
    }
    more = schema.get("allOf", [])
    if not isinstance(more, list):
        raise bad_schema("allOf is no list")
    parts = [
        *cast("list[object]", more),
        *([target_of(schema["$ref"])] if "$ref" in schema else []),
    ]
    for part in parts:
        if part is True:
            continue
        if not isinstance(part, Mapping):
            raise bad_schema(f"{json.dumps(part)[:40]} allows nothing or is no schema")
        refuse_unsupported(cast("Schema", part))
        _join(joined, _merged(cast("Schema", part), target_of, depth + 1))
    return joined


def _join(joined: dict[str, object], more: Schema) -> None:
    for word, value in more.items():
        if word not in joined or joined[word] == value:
            joined[word] = value
        elif word not in _REMARKS:
            joined[word] = _both(word, joined[word], value)


def _both(word: str, one: object, other: object) -> object:
    """Return what keeps to both values of a word."""
    if word in _LARGER | _SMALLER and _is_number(one) and _is_number(other):
        pick = max if word in _LARGER else min
        return pick(cast("float", one), cast("float", other))
    if word == "properties" and isinstance(one, Mapping) and isinstance(other, Mapping):
        return _both_properties(cast("Schema", one), cast("Schema", other))
    if word == "required" and isinstance(one, list) and isinstance(other, list):
        return [*cast("list[object]", one), *cast("list[object]", other)]
    if word == "type":
        return _both_types(one, other)
    if word == "enum" and isinstance(one, list) and isinstance(other, list):
        return [value for value in cast("list[object]", one) if value in other]
    if word == "additionalProperties" and (one is True or other is True):
        return other if one is True else one
    raise bad_schema(f"two values of {word} at once cannot be kept to")


def _both_properties(one: Schema, other: Schema) -> Schema:
    both = dict(one)
    for name, schema in other.items():
        is_new = name not in both or both[name] == schema
        both[name] = schema if is_new else {"allOf": [both[name], schema]}
    return both


def _both_types(one: object, other: object) -> object:
    first = [one] if isinstance(one, str) else cast("list[object]", one)
    second = [other] if isinstance(other, str) else cast("list[object]", other)
    both = [kind for kind in first if kind in second]
    if ("number" in first and "integer" in second) or ("integer" in first and "number" in second):
        both.append("integer")
    if not both:
        raise bad_schema(f"a value cannot be {json.dumps(one)} and {json.dumps(other)}")
    return both


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
