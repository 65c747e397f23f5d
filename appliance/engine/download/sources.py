"""Where a model comes from, by its name: the catalogue's places, or a repository of the hub."""

from collections.abc import Callable, Sequence

from appliance.base.errors import NotFoundError
from appliance.engine.catalogue import CatalogueEntry
from appliance.engine.download.model import Wanted
from appliance.engine.library.names import DEFAULT_TAG, ModelName, catalogue_entry

_HUB_HOSTS = frozenset({"hf.co", "huggingface.co"})
# Good answers for little memory come first; what a repository has of them is taken.
_PREFERRED = ("q4_k_m", "q4_k_s", "q4_0", "q5_k_m", "q8_0")


def wanted_of(
    name: str,
    catalogue: tuple[CatalogueEntry, ...],
    *,
    files_of: Callable[[str], Sequence[str]],
) -> Wanted:
    """Return what is to be fetched for a name.

    Args:
        name: Of the catalogue, or `hf.co/owner/repository[:form]`.
        catalogue: What Nodo knows.
        files_of: Asks the hub which GGUF files a repository has.

    Raises:
        InvalidValueError: If it is no name.
        NotFoundError: If nobody knows where that is (`model_not_known`), or the repository has
            no such file (`hub_file_missing`).
    """
    entry = catalogue_entry(catalogue, name)
    if entry is not None:
        return Wanted(
            name=entry.name,
            title=entry.title,
            repository=entry.repository,
            file=entry.file,
            size_bytes=entry.size_bytes,
            sha256=entry.sha256 or "",
        )
    wanted = ModelName.parse(name)
    if wanted.host.casefold() not in _HUB_HOSTS:
        raise NotFoundError(
            f"Nodo does not know where to get {str(wanted)!r}.",
            code="model_not_known",
            hint="`nodo model list` shows the catalogue; others come by hf.co/owner/repository.",
        )
    repository = f"{wanted.namespace}/{wanted.model}"
    return Wanted(
        name=str(wanted),
        title=wanted.model,
        repository=repository,
        file=_file_of(wanted, files_of(repository)),
        is_of_catalogue=False,
    )


def entry_behind(catalogue: tuple[CatalogueEntry, ...], name: str) -> CatalogueEntry | None:
    """Return the entry whose model is fetched by a name, also by that of its repository.

    Raises:
        InvalidValueError: If it is no name.
    """
    entry = catalogue_entry(catalogue, name)
    wanted = ModelName.parse(name)
    if entry is not None or wanted.host.casefold() not in _HUB_HOSTS:
        return entry
    repository = f"{wanted.namespace}/{wanted.model}".casefold()
    return next((one for one in catalogue if one.repository.casefold() == repository), None)


def _file_of(name: ModelName, files: Sequence[str]) -> str:
    whole = [file for file in files if "-of-" not in file and "mmproj" not in file.casefold()]
    forms = _PREFERRED if name.tag == DEFAULT_TAG else (name.tag.casefold(),)
    for form in forms:
        for file in whole:
            if file.casefold().removesuffix(".gguf").endswith(form):
                return file
    if name.tag == DEFAULT_TAG and whole:
        return whole[0]
    raise NotFoundError(
        f"The repository {name.namespace}/{name.model} has no whole GGUF file of the form {name.tag!r}.",
        code="hub_file_missing",
        hint=f"It has: {', '.join(whole[:20])}." if whole else "It has no GGUF files.",
    )
