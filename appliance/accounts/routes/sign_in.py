"""The addresses at which people come in, have their pass renewed, and leave."""

from http import HTTPStatus

from fastapi import APIRouter, Request

from appliance.accounts.identifying import find_bearer_token
from appliance.accounts.own_activities import OwnActivities
from appliance.accounts.routes.client import BROWSER, CLIENT_HEADER, AskingClient, RefreshCookie
from appliance.accounts.schemas.sign_in import (
    ConfirmBody,
    LoginBody,
    LogoutBody,
    RefreshBody,
    TokensOut,
)
from appliance.base.errors import InvalidValueError
from appliance.base.web.identity import SignedIn


def add_sign_in_routes(router: APIRouter, own: OwnActivities) -> None:
    """Add signing in, refreshing and signing out."""

    @router.post("/login", summary="Sign in")
    async def login(body: LoginBody, client: AskingClient) -> TokensOut:
        return client.answered(
            await own.signing_in.login(body.email, body.password, client.visitor)
        )

    @router.post("/refresh", summary="Exchange a refresh token for a new pair")
    async def refresh(
        client: AskingClient, body: RefreshBody | None = None, cookie: RefreshCookie = None
    ) -> TokensOut:
        # By cookie only with the header, which another site's form cannot send.
        by_cookie = (cookie or "") if client.is_browser else None
        token = (body and body.refresh_token) or by_cookie
        if token is None:
            raise InvalidValueError(
                "refresh_token is missing.",
                hint=f"A browser sends its cookie and the header {CLIENT_HEADER}: {BROWSER}.",
                field="refresh_token",
            )
        return client.answered(await own.signing_in.refresh(token))

    @router.post("/logout", status_code=HTTPStatus.NO_CONTENT, summary="Sign out")
    async def logout(
        request: Request,
        client: AskingClient,
        body: LogoutBody | None = None,
        cookie: RefreshCookie = None,
    ) -> None:
        tokens = [token for token in (body and body.refresh_token, cookie) if token]
        access_token = find_bearer_token(request.headers)
        await own.signing_in.logout(refresh_tokens=tokens, access_token=access_token)
        client.signed_out()

    @router.post(
        "/confirm", status_code=HTTPStatus.NO_CONTENT, summary="Prove once more that it is me"
    )
    async def confirm(identity: SignedIn, body: ConfirmBody) -> None:
        await own.confirming.confirm(identity, body.password, body.code)
