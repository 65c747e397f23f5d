"""The wire shapes of accounts (docs/api.md, "Set-up and accounts")."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from appliance.accounts.model import User
from appliance.accounts.sessions import SignedInUser

# Room beyond what is allowed, so that the rules can say what is; no more than that.
_Email = Annotated[str, Field(max_length=400)]
_Name = Annotated[str, Field(max_length=400)]
_Password = Annotated[str, Field(max_length=1024)]
_Token = Annotated[str, Field(max_length=4096)]
_Language = Literal["es", "en"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    def __repr_args__(self) -> tuple[()]:
        """Return nothing: passwords, tokens and codes must not get into a log."""
        return ()


class SetupBody(_Body):
    """Who becomes the owner."""

    code: Annotated[str, Field(max_length=64)]
    email: _Email
    name: _Name
    password: _Password
    language: _Language


class LoginBody(_Body):
    """What a person signs in with."""

    email: _Email
    password: _Password


class RefreshBody(_Body):
    """The token to be exchanged; a browser leaves it out and sends its cookie."""

    refresh_token: _Token | None = None


class LogoutBody(_Body):
    """Whose sign-in ends; the bearer token or the cookie say it too."""

    refresh_token: _Token | None = None


class ProfileBody(_Body):
    """What a person may change about themselves; what is missing stays."""

    name: _Name | None = None
    language: _Language | None = None


class UserOut(BaseModel):
    """A person, as they see themselves."""

    id: str
    email: str
    name: str
    role: str
    language: str
    created_at: datetime


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


def user_out(user: User) -> UserOut:
    """Return what the person may see of their account."""
    return UserOut(
        id=user.id,
        email=user.email,
        name=user.name,
        role=user.role,
        language=user.language,
        created_at=user.created_at,
    )


def tokens_out(signed_in: SignedInUser, *, by_cookie: bool) -> TokensOut:
    """Return the answer to a sign-in."""
    return TokensOut(
        access_token=signed_in.access_token,
        refresh_token=None if by_cookie else signed_in.refresh_token,
        expires_in=signed_in.access_valid_s,
        user=user_out(signed_in.user),
    )
