"""`nodo run` and `nodo serve`: start everything in order, stop it in the exact reverse."""

import argparse
import asyncio
import logging
import os
import signal
import sys
import webbrowser
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from appliance import __version__
from appliance.base.ballast import Ballast
from appliance.base.clock import SystemClock
from appliance.base.database.database import Database
from appliance.base.database.migrations import migrate
from appliance.base.database.opening import open_postgresql, open_sqlite
from appliance.base.database.soundness import Soundness
from appliance.base.errors import ApplianceError, SettingError
from appliance.base.ids import SystemIds
from appliance.base.instance import Instance
from appliance.base.logs import LogPlan, start_logs
from appliance.base.paths import DataFolder
from appliance.base.web.server import DoorServer
from appliance.boot.announcing import Announcer
from appliance.boot.ground import Ground
from appliance.boot.house import MIGRATIONS, House, build_house
from appliance.boot.listening import host_in_address, refuse_unclaimed
from appliance.boot.settings import Settings

log = logging.getLogger(__name__)

_ENDING_LIMIT_S = 10.0


class PartFailedError(ApplianceError):
    """A part that must run as long as Nodo does has ended by a fault of ours."""

    code = "part_failed"


@dataclass(frozen=True)
class Running:
    """The tasks of a house that serves."""

    door: asyncio.Task[None]
    worker: asyncio.Task[None]
    schedule: asyncio.Task[None]
    engine: asyncio.Task[None]
    ballast: asyncio.Task[None]
    open_access: asyncio.Task[None]
    downloads: asyncio.Task[None]


def serve(settings: Settings, arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM; return the exit status."""
    folder = DataFolder(settings.data_dir)
    _make(folder)
    announcer = Announcer(settings.language, sys.stdout)
    ballast = Ballast(folder.ballast)
    # On a full disk not even the first file of a start could be written.
    ballast.relieve()
    with ExitStack() as open_things:
        instance = Instance.claim(folder.root)
        open_things.callback(instance.release)
        log_file = _log_file(settings, folder)
        logs = start_logs(LogPlan(level=settings.log_level, file=log_file), console=sys.stderr)
        open_things.callback(logs.close)
        for secret in settings.secrets():
            logs.hide(secret)
        ground = _ground(settings, folder, ballast, open_things)
        _bring_up_to_date(ground)
        announcer.warnings(settings.warnings)
        if logs.file_refusal:
            announcer.warnings((f"no log is kept in {log_file}: {logs.file_refusal}",))
        with _runner() as runner:
            try:
                runner.run(
                    _live(ground, instance, announcer, opens_browser=arguments.command == "run")
                )
            except ExceptionGroup as faults:
                log.exception("a part of Nodo failed")
                raise PartFailedError(
                    "Nodo stopped because a part of it failed.",
                    hint="The log tells which one; what was acknowledged is saved. Start it again.",
                ) from faults
    return 0


async def _live(
    ground: Ground, instance: Instance, announcer: Announcer, *, opens_browser: bool
) -> None:
    stopped = asyncio.Event()
    _on_signals(stopped.set)
    house = build_house(ground, os.environ, announce_code=announcer.setup_code)
    host = ground.settings.host
    if not await house.accounts.is_claimed():
        refuse_unclaimed(host)
    port = house.door.bind()
    address = f"http://{host_in_address(host)}:{port}"
    instance.announce(host=host_in_address(host), port=port)
    announcer.address(__version__, address)
    ollama_door = _opened_ollama_door(house, announcer)
    await _start_slices(house)
    async with asyncio.TaskGroup() as tasks:
        door = tasks.create_task(house.door.run())
        if ollama_door is not None:
            tasks.create_task(ollama_door.run())
        engine = tasks.create_task(house.engine.run())
        worker = tasks.create_task(house.worker.run())
        schedule = tasks.create_task(house.schedule.run())
        open_access = tasks.create_task(house.open_access.run())
        ballast = tasks.create_task(ground.ballast.keep())
        downloads = tasks.create_task(house.downloads.run())
        await house.door.started()
        announcer.ready(has_display=_has_display(), opens_browser=opens_browser)
        if opens_browser and _has_display():
            await asyncio.to_thread(webbrowser.open, address)
        await stopped.wait()
        announcer.stopping()
        await _end(house, Running(door, worker, schedule, engine, ballast, open_access, downloads))


async def _start_slices(house: House) -> None:
    await house.accounts.start()
    await house.files.start()
    await house.providers.start()
    await house.chat.start()


def _opened_ollama_door(house: House, announcer: Announcer) -> DoorServer | None:
    """Return the Ollama door with its port, or None: the box works without it."""
    door = house.ollama_door
    if door is None:
        return None
    try:
        port = door.bind()
    except ApplianceError as error:
        # Most often Ollama itself is running.
        announcer.warnings((f"the Ollama door stays closed: {error.message} {error.hint}".strip(),))
        return None
    log.info("ollama door open", extra={"port": port})
    return door


async def _end(house: House, running: Running) -> None:
    running.schedule.cancel()
    running.ballast.cancel()
    running.downloads.cancel()
    # Answers end before their streams: each client hears why, instead of a broken connection.
    await house.worker.stop(within_s=_ENDING_LIMIT_S)
    await running.worker
    house.chat.stop()
    house.live.stop()
    house.door.stop()
    if house.ollama_door is not None:
        house.ollama_door.stop()
    await running.door
    running.engine.cancel()
    running.open_access.cancel()
    await asyncio.wait([
        running.engine, running.schedule, running.ballast, running.open_access, running.downloads,
    ])  # fmt: skip
    await house.providers.stop()
    await house.accounts.stop()
    await house.counters.aclose()


def _ground(
    settings: Settings, folder: DataFolder, ballast: Ballast, open_things: ExitStack
) -> Ground:
    clock = SystemClock()
    soundness = Soundness(folder.database, clock)
    database = _opened(settings, folder)
    database.when_full(ballast.give_up)
    open_things.callback(lambda: soundness.leave_mark(database))
    open_things.callback(database.close)
    return Ground(settings, folder, clock, SystemIds(clock), database, soundness, ballast)


def _make(folder: DataFolder) -> None:
    try:
        folder.make()
    except OSError as error:
        raise SettingError(
            f"The data folder {folder.root} cannot be used: {error.strerror}.",
            hint="Choose another one with --data-dir or NODO_DATA_DIR.",
        ) from error


def _opened(settings: Settings, folder: DataFolder) -> Database:
    if settings.database_url is not None:
        return open_postgresql(settings.database_url.reveal())
    return open_sqlite(folder.database)


def _bring_up_to_date(ground: Ground) -> None:
    is_sqlite = ground.settings.database_url is None
    ground.soundness.refuse_damaged(ground.database)
    migrate(
        ground.database,
        MIGRATIONS,
        applied_at=ground.clock.now(),
        copy_to=ground.folder.backups,
        sqlite_file=ground.folder.database if is_sqlite else None,
    )


def _log_file(settings: Settings, folder: DataFolder) -> Path | None:
    if not settings.log_to_file:
        return None
    return settings.log_file or folder.logs / "nodo.log"


def _runner() -> asyncio.Runner:
    if sys.platform == "win32":
        return asyncio.Runner()
    import uvloop

    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        else:
            loop.add_signal_handler(number, stop)


def _has_display() -> bool:
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
