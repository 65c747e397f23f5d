"""A file that came from elsewhere becomes a model of the library."""

from pathlib import Path

from appliance.base.errors import InvalidValueError
from appliance.engine.library.facts import read_file_facts
from appliance.engine.library.library import ModelLibrary
from appliance.engine.library.model import LibraryModel, Recipe


def admit(
    library: ModelLibrary, part: Path, *, file_name: str, sha256: str, name: str | None
) -> LibraryModel:
    """Move `part` into the library and return the model that it is then.

    Args:
        library: Where it goes.
        part: The file, on the same disk as the library.
        file_name: What it is called where it comes from.
        sha256: Of the file; trusted.
        name: What it is called here; None lets the file's own name say it.

    Raises:
        InvalidValueError: If it is no model that Nodo can run (`bad_model_file`); the file is
            removed then.
    """
    problem = read_file_facts(part).problem
    if problem:
        part.unlink(missing_ok=True)
        raise InvalidValueError(problem, code="bad_model_file")
    if name is not None:
        library.blobs.adopt(part, sha256)
        return library.create(name, blob=sha256, recipe=Recipe())
    target = library.folder / Path(file_name).name
    part.replace(target)
    return library.note_arrival(target, sha256)
