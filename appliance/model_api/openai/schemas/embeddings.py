"""Wire shapes of `/v1/embeddings`.

Source: OpenAI API reference, "Create embeddings" (2025).
"""

from typing import Annotated, Literal

from pydantic import Field

from appliance.model_api.large_bodies import Listed
from appliance.model_api.openai.schemas.completions import Tokens
from appliance.model_api.openai.schemas.shared import Body, ModelName

_MOST_TEXTS = 2048

Text = Annotated[str, Field(min_length=1)]


class EmbeddingsBody(Body):
    """Texts, or the tokens of texts, whose meaning is to be told in numbers."""

    model: ModelName
    input: (
        Text
        | Annotated[Listed[Text], Field(min_length=1, max_length=_MOST_TEXTS)]
        | Tokens
        | Annotated[Listed[Tokens], Field(min_length=1, max_length=_MOST_TEXTS)]
    )
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Annotated[int, Field(ge=1)] | None = None
    truncate: bool = False
