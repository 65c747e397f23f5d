"""Texts into numbers, in the two ways that Ollama's clients ask for it.

Source:
    Ollama 0.33, `server/routes.go`, `EmbedHandler` and `EmbeddingsHandler`.
"""

import math
from collections.abc import Sequence

from starlette.responses import Response

from appliance.base.errors import InvalidValueError, NotFoundError
from appliance.base.web.identity import Identity
from appliance.base.web.streaming import WholeAnswer
from appliance.engine.text.model import EmbeddingRequest
from appliance.model_api.asking import fairness_key_of
from appliance.model_api.framing import encoded
from appliance.model_api.ollama.dialect import MissingModelError, SaidError
from appliance.model_api.ollama.schemas import EmbedIn, OldEmbeddingIn
from appliance.model_api.ollama.wire import JSON, keep_alive_s, nanoseconds
from appliance.model_api.options import options_of
from appliance.model_api.parts import ModelApiParts

_MOST_TEXTS = 2048


class Embedding:
    """Embeds for clients of Ollama."""

    def __init__(self, parts: ModelApiParts) -> None:
        self._parts = parts

    async def embed(self, identity: Identity, body: EmbedIn) -> Response:
        """Return a vector per text.

        Raises:
            MissingModelError: If the model is not here.
            SaidError: If the input is neither a text nor a list of texts.
        """
        asked_s = self._parts.clock.monotonic_s()
        texts = texts_of(body.input)
        options_of(body.options or {})
        dimensions = _dimensions(body.dimensions)
        name = await self._name_of(body.model)
        request = EmbeddingRequest(
            request_id=self._parts.ids.new_id(),
            texts=tuple(texts),
            fairness_key=fairness_key_of(identity),
            model=name,
            truncates=body.truncate is not False,
            keep_alive_s=keep_alive_s(body.keep_alive),
        )

        async def made() -> Response:
            if not texts:
                await self._parts.host.load(name, keep_alive_s=request.keep_alive_s)
                return _json({"model": body.model, "embeddings": []})
            found = await self._parts.embedder.embed(request)
            total_s = self._parts.clock.monotonic_s() - asked_s
            return _json(
                {
                    "model": body.model,
                    "embeddings": [cut(vector, dimensions) for vector in found.vectors],
                    "total_duration": nanoseconds(total_s),
                    "load_duration": nanoseconds(found.load_s),
                    "prompt_eval_count": found.prompt_tokens,
                }
            )

        return WholeAnswer(made)

    async def embed_one(self, identity: Identity, body: OldEmbeddingIn) -> Response:
        """Return the vector of one text, as older clients ask.

        Raises:
            MissingModelError: If the model is not here.
        """
        options_of(body.options or {})
        name = await self._name_of(body.model)
        request = EmbeddingRequest(
            request_id=self._parts.ids.new_id(),
            texts=(body.prompt,),
            fairness_key=fairness_key_of(identity),
            model=name,
            keep_alive_s=keep_alive_s(body.keep_alive),
        )

        async def made() -> Response:
            if not body.prompt:
                await self._parts.host.load(name, keep_alive_s=request.keep_alive_s)
                return _json({"embedding": []})
            found = await self._parts.embedder.embed(request)
            return _json({"embedding": list(found.vectors[0])})

        return WholeAnswer(made)

    async def _name_of(self, asked: str) -> str:
        if not asked:
            raise SaidError("model is required")
        try:
            return (await self._parts.model_named(asked)).name
        except NotFoundError as error:
            raise MissingModelError(f'model "{asked}" not found, try pulling it first') from error


def texts_of(value: object) -> list[str]:
    """Return the texts of `input`: one, several, or none.

    Raises:
        SaidError: If it is neither a text nor a list of texts.
        InvalidValueError: If there are too many.
    """
    if value is None:
        return []
    if isinstance(value, str):
        return [value] if value else []
    if not isinstance(value, list):
        raise SaidError("invalid input type")
    texts = [item for item in value if isinstance(item, str)]  # pyright: ignore[reportUnknownVariableType]
    if len(texts) != len(value):  # pyright: ignore[reportUnknownArgumentType]
        raise SaidError("invalid input type")
    if len(texts) > _MOST_TEXTS:
        raise InvalidValueError(
            f"There are {len(texts)} texts; at most {_MOST_TEXTS} can be sent at once.",
            field="input",
        )
    return texts


def cut(vector: Sequence[float], dimensions: int | None) -> list[float]:
    """Return the first numbers of a vector, of length 1 again."""
    if dimensions is None or dimensions >= len(vector):
        return list(vector)
    kept = vector[:dimensions]
    length = math.hypot(*kept)
    return [number / length for number in kept] if length else list(kept)


def _dimensions(asked: int | None) -> int | None:
    if asked is not None and asked < 0:
        raise InvalidValueError(f"dimensions is {asked}: it must be 1 or more.", field="dimensions")
    # Go's clients write 0 for what they have not set.
    return asked or None


def _json(values: dict[str, object]) -> Response:
    return Response(encoded(values), media_type=JSON)
