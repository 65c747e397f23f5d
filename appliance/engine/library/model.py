"""Words of the library: a model of this box, and what it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from appliance.engine.library.names import ModelName
from appliance.engine.text.model import Turn

DEMO_NAME = "nodo-demo"
DEMO_TITLE = "Nodo demo"


class Capability(StrEnum):
    """What a model can be asked for; the words are Ollama's."""

    COMPLETION = "completion"
    TOOLS = "tools"
    INSERT = "insert"
    EMBEDDING = "embedding"
    THINKING = "thinking"


@dataclass(frozen=True)
class FillIn:
    """How a model is asked to write what is missing between two texts.

    Attributes:
        prefix: Special token before the text that comes before.
        suffix: Before the text that comes after.
        middle: Before what is to be written.
    """

    prefix: str
    suffix: str
    middle: str


@dataclass(frozen=True)
class Recipe:
    """What a model is besides its file; what is None or empty is left as the file has it.

    Attributes:
        system: The instruction that conversations begin with.
        parameters: Ollama's options, as JSON values; `stop` is a list.
        messages: Turns that conversations begin with.
        licenses: Texts of its licences.
    """

    system: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])
    messages: tuple[Turn, ...] = ()
    licenses: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileFacts:
    """What the library keeps in mind of a model's file.

    Attributes:
        problem: Why it cannot be loaded; empty if it can.
        title: What it calls itself; may be empty.
        architecture: Such as `qwen2`; empty while unknown.
        parameter_count: Numbers in all its tensors.
        quantization_level: Such as `Q4_K_M`.
        context_tokens: Longest context it was trained for.
        embedding_length: Width of its vectors.
        capabilities: What it can be asked for.
        template: How a conversation is written (Jinja); may be empty.
        license: What it says of its licence; may be empty.
        fill_in: How it is asked to fill a gap; None if it cannot.
    """

    problem: str = ""
    title: str = ""
    architecture: str = ""
    parameter_count: int = 0
    quantization_level: str = "unknown"
    context_tokens: int = 0
    embedding_length: int = 0
    capabilities: tuple[Capability, ...] = ()
    template: str = ""
    license: str = ""
    fill_in: FillIn | None = None


@dataclass(frozen=True)
class LibraryModel:
    """A model of this box.

    Attributes:
        name: What people and programs call it, as short as it can be.
        title: What pages show.
        file: Where it lies; never told outside the box.
        size_bytes: Of the file.
        modified_at: When it came.
        mark: Changes whenever the file does, so that a replaced file starts with a clean record.
        digest: SHA-256 of the file, 64 hexadecimal digits; empty until it was computed, which
            `ModelLibrary.digest_of` waits for.
        is_demo: Whether it is the bundled demonstration.
        facts: What the file says of itself.
        recipe: What it is besides its file.
        parent_name: The model that it was made from; may be empty.
    """

    name: str
    title: str
    file: Path
    size_bytes: int
    modified_at: datetime
    mark: str
    digest: str
    is_demo: bool
    facts: FileFacts
    recipe: Recipe = field(default_factory=Recipe)
    parent_name: str = ""

    @property
    def tagged_name(self) -> str:
        """Return the name as Ollama lists it, always with its tag."""
        return ModelName.parse(self.name).tagged

    @property
    def family(self) -> str:
        """Return the kind of model, such as `qwen2`."""
        return self.facts.architecture

    @property
    def families(self) -> tuple[str, ...]:
        """Return all kinds that it is of."""
        return (self.facts.architecture,) if self.facts.architecture else ()

    @property
    def parameter_size(self) -> str:
        """Return how large it is, as Ollama writes it: `3.1B`, `494.03M`."""
        return _in_short(self.facts.parameter_count)

    @property
    def quantization_level(self) -> str:
        """Return how its numbers are stored, such as `Q4_K_M`."""
        return self.facts.quantization_level

    @property
    def context_tokens(self) -> int:
        """Return the longest context it was trained for."""
        return self.facts.context_tokens

    @property
    def embedding_length(self) -> int:
        """Return the width of its vectors."""
        return self.facts.embedding_length

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """Return what it can be asked for."""
        return self.facts.capabilities

    @property
    def system(self) -> str:
        """Return the instruction that conversations begin with; may be empty."""
        return self.recipe.system or ""

    @property
    def parameters(self) -> Mapping[str, object]:
        """Return its own options, by Ollama's names."""
        return self.recipe.parameters

    @property
    def messages(self) -> tuple[Turn, ...]:
        """Return turns that conversations begin with."""
        return self.recipe.messages

    @property
    def license(self) -> str:
        """Return the texts of its licences; may be empty."""
        return "\n".join(self.recipe.licenses) or self.facts.license

    @property
    def template(self) -> str:
        """Return how a conversation is written (Jinja); may be empty."""
        return self.facts.template

    def can(self, capability: Capability) -> bool:
        """Return whether it can be asked for that."""
        return capability in self.facts.capabilities


def _in_short(count: int) -> str:
    # ollama/format.HumanNumber: one decimal for thousand millions, two for millions.
    for unit, letter, decimals in ((10**9, "B", 1), (10**6, "M", 2), (10**3, "K", 0)):
        if count >= unit:
            whole, rest = divmod(count, unit)
            return f"{count / unit:.{decimals}f}{letter}" if rest else f"{whole}{letter}"
    return str(count)
