"""What the wire formats share when they make a request of the engine.

A format reads its own body; from there on they say the same: which model, what that model can,
its own words before the conversation, its options under the request's, tools and forms.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, Field

from appliance.base.errors import BadRequestError, InvalidValueError
from appliance.base.web.identity import Identity
from appliance.engine.library.model import Capability, LibraryModel
from appliance.engine.text.model import TextRequest, Tool, Turn
from appliance.model_api.options import options_of

MOST_LIKELY_TOKENS = 20
# A thousand functions fill any context; this refuses them before they are read.
_MOST_TOOLS = 512
_ANY_ARGUMENTS: Mapping[str, object] = {"type": "object", "properties": {}}


class UnableError(BadRequestError):
    """The model cannot do what is asked of it; `capability` says what that is."""

    code = "model_cannot"


class FunctionIn(BaseModel):
    """A function that the model may ask for."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    description: str | None = None
    parameters: dict[str, object] | None = None


class ToolIn(BaseModel):
    """A tool as Ollama and OpenAI's chat route write it."""

    type: str = "function"
    function: FunctionIn


@dataclass(frozen=True)
class Asking:
    """Who asks which model.

    Attributes:
        request_id: Unique.
        fairness_key: Whose request it is.
        model: Which model.
    """

    request_id: str
    fairness_key: str
    model: LibraryModel

    def about(self, turns: Sequence[Turn], options: Mapping[str, object]) -> TextRequest:
        """Return the request for an answer to this conversation.

        Args:
            turns: What the client sent.
            options: What it asked for, by Ollama's names.

        Raises:
            InvalidValueError: If an option is refused.
        """
        return self.without_turns(options, turns=with_own_words(self.model, turns))

    def without_turns(
        self, options: Mapping[str, object], *, turns: Sequence[Turn] = ()
    ) -> TextRequest:
        """Return a request whose prompt is said in another way, or is these turns alone.

        Raises:
            InvalidValueError: If an option is refused.
        """
        asked = options_of(self.model.parameters, options)
        return TextRequest(
            request_id=self.request_id,
            turns=tuple(turns),
            fairness_key=self.fairness_key,
            model=self.model.name,
            sampling=asked.sampling,
            context_tokens=asked.context_tokens,
        )


def fairness_key_of(identity: Identity) -> str:
    """Return whose share of the engine a request takes: a program's is its owner's."""
    return identity.user_id


def with_own_words(model: LibraryModel, turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Return the conversation behind the model's own instruction and turns."""
    own = model.messages
    begins_with_system = bool(turns) and turns[0].role == "system"
    if model.system and not begins_with_system:
        return (Turn("system", model.system), *own, *turns)
    if begins_with_system:
        # An instruction stays in front: templates know no other place for it.
        return (turns[0], *own, *turns[1:])
    return (*own, *turns)


def demand(model: LibraryModel, capability: Capability, *, shown_name: str) -> None:
    """Do nothing if the model can do this.

    Args:
        model: Which model.
        capability: What is asked of it.
        shown_name: What the client called it.

    Raises:
        UnableError: If it cannot.
    """
    if not model.can(capability):
        raise UnableError(
            f"{shown_name} does not support {capability}",
            hint="`/api/show` lists what a model can.",
            capability=capability.value,
            model=shown_name,
        )


def tools_of(tools: Sequence[ToolIn]) -> tuple[Tool, ...]:
    """Return the functions that a model may ask for.

    Raises:
        InvalidValueError: If there are too many, two of one name, or tools of another kind.
    """
    if len(tools) > _MOST_TOOLS:
        raise InvalidValueError(
            f"There are {len(tools)} tools; at most {_MOST_TOOLS} can be given.", field="tools"
        )
    names = [tool.function.name for tool in tools]
    for tool in tools:
        if tool.type != "function":
            raise InvalidValueError(
                f"The tool type {tool.type[:40]!r} is not known; only 'function' is.",
                field="tools",
            )
        if names.count(tool.function.name) > 1:
            raise InvalidValueError(
                f"Two tools are called {tool.function.name[:60]!r}.", field="tools"
            )
    return tuple(_tool_of(tool.function) for tool in tools)


def _tool_of(function: FunctionIn) -> Tool:
    return Tool(
        name=function.name,
        description=function.description or "",
        parameters=function.parameters or _ANY_ARGUMENTS,
    )


def likely_tokens(*, logprobs: bool, top_logprobs: int | None) -> int | None:
    """Return how many likely tokens are told with each token; None tells nothing of them.

    Raises:
        BadRequestError: If the number is outside of 0 to 20.
    """
    asked = top_logprobs or 0
    if not 0 <= asked <= MOST_LIKELY_TOKENS:
        raise BadRequestError(
            f"top_logprobs must be between 0 and {MOST_LIKELY_TOKENS}",
            code="bad_top_logprobs",
            field="top_logprobs",
            value=asked,
        )
    return asked if logprobs or asked else None
