"""From what a client of Ollama sends to what the engine is asked.

Source:
    Ollama 0.33, `server/routes.go`, `GenerateHandler` and `ChatHandler`.
"""

from collections.abc import Sequence
from dataclasses import replace

from appliance.base.errors import BadRequestError, InvalidValueError
from appliance.engine.library.model import Capability, LibraryModel
from appliance.engine.text.model import (
    JsonOutput,
    TextRequest,
    ToolCall,
    Turn,
    WhenTooLong,
)
from appliance.model_api.asking import Asking, demand, likely_tokens, tools_of
from appliance.model_api.ollama.dialect import SaidError
from appliance.model_api.ollama.schemas import ChatIn, Format, GenerateIn, MessageIn
from appliance.model_api.ollama.wire import keep_alive_s

_MOST_CONTEXT_TOKENS = 1_048_576


class FormatError(InvalidValueError):
    """The form of the answer is neither `json` nor a schema."""

    code = "option_type"


def chat_request(asking: Asking, body: ChatIn) -> TextRequest:
    """Return what the engine is asked for a conversation.

    Raises:
        SaidError: If something is asked for that this model, or this box, cannot do.
        InvalidValueError: If an option is refused.
    """
    _refuse_kind(asking.model, body.model, "chat")
    _refuse_images([image for message in body.messages for image in message.images])
    tools = tools_of(body.tools)
    if tools:
        demand(asking.model, Capability.TOOLS, shown_name=body.model)
    turns = [_turn_of(message) for message in body.messages]
    request = asking.about(turns, body.options or {})
    return replace(
        _with_form(request, asking.model, body),
        tools=tools,
        continues=turns[-1].role == "assistant" and not turns[-1].tool_calls,
        when_too_long=_too_long(body, WhenTooLong.DROP_OLDEST_TURNS),
    )


def generate_request(asking: Asking, body: GenerateIn) -> TextRequest:
    """Return what the engine is asked for a prompt.

    Raises:
        SaidError: If something is asked for that this model, or this box, cannot do.
        InvalidValueError: If an option is refused.
    """
    _refuse_kind(asking.model, body.model, "generate")
    _refuse_images(body.images)
    if body.raw and (body.template or body.system or body.context):
        raise SaidError("raw mode does not support template, system, or context")
    if body.template:
        raise SaidError(
            "template is not supported by this appliance: a prompt is written in the model's own "
            "form; with raw it is taken as it is"
        )
    request = replace(
        _prompted(asking, body),
        prompt_before=_context(body.context),
        wants_context=not body.raw,
        when_too_long=_too_long(body, WhenTooLong.CUT_THE_MIDDLE),
    )
    return _with_form(request, asking.model, body)


def _prompted(asking: Asking, body: GenerateIn) -> TextRequest:
    options = body.options or {}
    if body.suffix:
        demand(asking.model, Capability.INSERT, shown_name=body.model)
        return replace(
            asking.without_turns(options), raw_prompt=_fill_in_prompt(asking.model, body)
        )
    if body.raw:
        return replace(asking.without_turns(options), raw_prompt=body.prompt)
    turns = [Turn("user", body.prompt)]
    if body.system:
        turns.insert(0, Turn("system", body.system))
    if body.context:
        # The conversation so far has the model's own words already.
        return asking.without_turns(options, turns=turns)
    return asking.about(turns, options)


def _with_form(request: TextRequest, model: LibraryModel, body: ChatIn | GenerateIn) -> TextRequest:
    return replace(
        request,
        output=_output(body.format),
        thinks=_thinks(model, body),
        top_logprobs=likely_tokens(logprobs=body.logprobs, top_logprobs=body.top_logprobs),
        keep_alive_s=keep_alive_s(body.keep_alive),
    )


def _refuse_kind(model: LibraryModel, shown_name: str, what: str) -> None:
    if not model.can(Capability.COMPLETION):
        raise SaidError(f'"{shown_name}" does not support {what}')


def _refuse_images(images: Sequence[str]) -> None:
    if images:
        raise SaidError("this model does not support image input: this appliance reads text only")


def _too_long(body: ChatIn | GenerateIn, usual: WhenTooLong) -> WhenTooLong:
    return usual if body.may_be_cut else WhenTooLong.REFUSE


def _thinks(model: LibraryModel, body: ChatIn | GenerateIn) -> bool:
    can_think = model.can(Capability.THINKING)
    if body.think and not can_think:
        raise SaidError(f'"{body.model}" does not support thinking')
    # Models that can think do so unless they are told not to.
    return can_think and body.think is not False


def _output(form: Format) -> JsonOutput | None:
    if form is None or form == "":
        return None
    if form == "json":
        return JsonOutput()
    if isinstance(form, dict):
        return JsonOutput(form)
    shown = f'"{form[:60]}"' if isinstance(form, str) else str(form)[:60]
    raise FormatError(
        f'invalid format: {shown}; expected "json" or a valid JSON Schema object', field="format"
    )


def _context(tokens: Sequence[int]) -> tuple[int, ...]:
    if len(tokens) > _MOST_CONTEXT_TOKENS or any(token < 0 for token in tokens):
        raise BadRequestError("context is a list of tokens of an earlier answer", field="context")
    return tuple(tokens)


def _fill_in_prompt(model: LibraryModel, body: GenerateIn) -> str:
    way = model.facts.fill_in
    if way is None:
        raise SaidError(f"{body.model} does not support insert")
    return f"{way.prefix}{body.prompt}{way.suffix}{body.suffix}{way.middle}"


def _turn_of(message: MessageIn) -> Turn:
    calls = tuple(
        ToolCall(call.id, call.function.name, call.function.arguments)
        for call in message.tool_calls
    )
    return Turn(message.role, message.content, calls, message.tool_name)
