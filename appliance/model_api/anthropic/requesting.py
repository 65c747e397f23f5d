"""What `/v1/messages` asks of the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from appliance.base.errors import BadRequestError
from appliance.engine.library.model import Capability
from appliance.engine.text.model import TextRequest, Tool, WhenTooLong
from appliance.model_api.anthropic.schemas import CountBody, MessagesBody, ToolChoice
from appliance.model_api.anthropic.turns import turns_of
from appliance.model_api.asking import Asking, FunctionIn, ToolIn, demand, tools_of
from appliance.model_api.openai.choosing_tools import (
    Choice,
    choice_named,
    choice_of_one,
    with_tools,
)
from appliance.model_api.openai.refusing import refuse_given
from appliance.model_api.openai.turns import ends_with_answer

_REFUSED: Mapping[str, str] = {
    "mcp_servers": "this box calls no other servers.",
    "container": "this box runs no code for models.",
}
_WORDS: Mapping[str, str] = {"auto": "auto", "any": "required", "none": "none"}


@dataclass(frozen=True)
class Asked:
    """A request for the engine, and what it leaves out of what was sent.

    Attributes:
        request: What the engine is asked.
        ignored: Fields that have no effect on this model.
        calls_once: Whether only the first call of a function counts.
    """

    request: TextRequest
    ignored: tuple[str, ...] = ()
    calls_once: bool = False


def message_asked(body: MessagesBody, asking: Asking) -> Asked:
    """Return what the engine is asked.

    Raises:
        ApplianceError: If something is asked that cannot be done.
    """
    refuse_given(body, _REFUSED)
    demand(asking.model, Capability.COMPLETION, shown_name=body.model)
    wants_thoughts = body.thinking is not None and body.thinking.type != "disabled"
    can_think = asking.model.can(Capability.THINKING)
    choice = body.tool_choice
    return Asked(
        replace(prompt_of(body, asking, _options(body)), thinks=wants_thoughts and can_think),
        ignored=("thinking",) if wants_thoughts and not can_think else (),
        calls_once=choice is not None and bool(choice.disable_parallel_tool_use),
    )


def prompt_of(
    body: CountBody, asking: Asking, options: Mapping[str, object] | None = None
) -> TextRequest:
    """Return the request as far as its prompt goes.

    Raises:
        ApplianceError: If something in it cannot be read.
    """
    turns = turns_of(body.system, body.messages)
    request = replace(
        asking.about(turns, options or {}),
        continues=ends_with_answer(turns),
        output=body.output(),
        # Anthropic's clients shorten conversations themselves, and are to be told.
        when_too_long=WhenTooLong.REFUSE,
    )
    if not body.tools:
        return request
    demand(asking.model, Capability.TOOLS, shown_name=body.model)
    return with_tools(request, _tools_of(body), _choice_of(body.tool_choice))


def _options(body: MessagesBody) -> dict[str, object]:
    asked = {
        "num_predict": body.max_tokens,
        "temperature": body.temperature,
        "top_p": body.top_p,
        "top_k": body.top_k,
        "stop": body.stop_sequences,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _tools_of(body: CountBody) -> tuple[Tool, ...]:
    for tool in body.tools or ():
        if tool.type not in {None, "custom"}:
            raise BadRequestError(
                f"The tool type {str(tool.type)[:40]!r} runs on Anthropic's servers.",
                hint="Give tools of your own, with an input_schema.",
                code="unsupported_tool",
                field="tools",
            )
    return tools_of(
        [
            ToolIn(
                function=FunctionIn(
                    name=tool.name, description=tool.description, parameters=tool.input_schema
                )
            )
            for tool in body.tools or ()
        ]
    )


def _choice_of(choice: ToolChoice | None) -> Choice:
    if choice is None:
        return Choice()
    if choice.type != "tool":
        return choice_named(_WORDS[choice.type])
    if not choice.name:
        raise BadRequestError(
            "tool_choice of the type 'tool' does not say which.",
            code="bad_tool_choice",
            field="tool_choice.name",
        )
    return choice_of_one(choice.name)
