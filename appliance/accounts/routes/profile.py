"""The addresses of one's own account."""

from fastapi import APIRouter

from appliance.accounts.people import People
from appliance.accounts.schemas.profile import ProfileBody, UserOut, user_out
from appliance.base.web.identity import SignedIn


def add_profile_routes(router: APIRouter, people: People) -> None:
    """Add what a person may see and change of themselves."""

    @router.get("/me", summary="Who I am")
    async def me(identity: SignedIn) -> UserOut:
        return user_out(await people.user_of(identity.user_id))

    @router.patch("/me", summary="Change my name or language")
    async def change_me(identity: SignedIn, body: ProfileBody) -> UserOut:
        user = await people.change_profile(identity.user_id, name=body.name, language=body.language)
        return user_out(user)
