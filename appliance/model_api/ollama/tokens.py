"""Texts into tokens and back: no routes of Ollama's, but often asked for (ollama#3582)."""

from appliance.base.errors import NotFoundError
from appliance.model_api.ollama.dialect import MissingModelError, SaidError
from appliance.model_api.ollama.schemas import DetokenizeIn, TokenizeIn
from appliance.model_api.parts import ModelApiParts


class Splitting:
    """Splits texts as a model does."""

    def __init__(self, parts: ModelApiParts) -> None:
        self._parts = parts

    async def tokenize(self, body: TokenizeIn) -> dict[str, object]:
        """Return the tokens of a text.

        Raises:
            MissingModelError: If the model is not here.
        """
        name = await self._name_of(body.model)
        text = body.content if body.content is not None else body.text
        if text is None:
            raise SaidError("content is required")
        tokens = await self._parts.tokeniser.tokens_of(text, model=name)
        return {"model": body.model, "tokens": tokens}

    async def detokenize(self, body: DetokenizeIn) -> dict[str, object]:
        """Return the text of tokens.

        Raises:
            MissingModelError: If the model is not here.
            InvalidValueError: If it has no such token.
        """
        name = await self._name_of(body.model)
        text = await self._parts.tokeniser.text_of(body.tokens, model=name)
        return {"model": body.model, "content": text}

    async def _name_of(self, asked: str) -> str:
        if not asked:
            raise SaidError("model is required")
        try:
            return (await self._parts.model_named(asked)).name
        except NotFoundError as error:
            raise MissingModelError(f"model '{asked}' not found") from error
