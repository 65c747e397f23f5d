"""What `/v1/chat/completions` asks of the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from appliance.base.errors import BadRequestError
from appliance.engine.library.model import Capability, LibraryModel
from appliance.engine.text.model import TextRequest, WhenTooLong
from appliance.model_api.asking import Asking, demand, likely_tokens, tools_of
from appliance.model_api.openai.choosing_tools import (
    Choice,
    choice_among,
    choice_named,
    choice_of_one,
    with_tools,
)
from appliance.model_api.openai.refusing import refuse_given, refuse_more_than_one
from appliance.model_api.openai.schemas.chat import ChatBody
from appliance.model_api.openai.schemas.shared import PenaltyFields
from appliance.model_api.openai.turns import ends_with_answer, turns_of

NO_THOUGHT = frozenset(("none", "minimal"))
_REFUSED: Mapping[str, str] = {
    "store": "nothing that programs ask is kept.",
    "audio": "the models of this box write text.",
    "functions": "use tools.",
    "function_call": "use tool_choice.",
    "web_search_options": "the models of this box see nothing but what you send.",
}


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


@dataclass(frozen=True)
class Thinking:
    """Whether the model thinks aloud, and whether the wish had no effect."""

    thinks: bool
    ignored: tuple[str, ...] = field(default=())


def chat_asked(body: ChatBody, asking: Asking) -> Asked:
    """Return what the engine is asked.

    Raises:
        ApplianceError: If something is asked that cannot be done; it names the field.
    """
    _refuse_unsupported(body)
    demand(asking.model, Capability.COMPLETION, shown_name=body.model)
    turns = turns_of(body.messages)
    thinking = thinking_of(asking.model, body.reasoning_effort, name="reasoning_effort")
    request = replace(
        asking.about(turns, {**penalty_options(body), **_length(body)}),
        continues=ends_with_answer(turns),
        thinks=thinking.thinks,
        output=None if body.response_format is None else body.response_format.output(),
        top_logprobs=likely_tokens(logprobs=bool(body.logprobs), top_logprobs=body.top_logprobs),
        when_too_long=WhenTooLong.DROP_OLDEST_TURNS if body.truncate else WhenTooLong.REFUSE,
    )
    if body.tools:
        demand(asking.model, Capability.TOOLS, shown_name=body.model)
        request = with_tools(request, tools_of(body.tools), _choice_of(body))
    return Asked(
        request,
        ignored=thinking.ignored,
        calls_once=body.parallel_tool_calls is False,
    )


def thinking_of(model: LibraryModel, effort: str | None, *, name: str) -> Thinking:
    """Return whether the model is to think aloud: one that can does, unless it is told not to.

    Args:
        model: Which one.
        effort: How much is asked for; None leaves it open.
        name: Of the field that asks.
    """
    can_think = model.can(Capability.THINKING)
    is_wanted = effort not in NO_THOUGHT
    is_in_vain = effort is not None and is_wanted and not can_think
    return Thinking(can_think and is_wanted, (name,) if is_in_vain else ())


def penalty_options(body: PenaltyFields) -> dict[str, object]:
    """Return how tokens are chosen, by Ollama's names.

    Raises:
        BadRequestError: If a token of `logit_bias` is not a number.
    """
    options = body.sampling_options()
    for name in ("frequency_penalty", "presence_penalty", "seed"):
        if (value := getattr(body, name)) is not None:
            options[name] = value
    if body.stop:
        options["stop"] = body.stop
    if body.logit_bias:
        options["logit_bias"] = tuple(
            (_token_number(token), bias) for token, bias in body.logit_bias.items()
        )
    return options


def _refuse_unsupported(body: ChatBody) -> None:
    refuse_more_than_one("n", body.n)
    refuse_given(body, _REFUSED)
    if set(body.modalities or ()) - {"text"}:
        raise BadRequestError(
            "modalities names more than 'text': the models of this box write text.",
            code="unsupported_parameter",
            field="modalities",
        )


def _length(body: ChatBody) -> dict[str, object]:
    most = body.max_completion_tokens or body.max_tokens
    return {} if most is None else {"num_predict": most}


def _choice_of(body: ChatBody) -> Choice:
    choice = body.tool_choice
    if choice is None or isinstance(choice, str):
        return choice_named(choice or "auto")
    if choice.type == "function" and choice.function is not None:
        return choice_of_one(choice.function.name)
    if choice.type == "allowed_tools" and choice.allowed_tools is not None:
        allowed = choice.allowed_tools
        return choice_among(allowed.mode, [tool.function.name for tool in allowed.tools])
    raise BadRequestError(
        f"tool_choice of the type {choice.type!r} does not say which function.",
        code="bad_tool_choice",
        field="tool_choice",
    )


def _token_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):  # noqa: PLR2004 - far above all
        raise BadRequestError(
            f"logit_bias has the token {text[:40]!r}; tokens are numbers.",
            code="bad_logit_bias",
            field="logit_bias",
        )
    return int(text)
