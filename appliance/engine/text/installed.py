"""Which models are on this box: the bundled demo, and the GGUF files in the models folder."""

import stat
from dataclasses import dataclass
from pathlib import Path

from appliance.base.errors import NotFoundError

DEMO_NAME = "nodo-demo"
DEMO_TITLE = "Nodo demo"


@dataclass(frozen=True)
class InstalledModel:
    """A model file on this box.

    Attributes:
        name: What people and programs call it: the file's name without `.gguf`.
        title: What pages show.
        file: Where it lies; never told outside the box.
        size_bytes: Of the file.
        mark: Changes whenever the file does, so that a replaced file starts with a clean record.
        is_demo: Whether it is the bundled demonstration.
    """

    name: str
    title: str
    file: Path
    size_bytes: int
    mark: str
    is_demo: bool


class ModelShelf:
    """The models that can be loaded, as the folders are at the time of asking."""

    def __init__(
        self, *, folder: Path, demo_file: Path | None, further_file: Path | None = None
    ) -> None:
        """Look into `folder`; `further_file` is one that the settings name by its path."""
        self._folder = folder
        self._demo_file = demo_file
        self._further_files = [further_file] if further_file else []

    def list_models(self) -> list[InstalledModel]:
        """Return all models, by name, the demo last."""
        files = [*self._further_files, *sorted(self._folder.glob("*.gguf"))]
        found = [_installed(file, file.stem, file.stem, is_demo=False) for file in files]
        if self._demo_file is not None:
            found.append(_installed(self._demo_file, DEMO_NAME, DEMO_TITLE, is_demo=True))
        return [model for model in found if model is not None]

    def model_named(self, name: str) -> InstalledModel:
        """Return the model of that name, with or without `.gguf`.

        Raises:
            NotFoundError: If there is none.
        """
        wanted = name.removesuffix(".gguf").casefold()
        for model in self.list_models():
            if model.name.casefold() == wanted:
                return model
        raise NotFoundError(
            f"There is no model {name!r} on this box.",
            code="model_not_found",
            hint="`nodo model list` shows the ones that are here.",
        )

    def default_model(self) -> InstalledModel | None:
        """Return the model for a box whose owner has chosen none: a real one before the demo."""
        models = self.list_models()
        return models[0] if models else None


def _installed(file: Path, name: str, title: str, *, is_demo: bool) -> InstalledModel | None:
    try:
        facts = file.stat()
    except OSError:  # Removed, or a stick pulled out, since the folder was listed.
        return None
    if not stat.S_ISREG(facts.st_mode):
        return None
    return InstalledModel(
        name=name,
        title=title,
        file=file,
        size_bytes=facts.st_size,
        mark=f"{name}:{facts.st_size}:{facts.st_mtime_ns}",
        is_demo=is_demo,
    )
