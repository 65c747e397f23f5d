"""`nodo doctor`: what is set, what is there, and what is wrong, each with what to do."""

import argparse
import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from enum import StrEnum

import psutil

from appliance import __version__
from appliance.accounts.key_places import Place, find_placed_keys, place_of
from appliance.base.database.damage import refuse_damaged, refuse_vanished
from appliance.base.database.opening import open_postgresql, open_sqlite, sqlite_version
from appliance.base.errors import ApplianceError
from appliance.base.paths import DataFolder
from appliance.base.resources import pages_folder
from appliance.boot.doctor_settings import alias_notes, changed_lines
from appliance.boot.engine_parts import (
    engine_calibrations,
    engine_record,
    model_library,
    wanted_model,
)
from appliance.boot.secret_commands import safes_of
from appliance.boot.settings import Settings, process_environment
from appliance.engine.gguf.header import read_gguf_header
from appliance.engine.library.library import ModelLibrary
from appliance.engine.text.calibration import Repacking
from appliance.engine.text.processor_code import NATIVE, installed_variants
from appliance.engine.text.record import EngineRecord

_LEAST_DISK_BYTES = 10 << 30
_LEAST_MEMORY_BYTES = 4 << 30


class Verdict(StrEnum):
    """How a finding is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: What.
        verdict: How it is.
        text: What was seen, and what to do if it is not well.
    """

    subject: str
    verdict: Verdict
    text: str


def doctor(settings: Settings, arguments: argparse.Namespace) -> int:
    """Print the findings; return 1 if one of them keeps Nodo from working."""
    findings = list(_findings(settings))
    if arguments.json:
        content = {
            "version": __version__,
            "findings": [asdict(finding) for finding in findings],
            "settings": [asdict(line) for line in changed_lines(settings)],
            "aliases": alias_notes(settings),
            "warnings": settings.warnings,
        }
        print(json.dumps(content, ensure_ascii=False, indent=2))
    else:
        _print(settings, findings)
    return int(any(finding.verdict is Verdict.PROBLEM for finding in findings))


def _print(settings: Settings, findings: list[Finding]) -> None:
    print(f"Nodo {__version__}\n")
    for finding in findings:
        print(f"  {finding.verdict.value:8} {finding.subject}: {finding.text}")
    print("\nSettings that somebody changed:")
    lines = changed_lines(settings)
    for line in lines:
        print(f"  {line.name} = {line.value}  ({line.source} {line.source_name})")
    if not lines:
        print("  none")
    for note in (*alias_notes(settings), *settings.warnings):
        print(f"  note: {note}")


def _findings(settings: Settings) -> Iterator[Finding]:
    folder = DataFolder(settings.data_dir)
    yield _of_data_folder(folder)
    yield _of_database(settings, folder)
    yield _of_keys(folder)
    yield _of_port(settings)
    yield _of_pages()
    yield _of_engine(settings)
    library = model_library(settings, folder)
    yield from _of_models(library, engine_record(settings, folder))
    yield from _of_chosen_model(settings, library)
    yield from _of_speed(settings, folder, library)
    yield _of_memory()
    yield _of_processor()


def _of_data_folder(folder: DataFolder) -> Finding:
    subject = "data folder"
    existing = next(p for p in (folder.root, *folder.root.parents) if p.exists())
    if not existing.is_dir():
        return Finding(subject, Verdict.PROBLEM, f"{existing} is a file, not a folder")
    if not os.access(existing, os.W_OK):
        return Finding(subject, Verdict.PROBLEM, f"{folder.root} cannot be written")
    free_bytes = shutil.disk_usage(existing).free
    text = f"{folder.root}, {free_bytes / 1e9:.0f} GB free"
    if free_bytes < _LEAST_DISK_BYTES:
        return Finding(subject, Verdict.WARNING, f"{text}; 10 GB or more are wanted")
    return Finding(subject, Verdict.OK, text)


def _of_database(settings: Settings, folder: DataFolder) -> Finding:
    try:
        return Finding("database", Verdict.OK, _tried_database(settings, folder))
    except ApplianceError as error:
        return Finding("database", Verdict.PROBLEM, f"{error.message} {error.hint}".rstrip())


def _tried_database(settings: Settings, folder: DataFolder) -> str:
    """Return which database it is, after reading it; nothing is made or changed."""
    if settings.database_url is not None:
        with closing(open_postgresql(settings.database_url.reveal())) as database:
            database.read_now(lambda connection: connection.exec_driver_sql("SELECT 1"))
        return "PostgreSQL, as database_url says; it answers"
    about = f"SQLite {sqlite_version()}"
    refuse_vanished(folder.database)
    if not folder.database.exists():
        return f"{about}; the file is made at the first start"
    with closing(open_sqlite(folder.database)) as database:
        refuse_damaged(database)
    return f"{about}; the file is sound"


