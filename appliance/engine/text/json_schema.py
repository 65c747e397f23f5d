"""JSON Schema as grammar: every text that the grammar allows is JSON that the schema allows.

The grammar may allow less than the schema: keys come in the order of the schema and no others than
those it names, with one blank after each comma and colon. So most of the punctuation can only come
in one way, and is written without asking the model. What cannot be kept to is refused by name.

Source: JSON Schema 2020-12, Core and Validation. `format` is a remark there, but for dates, times
and UUIDs it is kept to.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import cast

from appliance.engine.text.literal_grammar import literal, literals
from appliance.engine.text.number_grammar import Bounds, integer_grammar, number_grammar
from appliance.engine.text.pattern_grammar import pattern_grammar
from appliance.engine.text.schema_merging import bad_schema, merged, refuse_unsupported

Schema = Mapping[str, object]

_LONGEST_SCHEMA = 128 * 1024
_MOST_PARTS = 3000
_DEEPEST = 48
_MOST_ITEMS = 100_000
_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
_COMMA = '", "'

# What any JSON looks like, for answers without a schema. Blanks have bounds: some models would
# write them for ever.
_ANY = r"""
ws ::= | " " | "\n" [ \t]{0,20}
object ::= "{" ws (string ws ":" ws value ws ("," ws string ws ":" ws value ws)*)? "}"
array ::= "[" ws (value ws ("," ws value ws)*)? "]"
value ::= object | array | string | number | "true" | "false" | "null"
string ::= "\"" char* "\""
char ::= [^"\\\x00-\x1F\x7F] | "\\" (["\\/bfnrt] | "u" unit)
unit ::= [0-9a-cefA-CEF] hex{3} | [dD] [0-7] hex{2}
hex ::= [0-9a-fA-F]
number ::= "-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?
"""
_DATE = '[0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | "1" [0-9] | "2" [0-8])'
_TIME = (
    '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{1,6})? '
    '("Z" | [-+] ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9])'
)
_UUID = '[0-9a-f]{8} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{12}'
_FORMATS: Mapping[str, str] = {
    "date": _DATE,
    "time": _TIME,
    "date-time": f'{_DATE} "T" {_TIME}',
    "uuid": _UUID,
}
_QUOTE = '"\\""'


def any_object_grammar() -> str:
    """Return the grammar of any JSON object, in GBNF."""
    return f"root ::= object{_ANY}"


def schema_grammar(schema: Schema) -> str:
    """Return the grammar of the JSON that a schema allows, in GBNF; its start is `root`.

    Raises:
        InvalidValueError: If it is no schema, allows nothing, says what no grammar can keep to, or
            is too large (`bad_schema`).
    """
    rules = value_rules(schema, name="root")
    return "\n".join(f"{name} ::= {text}" for name, text in rules.items()) + _ANY


def value_rules(schema: Schema, *, name: str) -> dict[str, str]:
    """Return the rules of the JSON that a schema allows, the first under `name`.

    The rules of any JSON are not among them.

    Raises:
        InvalidValueError: As `schema_grammar`.
    """
    try:
        size = len(json.dumps(schema))
    except (TypeError, ValueError, RecursionError) as error:
        raise bad_schema("it is no JSON") from error
    if size > _LONGEST_SCHEMA:
        raise bad_schema(f"it has {size:,} characters, more than {_LONGEST_SCHEMA:,}")
    return _Converter(schema, name).rules()


class _Converter:
    """Turns one schema into rules; the names of its own begin with that of the first."""

    def __init__(self, root: Schema, name: str) -> None:
        self._root = root
        self._name = name
        self._rules: dict[str, str] = {name: ""}
        self._references: dict[str, str] = {}
        self._parts = 0

    def rules(self) -> dict[str, str]:
        self._rules[self._name] = self._value(self._root, 0)
        return self._rules

    def _value(self, schema: object, depth: int) -> str:
        """Return what matches the values of a schema, as one group."""
        self._parts += 1
        if self._parts > _MOST_PARTS or depth > _DEEPEST:
            raise bad_schema(f"it has more than {_MOST_PARTS:,} parts, or {_DEEPEST} levels")
        if schema is True:
            return "value"
        if schema is False or not isinstance(schema, Mapping):
            raise bad_schema(f"{json.dumps(schema)[:40]} allows nothing or is no schema")
        found: Schema = cast("dict[str, object]", schema)
        refuse_unsupported(found)
        if "$ref" in found and not _constrains(found, but="$ref"):
            return self._referred(found["$ref"], depth)
        if "$ref" in found or "allOf" in found:
            return self._value(merged(found, self._target), depth + 1)
        for word in ("anyOf", "oneOf"):
            if word in found:
                return self._choice(found, word, depth)
        return self._plain(found, depth)

    def _plain(self, schema: Schema, depth: int) -> str:
        if "const" in schema or "enum" in schema:
            return _listed(schema)
        types = _types_of(schema)
        make: Mapping[str, Callable[[Schema, int], str]] = {
            "object": self._object,
            "array": self._array,
            "string": lambda found, _depth: _string(found),
            "number": lambda found, _depth: _number(found, number_grammar),
            "integer": lambda found, _depth: _number(found, integer_grammar),
            "boolean": lambda _found, _depth: '"true" | "false"',
            "null": lambda _found, _depth: '"null"',
        }
        if set(types) == set(_TYPES) and not _constrains(schema, but=""):
            return "value"
        if "number" in types:
            types = [kind for kind in types if kind != "integer"]
        return f"({' | '.join(make[kind](schema, depth) for kind in types)})"

    def _choice(self, schema: Schema, word: str, depth: int) -> str:
        options = schema[word]
        if not isinstance(options, Sequence) or not options:
            raise bad_schema(f"{word} has no choices")
        rest = {key: value for key, value in schema.items() if key != word}
        is_free = not _constrains(rest, but="")
        ways = [
            self._value(option if is_free else {**rest, "allOf": [option]}, depth + 1)
            for option in cast("Sequence[object]", options)
        ]
        return f"({' | '.join(ways)})"

    def _referred(self, reference: object, depth: int) -> str:
        place = str(reference)
        if place not in self._references:
            name = f"{self._name}-{len(self._rules)}"
            self._references[place] = name
            self._rules[name] = ""
            self._rules[name] = self._value(self._target(place), depth + 1)
        return self._references[place]

    def _target(self, reference: object) -> object:
        place = str(reference)
        if not place.startswith("#"):
            raise bad_schema(f"$ref {place[:60]!r} leads out of it")
        found: object = self._root
        for step in place[1:].split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            inside: Mapping[str, object] = found if isinstance(found, Mapping) else {}
            if key not in inside:
                raise bad_schema(f"$ref {place[:60]!r} leads nowhere")
            found = inside[key]
        return found

    def _object(self, schema: Schema, depth: int) -> str:
        properties = _mapping(schema, "properties")
        required = _names(schema.get("required", []))
        more = schema.get("additionalProperties", True)
        missing = [name for name in required if name not in properties]
        if missing and more is False:
            raise bad_schema(f"the key {missing[0][:60]!r} is required and not allowed")
        every = {**properties, **dict.fromkeys(missing, more)}
        least = _count(schema, "minProperties")
        if not every and more is not False:
            return self._map(more, least, _limit(schema, "maxProperties"), depth)
        most = _limit(schema, "maxProperties")
        if least > len(required) or (most is not None and most < len(every)):
            raise bad_schema("minProperties and maxProperties cannot be kept to beside properties")
        return self._listed_keys(every, set(required), depth)

    def _map(self, more: object, least: int, most: int | None, depth: int) -> str:
        pair = self._rule(f'string ": " {self._value(more, depth + 1)}')
        return f'"{{" {_several(pair, least, most)} "}}"'

    def _listed_keys(self, every: Mapping[str, object], required: set[str], depth: int) -> str:
        """Return the object with these keys in order; from behind, so that each rule is there."""
        first, after = '"}"', '"}"'
        for name, schema in reversed(list(every.items())):
            value = self._value(schema, depth + 1)
            pair = f"{literal(json.dumps(name, ensure_ascii=False))} {literal(': ')} {value}"
            rest = self._rule(after)
            skips = name not in required
            first = f"{pair} {rest}" + (f" | {self._rule(first)}" if skips else "")
            after = f"{_COMMA} {pair} {rest}" + (f" | {rest}" if skips else "")
        return f'"{{" ({first})'

    def _array(self, schema: Schema, depth: int) -> str:
        fixed = schema.get("prefixItems", [])
        items = schema.get("items", True)
        if isinstance(items, Sequence) and not isinstance(items, str):
            fixed, items = items, False
        if not isinstance(fixed, Sequence) or isinstance(fixed, str):
            raise bad_schema("prefixItems is not a list of schemas")
        first = [self._value(item, depth + 1) for item in cast("Sequence[object]", fixed)]
        least = _count(schema, "minItems")
        most = _limit(schema, "maxItems")
        if items is False:
            most = min(len(first), len(first) if most is None else most)
        if most is not None and most < least:
            raise bad_schema(f"an array cannot have at least {least} and at most {most} items")
        if not first:
            item = "" if most == 0 else self._rule(self._value(items, depth + 1))
            return f'"[" {_several(item, least, most)} "]"'
        return self._tuple(first, items, least, most, depth)

    def _tuple(
        self, first: Sequence[str], items: object, least: int, most: int | None, depth: int
    ) -> str:
        count = len(first) if most is None else min(len(first), most)
        rest = ""
        if most is None or most > count:
            more = self._rule(f"{_COMMA} {self._value(items, depth + 1)}")
            bound = "" if most is None else str(most - count)
            rest = f"{more}{{{max(least - count, 0)},{bound}}}"
        for index in reversed(range(count)):
            way = f"{_COMMA if index else ''} {first[index]} {rest}"
            rest = way if index < least else f"({self._rule(way)})?"
        return f'"[" {rest} "]"'

    def _rule(self, text: str) -> str:
        name = f"{self._name}-{len(self._rules)}"
        self._rules[name] = text
        return name


def _constrains(schema: Schema, *, but: str) -> bool:
    """Return whether it says anything beside remarks and `but`."""
    remarks = {"title", "description", "default", "examples", "$defs", "definitions", "$schema",
               "$id", "$comment", "deprecated", "readOnly", "writeOnly", "$anchor", "strict",
               but}  # fmt: skip
    return any(word not in remarks for word in schema)


def _types_of(schema: Schema) -> list[str]:
    said = schema.get("type")
    types = [said] if isinstance(said, str) else said
    if types is None:
        types = _implied_types(schema)
    if not isinstance(types, Sequence) or not types or any(kind not in _TYPES for kind in types):
        raise bad_schema(f"the type {json.dumps(said)[:60]} is not one of {', '.join(_TYPES)}")
    found = [str(kind) for kind in cast("Sequence[object]", types)]
    return [*found, "null"] if schema.get("nullable") is True and "null" not in found else found


def _implied_types(schema: Schema) -> Sequence[str]:
    """Return the type that the other words speak of: without one, all would do."""
    for kind, words in (
        ("object", {"properties", "required", "additionalProperties"}),
        ("array", {"items", "prefixItems", "minItems", "maxItems"}),
        ("string", {"pattern", "minLength", "maxLength", "format"}),
        ("number", {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}),
    ):
        if words & schema.keys():
            return [kind]
    return _TYPES


def _listed(schema: Schema) -> str:
    values = schema.get("enum", [schema.get("const")])
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise bad_schema("enum is no list")
    kept = [value for value in cast("Sequence[object]", values) if _is_of(value, schema)]
    if not kept:
        raise bad_schema("an enum allows nothing")
    return literals(json.dumps(value, ensure_ascii=False) for value in kept)


def _is_of(value: object, schema: Schema) -> bool:
    if "const" in schema and value != schema["const"]:
        return False
    if "type" not in schema:
        return True
    return any(_is_kind(value, kind) for kind in _types_of(schema))


def _is_kind(value: object, kind: str) -> bool:
    if isinstance(value, bool) or value is None:
        return kind == ("null" if value is None else "boolean")
    if isinstance(value, int):
        return kind in {"integer", "number"}
    kinds = (("string", str), ("number", float), ("array", list), ("object", dict))
    return any(kind == name and isinstance(value, found) for name, found in kinds)


def _string(schema: Schema) -> str:
    least, most = _count(schema, "minLength"), _limit(schema, "maxLength")
    is_bounded = least > 0 or most is not None
    if "pattern" in schema:
        if is_bounded:
            raise bad_schema("a pattern and a length at once cannot be kept to")
        return f"{_QUOTE} {pattern_grammar(str(schema['pattern']))} {_QUOTE}"
    inside = _FORMATS.get(str(schema.get("format")))
    if inside is not None:
        return f"{_QUOTE} {inside} {_QUOTE}"
    if not is_bounded:
        return "string"
    if most is not None and most < least:
        raise bad_schema(f"a text cannot have at least {least} and at most {most} characters")
    return f"{_QUOTE} char{{{least},{'' if most is None else most}}} {_QUOTE}"


def _number(schema: Schema, grammar_of: Callable[[Bounds], str]) -> str:
    low, high = _bound(schema, "minimum"), _bound(schema, "maximum")
    above, below = _bound(schema, "exclusiveMinimum"), _bound(schema, "exclusiveMaximum")
    is_above = above is not None and (low is None or above >= low)
    is_below = below is not None and (high is None or below <= high)
    bounds = Bounds(
        above if is_above else low, below if is_below else high, not is_above, not is_below
    )
    grammar = grammar_of(bounds)
    if not grammar:
        raise bad_schema(f"no number is between {bounds.least} and {bounds.most}")
    return grammar


def _bound(schema: Schema, word: str) -> Decimal | None:
    value = schema.get(word)
    if value is None or isinstance(value, bool):
        return None
    number = Decimal(str(value)) if isinstance(value, int | float) else Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 14:  # noqa: PLR2004  # digits that JSON keeps
        raise bad_schema(f"{word} is {str(value)[:40]}")
    return number


def _several(item: str, least: int, most: int | None) -> str:
    """Return `item` so many times with commas between."""
    if most == 0:
        return ""
    bound = "" if most is None else str(most - 1)
    group = f"{item} ({_COMMA} {item}){{{max(least - 1, 0)},{bound}}}"
    return group if least else f"({group})?"


def _count(schema: Schema, word: str) -> int:
    return _limit(schema, word) or 0


def _limit(schema: Schema, word: str) -> int | None:
    value = schema.get(word)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_ITEMS:
        raise bad_schema(f"{word} is {json.dumps(value)[:40]}; allowed is 0 to {_MOST_ITEMS:,}")
    return value


def _mapping(schema: Schema, word: str) -> Mapping[str, object]:
    value = schema.get(word, {})
    if not isinstance(value, Mapping):
        raise bad_schema(f"{word} is no object")
    return cast("Mapping[str, object]", value)


def _names(value: object) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise bad_schema("required is no list")
    return list(dict.fromkeys(str(name) for name in cast("Iterable[object]", value)))
