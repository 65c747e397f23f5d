"""What models there are, which are in memory, and what one of them is.

Source:
    Ollama 0.33, `server/routes.go`, `ListHandler`, `PsHandler` and `ShowHandler`.
"""

import asyncio
import math
from collections.abc import Mapping
from typing import cast

from appliance.base.errors import NotFoundError
from appliance.engine.gguf.contents import GgufContents
from appliance.engine.gguf.kinds import TENSOR_TYPES
from appliance.engine.gguf.values import Value
from appliance.engine.library.model import LibraryModel
from appliance.engine.text.port import Resident
from appliance.model_api.ollama.dialect import MissingModelError, SaidError
from appliance.model_api.ollama.wire import FOR_EVER, told_time
from appliance.model_api.parts import ModelApiParts

# A recent version of Ollama: programs look at it to know what they may ask for.
VERSION = "0.33.0"
_NAME_WIDTH = 30
# Vocabularies and their merges have a hundred thousand entries each.
_LONGEST_LIST = 5
# They stand elsewhere in the answer.
_LEFT_OUT = frozenset({"general.name", "tokenizer.chat_template"})


class Describing:
    """Tells clients of Ollama about the models of this box."""

    def __init__(self, parts: ModelApiParts) -> None:
        self._parts = parts

    async def tags(self) -> dict[str, object]:
        """Return all models."""
        found = await asyncio.to_thread(self._with_digests)
        return {"models": [_listed(model, digest) for model, digest in found]}

    async def ps(self) -> dict[str, object]:
        """Return the models in memory."""
        residents = self._parts.host.residents()
        rows = [await self._row(resident) for resident in residents]
        return {"models": [row for row in rows if row is not None]}

    async def show(self, asked: str, *, is_verbose: bool, system: str = "") -> dict[str, object]:
        """Return all that is known of a model.

        Raises:
            SaidError: If no model is named.
            MissingModelError: If it is not here.
        """
        if not asked:
            raise SaidError("model is required")
        try:
            model = await self._parts.model_named(asked)
            contents = await asyncio.to_thread(
                self._parts.library.contents_of, model, whole=is_verbose
            )
        except NotFoundError as error:
            raise MissingModelError(f"model '{asked}' not found") from error
        values = _shown(model, contents, system=system or model.system, is_verbose=is_verbose)
        return values | ({"tensors": _tensors(contents)} if is_verbose else {})

    async def _row(self, resident: Resident) -> dict[str, object] | None:
        try:
            model = await self._parts.model_named(resident.name)
            digest = await asyncio.to_thread(self._parts.library.digest_of, model)
        except NotFoundError:
            # Its file was removed while it is still in memory.
            return None
        expires_at = resident.expires_at
        return {
            "name": model.tagged_name,
            "model": model.tagged_name,
            "size": resident.memory_bytes,
            "digest": digest,
            "details": _details(model),
            "expires_at": told_time(expires_at) if expires_at else FOR_EVER,
            # Nothing of it is on a graphics card.
            "size_vram": 0,
            "context_length": resident.context_tokens,
        }

    def _with_digests(self) -> list[tuple[LibraryModel, str]]:
        library = self._parts.library
        found: list[tuple[LibraryModel, str]] = []
        for model in library.list_models():
            try:
                found.append((model, library.digest_of(model)))
            except NotFoundError:
                continue  # Removed since the folder was listed.
        return found


def _listed(model: LibraryModel, digest: str) -> dict[str, object]:
    return {
        "name": model.tagged_name,
        "model": model.tagged_name,
        "modified_at": told_time(model.modified_at),
        "size": model.size_bytes,
        "digest": digest,
        "details": _details(model)
        | {"context_length": model.context_tokens, "embedding_length": model.embedding_length},
        "capabilities": _capabilities(model),
    }


def _details(model: LibraryModel) -> dict[str, object]:
    return {
        "parent_model": model.parent_name,
        "format": "gguf",
        "family": model.family,
        "families": list(model.families),
        "parameter_size": model.parameter_size,
        "quantization_level": model.quantization_level,
    }


def _capabilities(model: LibraryModel) -> list[str]:
    return [capability.value for capability in model.capabilities]


def _shown(
    model: LibraryModel, contents: GgufContents, *, system: str, is_verbose: bool
) -> dict[str, object]:
    values: dict[str, object] = {
        "modelfile": _modelfile(model, system),
        "template": model.template,
        "details": _details(model),
        "model_info": _model_info(model, contents, is_verbose=is_verbose),
        "capabilities": _capabilities(model),
        "modified_at": told_time(model.modified_at),
    }
    texts = {
        "license": model.license,
        "system": system,
        "parameters": "\n".join(_parameter_lines(model.parameters)),
    }
    values |= {name: text for name, text in texts.items() if text}
    if model.messages:
        values["messages"] = [
            {"role": turn.role, "content": turn.content} for turn in model.messages
        ]
    return values


def _model_info(
    model: LibraryModel, contents: GgufContents, *, is_verbose: bool
) -> dict[str, object]:
    known: dict[str, object] = {
        "general.architecture": model.family,
        "general.parameter_count": model.facts.parameter_count,
    }
    return known | {
        name: _told(value if is_verbose else _shortened(value))
        for name, value in contents.facts.items()
        if name not in _LEFT_OUT
    }


def _shortened(value: Value | None) -> object:
    if value is None or (isinstance(value, list) and len(value) > _LONGEST_LIST):
        return []
    return value


def _told(value: object) -> object:
    """Return a value of a file as JSON has it, which knows only finite numbers."""
    if isinstance(value, list):
        return [_told(item) for item in cast("list[object]", value)]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _tensors(contents: GgufContents) -> list[dict[str, object]]:
    return [
        {
            "name": tensor.name,
            "type": TENSOR_TYPES.get(tensor.kind, "unknown"),
            "shape": list(tensor.sizes),
        }
        for tensor in contents.tensors
    ]


def _parameter_lines(parameters: Mapping[str, object]) -> list[str]:
    lines: list[str] = []
    for name, value in parameters.items():
        several = isinstance(value, list | tuple)
        values = cast("list[object]", value) if several else [value]
        lines += [f"{name:<{_NAME_WIDTH}} {_written(one)}" for one in values]
    return lines


def _written(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _modelfile(model: LibraryModel, system: str) -> str:
    # Where the file lies is nobody's business: the name says what it is made from.
    lines = [f"FROM {model.parent_name or model.tagged_name}"]
    if model.template:
        lines.append(f'TEMPLATE """{model.template}"""')
    if system:
        lines.append(f'SYSTEM """{system}"""')
    for name, value in model.parameters.items():
        several = isinstance(value, list | tuple)
        values = cast("list[object]", value) if several else [value]
        lines += [f"PARAMETER {name} {_written(one)}" for one in values]
    lines += [f'LICENSE """{text}"""' for text in model.recipe.licenses]
    return "\n".join(lines) + "\n"