def _of_keys(folder: DataFolder) -> Finding:
    safes = safes_of(process_environment())
    try:
        find_placed_keys(folder.secrets, safes)
        place = place_of(folder.secrets, safes)
    except ApplianceError as error:
        return Finding("keys", Verdict.PROBLEM, f"{error.message} {error.hint}".rstrip())
    if place is Place.FILE:
        text = "in a private file, not in a keyring: keep the disk encrypted, and its backups"
        return Finding("keys", Verdict.WARNING, text)
    return Finding("keys", Verdict.OK, "none yet" if place is None else f"in the {place.value}")


def _of_port(settings: Settings) -> Finding:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            text = f"{settings.host}:{settings.port} cannot be had ({error.strerror})"
            return Finding("port", Verdict.WARNING, f"{text}; Nodo may be running already")
    return Finding("port", Verdict.OK, f"{settings.host}:{settings.port} is free")


def _of_pages() -> Finding:
    if (pages_folder() / "index.html").is_file():
        return Finding("pages", Verdict.OK, "built")
    return Finding("pages", Verdict.PROBLEM, "not built; start Nodo once with ./run")


def _of_engine(settings: Settings) -> Finding:
    if importlib.util.find_spec("llama_cpp") is None:
        text = "llama-cpp-python is not installed; chat cannot answer. ./run installs it"
        return Finding("engine", Verdict.PROBLEM, text)
    about = f"llama-cpp-python {importlib.metadata.version('llama-cpp-python')}"
    try:
        variants = installed_variants()
        code = variants.best(settings.processor_code or "")
    except ApplianceError as error:
        return Finding("engine", Verdict.PROBLEM, f"{about}. {error.message} {error.hint}".rstrip())
    if code == NATIVE:
        return Finding("engine", Verdict.OK, f"{about}, compiled for this very processor")
    others = ", ".join(name for name in variants.usable() if name != code) or "nothing else"
    text = f"{about}, with the code for {code}; this processor could also run {others}"
    return Finding("engine", Verdict.OK, text)


def _of_models(library: ModelLibrary, record: EngineRecord) -> Iterator[Finding]:
    models = library.list_models()
    if not models:
        yield Finding("models", Verdict.PROBLEM, "none; put a GGUF file into the models folder")
    for model in models:
        subject = f"model {model.name}"
        try:
            header = read_gguf_header(model.file)
        except ApplianceError as error:
            yield Finding(subject, Verdict.WARNING, error.message)
            continue
        if record.is_bad(model.mark):
            yield Finding(subject, Verdict.WARNING, "it stopped the engine three times")
            continue
        text = f"{header.architecture}, {model.size_bytes / 1e9:.2f} GB"
        yield Finding(subject, Verdict.OK, text)


def _of_chosen_model(settings: Settings, library: ModelLibrary) -> Iterator[Finding]:
    wanted = wanted_model(settings)
    if wanted is None:
        return
    try:
        library.model_named(wanted)
    except ApplianceError as error:
        yield Finding("chosen model", Verdict.PROBLEM, f"{error.message} {error.hint}")


def _of_speed(settings: Settings, folder: DataFolder, library: ModelLibrary) -> Iterator[Finding]:
    """Tell what was measured of the model that people use, and how its weights are kept."""
    chosen = engine_record(settings, folder).chosen
    try:
        model = library.model_named(chosen) if chosen else library.default_model()
    except ApplianceError:
        return
    if model is None:
        return
    known = engine_calibrations(settings, folder).of(model.mark)
    repacks = known.repacks(Repacking(settings.engine_repack))
    kept = "kept twice (repacked)" if repacks else "as they are in the file"
    text = f"{model.name}: weights {kept}, engine_repack is {settings.engine_repack}"
    if (speed := known.speed(repacks=repacks)) is None:
        yield Finding("speed", Verdict.OK, f"{text}; measured when the model is first at rest")
        return
    turns = [f"{t:.1f} s {how}" for t, how in (
        (speed.turn_s, "as they are"), (speed.turn_repacked_s, "repacked"),
    ) if t is not None]  # fmt: skip
    yield Finding("speed", Verdict.OK, f"{text}; a typical turn takes {', '.join(turns)}")


def _of_memory() -> Finding:
    memory = psutil.virtual_memory()
    text = f"{memory.total / 1e9:.1f} GB, {memory.available / 1e9:.1f} GB free"
    if memory.total < _LEAST_MEMORY_BYTES:
        return Finding("memory", Verdict.WARNING, f"{text}; only the smallest models will fit")
    return Finding("memory", Verdict.OK, text)


def _of_processor() -> Finding:
    cores = os.cpu_count() or 1
    return Finding("processor", Verdict.OK, f"{cores} cores, {platform.machine()}")
