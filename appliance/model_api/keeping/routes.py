"""Addresses of keeping models."""

from typing import Annotated

from fastapi import APIRouter, Query

from appliance.base.web.identity import ModelCaller, SignedInAdmin
from appliance.model_api.keeping.keeping import Keeping
from appliance.model_api.keeping.schemas import (
    DownloadIn,
    DownloadOut,
    DownloadsOut,
    FoundListOut,
    NameIn,
    ResidentOut,
    ResidentsOut,
    SpeedOut,
    TakenInOut,
    download_out,
    found_out,
    resident_out,
    residents_out,
    speed_out,
    taken_in_out,
)

_Name = Annotated[str, Query(min_length=1, max_length=400)]


def keeping_router(keeping: Keeping, *, inbox_hint: str) -> APIRouter:
    """Return the routes; `inbox_hint` says where files may be put to be found."""
    router = APIRouter(tags=["models"])

    @router.get("/api/models/downloads", summary="Models on their way")
    async def downloads(_identity: SignedInAdmin) -> DownloadsOut:
        return DownloadsOut(items=[download_out(one) for one in keeping.downloads.list_all()])

    @router.post("/api/models/downloads", status_code=202, summary="Fetch a model, or go on")
    async def get(wanted: DownloadIn, _identity: SignedInAdmin) -> DownloadOut:
        got = await keeping.get(wanted.name, accepts_licence=wanted.accepts_licence)
        return download_out(got)

    @router.post("/api/models/downloads/{download_id}/stop", summary="Stop; what came is kept")
    async def stop(download_id: str, _identity: SignedInAdmin) -> DownloadOut:
        await keeping.downloads.stop(download_id)
        return download_out(keeping.downloads.download_of(download_id))

    @router.delete(
        "/api/models/downloads/{download_id}", status_code=204, summary="Throw a download away"
    )
    async def forget(download_id: str, _identity: SignedInAdmin) -> None:
        await keeping.downloads.remove(download_id)

    _add_models_here(router, keeping, inbox_hint)
    return router


def _add_models_here(router: APIRouter, keeping: Keeping, inbox_hint: str) -> None:
    @router.get("/api/models/found", summary="Models that lie about on this computer")
    async def found(_identity: SignedInAdmin) -> FoundListOut:
        items = [found_out(one) for one in await keeping.list_found()]
        return FoundListOut(items=items, inbox=inbox_hint)

    @router.post("/api/models/found/{found_id}", status_code=202, summary="Take one in")
    async def take_in(found_id: str, _identity: SignedInAdmin) -> TakenInOut:
        return taken_in_out(await keeping.take_in(found_id))

    @router.delete("/api/models/installed", status_code=204, summary="Remove a model")
    async def remove(name: _Name, _identity: SignedInAdmin) -> None:
        await keeping.remove(name)

    @router.post("/api/models/load", summary="Bring a model into memory")
    async def load(wanted: NameIn, _identity: SignedInAdmin) -> ResidentOut:
        return resident_out(await keeping.load(wanted.name))

    @router.post("/api/models/unload", status_code=204, summary="Take a model out of memory")
    async def unload(wanted: NameIn, _identity: SignedInAdmin) -> None:
        await keeping.unload(wanted.name)

    @router.post("/api/models/speed", summary="Measure how quick a model is, in some ten seconds")
    async def speed(wanted: NameIn, _identity: SignedInAdmin) -> SpeedOut:
        return speed_out(await keeping.try_out(wanted.name))

    @router.get("/api/engine/residents", summary="Models in memory")
    async def residents(_identity: ModelCaller) -> ResidentsOut:
        return residents_out(keeping.residents(), keeping.memory())
