"""`nodo model pull|import|bench`: getting models, and trying them, without the pages."""

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from appliance.base.clock import SystemClock
from appliance.base.errors import ConflictError, InvalidValueError, NotFoundError
from appliance.base.ids import SystemIds
from appliance.base.paths import DataFolder
from appliance.boot.engine_parts import engine_parts, model_library
from appliance.boot.keeping_parts import ollama_folders
from appliance.boot.progress_lines import ProgressLines
from appliance.boot.settings import Settings, process_environment
from appliance.engine.catalogue import CatalogueEntry
from appliance.engine.download.addresses import Reach
from appliance.engine.download.downloads import asked_for, fetching_of, received
from appliance.engine.download.model import Wanted
from appliance.engine.download.sources import entry_behind
from appliance.engine.library.library import ModelLibrary
from appliance.engine.library.model import LibraryModel
from appliance.engine.library.ollama_store import OllamaStore
from appliance.engine.text.residency import Residency
from appliance.engine.text.speed import Pace, Speed, measured_speed

_PACES: Mapping[Pace, str] = {
    Pace.FASTER: "faster than people read",
    Pace.AS_FAST: "about as fast as people read",
    Pace.SLOWER: "somewhat slower than people read",
    Pace.MUCH_SLOWER: "much slower than people read",
}


def pull_model(settings: Settings, arguments: argparse.Namespace) -> int:
    """Fetch a model from the hub; going on where an earlier try broke off."""
    library = _library(settings)
    entry = entry_behind(library.catalogue, arguments.name)
    if entry and not entry.allows_commercial_use:
        _show_licence(entry, is_accepted=arguments.accept_licence)
    reach = Reach(settings.hf_url)
    wanted = asked_for(library, reach, arguments.name)
    here = library.find_model(wanted.name)
    if here and wanted.size_bytes in {0, here.size_bytes}:
        return _tell(here, arguments, "is here already")
    return _tell(_brought(library, reach, wanted), arguments, "is here")


def import_models(settings: Settings, arguments: argparse.Namespace) -> int:
    """Take in a GGUF file of this computer, or the models of its Ollama."""
    if (arguments.path is None) == (arguments.ollama is None):
        raise InvalidValueError("Name either a GGUF file, or --ollama.")
    library = _library(settings)
    if arguments.path is None:
        return _import_of_ollama(library, arguments.ollama)
    file = Path(arguments.path).expanduser().resolve()
    if not file.is_file():
        raise NotFoundError(f"There is no file {file}.")
    if file.parent == library.folder.resolve():
        raise ConflictError(f"{file.name} is in the models folder already.")
    wanted = Wanted(name=file.stem, title=file.stem, repository="", file=file.name, path=str(file))
    model = _brought(library, Reach(settings.hf_url), wanted)
    if arguments.move:
        file.unlink()
    return _tell(model, arguments, "is here")


def bench_model(settings: Settings, arguments: argparse.Namespace) -> int:
    """Measure how quick a model is on this box."""
    library = _library(settings)
    name = library.model_named(arguments.name).name if arguments.name else None
    speed = asyncio.run(_measured(settings, library, name))
    if arguments.json:
        print(json.dumps(asdict(speed), indent=2))
        return 0
    print(
        f"{speed.model} reads a page in {speed.page_s:.1f} s "
        f"({speed.reading_tokens_per_s:.0f} tokens/s) and writes "
        f"{_PACES[speed.pace]} ({speed.writing_tokens_per_s:.1f} tokens/s)."
    )
    return 0


def _library(settings: Settings) -> ModelLibrary:
    folder = DataFolder(settings.data_dir)
    folder.make()
    return model_library(settings, folder)


def _brought(library: ModelLibrary, reach: Reach, wanted: Wanted) -> LibraryModel:
    # Not the part of a Nodo that serves: both may be at work on the same folder.
    folder = library.folder / "downloads"
    folder.mkdir(exist_ok=True)
    part = folder / f"command-{wanted.file}.part"
    lines = ProgressLines(wanted.name, sys.stderr, SystemClock())
    fetching = fetching_of(library, reach, wanted, part, lines.tell)
    try:
        sha256 = fetching.run()
    finally:
        lines.end()
    model = received(library, wanted, part, sha256)
    part.with_suffix(".etag").unlink(missing_ok=True)
    return model


def _tell(model: LibraryModel, arguments: argparse.Namespace, how: str) -> int:
    if arguments.json:
        told = {"name": model.name, "size_bytes": model.size_bytes, "digest": model.digest}
        print(json.dumps(told, indent=2))
    else:
        print(
            f"{model.name} {how}. Choose it on the models page, or start with --model {model.name}."
        )
    return 0


def _show_licence(entry: CatalogueEntry, *, is_accepted: bool) -> None:
    print(f"{entry.title}: {entry.licence_text}", file=sys.stderr)
    if is_accepted:
        return
    if sys.stdin.isatty():
        answer = input("Fetch it all the same? Type yes: ")
        is_accepted = answer.strip().lower() in {"yes", "y", "sí", "si"}
    if not is_accepted:
        raise ConflictError(
            f"{entry.name} was not fetched: its licence is not accepted.",
            code="licence_not_accepted",
            hint="Add --accept-licence once somebody who may decide it has read that.",
        )


def _import_of_ollama(library: ModelLibrary, named: str) -> int:
    folders = [Path(named).expanduser()] if named else ollama_folders(process_environment())
    failed = taken = 0
    for store in map(OllamaStore, folders):
        for model in store.list_models():
            try:
                here = store.take_over(model, library)
            except (ConflictError, InvalidValueError) as error:
                failed += 1
                print(f"{model.name}: {error.message}", file=sys.stderr)
                continue
            taken += 1
            print(f"{here.name}: {here.size_bytes / 1e9:.2f} GB, no bytes copied")
    if not taken and not failed:
        raise NotFoundError(
            "No models of an Ollama were found.",
            hint=f"Looked in {', '.join(map(str, folders))}; name the folder after --ollama.",
        )
    return 1 if failed else 0


async def _measured(settings: Settings, library: ModelLibrary, name: str | None) -> Speed:
    clock = SystemClock()
    parts = engine_parts(
        settings,
        DataFolder(settings.data_dir),
        library=library,
        clock=clock,
        environment=process_environment(),
    )
    engine = Residency(parts)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(engine.run())
        try:
            return await measured_speed(engine, SystemIds(clock).new_id(), model=name)
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
