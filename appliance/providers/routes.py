"""Addresses of providers: only administrators change who may answer."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from appliance.base.clock import Clock
from appliance.base.web.identity import ChatCaller, ConfirmedAdmin, Identity, SignedInAdmin
from appliance.engine.providers.lm_studio import Questions
from appliance.engine.providers.model import LOCAL, Habits, Place, Provider
from appliance.engine.providers.pinging import Light, Ping, ping
from appliance.engine.providers.standings import Standings
from appliance.engine.text.port import EngineState, EngineStatus
from appliance.providers.asking_studio import AskingStudio
from appliance.providers.managing import Managing
from appliance.providers.model import Actor, ordered
from appliance.providers.schemas import (
    InUseOut,
    LoadBody,
    LoadedOut,
    NewProviderBody,
    OrderBody,
    PingOut,
    PolicyBody,
    ProviderChangeBody,
    ProviderOut,
    ProvidersOut,
    StudioOut,
    UnloadBody,
    own_engine_out,
    ping_out,
    provider_out,
    studio_out,
)

_ProviderId = Annotated[str, Path(min_length=1, max_length=60)]
_Studio = Annotated[str | None, Query(max_length=60)]


@dataclass(frozen=True)
class Looking:
    """What the routes look at.

    Attributes:
        wire: Returns the way to providers.
        standings: How they are doing.
        habits: What is known of a provider's model.
        engine_state: Returns how this box's own engine is.
        clock: Measures pings.
    """

    wire: Callable[[], Questions]
    standings: Standings
    habits: Callable[[Provider], Habits]
    engine_state: Callable[[], EngineState]
    clock: Clock

    def out(self, provider: Provider) -> ProviderOut:
        """Return a provider as it travels."""
        return provider_out(provider, self.habits(provider), self.standings.doing(provider))

    def own_ping(self) -> Ping:
        """Return how this box's own engine is."""
        status = self.engine_state().status
        lights = {EngineStatus.READY: Light.GREEN, EngineStatus.FAILED: Light.RED}
        lights[EngineStatus.NO_MODEL] = Light.RED
        return Ping(lights.get(status, Light.AMBER), status.value, 0)


def build_router(managing: Managing, studio: AskingStudio, looking: Looking) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["providers"])
    _add_reading(router, managing, looking)
    _add_changing(router, managing, looking)
    _add_deciding(router, managing, looking)
    _add_studio(router, studio)
    return router


def _add_reading(router: APIRouter, managing: Managing, looking: Looking) -> None:
    @router.get("/api/providers", summary="Who may answer, in order")
    async def providers(_identity: SignedInAdmin) -> ProvidersOut:
        return _all(managing, looking)

    @router.get("/api/providers/in-use", summary="Whether questions may leave the house")
    async def in_use(_identity: ChatCaller) -> InUseOut:
        roster = managing.roster
        asked = [one for one in roster.providers if one.is_enabled and roster.cloud_allowed]
        names = [one.name for one in asked if one.place is Place.CLOUD]
        return InUseOut(cloud=bool(names), names=names)

    @router.get("/api/providers/{provider_id}/ping", summary="Whether a provider is there")
    async def ping_one(provider_id: _ProviderId, _identity: SignedInAdmin) -> PingOut:
        if provider_id == LOCAL:
            return ping_out(looking.own_ping())
        provider = managing.provider_of(provider_id)
        return ping_out(await ping(looking.wire(), provider, looking.clock))


def _add_changing(router: APIRouter, managing: Managing, looking: Looking) -> None:
    @router.post("/api/providers", status_code=HTTPStatus.CREATED, summary="Add a provider")
    async def add(request: Request, identity: ConfirmedAdmin, body: NewProviderBody) -> ProviderOut:
        wish = body.wish(name=body.name, model=body.model)
        made = await managing.add(body.kind, wish, _actor(request, identity))
        return looking.out(managing.provider_of(made.id))

    @router.patch("/api/providers/{provider_id}", summary="Change a provider")
    async def change(
        request: Request,
        identity: ConfirmedAdmin,
        provider_id: _ProviderId,
        body: ProviderChangeBody,
    ) -> ProviderOut:
        wish = body.wish(name=body.name, model=body.model)
        after = await managing.change(provider_id, wish, _actor(request, identity))
        return looking.out(managing.provider_of(after.id))

    @router.delete(
        "/api/providers/{provider_id}",
        status_code=HTTPStatus.NO_CONTENT,
        summary="Remove a provider with its key",
    )
    async def remove(
        request: Request, identity: ConfirmedAdmin, provider_id: _ProviderId
    ) -> Response:
        await managing.remove(provider_id, _actor(request, identity))
        return Response(status_code=HTTPStatus.NO_CONTENT)


def _add_deciding(router: APIRouter, managing: Managing, looking: Looking) -> None:
    @router.put("/api/providers/order", summary="Say who is asked first")
    async def order(request: Request, identity: SignedInAdmin, body: OrderBody) -> ProvidersOut:
        await managing.order(body.ids, _actor(request, identity))
        return _all(managing, looking)

    @router.put("/api/providers/policy", summary="Say whether anything may leave the house")
    async def policy(request: Request, identity: ConfirmedAdmin, body: PolicyBody) -> ProvidersOut:
        actor = _actor(request, identity)
        await managing.allow_cloud(actor, is_allowed=body.cloud_allowed)
        return _all(managing, looking)

    @router.post("/api/providers/{provider_id}/reset", summary="Ask a provider again")
    async def reset(provider_id: _ProviderId, _identity: SignedInAdmin) -> ProviderOut:
        managing.reset(provider_id)
        return looking.out(managing.provider_of(provider_id))


def _add_studio(router: APIRouter, studio: AskingStudio) -> None:
    @router.get("/api/lmstudio", summary="LM Studio's models")
    async def models(_identity: SignedInAdmin, provider: _Studio = None) -> StudioOut:
        return studio_out(await studio.look(provider))

    @router.post("/api/lmstudio/load", summary="Let LM Studio load a model")
    async def load(_identity: SignedInAdmin, body: LoadBody) -> LoadedOut:
        loaded = await studio.load(body.provider, body.model, context_tokens=body.context_tokens)
        return LoadedOut(instance_id=loaded)

    @router.post(
        "/api/lmstudio/unload",
        status_code=HTTPStatus.NO_CONTENT,
        summary="Let LM Studio unload a model",
    )
    async def unload(_identity: SignedInAdmin, body: UnloadBody) -> Response:
        await studio.unload(body.provider, body.instance_id)
        return Response(status_code=HTTPStatus.NO_CONTENT)


def _all(managing: Managing, looking: Looking) -> ProvidersOut:
    roster = managing.roster
    items = [
        own_engine_out(looking.engine_state().model)
        if one == LOCAL
        else looking.out(managing.provider_of(one))
        for one in ordered(roster)
    ]
    return ProvidersOut(items=items, cloud_allowed=roster.cloud_allowed)


def _actor(request: Request, identity: Identity) -> Actor:
    address = request.client.host if request.client else None
    return Actor(identity.user_id, identity.name, address)
