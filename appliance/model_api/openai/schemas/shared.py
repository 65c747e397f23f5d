"""Wire shapes that several of OpenAI's routes have in common.

A body may have fields that are not known here, because clients send what newer servers know; the
answer names them in a header. Known ones are checked, and refused by name.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from appliance.engine.text.model import JsonOutput
from appliance.model_api.large_bodies import Listed, Mapped

LONGEST_NAME = 200
_MOST_STOPS = 64
_LONGEST_STOP = 1000


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


ModelName = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
StopText = Annotated[str, Field(max_length=_LONGEST_STOP)]
# One text, or a list of them.
Stop = Annotated[Listed[StopText], Field(max_length=_MOST_STOPS), BeforeValidator(_as_list)]
Temperature = Annotated[float, Field(ge=0, le=2)]
Share = Annotated[float, Field(ge=0, le=1)]
Penalty = Annotated[float, Field(ge=-2, le=2)]
TokenCount = Annotated[int, Field(ge=1)]
Bias = Annotated[float, Field(ge=-100, le=100)]
Seed = Annotated[int, Field(ge=-(2**63), lt=2**63)]


class Body(BaseModel):
    """A request's body; further fields are kept, so that they can be named."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False)


class Fragment(BaseModel):
    """A part of a body; further fields are passed over."""

    model_config = ConfigDict(allow_inf_nan=False)


class ContentPart(Fragment):
    """A part of a message: texts of all kinds are read, everything else is refused."""

    type: str
    text: str | None = None
    refusal: str | None = None


class SamplingFields(Body):
    """How tokens are chosen, as most of OpenAI's routes ask for it.

    `top_k`, `min_p`, `repeat_penalty` and `num_ctx` are Ollama's names, and not OpenAI's.
    """

    temperature: Temperature | None = None
    top_p: Share | None = None
    top_k: Annotated[int, Field(ge=0, le=100_000)] | None = None
    min_p: Share | None = None
    repeat_penalty: Annotated[float, Field(ge=0, le=10)] | None = None
    num_ctx: TokenCount | None = None

    def sampling_options(self) -> dict[str, object]:
        """Return these fields by Ollama's names; what was not asked for is left out."""
        names = ("temperature", "top_p", "top_k", "min_p", "repeat_penalty", "num_ctx")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


class StreamOptions(Fragment):
    """What a stream brings besides the answer."""

    include_usage: bool | None = None


class PenaltyFields(SamplingFields):
    """What chat and completions ask for beyond the common fields."""

    frequency_penalty: Penalty | None = None
    presence_penalty: Penalty | None = None
    seed: Seed | None = None
    stop: Stop | None = None
    logit_bias: Mapped[Bias] | None = None
    n: int | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None

    @property
    def includes_usage(self) -> bool:
        """Return whether a stream is to end with its usage."""
        return self.stream_options is not None and bool(self.stream_options.include_usage)


class SchemaIn(Fragment):
    """A JSON schema under a name."""

    name: str | None = None
    schema_: Annotated[dict[str, object] | None, Field(alias="schema")] = None


class Format(Fragment):
    """What form an answer is to have; the schema may stand in either of two places."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: SchemaIn | None = None
    schema_: Annotated[dict[str, object] | None, Field(alias="schema")] = None

    def output(self) -> JsonOutput | None:
        """Return the form for the engine; None leaves it free."""
        if self.type == "text":
            return None
        if self.type == "json_object":
            return JsonOutput()
        inner = None if self.json_schema is None else self.json_schema.schema_
        return JsonOutput(inner if inner is not None else self.schema_)


class NamedFunction(Fragment):
    """Names a function."""

    name: str
