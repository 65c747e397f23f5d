"""The composition root: every part of Nodo, built from top to bottom in one place."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import psutil

from appliance import __version__
from appliance.accounts import migrations as accounts_migrations
from appliance.accounts.build import Accounts, AccountsPlan, build_accounts
from appliance.accounts.key_check import open_keys
from appliance.accounts.keys import Keys
from appliance.accounts.open_sign_ins import OpenSignIns
from appliance.accounts.setting_up import NewOwner
from appliance.base.audit import migrations as audit_migrations
from appliance.base.audit.log import AuditLog
from appliance.base.ballast import Ballast
from appliance.base.clock import Clock
from appliance.base.database.checks import DatabaseCheck
from appliance.base.database.database import Database
from appliance.base.database.migrations import Migration
from appliance.base.database.soundness import Soundness
from appliance.base.events import Events
from appliance.base.identity import AccessEnded
from appliance.base.ids import Ids
from appliance.base.jobs import migrations as jobs_migrations
from appliance.base.jobs import upkeep
from appliance.base.jobs.checks import JobsCheck
from appliance.base.jobs.queue import JobQueue
from appliance.base.jobs.registry import JobKind
from appliance.base.jobs.schedule import Schedule
from appliance.base.jobs.worker import Worker
from appliance.base.live.hub import LiveHub
from appliance.base.paths import DataFolder
from appliance.base.resources import pages_folder
from appliance.base.sealing import Sealer
from appliance.base.web.access import OpenAccess
from appliance.base.web.doors import DoorParts, DoorPolicy, protected
from appliance.base.web.limits import DEFAULT_RATE_RULES
from appliance.base.web.rate_counters import RateCounters, RedisCounts
from appliance.base.web.server import DoorServer
from appliance.boot.answer_parts import answering_providers, repeating, secret_sealer
from appliance.boot.bridges import FilesForChat, PrefixForgetter
from appliance.boot.engine_parts import engine_parts, model_downloads, model_library
from appliance.boot.extraction_process import extraction_process
from appliance.boot.keeping_parts import model_keeping
from appliance.boot.listening import answered_hosts
from appliance.boot.ollama_door import ollama_door
from appliance.boot.pages import read_pages
from appliance.boot.secret_commands import safes_of
from appliance.boot.settings import Settings
from appliance.boot.web_app import web_app
from appliance.chat import migrations as chat_migrations
from appliance.chat.build import Chat, Oversight, build_chat
from appliance.engine.download.downloads import Downloads
from appliance.engine.library.library import ModelLibrary
from appliance.engine.text.parts import EngineParts
from appliance.engine.text.port import TextEngine
from appliance.engine.text.residency import Residency
from appliance.files import migrations as files_migrations
from appliance.files.build import Files, build_files
from appliance.files.routes import BODY_LIMITS as FILE_LIMITS
from appliance.model_api.build import ModelApi, build_model_api
from appliance.model_api.choosing import Choosing
from appliance.model_api.keeping.keeping import Keeping
from appliance.model_api.keeping.routes import keeping_router
from appliance.model_api.parts import ModelApiParts
from appliance.model_api.routes import models_router
from appliance.model_api.telling import EngineNews
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
class Ground:
    """What everything stands on: opened before, closed after all else."""

    settings: Settings
    folder: DataFolder
    clock: Clock
    ids: Ids
    database: Database
    soundness: Soundness
    ballast: Ballast


@dataclass(frozen=True)
class Shared:
    """What several slices use, one of each."""

    keys: Keys
    audit: AuditLog
    events: Events
    live: LiveHub
    open_access: OpenAccess
    queue: JobQueue


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
    settings = ground.settings
    shared = _shared(ground, environment)
    accounts = _accounts(ground, shared, announce_code)
    library = model_library(settings, ground.folder)
    downloads = model_downloads(settings, library, ground.clock)
    parts = engine_parts(
        settings, ground.folder, library=library, clock=ground.clock, environment=environment
    )
    engine = Residency(parts)
    engine.watch(EngineNews(engine.state, shared.events).changed)
    shared.events.subscribe(AccessEnded, PrefixForgetter(engine).hear)
    files = _files(ground, shared, engine, environment)
    sealer = secret_sealer(settings, shared.keys.derived, ground.clock)
    providers = _providers(ground, shared, engine, sealer)
    answering = repeating(settings, providers, ground.clock, sealer=sealer)
    chat = _chat(ground, shared, answering, accounts=accounts, files=files)
    programs = build_model_api(
        # The residency is engine, tokeniser, embedder and host in one.
        ModelApiParts(engine, engine, engine, engine, library, ground.clock, ground.ids),
        downloads=downloads,
        chosen=answering,
    )
    app = web_app(
        # A request is compared with one route after the other: the light ones come first.
        (
            operations_router(
                _observing(ground, engine, files, accounts, providers),
                Metering(engine, answering.counts),
            ),
            live_router(shared.live, shared.open_access, accounts.authenticator),
            models_router(_choosing(engine, parts, library), models_folder=ground.folder.models),
            keeping_router(
                _keeping(ground, environment, downloads, engine),
                inbox_hint=ground.folder.inbox.name,
            ),
            accounts.router,
            chat.router,
            files.router,
            *programs.program_routers,
            *programs.own_routers,
            providers.router,
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
        engine=engine,
        downloads=downloads,
        providers=providers,
        worker=_worker(ground, shared, (accounts, chat, files)),
        schedule=_schedule(ground, shared, (accounts, chat, files)),
        counters=door_parts.counters,
        door=DoorServer(
            protected(app, _local_policy(settings, programs), door_parts),
            host=settings.host,
            port=settings.port,
        ),
        ollama_door=ollama_door(
            programs,
            door_parts,
            port=settings.ollama_port,
            origins=settings.cors_origins,
        ),
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


def _providers(ground: Ground, shared: Shared, engine: Residency, sealer: Sealer) -> Providers:
    return answering_providers(
        ground.settings,
        ground.database,
        engine,
        ground.clock,
        sealer=sealer,
        audit=shared.audit,
        events=shared.events,
    )


def _chat(
    ground: Ground, shared: Shared, engine: TextEngine, *, accounts: Accounts, files: Files
) -> Chat:
    return build_chat(
        ground.database,
        engine,
        ground.clock,
        ground.ids,
        shared.queue,
        events=shared.events,
        files=FilesForChat(files.lending),
        oversight=Oversight(accounts.others.deciding, shared.audit),
    )


def _choosing(engine: Residency, parts: EngineParts, library: ModelLibrary) -> Choosing:
    return Choosing(
        engine=engine,
        library=library,
        record=parts.record,
        catalogue=library.catalogue,
        memory_total_bytes=lambda: psutil.virtual_memory().total,
    )


def _keeping(
    ground: Ground, environment: Mapping[str, str], downloads: Downloads, engine: Residency
) -> Keeping:
    return model_keeping(
        ground.folder, environment, downloads=downloads, engine=engine, ids=ground.ids
    )


def _upkeep_kinds(ground: Ground, queue: JobQueue) -> tuple[JobKind, ...]:
    looked_after = upkeep.Upkeep(
        database=ground.database, queue=queue, soundness=ground.soundness, clock=ground.clock
    )
    return upkeep.job_kinds(looked_after)


def _operations_kinds(ground: Ground, events: Events) -> tuple[JobKind, ...]:
    disk = DiskCheck(ground.folder.root)
    return operations_jobs.job_kinds(DiskWatch(disk, events, ground.clock))


def _observing(
    ground: Ground, engine: Residency, files: Files, accounts: Accounts, providers: Providers
) -> Observing:
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
            "providers": providers.check,
            "disk": DiskCheck(ground.folder.root, is_short=lambda: ground.ballast.is_short),
        },
        engine_rss_bytes=lambda: engine.rss_bytes,
    )


def _shared(ground: Ground, environment: Mapping[str, str]) -> Shared:
    clock, ids = ground.clock, ground.ids
    safes = safes_of(environment)
    keys = open_keys(ground.database, ground.folder.secrets, ids, safes)
    events, sign_ins = Events(), OpenSignIns(database=ground.database, clock=clock)
    return Shared(
        keys=keys,
        audit=AuditLog(key=keys.derived("audit log"), clock=clock, ids=ids),
        events=events,
        live=LiveHub(events, clock),
        open_access=OpenAccess(events, sign_ins),
        queue=JobQueue(clock, ids),
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
