"""The wire shapes of keys that programs ask with (docs/api.md, "API keys")."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from appliance.accounts.api_key import ApiKey
from appliance.accounts.schemas.bodies import Body, Name

MOST_DAYS = 3650
ScopeName = Literal["chat", "models", "metrics"]


class KeyBody(Body):
    """What a new key is to be."""

    name: Name
    scopes: Annotated[list[ScopeName], Field(min_length=1, max_length=3)]
    expires_in_days: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None


class KeyOut(BaseModel):
    """A key, without the key itself."""

    id: str
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class NewKeyOut(KeyOut):
    """A new key, which is shown this once."""

    key: str


class KeysOut(BaseModel):
    """All keys of a person, newest first."""

    items: list[KeyOut]
    next_cursor: None = None


def key_out(key: ApiKey) -> KeyOut:
    """Return what a person may see of a key later."""
    return KeyOut(
        id=key.id,
        name=key.name,
        scopes=sorted(key.scopes),
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
    )
