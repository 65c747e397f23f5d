"""Who answers in the chat, put together: this box's own engine, providers behind it, repeats."""

from collections.abc import Callable
from datetime import timedelta

from appliance.base.audit.log import AuditLog
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.events import Events
from appliance.base.resources import known_models_file
from appliance.base.sealing import Sealer
from appliance.boot.settings import Settings
from appliance.engine.providers.answer_cache import AnswerStore, MemoryStore
from appliance.engine.providers.repeating import RepeatingEngine
from appliance.engine.text.port import TextEngine
from appliance.providers.build import Providers, build_providers


def answering_providers(
    settings: Settings,
    database: Database,
    local: TextEngine,
    clock: Clock,
    *,
    sealer: Sealer,
    audit: AuditLog,
    events: Events,
) -> Providers:
    """Return who else may answer."""
    return build_providers(
        database,
        local,
        clock,
        sealer=sealer,
        audit=audit,
        events=events,
        said_addresses=settings.provider_urls,
        known_models=known_models_file(),
    )


def repeating(
    settings: Settings, providers: Providers, clock: Clock, *, sealer: Sealer
) -> RepeatingEngine:
    """Return the engine that gives answers of the last minutes again."""
    return RepeatingEngine(
        providers.engine,
        _answer_store(settings, clock, sealer),
        keep_s=settings.answer_cache_s,
        mark=providers.mark,
    )


def secret_sealer(settings: Settings, derived: Callable[[str], bytes], clock: Clock) -> Sealer:
    """Return what seals secrets for the database."""
    return Sealer(derived, clock, period=timedelta(days=settings.fernet_key_rotation_days))


def _answer_store(settings: Settings, clock: Clock, sealer: Sealer) -> AnswerStore:
    if settings.redis_url is None:
        return MemoryStore(clock)
    from appliance.engine.providers.redis_answers import RedisStore  # noqa: PLC0415 -- a driver

    return RedisStore(settings.redis_url, sealer)
