"""Wire shapes of `/v1/messages`.

Source: Anthropic API reference, "Messages" (2025).
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from appliance.engine.text.model import JsonOutput
from appliance.model_api.large_bodies import Listed

_LONGEST_NAME = 200
_MOST_MESSAGES = 10_000
_MOST_TOOLS = 10_000
_MOST_STOPS = 64
_LONGEST_STOP = 1000


class Fragment(BaseModel):
    """A part of a body; further fields are passed over."""

    model_config = ConfigDict(allow_inf_nan=False)


class Block(Fragment):
    """A part of a message; which members it has depends on its type."""

    type: str
    text: str | None = None
    id: str = ""
    name: str = ""
    input: dict[str, object] = Field(default_factory=dict[str, object])
    tool_use_id: str = ""
    is_error: bool | None = None
    content: "str | Listed[Block] | None" = None


class MessageIn(Fragment):
    """One message of the conversation."""

    role: Literal["user", "assistant", "system"]
    content: str | Listed[Block]


class ToolIn(Fragment):
    """A function that the model may ask for."""

    type: str | None = None
    name: Annotated[str, Field(min_length=1, max_length=_LONGEST_NAME)]
    description: str | None = None
    input_schema: dict[str, object] | None = None


class ToolChoice(Fragment):
    """Whether functions are called, and which."""

    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class ThinkingIn(Fragment):
    """Whether the model thinks aloud first; how much is left to it."""

    type: Literal["enabled", "disabled", "adaptive"]


class FormIn(Fragment):
    """What form the answer is to have."""

    type: Literal["json_schema"]
    schema_: Annotated[dict[str, object], Field(alias="schema")]


class OutputConfig(Fragment):
    """How the answer is to be."""

    effort: str | None = None
    format: FormIn | None = None


class CountBody(Fragment):
    """A conversation whose tokens are to be counted."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False)

    model: Annotated[str, Field(min_length=1, max_length=_LONGEST_NAME)]
    messages: Annotated[Listed[MessageIn], Field(min_length=1, max_length=_MOST_MESSAGES)]
    system: str | Listed[Block] | None = None
    tools: Annotated[Listed[ToolIn], Field(max_length=_MOST_TOOLS)] | None = None
    tool_choice: ToolChoice | None = None
    thinking: ThinkingIn | None = None
    output_config: OutputConfig | None = None
    output_format: FormIn | None = None

    def output(self) -> JsonOutput | None:
        """Return the form of the answer; None leaves it free."""
        inner = None if self.output_config is None else self.output_config.format
        form = inner or self.output_format
        return None if form is None else JsonOutput(form.schema_)


class MessagesBody(CountBody):
    """A conversation that is to be answered."""

    max_tokens: Annotated[int, Field(ge=1)]
    stream: bool | None = None
    temperature: Annotated[float, Field(ge=0, le=1)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    top_k: Annotated[int, Field(ge=0, le=100_000)] | None = None
    stop_sequences: (
        Annotated[
            Listed[Annotated[str, Field(max_length=_LONGEST_STOP)]], Field(max_length=_MOST_STOPS)
        ]
        | None
    ) = None
    mcp_servers: list[object] | None = None
    container: object = None
