"""What the chat's routes take from addresses, and who calls."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator

from appliance.base.web.identity import Identity
from appliance.chat.asking import Asker
from appliance.chat.model import without_stray_code_units

ThingId = Annotated[str, Path(max_length=100), AfterValidator(without_stray_code_units)]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=200)]


def asker_of(identity: Identity) -> Asker:
    """Return who asks, as the chat knows them."""
    return Asker(identity.user_id, identity.language)
