"""Addresses of health and of the box itself."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from appliance.base.web.identity import MetricsCaller
from appliance.operations.metering import Metering
from appliance.operations.observing import Observing
from appliance.operations.prometheus import CONTENT_TYPE, exposition
from appliance.operations.schemas import (
    CheckOut,
    HealthOut,
    MonitoringOut,
    SystemOut,
    monitoring_out,
)


def operations_router(observing: Observing, metering: Metering) -> APIRouter:
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

    @router.get("/metrics", summary="Figures for Prometheus", response_class=PlainTextResponse)
    async def metrics(_identity: MetricsCaller) -> PlainTextResponse:
        return PlainTextResponse(exposition(metering.figures()), media_type=CONTENT_TYPE)

    @router.get("/api/monitoring", summary="How quickly questions were answered")
    async def monitoring(_identity: MetricsCaller) -> MonitoringOut:
        return monitoring_out(metering)

    return router
