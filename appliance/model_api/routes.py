"""Addresses of models and engine."""

from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter

from appliance.base.web.identity import Identity, ModelCaller, Role, SignedInAdmin
from appliance.model_api.choosing import Choosing
from appliance.model_api.schemas import (
    CatalogueEntryOut,
    ChoiceIn,
    EngineOut,
    InstalledModelOut,
    ModelsOut,
    engine_out,
)


def models_router(
    choosing: Choosing, *, models_folder: Path, stays_here: Callable[[], bool]
) -> APIRouter:
    """Return the routes, bound to the models of this box.

    Args:
        choosing: The models, and which one answers.
        models_folder: Where they lie.
        stays_here: Returns whether nobody but this box may see questions.
    """
    router = APIRouter(tags=["models"])

    @router.get("/api/engine", summary="How the text engine is")
    async def engine(_identity: ModelCaller) -> EngineOut:
        return engine_out(choosing.engine_state(), stays_here=stays_here())

    @router.get("/api/models", summary="Models on this box, and models to be had")
    async def models(identity: ModelCaller) -> ModelsOut:
        return await _models_out(choosing, identity, models_folder)

    @router.post("/api/models/current", status_code=202, summary="Use another model")
    async def choose(choice: ChoiceIn, _identity: SignedInAdmin) -> EngineOut:
        await choosing.choose(choice.name)
        return engine_out(choosing.engine_state(), stays_here=stays_here())

    return router


async def _models_out(choosing: Choosing, asker: Identity, folder: Path) -> ModelsOut:
    # Only who may put files there needs the path; others are told the folder's name.
    is_admin = asker.scopes is None and asker.role.includes(Role.ADMIN)
    hint = str(folder) if is_admin else folder.name
    current = choosing.engine_state().model
    return ModelsOut(
        installed=[
            InstalledModelOut(
                name=model.name,
                title=model.title,
                file=model.file.name,
                size_bytes=model.size_bytes,
                is_demo=model.is_demo,
                is_current=model.name == current,
                bad_reason="crashes" if choosing.is_bad(model) else None,
                problem=model.facts.problem,
                parent_name=model.parent_name,
                parameter_size=model.parameter_size,
                quantization=model.quantization_level,
                context_tokens=model.context_tokens,
                capabilities=[str(capability) for capability in model.capabilities],
                licence=choosing.licence_of(model),
                is_removable=not model.is_demo,
            )
            for model in await choosing.list_installed()
        ],
        catalogue=[
            CatalogueEntryOut(
                name=offer.entry.name,
                title=offer.entry.title,
                parameters_b=offer.entry.parameters_b,
                size_bytes=offer.entry.size_bytes,
                licence=offer.entry.licence,
                licence_text=offer.entry.licence_text,
                allows_commercial_use=offer.entry.allows_commercial_use,
                languages=list(offer.entry.languages),
                ram_8k_bytes=offer.entry.ram_8k_bytes,
                fits=offer.fits,
                recommended=offer.is_recommended,
                repository=offer.entry.repository,
                file=offer.entry.file,
                notes=offer.entry.notes.get(asker.language, offer.entry.notes["en"]),
            )
            for offer in choosing.list_offers()
        ],
        memory_total_bytes=choosing.memory_total_bytes,
        models_folder_hint=hint,
    )
