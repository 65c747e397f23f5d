"""The application behind the doors: all routes of all slices, in one list."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, FastAPI

from appliance import __version__
from appliance.base.web.access import OpenAccess
from appliance.base.web.identity import Authenticator, SignedIn
from appliance.base.web.problems import install_problem_handlers
from appliance.boot.interface import described
from appliance.boot.pages import Page, pages_router


def web_app(
    routers: Sequence[APIRouter],
    *,
    authenticator: Authenticator,
    open_access: OpenAccess,
    pages: Mapping[str, Page],
) -> FastAPI:
    """Return the application; its doors put limits and checks around it."""
    app = FastAPI(
        title="Nodo",
        version=__version__,
        # What can be asked is told to people who are signed in, not to everybody (below).
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.authenticator = authenticator
    app.state.open_access = open_access
    install_problem_handlers(app)
    for router in routers:
        app.include_router(router)

    @app.get("/api/openapi.json", tags=["operations"], summary="This interface, as OpenAPI")
    async def openapi(_identity: SignedIn) -> dict[str, object]:
        return described(app)

    app.include_router(pages_router(pages))
    return app
