"""The wire shapes of one's own account (docs/api.md, "Set-up and accounts")."""

from datetime import datetime

from pydantic import BaseModel

from appliance.accounts.model import User
from appliance.accounts.schemas.bodies import Body, Language, Name


class ProfileBody(Body):
    """What a person may change about themselves; what is missing stays."""

    name: Name | None = None
    language: Language | None = None


class UserOut(BaseModel):
    """A person, as they see themselves."""

    id: str
    email: str
    name: str
    role: str
    language: str
    created_at: datetime


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
