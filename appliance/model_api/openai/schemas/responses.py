"""Wire shapes of `/v1/responses`.

Source: OpenAI API reference, "Create a model response" (2025).
"""

from typing import Annotated, Literal

from pydantic import Field

from appliance.model_api.large_bodies import Listed, Mapped
from appliance.model_api.openai.schemas.chat import Content, Effort
from appliance.model_api.openai.schemas.shared import (
    Format,
    Fragment,
    ModelName,
    SamplingFields,
    TokenCount,
)

_MOST_ITEMS = 10_000
_MOST_TOOLS = 10_000


class Item(Fragment):
    """A part of the conversation; which members it has depends on its type."""

    type: str = "message"
    role: Literal["system", "developer", "user", "assistant"] | None = None
    content: Content | None = None
    call_id: str = ""
    name: str = ""
    arguments: str = ""
    output: Content | None = None


class FunctionTool(Fragment):
    """A function that the model may ask for; here its members stand flat."""

    type: str
    name: Annotated[str | None, Field(max_length=200)] = None
    description: str | None = None
    parameters: dict[str, object] | None = None


class NamedTool(Fragment):
    """Names a function."""

    name: str = ""


class ToolChoice(Fragment):
    """One function that must be called, or some that may be."""

    type: Literal["function", "allowed_tools"]
    name: str = ""
    mode: Literal["auto", "required"] = "auto"
    tools: Listed[NamedTool] | None = None


class TextWishes(Fragment):
    """What form the text is to have."""

    format: Format | None = None


class Reasoning(Fragment):
    """How much is thought before answering."""

    effort: Effort | None = None


class ResponseBody(SamplingFields):
    """A conversation that is to be answered; nothing of it is kept."""

    model: ModelName
    input: str | Annotated[Listed[Item], Field(min_length=1, max_length=_MOST_ITEMS)]
    instructions: str | None = None
    stream: bool | None = None
    max_output_tokens: TokenCount | None = None
    top_logprobs: int | None = None
    include: Listed[str] | None = None
    text: TextWishes | None = None
    tools: Annotated[Listed[FunctionTool], Field(max_length=_MOST_TOOLS)] | None = None
    tool_choice: Literal["none", "auto", "required"] | ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    reasoning: Reasoning | None = None
    truncation: Literal["auto", "disabled"] | None = None
    metadata: Mapped[str] | None = None
    # Kept answers are OpenAI's default, so that asking for them is no wish: answers say `false`.
    store: bool | None = None
    previous_response_id: str | None = None
    conversation: object = None
    background: bool | None = None
    prompt: object = None

    @property
    def wants_logprobs(self) -> bool:
        """Return whether the probabilities of tokens are to be told."""
        return "message.output_text.logprobs" in (self.include or ())
