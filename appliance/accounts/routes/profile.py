"""The addresses of one's own account."""

from http import HTTPStatus

from fastapi import APIRouter

from appliance.accounts.own_activities import OwnActivities
from appliance.accounts.routes.client import AskingClient
from appliance.accounts.schemas.profile import (
    EmailBody,
    PasswordBody,
    ProfileBody,
    SessionsOut,
    UserOut,
    session_out,
    user_out,
)
from appliance.accounts.schemas.sign_in import TokensOut
from appliance.base.web.identity import Confirmed, SignedIn


def add_profile_routes(router: APIRouter, own: OwnActivities) -> None:
    """Add what a person may see and change of themselves."""

    @router.get("/me", summary="Who I am")
    async def me(identity: SignedIn) -> UserOut:
        return user_out(await own.people.who(identity))

    @router.patch(
        "/me",
        summary="Change my name, language or preferences",
    )
    async def change_me(identity: SignedIn, body: ProfileBody) -> UserOut:
        chosen = body.preferences and body.preferences.model_dump(exclude_none=True)
        user = await own.people.change_profile(
            identity.user_id, name=body.name, language=body.language, preferences=chosen
        )
        return user_out(user)

    @router.post("/email", summary="Change my e-mail address")
    async def change_email(identity: Confirmed, body: EmailBody, client: AskingClient) -> UserOut:
        return user_out(await own.account.change_email(identity, body.email, client.visitor))

    @router.post("/password", summary="Change my password; all other sign-ins end")
    async def change_password(
        identity: SignedIn, body: PasswordBody, client: AskingClient
    ) -> TokensOut:
        renewed = await own.account.change_password(
            identity, body.current_password, body.new_password, client.visitor
        )
        return client.answered(renewed)


def add_session_routes(router: APIRouter, own: OwnActivities) -> None:
    """Add where a person is signed in, and ending that."""

    @router.get("/sessions", summary="Where I am signed in")
    async def sessions(identity: SignedIn) -> SessionsOut:
        found = await own.sessions.list_open(identity)
        return SessionsOut(
            items=[session_out(one, current_id=identity.session_id) for one in found]
        )

    @router.delete(
        "/sessions", status_code=HTTPStatus.NO_CONTENT, summary="End all my other sign-ins"
    )
    async def end_others(identity: SignedIn, client: AskingClient) -> None:
        await own.sessions.end_others(identity, client.visitor)

    @router.delete(
        "/sessions/{session_id}",
        status_code=HTTPStatus.NO_CONTENT,
        summary="End one of my sign-ins",
    )
    async def end(identity: SignedIn, session_id: str, client: AskingClient) -> None:
        await own.sessions.end(identity, session_id, client.visitor)
