"""The messages of `/v1/chat/completions` as turns of a conversation."""

import json
from collections.abc import Mapping, Sequence
from typing import cast

from appliance.base.errors import BadRequestError, InvalidValueError
from appliance.engine.text.model import ToolCall, Turn
from appliance.model_api.openai.schemas.chat import CallIn, MessageIn
from appliance.model_api.openai.schemas.shared import ContentPart

_TEXTS = frozenset(("text", "input_text", "output_text"))


class UnreadableContentError(BadRequestError):
    """A message has something else than text."""

    code = "unsupported_content"


def turns_of(messages: Sequence[MessageIn]) -> tuple[Turn, ...]:
    """Return the conversation.

    Raises:
        BadRequestError: If a part of it cannot be read.
        InvalidValueError: If there is none.
    """
    if not messages:
        raise InvalidValueError("[] is too short - 'messages'", field="messages")
    called: dict[str, str] = {}
    return tuple(_turn_of(message, called) for message in messages)


def ends_with_answer(turns: Sequence[Turn]) -> bool:
    """Return whether the last turn is the beginning of the answer, which is to go on from there."""
    last = turns[-1]
    return last.role == "assistant" and bool(last.content) and not last.tool_calls


def text_of(content: str | Sequence[ContentPart] | None, *, field: str) -> str:
    """Return the text of a message.

    Raises:
        UnreadableContentError: If it has parts of other kinds.
    """
    if content is None or isinstance(content, str):
        return content or ""
    return "\n".join(_text_of_part(part, field) for part in content)


def arguments_of(text: str, *, field: str) -> Mapping[str, object]:
    """Return the arguments of a call that the assistant made earlier.

    Raises:
        BadRequestError: If the text is not a JSON object.
    """
    try:
        arguments = json.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        raise _bad_arguments(field) from error
    if not isinstance(arguments, dict):
        raise _bad_arguments(field)
    return cast("dict[str, object]", arguments)


def _turn_of(message: MessageIn, called: dict[str, str]) -> Turn:
    text = text_of(message.content, field="messages.content")
    match message.role:
        case "system" | "developer":
            return Turn("system", text)
        case "assistant":
            calls = tuple(_call_of(call) for call in message.tool_calls or ())
            called.update({call.id: call.name for call in calls})
            return Turn("assistant", text or message.refusal or "", tool_calls=calls)
        case "tool" | "function":
            name = message.name or called.get(message.tool_call_id or "", "")
            return Turn("tool", text, tool_name=name)
        case "user":
            return Turn("user", text)


def _call_of(call: CallIn) -> ToolCall:
    arguments = arguments_of(
        call.function.arguments, field="messages.tool_calls.function.arguments"
    )
    return ToolCall(id=call.id, name=call.function.name, arguments=arguments)


def _text_of_part(part: ContentPart, field: str) -> str:
    if part.type in _TEXTS and part.text is not None:
        return part.text
    if part.type == "refusal":
        return part.refusal or ""
    raise UnreadableContentError(
        f"A part of the kind {part.type[:40]!r} cannot be read: the models of this box read text.",
        hint="Send parts of the kind 'text' only.",
        field=field,
    )


def _bad_arguments(field: str) -> BadRequestError:
    return BadRequestError(
        "The arguments of an earlier call are not a JSON object.", code="bad_arguments", field=field
    )
