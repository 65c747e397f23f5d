"""What clients of Ollama send. Fields that are not known are left out, as Ollama does.

Source:
    Ollama 0.33, `api/types.go`.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat, StrictBool

from appliance.model_api.asking import ToolIn
from appliance.model_api.large_bodies import Listed, Mapped

Name = Annotated[str, Field(max_length=400)]
Thinking = StrictBool | Literal["low", "medium", "high", "max", ""] | None
KeepAlive = FiniteFloat | Annotated[str, Field(max_length=60)] | None
Format = dict[str, object] | str | list[object] | FiniteFloat | bool | None


def _lowered(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _list_or_none(value: object) -> object:
    # Go's clients write a list that they have not made as null.
    return [] if value is None else value


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", protected_namespaces=())


class _Answering(_Body):
    """What generate and chat have in common."""

    model: Name = ""
    stream: bool | None = None
    format: Format = None
    keep_alive: KeepAlive = None
    options: dict[str, object] | None = None
    think: Thinking = None
    truncate: bool | None = None
    shift: bool | None = None
    logprobs: bool = False
    top_logprobs: int | None = None

    @property
    def is_streamed(self) -> bool:
        """Return whether the answer comes line by line, which is the usual."""
        return self.stream is not False

    @property
    def may_be_cut(self) -> bool:
        """Return whether a conversation that is too long may lose a part."""
        return self.truncate is not False and self.shift is not False


class GenerateIn(_Answering):
    """A prompt to be answered."""

    prompt: str = ""
    suffix: str = ""
    system: str = ""
    template: str = ""
    context: Annotated[Listed[int], BeforeValidator(_list_or_none)] = []
    raw: bool = False
    images: Annotated[Listed[str], BeforeValidator(_list_or_none)] = []


class CalledFunctionIn(_Body):
    """A function that the model asked for."""

    name: str
    arguments: dict[str, object] = {}


class ToolCallIn(_Body):
    """A call in an earlier turn."""

    id: str = ""
    function: CalledFunctionIn


class MessageIn(_Body):
    """One turn of a conversation."""

    role: Annotated[Literal["system", "user", "assistant", "tool"], BeforeValidator(_lowered)]
    content: Annotated[str, BeforeValidator(lambda value: "" if value is None else value)] = ""
    images: Annotated[Listed[str], BeforeValidator(_list_or_none)] = []
    tool_calls: Annotated[Listed[ToolCallIn], BeforeValidator(_list_or_none)] = []
    tool_name: str = ""
    tool_call_id: str = ""


class ChatIn(_Answering):
    """A conversation to be answered."""

    messages: Annotated[Listed[MessageIn], BeforeValidator(_list_or_none)] = []
    tools: Annotated[Listed[ToolIn], BeforeValidator(_list_or_none)] = []


class EmbedIn(_Body):
    """Texts to be embedded; `input` is checked by its own words."""

    model: Name = ""
    input: object = None
    truncate: bool | None = None
    dimensions: int | None = None
    keep_alive: KeepAlive = None
    options: dict[str, object] | None = None


class OldEmbeddingIn(_Body):
    """A text to be embedded, as older clients ask."""

    model: Name = ""
    prompt: str = ""
    keep_alive: KeepAlive = None
    options: dict[str, object] | None = None


class NamedIn(_Body):
    """A model by its name, which older clients call `name`."""

    model: Name = ""
    name: Name = ""
    stream: bool | None = None
    insecure: bool = False
    accepts_licence: bool = False
    verbose: bool = False
    system: str = ""

    @property
    def wanted(self) -> str:
        """Return which model is meant."""
        return self.model or self.name


class CopyIn(_Body):
    """A second name for a model."""

    source: Name = ""
    destination: Name = ""


class CreateIn(NamedIn):
    """A model to be made of another one or of a file."""

    from_: Annotated[str, Field(alias="from", max_length=400)] = ""
    files: Mapped[str] | None = None
    adapters: Mapped[str] | None = None
    template: str = ""
    license: str | Listed[str] | None = None
    parameters: dict[str, object] | None = None
    messages: Annotated[Listed[MessageIn], BeforeValidator(_list_or_none)] = []
    quantize: str = ""
    quantization: str = ""
    modelfile: str = ""


class TokenizeIn(_Body):
    """A text to be split."""

    model: Name = ""
    content: str | None = None
    text: str | None = None
    keep_alive: KeepAlive = None


class DetokenizeIn(_Body):
    """Tokens to be put together."""

    model: Name = ""
    tokens: Listed[int]
    keep_alive: KeepAlive = None


class MaisPromptIn(BaseModel):
    """A prompt, as MAIS's clients send it."""

    model_config = ConfigDict(extra="forbid")

    prompt: Annotated[str, Field(min_length=1, max_length=1_000_000)]
    context: Annotated[str, Field(max_length=1_000_000)] | dict[str, object] | None = None
