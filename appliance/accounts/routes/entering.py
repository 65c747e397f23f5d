"""The addresses at which people come in who have no password here yet. Nobody has to sign in."""

from http import HTTPStatus

from fastapi import APIRouter, Request

from appliance.accounts.demonstrating import Demonstrating
from appliance.accounts.joining import Joiner, Joining
from appliance.accounts.policies import Deciding
from appliance.accounts.registering import Applicant, Registering
from appliance.accounts.routes.client import AskingClient
from appliance.accounts.schemas.entering import (
    CodeBody,
    DemoAccountOut,
    ExpectedOut,
    JoinBody,
    OptionsOut,
    RegisterBody,
    WaitingOut,
    expected_out,
)
from appliance.accounts.schemas.sign_in import TokensOut
from appliance.base.identity import Role


def add_joining_routes(router: APIRouter, joining: Joining, *, language: str) -> None:
    """Add coming in by a code."""

    @router.post("/join/check", summary="Who a code is for")
    async def check(body: CodeBody) -> ExpectedOut:
        return expected_out(await joining.expected(body.code))

    @router.post("/join", status_code=HTTPStatus.CREATED, summary="Come in by a code")
    async def join(body: JoinBody, client: AskingClient) -> TokensOut:
        joiner = Joiner(
            password=body.password,
            language=body.language or language,
            email=body.email,
            name=body.name,
        )
        return client.answered(await joining.join(body.code, joiner, client.visitor))


def add_registering_routes(
    router: APIRouter,
    registering: Registering,
    deciding: Deciding,
    demonstrating: Demonstrating,
) -> None:
    """Add asking for an account, and what the sign-in page offers."""

    @router.get("/options", summary="How people come in here")
    async def options() -> OptionsOut:
        policies = await deciding.policies()
        return OptionsOut(
            registration=policies.registration,
            demo_accounts=[
                DemoAccountOut(
                    email=user.email, name=user.name, role=Role(user.role), password=password
                )
                for user, password in await demonstrating.list_people()
            ],
        )

    @router.post("/register", status_code=HTTPStatus.ACCEPTED, summary="Ask for an account")
    async def register(body: RegisterBody, request: Request) -> WaitingOut:
        await registering.register(
            Applicant(
                email=body.email,
                name=body.name,
                password=body.password,
                language=body.language,
                address=request.client.host if request.client else None,
            )
        )
        return WaitingOut()
