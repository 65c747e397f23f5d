"""Addresses of health and of the box itself."""

from fastapi import APIRouter

from appliance.base.web.identity import MetricsCaller
from appliance.operations.observing import Observing
from appliance.operations.schemas import CheckOut, HealthOut, SystemOut


def operations_router(observing: Observing) -> APIRouter:
    """Return the routes, bound to this box."""
    router = APIRouter(tags=["operations"])

    @router.get("/health", summary="Whether Nodo works", openapi_extra={"security": []})
    async def health() -> HealthOut:
        report = await observing.health()
        return HealthOut(
            status=report.status.value,
            version=report.version,
            checks=[CheckOut(name=c.name, status=c.status.value) for c in report.checks],
        )

    @router.get("/api/system", summary="What the box has and uses")
    async def system(_identity: MetricsCaller) -> SystemOut:
        facts = await observing.system()
        return SystemOut.model_validate(facts, from_attributes=True)

    return router
