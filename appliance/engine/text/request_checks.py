"""What a request may ask: refused here before it travels to the engine's process."""

from collections.abc import Mapping
from typing import cast

from appliance.base.errors import InvalidValueError
from appliance.engine.text.model import GrammarOutput, JsonOutput, TextRequest, ToolUse
from appliance.engine.text.sampling import check_sampling
from appliance.engine.text.schema_merging import bad_schema

_MOST_LOGPROBS = 20
_MOST_TOKENS_BEFORE = 1_000_000
_LONGEST_GRAMMAR = 256 * 1024
# Far below what Python's own way through nested values takes.
_DEEPEST = 100
_MOST_VALUES = 200_000


def check_request(request: TextRequest) -> None:
    """Refuse what no answer can be written for.

    Raises:
        InvalidValueError: If an option, a schema, a grammar or a tool cannot be what it is.
    """
    check_sampling(request.sampling)
    _check_numbers(request)
    if isinstance(request.output, JsonOutput) and request.output.schema is not None:
        _check_nesting(request.output.schema)
    if isinstance(request.output, GrammarOutput) and len(request.output.gbnf) > _LONGEST_GRAMMAR:
        raise InvalidValueError(
            f"The grammar has {len(request.output.gbnf):,} characters; "
            f"{_LONGEST_GRAMMAR:,} can be read at most.",
            code="bad_grammar",
        )
    for tool in request.tools:
        _check_nesting(tool.parameters)
    for turn in request.turns:
        for call in turn.tool_calls:
            _check_nesting(call.arguments)
    if request.tool_use is ToolUse.REQUIRED and not request.tools:
        raise InvalidValueError("A tool is to be called, but none is offered.", code="bad_tool")


def _check_numbers(request: TextRequest) -> None:
    logprobs = request.top_logprobs
    if logprobs is not None and not 0 <= logprobs <= _MOST_LOGPROBS:
        raise InvalidValueError(
            f"top_logprobs is {logprobs}; allowed is 0 to {_MOST_LOGPROBS}.", code="bad_option"
        )
    if len(request.prompt_before) > _MOST_TOKENS_BEFORE:
        raise InvalidValueError(
            f"The context has {len(request.prompt_before):,} tokens; "
            f"{_MOST_TOKENS_BEFORE:,} can be read at most.",
            code="question_too_long",
        )


def _check_nesting(value: object) -> None:
    """Refuse values that are too deep or too many, without going into them by recursion."""
    todo = [(value, 0)]
    seen = 0
    while todo:
        found, depth = todo.pop()
        seen += 1
        if depth > _DEEPEST or seen > _MOST_VALUES:
            raise bad_schema(f"it nests deeper than {_DEEPEST} levels, or is too large")
        if isinstance(found, Mapping):
            todo += [(inner, depth + 1) for inner in cast("Mapping[str, object]", found).values()]
        elif isinstance(found, list | tuple):
            todo += [(inner, depth + 1) for inner in cast("list[object]", found)]
