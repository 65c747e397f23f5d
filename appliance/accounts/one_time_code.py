"""Codes that let somebody in once: invitations, and new passwords without e-mail."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

NEW_VALID = timedelta(hours=24)
RESET_VALID = timedelta(minutes=15)


class CodeKind(StrEnum):
    """What a code is for."""

    INVITE = "invite"  # to make an account of one's own
    NEW = "new"  # the first password of an account that an administrator made
    RESET = "reset"  # another password


class CodeState(StrEnum):
    """What became of a code."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True)
class OneTimeCode:
    """A code that was given out.

    Attributes:
        id: UUIDv7.
        kind: What it is for.
        code_hash: Keyed hash of it; the code itself is nowhere.
        role: Of the account that an invitation makes; empty for the others.
        name: Who is meant by an invitation; may be empty.
        user_id: Whose password; None for an invitation.
        made_by: Id of who gave it out; None is a command at the box.
        made_by_name: As it was then.
        created_at: When it was given out.
        expires_at: When it stops working.
        used_at: When somebody used it.
        used_by_name: Who that was.
        revoked_at: When somebody took it back.
    """

    id: str
    kind: CodeKind
    code_hash: str
    role: str
    name: str
    user_id: str | None
    made_by: str | None
    made_by_name: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    used_by_name: str = ""
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> CodeState:
        """Return what became of it."""
        if self.used_at is not None:
            return CodeState.USED
        if self.revoked_at is not None:
            return CodeState.REVOKED
        return CodeState.EXPIRED if now >= self.expires_at else CodeState.OPEN


def hash_of(code: str, key: bytes) -> str:
    """Return the keyed hash of a code, typed in any case, with spaces and hyphens or without.

    Keyed: whoever reads the database must not find 40 bits by trying them all.
    """
    typed = "".join(code.split()).replace("-", "").upper()
    return hmac.digest(key, typed.encode("utf-8", errors="replace"), hashlib.sha256).hex()
