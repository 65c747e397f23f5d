"""The wire shapes of other people's accounts (docs/api.md, "People and policies")."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from appliance.accounts.model import User
from appliance.accounts.one_time_code import CodeState, OneTimeCode
from appliance.accounts.policy import Policies, Registration
from appliance.accounts.schemas.bodies import Body, Email, Language, Name
from appliance.accounts.store.directory import State, state_of
from appliance.base.identity import Role

RoleName = Literal["worker", "supervisor", "admin"]
MOST_INVITE_HOURS = 168


class NewPersonBody(Body):
    """Who is to have an account."""

    email: Email
    name: Name
    role: RoleName
    language: Language


class PersonChangeBody(Body):
    """What is to be different with a person; what is missing stays."""

    name: Name | None = None
    email: Email | None = None
    role: RoleName | None = None


class InviteBody(Body):
    """For whom an invitation is, and for how long."""

    role: RoleName
    name: Name | None = None
    valid_hours: Annotated[int, Field(ge=1, le=MOST_INVITE_HOURS)] = 24


class PoliciesBody(Body):
    """What is to hold for everybody; what is missing stays."""

    registration: Literal["closed", "approval"] | None = None
    admins_read_conversations: bool | None = None


class PersonOut(BaseModel):
    """A person, as administrators see them."""

    id: str
    email: str
    name: str
    role: Role
    language: str
    state: State
    is_owner: bool
    mfa_enabled: bool
    created_at: datetime
    last_seen_at: datetime | None


class PeopleOut(BaseModel):
    """A page of people, newest account first."""

    items: list[PersonOut]
    next_cursor: str | None


class CodeOut(BaseModel):
    """A one-time code, which is shown this once."""

    code: str
    url: str
    qr_svg: str
    expires_at: datetime
    # Whether the address of the link means this computer only, wherever it is opened.
    hint_loopback: bool


class NewPersonOut(CodeOut):
    """A new account, and the code by which its person sets the first password."""

    user: PersonOut


class NewInviteOut(CodeOut):
    """A new invitation."""

    id: str
    role: Role


class InviteOut(BaseModel):
    """An invitation, without its code."""

    id: str
    role: Role
    name: str | None
    state: CodeState
    created_at: datetime
    expires_at: datetime
    created_by: str
    used_at: datetime | None
    used_by: str | None


class InvitesOut(BaseModel):
    """A page of invitations, newest first."""

    items: list[InviteOut]
    next_cursor: str | None


class PoliciesOut(BaseModel):
    """What holds for everybody."""

    registration: Registration
    admins_read_conversations: bool


def person_out(user: User) -> PersonOut:
    """Return what administrators may see of a person."""
    return PersonOut(
        id=user.id,
        email=user.email,
        name=user.name,
        role=Role(user.role),
        language=user.language,
        state=state_of(user),
        is_owner=user.is_owner,
        mfa_enabled=user.mfa_enabled,
        created_at=user.created_at,
        last_seen_at=user.last_seen_at,
    )


def invite_out(code: OneTimeCode, *, now: datetime) -> InviteOut:
    """Return what administrators may see of an invitation."""
    return InviteOut(
        id=code.id,
        role=Role(code.role),
        name=code.name or None,
        state=code.state(now),
        created_at=code.created_at,
        expires_at=code.expires_at,
        created_by=code.made_by_name,
        used_at=code.used_at,
        used_by=code.used_by_name or None,
    )


def policies_out(policies: Policies) -> PoliciesOut:
    """Return what holds for everybody."""
    return PoliciesOut(
        registration=policies.registration,
        admins_read_conversations=policies.admins_read_conversations,
    )
