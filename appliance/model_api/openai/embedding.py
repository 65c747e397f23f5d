"""Meanings in numbers, as `/v1/embeddings` asks for them and is answered."""

import base64
import math
import sys
from array import array
from collections.abc import Sequence
from typing import cast

from appliance.base.errors import BadRequestError
from appliance.engine.text.model import EmbeddingRequest, Embeddings
from appliance.engine.text.port import Tokeniser
from appliance.model_api.asking import Asking
from appliance.model_api.openai.schemas.embeddings import EmbeddingsBody


async def embedding_request(
    body: EmbeddingsBody, asking: Asking, tokeniser: Tokeniser
) -> EmbeddingRequest:
    """Return what the engine is asked; tokens become the texts that they stand for."""
    texts = [
        text if isinstance(text, str) else await tokeniser.text_of(text, model=asking.model.name)
        for text in _inputs(body)
    ]
    return EmbeddingRequest(
        request_id=asking.request_id,
        texts=tuple(texts),
        fairness_key=asking.fairness_key,
        model=asking.model.name,
        truncates=body.truncate,
    )


def embeddings_answer(made: Embeddings, body: EmbeddingsBody) -> dict[str, object]:
    """Return the answer.

    Raises:
        BadRequestError: If more dimensions are asked for than there are.
    """
    vectors = [_shortened(vector, body.dimensions) for vector in made.vectors]
    is_packed = body.encoding_format == "base64"
    return {
        "object": "list",
        "data": [
            {
                "object": "embedding",
                "index": index,
                "embedding": _packed(vector) if is_packed else list(vector),
            }
            for index, vector in enumerate(vectors)
        ],
        "model": body.model,
        "usage": {"prompt_tokens": made.prompt_tokens, "total_tokens": made.prompt_tokens},
    }


def _inputs(body: EmbeddingsBody) -> Sequence[str | Sequence[int]]:
    if isinstance(body.input, str):
        return [body.input]
    if isinstance(body.input[0], int):
        return [cast("list[int]", body.input)]
    return cast("list[str] | list[list[int]]", body.input)


def _shortened(vector: Sequence[float], dimensions: int | None) -> Sequence[float]:
    if dimensions is None or dimensions == len(vector):
        return vector
    if dimensions > len(vector):
        raise BadRequestError(
            f"dimensions is {dimensions}; this model has {len(vector)}.",
            code="bad_dimensions",
            field="dimensions",
        )
    kept = vector[:dimensions]
    length = math.hypot(*kept) or 1.0
    return [number / length for number in kept]


def _packed(vector: Sequence[float]) -> str:
    numbers = array("f", vector)
    if sys.byteorder == "big":
        # Clients read little-endian numbers, wherever we run.
        numbers.byteswap()
    return base64.b64encode(numbers.tobytes()).decode("ascii")
