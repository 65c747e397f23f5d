"""What `/v1/responses` answers: the response, and the items of its output."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from appliance.engine.text.model import ChosenToken, Finished, FinishReason, ToolCall
from appliance.model_api.gathering import Gathered
from appliance.model_api.openai.envelope import Envelope, token_logprobs
from appliance.model_api.openai.schemas.responses import ResponseBody

_CALL = "call_"
Json = Mapping[str, object]


@dataclass(frozen=True)
class Naming:
    """The names of what an answer is made of.

    Attributes:
        unique: What they have in common.
    """

    unique: str

    @property
    def message(self) -> str:
        """Return the name of its message."""
        return f"msg_{self.unique}"

    @property
    def reasoning(self) -> str:
        """Return the name of its thoughts."""
        return f"rs_{self.unique}"


def response(
    around: Envelope,
    body: ResponseBody,
    *,
    status: str,
    output: Sequence[Json] = (),
    finished: Finished | None = None,
    error: Json | None = None,
) -> dict[str, object]:
    """Return the response as it stands.

    Args:
        around: What stands around it.
        body: What was asked; parts of it are repeated.
        status: How far it is.
        output: Its items so far.
        finished: How it ended, if it has.
        error: What failed.
    """
    return {
        "id": around.id,
        "object": "response",
        "created_at": around.created_s,
        "status": status,
        "background": False,
        "error": error,
        "incomplete_details": ({"reason": "max_output_tokens"} if status == "incomplete" else None),
        "instructions": body.instructions,
        "max_output_tokens": body.max_output_tokens,
        "metadata": body.metadata or {},
        "model": around.model,
        "output": list(output),
        "parallel_tool_calls": body.parallel_tool_calls is not False,
        "previous_response_id": None,
        "reasoning": {"effort": body.reasoning.effort if body.reasoning else None, "summary": None},
        # Said, because keeping is what OpenAI does unless told otherwise.
        "store": False,
        "temperature": body.temperature,
        "text": {"format": _format(body)},
        "tool_choice": _dumped(body.tool_choice) or "auto",
        "tools": [_dumped(tool) for tool in body.tools or ()],
        "top_p": body.top_p,
        "truncation": body.truncation or "disabled",
        "usage": None if finished is None else _usage(finished),
        "user": None,
    }


def whole_response(
    answer: Gathered, around: Envelope, body: ResponseBody, naming: Naming
) -> dict[str, object]:
    """Return the whole answer."""
    output: list[Json] = []
    if answer.thoughts:
        output.append(reasoning_item(naming, answer.thoughts))
    if answer.text or not answer.calls:
        output.append(message_item(naming, answer.text, answer.tokens))
    output.extend(call_item(call) for call in answer.calls)
    return response(
        around,
        body,
        status=status_of(answer.finished),
        output=output,
        finished=answer.finished,
    )


def status_of(finished: Finished) -> str:
    """Return how an answer that has ended stands."""
    return "incomplete" if finished.reason is FinishReason.LENGTH else "completed"


def reasoning_item(naming: Naming, thoughts: str) -> dict[str, object]:
    """Return the item of what was thought aloud."""
    summary = [{"type": "summary_text", "text": thoughts}]
    return {"id": naming.reasoning, "type": "reasoning", "summary": summary}


def message_item(
    naming: Naming, text: str, tokens: Sequence[ChosenToken] = ()
) -> dict[str, object]:
    """Return the item of what was written."""
    return {
        "id": naming.message,
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [text_part(text, tokens)],
    }


def text_part(text: str, tokens: Sequence[ChosenToken] = ()) -> dict[str, object]:
    """Return the part of a message that is its text."""
    return {
        "type": "output_text",
        "text": text,
        "annotations": [],
        "logprobs": [token_logprobs(token) for token in tokens],
    }


def call_item(call: ToolCall) -> dict[str, object]:
    """Return the item of a function that is to be called."""
    return {
        "id": f"fc_{call.id.removeprefix(_CALL)}",
        "type": "function_call",
        "status": "completed",
        "call_id": call.id,
        "name": call.name,
        "arguments": json.dumps(call.arguments, ensure_ascii=False),
    }


def _usage(finished: Finished) -> dict[str, object]:
    return {
        "input_tokens": finished.prompt_tokens,
        "input_tokens_details": {"cached_tokens": finished.cached_tokens},
        "output_tokens": finished.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": finished.prompt_tokens + finished.completion_tokens,
    }


def _format(body: ResponseBody) -> object:
    chosen = body.text.format if body.text is not None else None
    return _dumped(chosen) or {"type": "text"}


def _dumped(value: object) -> object:
    """Return what was asked, as it is repeated."""
    if isinstance(value, BaseModel):
        return value.model_dump(by_alias=True, exclude_none=True)
    return value
