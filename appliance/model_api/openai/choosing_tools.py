"""`tool_choice`, as all of OpenAI's and Anthropic's routes come to it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from appliance.base.errors import BadRequestError
from appliance.engine.text.model import TextRequest, Tool, ToolUse

_USES: Mapping[str, ToolUse] = {
    "none": ToolUse.NONE,
    "auto": ToolUse.AUTO,
    "required": ToolUse.REQUIRED,
}


@dataclass(frozen=True)
class Choice:
    """Whether functions are called, and which.

    Attributes:
        use: Whether the model calls any.
        must_call: The one that it must call; empty leaves the choice.
        allowed: The only ones that it may call; None are all.
    """

    use: ToolUse = ToolUse.AUTO
    must_call: str = ""
    allowed: frozenset[str] | None = None


def choice_named(word: str) -> Choice:
    """Return the choice of one of the words `none`, `auto` and `required`."""
    return Choice(_USES[word])


def choice_of_one(name: str) -> Choice:
    """Return the choice of one function that must be called."""
    return Choice(ToolUse.REQUIRED, must_call=name)


def choice_among(word: str, names: Collection[str]) -> Choice:
    """Return the choice of some functions."""
    return Choice(_USES[word], allowed=frozenset(names))


def with_tools(request: TextRequest, tools: tuple[Tool, ...], choice: Choice) -> TextRequest:
    """Return the request with these functions.

    Raises:
        BadRequestError: If the choice names a function that is not there, or asks for a call
            without any.
    """
    known = {tool.name for tool in tools}
    wanted = {choice.must_call} if choice.must_call else set(choice.allowed or ())
    for name in sorted(wanted - known):
        raise BadRequestError(
            f"tool_choice names the function {name[:60]!r}, which is not among the tools.",
            code="unknown_tool",
            field="tool_choice",
        )
    if choice.use is ToolUse.REQUIRED and not tools:
        raise BadRequestError(
            "tool_choice asks for a call, and there are no tools.",
            code="no_tools",
            field="tool_choice",
        )
    kept = [tool for tool in tools if choice.allowed is None or tool.name in choice.allowed]
    return replace(request, tools=tuple(kept), tool_use=choice.use, must_call=choice.must_call)
