"""The text engine of this box, put together from the settings."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

import psutil

from appliance.base.clock import Clock
from appliance.base.paths import DataFolder
from appliance.base.resources import catalogue_file, demo_model_file
from appliance.boot.engine_process import engine_process
from appliance.boot.settings import Settings
from appliance.engine.catalogue import read_catalogue
from appliance.engine.library.library import ModelLibrary
from appliance.engine.text.load_plan import EngineWishes
from appliance.engine.text.parts import EngineParts
from appliance.engine.text.record import EngineRecord


def model_library(settings: Settings, folder: DataFolder) -> ModelLibrary:
    """Return the models of this box."""
    return ModelLibrary(
        folder=folder.models,
        demo_file=demo_model_file(),
        further_file=_file_named(settings.model),
        catalogue=read_catalogue(catalogue_file()),
    )


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
            threads=settings.threads or _threads_of_this_box(),
        ),
        clock=clock,
        available_bytes=lambda: psutil.virtual_memory().available,
        pause=asyncio.sleep,
    )


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


def _threads_of_this_box() -> int:
    # One core stays free for the pages: llama.cpp's threads wait for each other at every layer,
    # and the slowest one, interrupted, holds up all.
    return max((os.cpu_count() or 2) - 1, 1)
