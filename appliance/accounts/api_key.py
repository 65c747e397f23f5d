"""What a program's key is: `nodo_<id>_<secret>`, of which the box keeps a hash."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

PREFIX = "nodo_"
LONGEST_KEY = 200
_SHAPE = re.compile(r"nodo_([0-9a-f]{8})_([A-Za-z0-9_-]{22,128})")


@dataclass(frozen=True)
class ApiKey:
    """A key that a program asks with, in the name of the person who made it.

    Attributes:
        id: 8 hexadecimal digits, part of the key itself.
        user_id: Whose.
        name: What the person calls it.
        scopes: What it allows, in words.
        secret_hash: SHA-256 of the whole key; 256 random bits need no slower one.
        created_at: When it was made.
        expires_at: When it ends by itself; None is never.
        last_used_at: Roughly when it was last used.
    """

    id: str
    user_id: str
    name: str
    scopes: frozenset[str]
    secret_hash: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """Return whether it has ended by itself."""
        return self.expires_at is not None and now >= self.expires_at


def key_text(key_id: str, secret: str) -> str:
    """Return the key as its program carries it."""
    return f"{PREFIX}{key_id}_{secret}"


def find_key_id(text: str) -> str | None:
    """Return the id in a key; None if the text is no key."""
    found = _SHAPE.fullmatch(text)
    return found[1] if found else None


def hash_of(text: str) -> str:
    """Return what the box keeps of a key."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_key(text: str, secret_hash: str) -> bool:
    """Return whether the text is the key of which this is kept, in the same time for any."""
    return hmac.compare_digest(hash_of(text), secret_hash)
