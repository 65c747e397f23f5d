"""Wire shapes of `/v1/completions`.

Source: OpenAI API reference, "Create completion (legacy)" (2025).
"""

from typing import Annotated, cast

from pydantic import Field

from appliance.model_api.large_bodies import Listed
from appliance.model_api.openai.schemas.shared import ModelName, PenaltyFields, TokenCount

_MOST_PROMPTS = 32
_MOST_TOKENS = 1_048_576
_USUAL_TOKENS = 16

Token = Annotated[int, Field(ge=0, lt=2**31)]
Tokens = Annotated[Listed[Token], Field(min_length=1, max_length=_MOST_TOKENS)]
Prompts = Annotated[Listed[str] | Listed[Tokens], Field(min_length=1, max_length=_MOST_PROMPTS)]


class CompletionBody(PenaltyFields):
    """A text, or several, that are to go on."""

    model: ModelName
    prompt: str | Tokens | Prompts
    suffix: str | None = None
    max_tokens: TokenCount | None = _USUAL_TOKENS
    echo: bool | None = None
    best_of: int | None = None
    logprobs: int | None = None
    truncate: bool = False

    @property
    def prompts(self) -> list[str] | list[list[int]]:
        """Return the texts, or the tokens of each."""
        if isinstance(self.prompt, str):
            return [self.prompt]
        first = self.prompt[0]
        whole = [self.prompt] if isinstance(first, int) else self.prompt
        return cast("list[str] | list[list[int]]", whole)
