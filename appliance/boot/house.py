"""The composition root: every part of Nodo, built from top to bottom in one place."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp

from appliance import __version__
from appliance.accounts import migrations as accounts_migrations
from appliance.accounts.build import Accounts, AccountsPlan, build_accounts
from appliance.accounts.setting_up import NewOwner
from appliance.base.audit import migrations as audit_migrations
from appliance.base.database.checks import DatabaseCheck
from appliance.base.database.migrations import Migration
from appliance.base.events import Events
from appliance.base.jobs import migrations as jobs_migrations
from appliance.base.jobs import upkeep
from appliance.base.jobs.checks import JobsCheck
from appliance.base.jobs.queue import JobQueue
from appliance.base.jobs.registry import JobKind
from appliance.base.jobs.schedule import Schedule
from appliance.base.jobs.worker import Worker
from appliance.base.live.hub import LiveHub
from appliance.base.resources import pages_folder
from appliance.base.web.access import OpenAccess
from appliance.base.web.doors import DoorParts, DoorPolicy, protected
from appliance.base.web.limits import DEFAULT_RATE_RULES
from appliance.base.web.rate_counters import RateCounters, RedisCounts
from appliance.base.web.server import DoorServer
from appliance.boot.bridges import (
    FilesForChat,
    FilesToPrepare,
    LanguageOfPeople,
    RemovedFiles,
)
from appliance.boot.extraction_process import extraction_process
from appliance.boot.ground import Ground, Shared, shared_parts
from appliance.boot.listening import answered_hosts
from appliance.boot.model_parts import Models, build_models
from appliance.boot.ollama_door import ollama_door
from appliance.boot.pages import read_pages
from appliance.boot.settings import Settings
from appliance.boot.web_app import web_app
from appliance.chat import migrations as chat_migrations
from appliance.chat.build import Chat, Oversight, ReadingAhead, build_chat
from appliance.chat.jobs import PreparingOrders
from appliance.engine.download.downloads import Downloads
from appliance.engine.text.residency import Residency
from appliance.files import migrations as files_migrations
from appliance.files.build import Files, build_files
from appliance.files.model import FileRemoved
from appliance.files.routes import BODY_LIMITS as FILE_LIMITS
from appliance.model_api.build import ModelApi
from appliance.notices.routes.router import live_router
from appliance.operations import jobs as operations_jobs
from appliance.operations.checks import DiskCheck, EngineCheck
from appliance.operations.metering import Metering
from appliance.operations.observing import Observing
from appliance.operations.routes import operations_router
from appliance.operations.watching import DiskWatch
from appliance.providers import migrations as providers_migrations
from appliance.providers.build import Providers

# In the order in which they were released; a step is never moved or changed.
MIGRATIONS: tuple[Migration, ...] = (
    *jobs_migrations.MIGRATIONS,
    *accounts_migrations.MIGRATIONS,
    *chat_migrations.MIGRATIONS,
    *audit_migrations.MIGRATIONS,
    *files_migrations.MIGRATIONS,
    *providers_migrations.MIGRATIONS,
)


_Working = Accounts | Chat | Files


@dataclass(frozen=True)
class House:
    """All parts, built and not yet started."""

    accounts: Accounts
    chat: Chat
    files: Files
    live: LiveHub
    open_access: OpenAccess
    engine: Residency
    downloads: Downloads
    providers: Providers
    worker: Worker
    schedule: Schedule
    counters: RateCounters
    door: DoorServer
    ollama_door: DoorServer | None


def build_house(
    ground: Ground, environment: Mapping[str, str], *, announce_code: Callable[[str], None]
) -> House:
    """Return the house; `announce_code` shows the one-time set-up code to whoever started it."""
    shared = shared_parts(ground, environment)
    accounts = _accounts(ground, shared, announce_code)
    models = build_models(ground, shared, environment)
    files = _files(ground, shared, models.engine, environment)
    chat = _chat(ground, shared, models, accounts=accounts, files=files)
    observing = _observing(ground, models, files, accounts)
    app = web_app(
        # A request is compared with one route after the other: the light ones come first.
        (
            operations_router(observing, Metering(models.engine, models.answering.counts)),
            live_router(shared.live, shared.open_access, accounts.authenticator),
            *models.routers,
            accounts.router,
            chat.router,
            files.router,
            *models.programs.program_routers,
            *models.programs.own_routers,
            models.providers.router,
        ),
        authenticator=accounts.authenticator,
        open_access=shared.open_access,
        pages=read_pages(pages_folder()),
    )
    door_parts = _door_parts(ground, accounts)
    return House(
        accounts=accounts,
        chat=chat,
        files=files,
        live=shared.live,
        open_access=shared.open_access,
        engine=models.engine,
        downloads=models.downloads,
        providers=models.providers,
        worker=_worker(ground, shared, (accounts, chat, files)),
        schedule=_schedule(ground, shared, (accounts, chat, files)),
        counters=door_parts.counters,
        door=_local_door(ground, app, door_parts, models.programs),
        ollama_door=ollama_door(
            models.programs,
            door_parts,
            port=ground.settings.ollama_port,
            origins=ground.settings.cors_origins,
        ),
    )


def _local_door(ground: Ground, app: ASGIApp, parts: DoorParts, programs: ModelApi) -> DoorServer:
    settings = ground.settings
    return DoorServer(
        protected(app, _local_policy(settings, programs), parts),
        host=settings.host,
        port=settings.port,
    )


def _door_parts(ground: Ground, accounts: Accounts) -> DoorParts:
    return DoorParts(
        ground.clock,
        ground.ids,
        RateCounters(ground.clock, _shared_counts(ground.settings)),
        accounts.authenticator,
        ground.ballast,
        find_device=accounts.find_device,
    )


def _worker(ground: Ground, shared: Shared, slices: Sequence[_Working]) -> Worker:
    kinds = [kind for one in slices for kind in one.job_kinds]
    more = (*_upkeep_kinds(ground, shared.queue), *_operations_kinds(ground, shared.events))
    return Worker(
        ground.database, shared.queue, (*kinds, *more), ground.clock, events=shared.events
    )


def _schedule(ground: Ground, shared: Shared, slices: Sequence[_Working]) -> Schedule:
    recurring = [again for one in slices for again in one.recurring]
    more = (*upkeep.RECURRING, *operations_jobs.RECURRING)
    return Schedule(ground.database, shared.queue, ground.clock, (*recurring, *more))


def _chat(
    ground: Ground, shared: Shared, models: Models, *, accounts: Accounts, files: Files
) -> Chat:
    chat = build_chat(
        ground.database,
        models.answering,
        ground.clock,
        ground.ids,
        shared.queue,
        events=shared.events,
        files=FilesForChat(files.lending),
        oversight=Oversight(accounts.others.deciding, shared.audit),
        ahead=ReadingAhead(models.engine, LanguageOfPeople(accounts.people)),
    )
    shared.events.subscribe(FileRemoved, RemovedFiles(chat.preparations).hear)
    return chat


def _upkeep_kinds(ground: Ground, queue: JobQueue) -> tuple[JobKind, ...]:
    looked_after = upkeep.Upkeep(
        database=ground.database, queue=queue, soundness=ground.soundness, clock=ground.clock
    )
    return upkeep.job_kinds(looked_after)


def _operations_kinds(ground: Ground, events: Events) -> tuple[JobKind, ...]:
    disk = DiskCheck(ground.folder.root)
    return operations_jobs.job_kinds(DiskWatch(disk, events, ground.clock))


def _observing(ground: Ground, models: Models, files: Files, accounts: Accounts) -> Observing:
    engine = models.engine
    return Observing(
        version=__version__,
        clock=ground.clock,
        data_folder=ground.folder.root,
        checks={
            "database": DatabaseCheck(ground.database),
            "jobs": JobsCheck(ground.database, ground.clock),
            "files": files.check,
            "audit": accounts.others.audit_watch,
            "engine": EngineCheck(lambda: engine.state().status),
            "providers": models.providers.check,
            "disk": DiskCheck(ground.folder.root, is_short=lambda: ground.ballast.is_short),
        },
        engine_rss_bytes=lambda: engine.rss_bytes,
    )


def _accounts(ground: Ground, shared: Shared, announce_code: Callable[[str], None]) -> Accounts:
    settings = ground.settings
    plan = AccountsPlan(
        secrets_folder=ground.folder.secrets,
        language=settings.language,
        version=__version__,
        jwt_secret=settings.jwt_secret.reveal() if settings.jwt_secret else None,
        unattended=_unattended(settings),
    )
    return build_accounts(
        plan,
        keys=shared.keys,
        audit=shared.audit,
        events=shared.events,
        database=ground.database,
        clock=ground.clock,
        ids=ground.ids,
        announce_code=announce_code,
    )


def _files(
    ground: Ground, shared: Shared, engine: Residency, environment: Mapping[str, str]
) -> Files:
    return build_files(
        ground.database,
        engine,
        ground.clock,
        ground.ids,
        shared.queue,
        events=shared.events,
        # A folder of its own among the blobs: what it does not know there, it removes.
        folder=ground.folder.blobs / "files",
        spec=extraction_process(environment),
        when_read=FilesToPrepare(PreparingOrders(shared.queue)),
    )


def _unattended(settings: Settings) -> NewOwner | None:
    if settings.admin_email is None or settings.admin_password is None:
        return None
    return NewOwner(
        email=settings.admin_email,
        name=settings.admin_name,
        password=settings.admin_password.reveal(),
        language=settings.language,
    )


def _local_policy(settings: Settings, programs: ModelApi) -> DoorPolicy:
    return DoorPolicy(
        name="local",
        allowed_hosts=answered_hosts(settings.host),
        allowed_origins=settings.cors_origins,
        body_limits=(*FILE_LIMITS, *programs.body_limits),
        rate_rules=(
            (*DEFAULT_RATE_RULES, *programs.rate_rules) if settings.rate_limit_enabled else ()
        ),
        dialects=programs.dialects,
    )


def _shared_counts(settings: Settings) -> RedisCounts | None:
    if settings.rate_limit_redis_enabled and settings.redis_url is not None:
        return RedisCounts(settings.redis_url.reveal())
    return None
