"""Models made, named anew, and removed by clients of Ollama.

Source:
    Ollama 0.33, `server/create.go`, `server/routes.go`; docs/api.md, "Create a Model".
"""

import asyncio
from collections.abc import AsyncIterator, Mapping

from appliance.base.errors import ApplianceError, InvalidValueError, NotFoundError
from appliance.engine.library.blobs import digest_of_text
from appliance.engine.library.library import ModelLibrary
from appliance.engine.library.model import Recipe
from appliance.engine.library.names import ModelName
from appliance.engine.text.model import Turn
from appliance.model_api.ollama.dialect import MissingModelError, SaidError
from appliance.model_api.ollama.schemas import CopyIn, CreateIn
from appliance.model_api.options import options_of

_PIECE_BYTES = 1 << 20


class Managing:
    """Changes what models there are."""

    def __init__(self, library: ModelLibrary) -> None:
        self._library = library

    async def copy(self, body: CopyIn) -> None:
        """Give a model a second name.

        Raises:
            MissingModelError: If there is no such model.
            SaidError: If the new name is none.
        """
        _refuse_no_name(body.destination, f'destination "{body.destination[:80]}" is invalid')
        try:
            await asyncio.to_thread(self._library.copy, body.source, body.destination)
        except NotFoundError as error:
            raise MissingModelError(f'model "{body.source}" not found') from error

    async def delete(self, name: str) -> None:
        """Remove a name, and its file with the last one.

        Raises:
            MissingModelError: If there is no such model.
            ConflictError: If it is one that stays.
        """
        if not name:
            raise SaidError("model is required")
        try:
            await asyncio.to_thread(self._library.delete, name)
        except NotFoundError as error:
            raise MissingModelError(f"model '{name}' not found") from error

    async def create(self, body: CreateIn) -> list[str]:
        """Make a model, and return what was done, step by step.

        Raises:
            SaidError: If it is to be made in a way that this box cannot.
            MissingModelError: If there is nothing of the name that it is to be made from.
            NotFoundError: If the file was not sent before.
            InvalidValueError: If a parameter is refused, or the file is no model.
        """
        _refuse_no_name(body.wanted, "invalid model name")
        _refuse_impossible(body)
        options_of(body.parameters or {})
        blob = _gguf_of(body.files or {})
        if body.template:
            await self._refuse_other_template(body)
        try:
            model = await asyncio.to_thread(
                self._library.create,
                body.wanted,
                recipe=_recipe_of(body),
                source=body.from_ or None,
                blob=None if body.from_ else blob,
            )
        except NotFoundError as error:
            if error.code != "model_not_found":
                raise
            raise MissingModelError(f"model '{body.from_}' not found") from error
        digest = await asyncio.to_thread(self._library.digest_of, model)
        return ["parsing GGUF", f"using existing layer sha256:{digest}", "writing manifest"]

    async def has_blob(self, digest: str) -> bool:
        """Return whether a file is here.

        Raises:
            SaidError: If that is no digest.
        """
        return await asyncio.to_thread(self._library.blobs.has, _digest(digest))

    async def store_blob(
        self, digest: str, pieces: AsyncIterator[bytes], *, size_bytes: int
    ) -> None:
        """Write a file as it comes.

        Raises:
            SaidError: If it has another digest than its name, or that is none.
            StorageFullError: If it does not fit the disk.
        """
        wanted = _digest(digest)
        writer = await asyncio.to_thread(self._library.blobs.writer, wanted, size_bytes=size_bytes)
        with writer:
            async for piece in _larger(pieces):
                await asyncio.to_thread(writer.write, piece)
            try:
                await asyncio.to_thread(writer.finish)
            except InvalidValueError as error:
                actual = error.fields.get("actual")
                raise SaidError(
                    f'digest mismatch, expected "sha256:{wanted}", got "{actual}"'
                ) from error

    async def _refuse_other_template(self, body: CreateIn) -> None:
        source = await asyncio.to_thread(self._library.find_model, body.from_)
        if source is None or source.template != body.template:
            raise SaidError(
                "template is not supported by this appliance: a model is spoken to by the "
                "template in its own file"
            )


async def _larger(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the same bytes in pieces that are worth a thread's while."""
    held = bytearray()
    async for piece in pieces:
        held += piece
        if len(held) >= _PIECE_BYTES:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


def _digest(text: str) -> str:
    try:
        return digest_of_text(text)
    except ApplianceError as error:
        raise SaidError("invalid digest format") from error


def _refuse_no_name(name: str, text: str) -> None:
    try:
        ModelName.parse(name)
    except InvalidValueError as error:
        raise SaidError(text) from error


def _refuse_impossible(body: CreateIn) -> None:
    if body.adapters:
        raise SaidError("adapters are not supported by this appliance")
    if body.quantize or body.quantization:
        raise SaidError(
            "quantize is not supported by this appliance: get the model in the size that you want"
        )
    if not body.from_ and not body.files:
        raise SaidError("neither 'from' or 'files' was specified")


def _gguf_of(files: Mapping[str, str]) -> str | None:
    if not files:
        return None
    if any(not name.lower().endswith(".gguf") for name in files):
        raise SaidError("only GGUF files are supported by this appliance, no safetensors")
    if len(files) > 1:
        raise SaidError("a model in several GGUF files is not supported by this appliance")
    return _digest(next(iter(files.values())))


def _recipe_of(body: CreateIn) -> Recipe:
    licenses = [body.license] if isinstance(body.license, str) else body.license or []
    return Recipe(
        system=body.system or None,
        parameters=body.parameters or {},
        messages=tuple(Turn(message.role, message.content) for message in body.messages),
        licenses=tuple(text for text in licenses if text),
    )
