"""How models ask for functions, each family in its own notation: read, written, and as grammar.

Sources: the chat templates of Qwen 2.5 and 3 and of Hermes (`<tool_call>`), of Mistral
(`[TOOL_CALLS]`), and of Llama 3.1 to 3.3 (one JSON object with `parameters`).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from appliance.base.errors import InvalidValueError
from appliance.engine.text.json_schema import any_object_grammar, value_rules
from appliance.engine.text.literal_grammar import literal
from appliance.engine.text.model import Tool

_MOST_TOOLS = 128
_MOST_CALLS = 16
_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,128}")


@dataclass(frozen=True)
class CallNotation:
    """How a family of models writes calls.

    Attributes:
        opening: What begins a call; empty where the answer itself is one.
        closing: What ends it; empty where it goes to the end of the answer.
        arguments_key: The key of the arguments in the JSON between.
        is_list: Whether that JSON is a list of calls.
    """

    opening: str
    closing: str
    arguments_key: str = "arguments"
    is_list: bool = False

    @property
    def marks(self) -> tuple[str, ...]:
        """Return the texts that models may have tokens of their own for."""
        return tuple(mark for mark in (self.opening, self.closing) if mark)


HERMES = CallNotation("<tool_call>", "</tool_call>")
MISTRAL = CallNotation("[TOOL_CALLS]", "", is_list=True)
LLAMA = CallNotation("", "", arguments_key="parameters")


def notation_of(template: str) -> CallNotation | None:
    """Return the notation that a chat template teaches; None if it is none that we read."""
    if HERMES.opening in template:
        return HERMES
    if MISTRAL.opening in template:
        return MISTRAL
    if "<|python_tag|>" in template or "Environment: ipython" in template:
        return LLAMA
    return None


def check_tools(tools: Sequence[Tool], must_call: str) -> None:
    """Refuse tools that no model could call.

    Raises:
        InvalidValueError: If there are too many, a name is none, or the one that must be called is
            not there (`bad_tool`).
    """
    if len(tools) > _MOST_TOOLS:
        raise _bad_tool(f"There are {len(tools):,} tools; {_MOST_TOOLS} can be offered at most.")
    for tool in tools:
        if not _NAME.fullmatch(tool.name):
            raise _bad_tool(
                f"The tool's name {tool.name[:60]!r} is not 1 to 128 letters, digits, _, - and dots."
            )
    names = [tool.name for tool in tools]
    if len(set(names)) < len(names):
        raise _bad_tool("Two tools have the same name.")
    if must_call and must_call not in names:
        raise _bad_tool(f"The tool {must_call[:60]!r} that is to be called is not offered.")


def calls_in(text: str, notation: CallNotation) -> list[tuple[str, Mapping[str, object]]] | None:
    """Return the calls that a text between the marks makes; None if it makes none."""
    try:
        found = _json_in(text)
    except (ValueError, RecursionError):
        return None
    entries = cast("list[object]", found) if isinstance(found, list) else [found]
    calls = [_call_of(entry, notation) for entry in entries]
    if not calls or any(call is None for call in calls):
        return None
    return [call for call in calls if call is not None]


def _json_in(text: str) -> object:
    """Return the value that a text writes, in such a form that programs can be told it.

    Raises:
        ValueError: If it is none; Python would read numbers that JSON does not have, too.
        RecursionError: If it nests too deeply.
    """
    said = json.dumps(json.loads(text), ensure_ascii=False, allow_nan=False)
    # Escapes may have written halves of characters (lone surrogates), which have no bytes.
    return json.loads(said.encode(errors="replace"))


def _call_of(entry: object, notation: CallNotation) -> tuple[str, Mapping[str, object]] | None:
    if not isinstance(entry, Mapping):
        return None
    said = cast("Mapping[str, object]", entry)
    name = said.get("name")
    arguments = said.get(notation.arguments_key, said.get("arguments", {}))
    if isinstance(arguments, str):
        # Some models write the arguments as text, as OpenAI's interface has them.
        try:
            arguments = _json_in(arguments)
        except (ValueError, RecursionError):
            return None
    if not isinstance(name, str) or not isinstance(arguments, Mapping):
        return None
    return name, cast("Mapping[str, object]", arguments)


def calls_grammar(tools: Sequence[Tool], must_call: str, notation: CallNotation) -> str:
    """Return the grammar of an answer that calls functions and does nothing else, in GBNF.

    Raises:
        InvalidValueError: If the parameters of a tool are no schema that can be kept to
            (`bad_schema`).
    """
    offered = [tool for tool in tools if must_call in {"", tool.name}]
    rules: dict[str, str] = {}
    for number, tool in enumerate(offered):
        name = f"arguments-{number}"
        rules |= value_rules(_object_schema(tool.parameters), name=name)
        head = literal(f'{{"name": {json.dumps(tool.name)}, "{notation.arguments_key}": ')
        rules[f"call-{number}"] = f'{head} {name} "}}"'
    calls = " | ".join(f"call-{number}" for number in range(len(offered)))
    more = 0 if must_call or not notation.opening else _MOST_CALLS - 1
    if notation.is_list:
        body = f'"[" call (", " call){{0,{more}}} "]"'
        rules["root"] = f"{literal(notation.opening)} {body}"
    elif notation.opening:
        opening, closing = literal(f"{notation.opening}\n"), literal(f"\n{notation.closing}")
        rules["root"] = f'{opening} call {closing} ("\\n" {opening} call {closing}){{0,{more}}}'
    else:
        rules["root"] = "call"
    rules["call"] = calls
    any_json = any_object_grammar().partition("\n")[2]
    return "\n".join(f"{name} ::= {text}" for name, text in rules.items()) + "\n" + any_json


def _object_schema(parameters: Mapping[str, object]) -> Mapping[str, object]:
    # A tool without parameters is often said as an empty object, or as one without a type.
    if not parameters or dict(parameters) == {"type": "object"}:
        return {"type": "object", "properties": {}, "additionalProperties": False}
    if parameters.get("type") == "object" and not parameters.get("properties", True):
        return {**parameters, "additionalProperties": False}
    return {"type": "object", **parameters}


def tool_value(tool: Tool) -> dict[str, object]:
    """Return a tool as chat templates expect it."""
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def instruction(tools: Sequence[Tool]) -> str:
    """Return the words that teach calls to a model whose template does not.

    They are those of Hermes and Qwen 2.5, which other models follow too.
    """
    offered = "\n".join(json.dumps(tool_value(tool), ensure_ascii=False) for tool in tools)
    return (
        "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
        "You are provided with function signatures within <tools></tools> XML tags:\n"
        f"<tools>\n{offered}\n</tools>\n\n"
        "For each function call, return a json object with function name and arguments within "
        "<tool_call></tool_call> XML tags:\n<tool_call>\n"
        '{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>'
    )


def written_call(name: str, arguments: Mapping[str, object]) -> str:
    """Return a call as Hermes writes it."""
    said = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
    return f"{HERMES.opening}\n{said}\n{HERMES.closing}"


def written_result(content: str) -> str:
    """Return the result of a call as Hermes reads it, in a turn of the user."""
    return f"<tool_response>\n{content}\n</tool_response>"


def _bad_tool(message: str) -> InvalidValueError:
    return InvalidValueError(message, code="bad_tool")
