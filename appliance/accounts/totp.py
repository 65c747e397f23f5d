"""Codes of an authenticator app (RFC 6238), and the secret that app and box share."""

import base64
import hashlib
import hmac
from datetime import datetime

STEP_S = 30
_DIGITS = 6
_SECRET_BYTES = 20
# The clock of a phone and ours may differ by so many steps.
_STEPS_AROUND = 1


def secret_of(key: bytes, user_id: str, number: str) -> str:
    """Return the shared secret in base32.

    It is made of the box's key and kept nowhere: a copy of the database makes no codes.

    Args:
        key: Of second factors.
        user_id: Whose.
        number: Of this factor: each start makes another one.
    """
    digest = hmac.digest(key, f"nodo totp\n{user_id}\n{number}".encode(), hashlib.sha256)
    return base64.b32encode(digest[:_SECRET_BYTES]).decode("ascii")


def matching_step(secret: str, code: str, *, now: datetime, after_step: int) -> int | None:
    """Return the step whose code this is; None for wrong, old and used codes.

    Args:
        secret: In base32.
        code: As typed; spaces do not count.
        now: The wall time.
        after_step: Codes up to this step do not count any more.
    """
    from pyotp.hotp import HOTP  # noqa: PLC0415 - rarely needed, and not at the start.

    typed = "".join(code.split())
    if len(typed) != _DIGITS or not (typed.isascii() and typed.isdecimal()):
        return None
    codes = HOTP(secret, digits=_DIGITS)
    present = int(now.timestamp()) // STEP_S
    found = [
        step
        for step in range(present - _STEPS_AROUND, present + _STEPS_AROUND + 1)
        if step > after_step and hmac.compare_digest(codes.at(step), typed)
    ]
    return found[-1] if found else None


def otpauth_uri(secret: str, *, email: str) -> str:
    """Return the address that an authenticator app reads off a QR code."""
    from pyotp.totp import TOTP  # noqa: PLC0415 - see above.

    return TOTP(secret, digits=_DIGITS, interval=STEP_S).provisioning_uri(
        name=email, issuer_name="Nodo"
    )
