"""The wire shapes of second factors and recovery codes (docs/api.md, "Set-up and accounts")."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from appliance.accounts.schemas.bodies import Body, Email, Password

Code = Annotated[str, Field(max_length=64)]


class SecondStepBody(Body):
    """What somebody shows after the password."""

    mfa_token: Annotated[str, Field(max_length=200)]
    code: Code


class CodeBody(Body):
    """A code of an authenticator app."""

    code: Code


class RecoverBody(Body):
    """What the owner shows in place of a forgotten password."""

    email: Email
    recovery_code: Code
    password: Password
    code: Code | None = None


class FactorOut(BaseModel):
    """Whether signing in takes a second factor."""

    enabled: bool
    since: datetime | None
    recovery_codes_left: int


class FactorStartOut(BaseModel):
    """What an authenticator app is told; shown once."""

    secret: str
    otpauth_uri: str
    qr_svg: str


class RecoveryCodesOut(BaseModel):
    """Codes on paper that came with the second factor; shown once."""

    recovery_codes: tuple[str, ...]


class CodesOut(BaseModel):
    """Codes on paper; shown once."""

    codes: tuple[str, ...]


class RecoveryOut(BaseModel):
    """What is left of the codes on paper."""

    left: int
    created_at: datetime | None
