"""The addresses of keys that programs ask with."""

from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from appliance.accounts.api_keys import ApiKeys
from appliance.accounts.routes.acting import actor_of
from appliance.accounts.schemas.programs import KeyBody, KeysOut, NewKeyOut, key_out
from appliance.base.identity import Scope
from appliance.base.web.identity import Confirmed, SignedIn


def add_program_routes(router: APIRouter, keys: ApiKeys) -> None:
    """Add seeing, making and ending one's own keys."""

    @router.get("/keys", summary="My API keys")
    async def my_keys(identity: SignedIn) -> KeysOut:
        return KeysOut(items=[key_out(key) for key in await keys.list_of(identity.user_id)])

    @router.post("/keys", status_code=HTTPStatus.CREATED, summary="Make an API key")
    async def make(
        identity: Confirmed, body: KeyBody, request: Request, answer: Response
    ) -> NewKeyOut:
        days = body.expires_in_days
        key, text = await keys.make(
            identity,
            name=body.name,
            scopes={Scope(scope) for scope in body.scopes},
            valid_for=None if days is None else timedelta(days=days),
            actor=actor_of(request, identity),
        )
        answer.headers["Cache-Control"] = "no-store"
        return NewKeyOut(key=text, **key_out(key).model_dump())

    @router.delete("/keys/{key_id}", status_code=HTTPStatus.NO_CONTENT, summary="End an API key")
    async def end(identity: SignedIn, key_id: str, request: Request) -> None:
        await keys.end(identity.user_id, key_id, actor=actor_of(request, identity))
