"""`nodo model …`: the models of this box, for people and for scripts."""

import argparse
import json
from dataclasses import asdict

import psutil

from appliance.base.errors import ConflictError
from appliance.base.paths import DataFolder
from appliance.base.resources import catalogue_file
from appliance.boot.engine_parts import engine_record, model_library
from appliance.boot.settings import Settings
from appliance.engine.catalogue import CatalogueEntry, read_catalogue, recommended
from appliance.engine.library.model import LibraryModel


def remove_model(settings: Settings, arguments: argparse.Namespace) -> int:
    """Remove a model, and its file with its last name."""
    folder = DataFolder(settings.data_dir)
    library = model_library(settings, folder)
    model = library.model_named(arguments.name)
    chosen = engine_record(settings, folder).chosen
    if chosen is not None and library.find_model(chosen) == model:
        raise ConflictError(
            f"{model.name} is the model that answers.",
            code="model_in_use",
            hint="Choose another one on the models page first, or by --model.",
        )
    library.delete(arguments.name)
    freed = "" if model.file.exists() else f"; {_gigabytes(model.size_bytes)} are free again"
    print(f"{model.name} is removed{freed}.")
    return 0


def list_models(settings: Settings, arguments: argparse.Namespace) -> int:
    """Print the models that are here, and the catalogue with what fits this box."""
    folder = DataFolder(settings.data_dir)
    library = model_library(settings, folder)
    record = engine_record(settings, folder)
    installed = library.list_models()
    chosen = record.chosen or (installed[0].name if installed else None)
    catalogue = read_catalogue(catalogue_file())
    memory_bytes = psutil.virtual_memory().total
    if arguments.json:
        print(_as_json(installed, chosen, catalogue, memory_bytes))
        return 0
    print("On this box:")
    for model in installed:
        _print_installed(model, chosen, is_bad=record.is_bad(model.mark))
    print(f"\nTo be had ({memory_bytes / 1e9:.1f} GB of memory here):")
    print(f"  {'name':20} {'file':>8} {'4k':>8} {'8k':>8} {'32k':>8}  licence")
    best = recommended(catalogue, memory_bytes)
    for entry in catalogue:
        _print_entry(entry, memory_bytes, is_best=entry == best)
    print(
        "\n4k, 8k, 32k: memory with conversations of so many tokens."
        "\nTo add one: nodo model pull NAME, or nodo model import FILE; then choose it on the models page,"
        "\nor start with --model NAME."
    )
    return 0


def _print_installed(model: LibraryModel, chosen: str | None, *, is_bad: bool) -> None:
    marks = ["in use"] if model.name == chosen else []
    if model.is_demo:
        marks.append("a tiny demonstration")
    if is_bad:
        marks.append("stopped the engine three times; choose it again to retry")
    if model.facts.problem:
        marks.append("cannot be used: " + model.facts.problem)
    remark = f"  ({', '.join(marks)})" if marks else ""
    print(f"  {model.name:20} {_gigabytes(model.size_bytes):>8}{remark}")


def _print_entry(entry: CatalogueEntry, memory_bytes: int, *, is_best: bool) -> None:
    verdict = "fits" if entry.fits(memory_bytes) else "too large for this box"
    if is_best:
        verdict = "recommended for this box"
    columns = (
        f"{_gigabytes(size):>8}"
        for size in (entry.size_bytes, entry.ram_4k_bytes, entry.ram_8k_bytes, entry.ram_32k_bytes)
    )
    print(f"  {entry.name:20} {' '.join(columns)}  {entry.licence}; {verdict}")


def _gigabytes(size_bytes: int | None) -> str:
    return "-" if size_bytes is None else f"{size_bytes / 1e9:.2f} GB"


def _as_json(
    installed: list[LibraryModel],
    chosen: str | None,
    catalogue: tuple[CatalogueEntry, ...],
    memory_bytes: int,
) -> str:
    content = {
        "installed": [
            {
                "name": model.name,
                "size_bytes": model.size_bytes,
                "is_demo": model.is_demo,
                "digest": model.digest,
                "capabilities": [str(one) for one in model.capabilities],
                "problem": model.facts.problem,
                "is_current": model.name == chosen,
            }
            for model in installed
        ],
        "catalogue": [{**asdict(entry), "fits": entry.fits(memory_bytes)} for entry in catalogue],
        "memory_total_bytes": memory_bytes,
    }
    return json.dumps(content, ensure_ascii=False, indent=2)
