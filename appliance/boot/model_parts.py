"""All about models, put together: who answers, what is kept, and how programs ask."""

from collections.abc import Mapping
from dataclasses import dataclass

import psutil
from fastapi import APIRouter

from appliance.base.identity import AccessEnded
from appliance.base.sealing import Sealer
from appliance.boot.answer_parts import answering_providers, repeating, secret_sealer
from appliance.boot.bridges import PrefixForgetter
from appliance.boot.engine_parts import engine_parts, model_downloads, model_library
from appliance.boot.ground import Ground, Shared
from appliance.boot.keeping_parts import model_keeping
from appliance.engine.download.downloads import Downloads
from appliance.engine.library.library import ModelLibrary
from appliance.engine.providers.repeating import RepeatingEngine
from appliance.engine.text.parts import EngineParts
from appliance.engine.text.residency import Residency
from appliance.model_api.build import ModelApi, build_model_api
from appliance.model_api.choosing import Choosing
from appliance.model_api.keeping.routes import keeping_router
from appliance.model_api.parts import ModelApiParts
from appliance.model_api.routes import models_router
from appliance.model_api.telling import EngineNews
from appliance.providers.build import Providers


@dataclass(frozen=True)
class Models:
    """What the house has of models.

    Attributes:
        engine: The models in memory.
        downloads: Models on their way here.
        providers: Who else may answer.
        answering: Who answers in the chat: all of them, and what was answered just before.
        programs: The interfaces that programs speak.
        routers: Addresses for the pages about models.
    """

    engine: Residency
    downloads: Downloads
    providers: Providers
    answering: RepeatingEngine
    programs: ModelApi
    routers: tuple[APIRouter, ...]


def build_models(ground: Ground, shared: Shared, environment: Mapping[str, str]) -> Models:
    """Return all about models."""
    settings, clock = ground.settings, ground.clock
    library = model_library(settings, ground.folder)
    downloads = model_downloads(settings, library, clock)
    parts = engine_parts(
        settings, ground.folder, library=library, clock=clock, environment=environment
    )
    engine = _engine(parts, shared)
    sealer = secret_sealer(settings, shared.keys.derived, clock)
    providers = _providers(ground, shared, engine, sealer)
    news = EngineNews(engine.state, shared.events, stays_here=lambda: not providers.asks_others())
    engine.watch(news.changed)
    answering = repeating(settings, providers, clock, sealer=sealer)
    keeping = model_keeping(
        ground.folder, environment, downloads=downloads, engine=engine, ids=ground.ids
    )
    choosing = _choosing(engine, parts, library)
    return Models(
        engine=engine,
        downloads=downloads,
        providers=providers,
        answering=answering,
        programs=build_model_api(
            # The residency is engine, tokeniser, embedder and host in one.
            ModelApiParts(engine, engine, engine, engine, library, clock, ground.ids),
            downloads=downloads,
            chosen=answering,
        ),
        routers=(
            models_router(
                choosing,
                models_folder=ground.folder.models,
                stays_here=lambda: not providers.asks_others(),
            ),
            keeping_router(keeping, inbox_hint=ground.folder.inbox.name),
        ),
    )


def _engine(parts: EngineParts, shared: Shared) -> Residency:
    engine = Residency(parts)
    shared.events.subscribe(AccessEnded, PrefixForgetter(engine).hear)
    return engine


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


def _choosing(engine: Residency, parts: EngineParts, library: ModelLibrary) -> Choosing:
    return Choosing(
        engine=engine,
        library=library,
        record=parts.record,
        catalogue=library.catalogue,
        memory_total_bytes=lambda: psutil.virtual_memory().total,
    )
