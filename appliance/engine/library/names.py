"""Names of models as Ollama writes them: `[host/][namespace/]model[:tag]`.

Source: ollama/types/model/name.go, 0.33.
"""

import re
from dataclasses import dataclass
from typing import Self

from appliance.base.errors import InvalidValueError
from appliance.engine.catalogue import CatalogueEntry

DEFAULT_HOST = "registry.ollama.ai"
DEFAULT_NAMESPACE = "library"
DEFAULT_TAG = "latest"

# No part can be `.` or `..`, begin with a dot, or hold a slash: a name is never a way out.
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}", re.ASCII)
_NAMESPACE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,79}", re.ASCII)
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}", re.ASCII)
_NOT_IN_A_PART = re.compile(r"[^A-Za-z0-9_.-]+", re.ASCII)
_LONGEST_PART = 80
_MOST_PARTS = 3
_LONGEST_SHOWN = 100


@dataclass(frozen=True)
class ModelName:
    """A name, whole.

    Attributes:
        host: Where such models come from.
        namespace: Whose they are.
        model: Which one.
        tag: Which size or form of it.
    """

    host: str
    namespace: str
    model: str
    tag: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the name that `text` writes; what it leaves out is as Ollama has it.

        Raises:
            InvalidValueError: If it is no name (`code` `bad_model_name`).
        """
        rest = text.split("://", 1)[-1]
        *before, last = rest.split("/")
        model, _, tag = last.partition(":")
        if len(before) >= _MOST_PARTS:
            raise _refused(text)
        namespace = before[-1] if before else DEFAULT_NAMESPACE
        host = before[0] if len(before) > 1 else DEFAULT_HOST
        name = cls(host, namespace, model, tag or DEFAULT_TAG)
        if not name._is_right() or last.endswith(":"):
            raise _refused(text)
        return name

    @classmethod
    def of_file(cls, stem: str) -> Self:
        """Return the name of a model that somebody put here as a file of any name."""
        model = _NOT_IN_A_PART.sub("-", stem).lstrip(".-")[:_LONGEST_PART]
        return cls(DEFAULT_HOST, DEFAULT_NAMESPACE, model or "model", DEFAULT_TAG)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return what is the same for names that mean the same model."""
        return (
            self.host.casefold(), self.namespace.casefold(),
            self.model.casefold(), self.tag.casefold(),
        )  # fmt: skip

    @property
    def tagged(self) -> str:
        """Return the name with its tag, and without the host and namespace that all have."""
        parts = [f"{self.model}:{self.tag}"]
        if (self.host, self.namespace) != (DEFAULT_HOST, DEFAULT_NAMESPACE):
            parts.insert(0, self.namespace)
        if self.host != DEFAULT_HOST:
            parts.insert(0, self.host)
        return "/".join(parts)

    def __str__(self) -> str:
        """Return the shortest text that means this model."""
        return self.tagged.removesuffix(f":{DEFAULT_TAG}")

    def _is_right(self) -> bool:
        return bool(
            _HOST.fullmatch(self.host)
            and _NAMESPACE.fullmatch(self.namespace)
            and _PART.fullmatch(self.model)
            and _PART.fullmatch(self.tag)
        )


def catalogue_entry(catalogue: tuple[CatalogueEntry, ...], text: str) -> CatalogueEntry | None:
    """Return the entry that `text` names, by any of its names; None if there is none.

    Raises:
        InvalidValueError: If it is no name.
    """
    key = ModelName.parse(text).key
    for entry in catalogue:
        if key in {ModelName.parse(name).key for name in (entry.name, *entry.also_named)}:
            return entry
    return None


def _refused(text: str) -> InvalidValueError:
    shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return InvalidValueError(
        f"{shown!r} is no name of a model.",
        code="bad_model_name",
        hint="Names look like qwen3:4b or hf.co/owner/repository:Q4_K_M: letters, digits, and . _ -",
    )
