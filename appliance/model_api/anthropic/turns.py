"""The messages of `/v1/messages` as turns of a conversation."""

from collections.abc import Iterator, Sequence

from appliance.base.errors import BadRequestError
from appliance.engine.text.model import ToolCall, Turn
from appliance.model_api.anthropic.schemas import Block, MessageIn

# What a model thought before is not read again: no template gives it back.
_THOUGHTS = frozenset(("thinking", "redacted_thinking"))


def turns_of(
    system: str | Sequence[Block] | None, messages: Sequence[MessageIn]
) -> tuple[Turn, ...]:
    """Return the conversation.

    Raises:
        BadRequestError: If a block of it cannot be read.
    """
    names: dict[str, str] = {}
    instruction = _text_of(system, field="system") if system else ""
    turns = [Turn("system", instruction)] if instruction else []
    for message in messages:
        turns.extend(_turns_of_message(message, names))
    return tuple(turns)


def _turns_of_message(message: MessageIn, names: dict[str, str]) -> Iterator[Turn]:
    if isinstance(message.content, str):
        yield Turn(message.role, message.content)
        return
    texts: list[str] = []
    calls: list[ToolCall] = []
    for block in message.content:
        match block.type:
            case "text":
                texts.append(block.text or "")
            case "tool_use":
                names[block.id] = block.name
                calls.append(ToolCall(block.id, block.name, block.input))
            case "tool_result":
                yield _result_of(block, names)
            case kind:
                if kind not in _THOUGHTS:
                    raise _unreadable(kind, "messages.content")
    if texts or calls:
        yield Turn(message.role, "\n".join(texts), tool_calls=tuple(calls))


def _result_of(block: Block, names: dict[str, str]) -> Turn:
    text = _text_of(block.content, field="messages.content")
    told = f"Error: {text}" if block.is_error else text
    return Turn("tool", told, tool_name=names.get(block.tool_use_id, ""))


def _text_of(content: str | Sequence[Block] | None, *, field: str) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    for block in content:
        if block.type != "text":
            raise _unreadable(block.type, field)
    return "\n".join(block.text or "" for block in content)


def _unreadable(kind: str, field: str) -> BadRequestError:
    return BadRequestError(
        f"A block of the type {kind[:40]!r} cannot be read: the models of this box read text.",
        hint="Send blocks of the types 'text', 'tool_use' and 'tool_result'.",
        code="unsupported_content",
        field=field,
    )
