"""The wire shapes of coming in and leaving (docs/api.md, "Set-up and accounts")."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from appliance.accounts.schemas.bodies import Body, Email, Language, Name, Password, Token
from appliance.accounts.schemas.profile import UserOut, user_out
from appliance.accounts.sessions import SignedInUser


class SetupBody(Body):
    """Who becomes the owner."""

    code: Annotated[str, Field(max_length=64)]
    email: Email
    name: Name
    password: Password
    language: Language


class LoginBody(Body):
    """What a person signs in with."""

    email: Email
    password: Password


class RefreshBody(Body):
    """The token to be exchanged; a browser leaves it out and sends its cookie."""

    refresh_token: Token | None = None


class LogoutBody(Body):
    """Whose sign-in ends; the bearer token or the cookie say it too."""

    refresh_token: Token | None = None


class ConfirmBody(Body):
    """What a signed-in person proves with that it is them."""

    password: Password
    code: Annotated[str, Field(max_length=64)] | None = None


class TokensOut(BaseModel):
    """A pair of tokens; a browser's refresh token travels in its cookie only."""

    access_token: str
    refresh_token: str | None
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the scheme's name (RFC 6750)
    expires_in: int
    user: UserOut


class SetupOut(BaseModel):
    """Whether the box waits for its owner."""

    needed: bool
    language: str
    version: str


def tokens_out(signed_in: SignedInUser, *, by_cookie: bool) -> TokensOut:
    """Return the answer to a sign-in."""
    return TokensOut(
        access_token=signed_in.access_token,
        refresh_token=None if by_cookie else signed_in.refresh_token,
        expires_in=signed_in.access_valid_s,
        user=user_out(signed_in.user),
    )
