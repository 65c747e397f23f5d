"""The text engine of this box, put together from the settings."""

import asyncio
import os
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from appliance.base.clock import Clock
from appliance.base.paths import DataFolder
from appliance.base.processor import processor_name
from appliance.base.resources import catalogue_file, demo_model_file
from appliance.boot.engine_process import engine_process
from appliance.boot.settings import Settings
from appliance.engine.catalogue import read_catalogue
from appliance.engine.download.addresses import Reach
from appliance.engine.download.downloads import Downloads
from appliance.engine.library.library import ModelLibrary
from appliance.engine.text.calibration import Calibrations, Repacking
from appliance.engine.text.load_plan import EngineWishes
from appliance.engine.text.parts import EngineParts
from appliance.engine.text.record import EngineRecord
from appliance.engine.text.tuning import PrefixPlace

# Of the free disk a twentieth, and no more than 4 GiB: some 100,000 tokens of a 3B model.
_PREFIX_SHARE_OF_DISK, _MOST_PREFIX_BYTES = 20, 4 << 30


def model_library(settings: Settings, folder: DataFolder) -> ModelLibrary:
    """Return the models of this box."""
    return ModelLibrary(
        folder=folder.models,
        demo_file=demo_model_file(),
        further_file=_file_named(settings.model),
        catalogue=read_catalogue(catalogue_file()),
    )


def model_downloads(settings: Settings, library: ModelLibrary, clock: Clock) -> Downloads:
    """Return the downloads of this box."""
    return Downloads(library=library, reach=Reach(settings.hf_url), clock=clock)


def engine_record(settings: Settings, folder: DataFolder) -> EngineRecord:
    """Return what the engine remembers, with the model that the settings ask for before it."""
    return EngineRecord(folder.engine_record, fixed=wanted_model(settings))


def engine_parts(
    settings: Settings,
    folder: DataFolder,
    *,
    library: ModelLibrary,
    clock: Clock,
    environment: Mapping[str, str],
) -> EngineParts:
    """Return what the engine's supervisor works with."""
    return EngineParts(
        spec=engine_process(environment, processor_code=settings.processor_code or ""),
        shelf=library,
        record=engine_record(settings, folder),
        wishes=EngineWishes(
            context_tokens=settings.context_tokens,
            parallel=settings.engine_parallel,
            threads=_threads(settings),
            repacking=Repacking(settings.engine_repack),
        ),
        clock=clock,
        available_bytes=lambda: psutil.virtual_memory().available,
        pause=asyncio.sleep,
        memory_bytes=settings.engine_memory_bytes or _share_of_memory(),
        keep_alive_s=settings.keep_alive,
        calibrations=engine_calibrations(settings, folder),
        prefixes=PrefixPlace(folder.prefixes, _prefix_bytes(settings, folder), mark=""),
    )


def engine_calibrations(settings: Settings, folder: DataFolder) -> Calibrations:
    """Return what was measured of models on this box."""
    return Calibrations(folder.engine_calibrations, box=_this_box(settings))


def _this_box(settings: Settings) -> str:
    """Return what measurements depend on: another one of these, and they are made anew."""
    try:
        library = version("llama-cpp-python")
    except PackageNotFoundError:
        library = "none"
    cores, code = os.cpu_count(), settings.processor_code or "best"
    return f"{processor_name()}, {cores} cores, {_threads(settings)} threads, {library}, {code}"


def _share_of_memory() -> int:
    # The rest is for the pages, the files that people send, and the operating system.
    return psutil.virtual_memory().total * 3 // 4


def _prefix_bytes(settings: Settings, folder: DataFolder) -> int:
    if settings.prefix_cache_bytes is not None:
        return settings.prefix_cache_bytes
    free_bytes = psutil.disk_usage(str(_nearest(folder.root))).free
    return min(free_bytes // _PREFIX_SHARE_OF_DISK, _MOST_PREFIX_BYTES)


def _nearest(folder: Path) -> Path:
    """Return the folder, or the one above it that exists already."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def wanted_model(settings: Settings) -> str | None:
    """Return the name of the model that the settings ask for; None if they leave it open."""
    named = _file_named(settings.model)
    return named.stem if named else settings.model


def _file_named(model: str | None) -> Path | None:
    """Return the file if the setting names a model by a path rather than by its name."""
    # Names have slashes too: `hf.co/owner/repository`.
    if model is None or not (model.startswith(("/", ".", "~")) or model.endswith(".gguf")):
        return None
    return Path(model).expanduser().resolve()


def _threads(settings: Settings) -> int:
    return settings.threads or _threads_of_this_box()


def _threads_of_this_box() -> int:
    # One core stays free for the pages: llama.cpp's threads wait for each other at every layer,
    # and the slowest one, interrupted, holds up all.
    return max((os.cpu_count() or 2) - 1, 1)
