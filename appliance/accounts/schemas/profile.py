"""The wire shapes of one's own account (docs/api.md, "Set-up and accounts")."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from appliance.accounts.model import Session, User
from appliance.accounts.schemas.bodies import Body, Email, Language, Name, Password


class Preferences(Body):
    """What a person chose for their pages and answers; what is missing is as the box has it."""

    theme: Literal["system", "light", "dark"] | None = None
    follow_answer: bool | None = None
    read_answers_aloud_to_screen_reader: Literal["ends", "all"] | None = None
    shortcuts: bool | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=8192)] | None = None
    model: Annotated[str, Field(max_length=200)] | None = None


class ProfileBody(Body):
    """What a person may change about themselves; what is missing stays."""

    name: Name | None = None
    language: Language | None = None
    preferences: Preferences | None = None


class EmailBody(Body):
    """What a person signs in with from now on."""

    email: Email


class PasswordBody(Body):
    """The present password, and the one from now on."""

    current_password: Password
    new_password: Password


class UserOut(BaseModel):
    """A person, as they see themselves."""

    id: str
    email: str
    name: str
    role: str
    language: str
    created_at: datetime
    is_owner: bool
    mfa_enabled: bool
    conversations_may_be_read: bool
    # Only what was chosen: what is missing is as the box has it.
    preferences: dict[str, str | bool | int | float]


class SessionOut(BaseModel):
    """Where a person is signed in."""

    id: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    device: str
    address: str | None
    is_current: bool


class SessionsOut(BaseModel):
    """All places where a person is signed in."""

    items: list[SessionOut]


def user_out(user: User) -> UserOut:
    """Return what the person may see of their account."""
    return UserOut(
        id=user.id,
        email=user.email,
        name=user.name,
        role=user.role,
        language=user.language,
        created_at=user.created_at,
        is_owner=user.is_owner,
        mfa_enabled=user.mfa_enabled,
        conversations_may_be_read=user.conversations_may_be_read,
        preferences={**(user.preferences or {})},
    )


def session_out(session: Session, *, current_id: str) -> SessionOut:
    """Return what the person may see of one of their sign-ins."""
    return SessionOut(
        id=session.id,
        created_at=session.created_at,
        last_used_at=session.last_used_at or session.rotated_at,
        expires_at=session.expires_at,
        device=session.device,
        address=session.address or None,
        is_current=session.id == current_id,
    )
