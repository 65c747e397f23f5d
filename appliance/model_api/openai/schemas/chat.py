"""Wire shapes of `/v1/chat/completions`.

Source: OpenAI API reference, "Create chat completion" (2025).
"""

from typing import Annotated, Literal

from pydantic import Field

from appliance.model_api.asking import ToolIn
from appliance.model_api.large_bodies import Listed
from appliance.model_api.openai.schemas.shared import (
    ContentPart,
    Format,
    Fragment,
    ModelName,
    NamedFunction,
    PenaltyFields,
    TokenCount,
)

_MOST_MESSAGES = 10_000
_MOST_TOOLS = 10_000

Content = str | Listed[ContentPart]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class CalledFunction(Fragment):
    """What was called, with its arguments as JSON in a text."""

    name: str
    arguments: str = ""


class CallIn(Fragment):
    """A call that the assistant made earlier."""

    id: str = ""
    type: str = "function"
    function: CalledFunction


class MessageIn(Fragment):
    """One message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Content | None = None
    refusal: str | None = None
    name: str | None = None
    tool_calls: Listed[CallIn] | None = None
    tool_call_id: str | None = None


class ChoiceOfAllowed(Fragment):
    """Some of the tools, and whether one of them must be called."""

    mode: Literal["auto", "required"]
    tools: Listed[ToolIn]


class ToolChoice(Fragment):
    """One function that must be called, or some that may be."""

    type: Literal["function", "allowed_tools"]
    function: NamedFunction | None = None
    allowed_tools: ChoiceOfAllowed | None = None


class ChatBody(PenaltyFields):
    """A conversation that is to be answered."""

    model: ModelName
    messages: Annotated[Listed[MessageIn], Field(max_length=_MOST_MESSAGES)]
    max_tokens: TokenCount | None = None
    max_completion_tokens: TokenCount | None = None
    response_format: Format | None = None
    tools: Annotated[Listed[ToolIn], Field(max_length=_MOST_TOOLS)] | None = None
    tool_choice: Literal["none", "auto", "required"] | ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    reasoning_effort: Effort | None = None
    truncate: bool = True
    store: bool | None = None
    modalities: Listed[str] | None = None
    audio: object = None
    functions: object = None
    function_call: object = None
    web_search_options: object = None
