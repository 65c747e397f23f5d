"""What `/v1/responses` asks of the engine."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from appliance.base.errors import BadRequestError
from appliance.engine.library.model import Capability
from appliance.engine.text.model import ToolCall, Turn, WhenTooLong
from appliance.model_api.asking import (
    Asking,
    FunctionIn,
    ToolIn,
    demand,
    likely_tokens,
    tools_of,
)
from appliance.model_api.openai.chat_asking import Asked, thinking_of
from appliance.model_api.openai.choosing_tools import (
    Choice,
    choice_among,
    choice_named,
    choice_of_one,
    with_tools,
)
from appliance.model_api.openai.refusing import UnsupportedError, refuse_given
from appliance.model_api.openai.schemas.responses import FunctionTool, Item, ResponseBody
from appliance.model_api.openai.turns import arguments_of, ends_with_answer, text_of

_NOTHING_KEPT = "nothing that programs ask is kept; send the conversation in `input`."
_REFUSED: Mapping[str, str] = {
    "previous_response_id": _NOTHING_KEPT,
    "conversation": _NOTHING_KEPT,
    "background": "nobody could fetch the answer, as nothing is kept.",
    "prompt": "there are no stored prompts.",
}


def response_asked(body: ResponseBody, asking: Asking) -> Asked:
    """Return what the engine is asked.

    Raises:
        ApplianceError: If something is asked that cannot be done; it names the field.
    """
    refuse_given(body, _REFUSED)
    demand(asking.model, Capability.COMPLETION, shown_name=body.model)
    turns = _turns_of(body)
    effort = None if body.reasoning is None else body.reasoning.effort
    thinking = thinking_of(asking.model, effort, name="reasoning")
    request = replace(
        asking.about(turns, _options(body)),
        continues=ends_with_answer(turns),
        thinks=thinking.thinks,
        output=body.text.format.output() if body.text and body.text.format else None,
        top_logprobs=likely_tokens(logprobs=body.wants_logprobs, top_logprobs=body.top_logprobs),
        when_too_long=(
            WhenTooLong.DROP_OLDEST_TURNS if body.truncation == "auto" else WhenTooLong.REFUSE
        ),
    )
    if body.tools:
        demand(asking.model, Capability.TOOLS, shown_name=body.model)
        tools = tools_of([_tool_of(tool) for tool in body.tools])
        request = with_tools(request, tools, _choice_of(body))
    return Asked(request, thinking.ignored, calls_once=body.parallel_tool_calls is False)


def _options(body: ResponseBody) -> dict[str, object]:
    options = body.sampling_options()
    if body.max_output_tokens is not None:
        options["num_predict"] = body.max_output_tokens
    return options


def _turns_of(body: ResponseBody) -> tuple[Turn, ...]:
    instruction = [Turn("system", body.instructions)] if body.instructions else []
    if isinstance(body.input, str):
        return (*instruction, Turn("user", body.input))
    return (*instruction, *_turns_of_items(body.input))


def _turns_of_items(items: Sequence[Item]) -> Iterator[Turn]:
    names: dict[str, str] = {}
    calls: list[ToolCall] = []
    for item in items:
        if item.type == "function_call":
            names[item.call_id] = item.name
            arguments = arguments_of(item.arguments, field="input.arguments")
            calls.append(ToolCall(item.call_id, item.name, arguments))
            continue
        if calls:
            # Calls that follow each other were made in one turn.
            yield Turn("assistant", "", tool_calls=tuple(calls))
            calls = []
        yield from _turn_of(item, names)
    if calls:
        yield Turn("assistant", "", tool_calls=tuple(calls))


def _turn_of(item: Item, names: Mapping[str, str]) -> Iterator[Turn]:
    match item.type:
        case "message" if item.role is not None:
            role = "system" if item.role == "developer" else item.role
            yield Turn(role, text_of(item.content, field="input.content"))
        case "function_call_output":
            told = text_of(item.output, field="input.output")
            yield Turn("tool", told, tool_name=names.get(item.call_id, ""))
        case "reasoning":
            # What was thought before is not read again: no template gives it back.
            return
        case kind:
            raise UnsupportedError(
                f"An item of the type {kind[:40]!r} is not read here.",
                hint="Send messages, function_call and function_call_output.",
                field="input",
            )


def _tool_of(tool: FunctionTool) -> ToolIn:
    if tool.type != "function" or not tool.name:
        raise UnsupportedError(
            f"The tool type {tool.type[:40]!r} runs on OpenAI's servers.",
            hint="Give tools of the type 'function', with a name.",
            field="tools",
        )
    function = FunctionIn(name=tool.name, description=tool.description, parameters=tool.parameters)
    return ToolIn(function=function)


def _choice_of(body: ResponseBody) -> Choice:
    choice = body.tool_choice
    if choice is None or isinstance(choice, str):
        return choice_named(choice or "auto")
    if choice.type == "allowed_tools":
        return choice_among(choice.mode, [tool.name for tool in choice.tools or ()])
    if not choice.name:
        raise BadRequestError(
            "tool_choice does not say which function.", code="bad_tool_choice", field="tool_choice"
        )
    return choice_of_one(choice.name)
