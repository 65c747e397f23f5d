"""The addresses of accounts: parse, one call, answer."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Header, Request, Response

from appliance.accounts.identifying import find_bearer_token
from appliance.accounts.people import People
from appliance.accounts.schemas import (
    LoginBody,
    LogoutBody,
    ProfileBody,
    RefreshBody,
    SetupBody,
    SetupOut,
    TokensOut,
    UserOut,
    tokens_out,
    user_out,
)
from appliance.accounts.sessions import SignedInUser
from appliance.accounts.setting_up import NewOwner, SettingUp
from appliance.accounts.signing_in import SigningIn
from appliance.base.errors import InvalidValueError
from appliance.base.web.identity import SignedIn

COOKIE = "nodo_refresh"
CLIENT_HEADER = "X-Nodo-Client"
_BROWSER = "ui"

RefreshCookie = Annotated[str | None, Cookie(alias=COOKIE)]


@dataclass(frozen=True)
class Activities:
    """What the routes call."""

    setting_up: SettingUp
    signing_in: SigningIn
    people: People


class _Client:
    """How the one who asks wants its tokens: a program in JSON, a browser in a cookie."""

    def __init__(
        self,
        request: Request,
        response: Response,
        x_nodo_client: Annotated[str | None, Header(alias=CLIENT_HEADER)] = None,
    ) -> None:
        self.is_browser = x_nodo_client == _BROWSER
        self._is_https = request.url.scheme == "https"
        self._response = response

    def answered(self, signed_in: SignedInUser) -> TokensOut:
        self._response.headers["Cache-Control"] = "no-store"
        if self.is_browser:
            self._response.set_cookie(
                COOKIE,
                signed_in.refresh_token,
                max_age=signed_in.session_valid_s,
                path="/",
                secure=self._is_https,
                httponly=True,
                samesite="strict",
            )
        return tokens_out(signed_in, by_cookie=self.is_browser)

    def signed_out(self) -> None:
        self._response.delete_cookie(
            COOKIE, path="/", secure=self._is_https, httponly=True, samesite="strict"
        )


Client = Annotated[_Client, Depends()]


def build_router(accounts: Activities, *, language: str, version: str) -> APIRouter:
    """Return the routes of accounts; those under `/auth` answer under `/api/auth` too."""
    auth = APIRouter(tags=["accounts"])
    _add_sign_in_routes(auth, accounts.signing_in)
    _add_profile_routes(auth, accounts.people)
    router = APIRouter(tags=["accounts"])
    _add_setup_routes(router, accounts.setting_up, language=language, version=version)
    router.include_router(auth, prefix="/auth")
    router.include_router(auth, prefix="/api/auth")
    return router


def _add_setup_routes(
    router: APIRouter, setting_up: SettingUp, *, language: str, version: str
) -> None:
    @router.get("/setup", summary="Whether the box waits for its owner")
    async def setup_needed() -> SetupOut:
        return SetupOut(needed=await setting_up.is_needed(), language=language, version=version)

    @router.post("/setup", status_code=HTTPStatus.CREATED, summary="Become the owner, once")
    async def set_up(body: SetupBody, client: Client) -> TokensOut:
        owner = NewOwner(
            email=body.email, name=body.name, password=body.password, language=body.language
        )
        return client.answered(await setting_up.set_up(body.code, owner))


def _add_sign_in_routes(router: APIRouter, signing_in: SigningIn) -> None:
    @router.post("/login", summary="Sign in")
    async def login(body: LoginBody, client: Client) -> TokensOut:
        return client.answered(await signing_in.login(body.email, body.password))

    @router.post("/refresh", summary="Exchange a refresh token for a new pair")
    async def refresh(
        client: Client, body: RefreshBody | None = None, cookie: RefreshCookie = None
    ) -> TokensOut:
        # By cookie only with the header, which another site's form cannot send.
        by_cookie = (cookie or "") if client.is_browser else None
        token = (body and body.refresh_token) or by_cookie
        if token is None:
            raise InvalidValueError(
                "refresh_token is missing.",
                hint=f"A browser sends its cookie and the header {CLIENT_HEADER}: {_BROWSER}.",
                field="refresh_token",
            )
        return client.answered(await signing_in.refresh(token))

    @router.post("/logout", status_code=HTTPStatus.NO_CONTENT, summary="Sign out")
    async def logout(
        request: Request,
        client: Client,
        body: LogoutBody | None = None,
        cookie: RefreshCookie = None,
    ) -> None:
        tokens = [token for token in (body and body.refresh_token, cookie) if token]
        access_token = find_bearer_token(request.headers)
        await signing_in.logout(refresh_tokens=tokens, access_token=access_token)
        client.signed_out()


def _add_profile_routes(router: APIRouter, people: People) -> None:
    @router.get("/me", summary="Who I am")
    async def me(identity: SignedIn) -> UserOut:
        return user_out(await people.user_of(identity.user_id))

    @router.patch("/me", summary="Change my name or language")
    async def change_me(identity: SignedIn, body: ProfileBody) -> UserOut:
        user = await people.change_profile(identity.user_id, name=body.name, language=body.language)
        return user_out(user)
