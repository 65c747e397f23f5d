"""The wire shapes of coming in by code or by asking (docs/api.md, "Coming in")."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from appliance.accounts.joining import Expected
from appliance.accounts.one_time_code import CodeKind
from appliance.accounts.policy import Registration
from appliance.accounts.schemas.bodies import Body, Email, Language, Name, Password
from appliance.base.identity import Role

Code = Annotated[str, Field(max_length=64)]


class CodeBody(Body):
    """A code that somebody has."""

    code: Code


class JoinBody(Body):
    """What somebody says who comes with a code."""

    code: Code
    password: Password
    email: Email | None = None
    name: Name | None = None
    language: Language | None = None


class RegisterBody(Body):
    """Who asks for an account."""

    email: Email
    name: Name
    password: Password
    language: Language


class ExpectedOut(BaseModel):
    """Who a code is for."""

    kind: CodeKind
    role: Role
    name: str | None
    email: str | None
    invited_by: str | None


class WaitingOut(BaseModel):
    """That somebody asked for an account; the same whether there is one already."""

    state: Literal["waiting"] = "waiting"


class DemoAccountOut(BaseModel):
    """An account for trying out."""

    email: str
    name: str
    role: Role
    password: str


class OptionsOut(BaseModel):
    """How people come in here."""

    registration: Registration
    demo_accounts: list[DemoAccountOut]


def expected_out(expected: Expected) -> ExpectedOut:
    """Return what somebody with a code may know of whom it is for."""
    return ExpectedOut(
        kind=expected.kind,
        role=Role(expected.role),
        name=expected.name or None,
        email=expected.email,
        invited_by=expected.invited_by or None,
    )
