"""The addresses of the first run."""

from http import HTTPStatus

from fastapi import APIRouter

from appliance.accounts.routes.client import AskingClient
from appliance.accounts.schemas.sign_in import SetupBody, SetupOut, TokensOut
from appliance.accounts.setting_up import NewOwner, SettingUp


def add_setup_routes(
    router: APIRouter, setting_up: SettingUp, *, language: str, version: str
) -> None:
    """Add what a box without an owner answers."""

    @router.get("/setup", summary="Whether the box waits for its owner")
    async def setup_needed() -> SetupOut:
        return SetupOut(needed=await setting_up.is_needed(), language=language, version=version)

    @router.post("/setup", status_code=HTTPStatus.CREATED, summary="Become the owner, once")
    async def set_up(body: SetupBody, client: AskingClient) -> TokensOut:
        owner = NewOwner(
            email=body.email, name=body.name, password=body.password, language=body.language
        )
        return client.answered(await setting_up.set_up(body.code, owner, client.visitor))
