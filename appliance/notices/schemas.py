"""The live channel on the wire (docs/api.md, "Live channel")."""

import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictInt, TypeAdapter, ValidationError

from appliance.base.errors import BadRequestError
from appliance.base.live.hub import Listener
from appliance.base.live.ring import Told
from appliance.notices.model import LARGEST_ID, Hello, NewToken

# The answer to a token: it is taken, and the line is alive.
RENEWED = '{"type":"renewed"}'
_LONGEST_WORD = 8192
_Token = Annotated[str, Field(min_length=1, max_length=_LONGEST_WORD)]


class _HelloIn(BaseModel):
    type: Literal["hello"]
    access_token: _Token | None = None
    last_event_id: Annotated[StrictInt, Field(ge=0, le=LARGEST_ID)] | None = None


class _TokenIn(BaseModel):
    type: Literal["token"]
    access_token: _Token


_WORDS: TypeAdapter[_HelloIn | _TokenIn] = TypeAdapter(
    Annotated[_HelloIn | _TokenIn, Field(discriminator="type")]
)


def understood(text: str) -> Hello | NewToken:
    """Return what a client said.

    Raises:
        BadRequestError: If it is neither a `hello` nor a `token`.
    """
    try:
        word = _WORDS.validate_json(text if len(text) <= _LONGEST_WORD else "")
    except ValidationError as error:
        raise BadRequestError("This is neither a hello nor a token.") from error
    if isinstance(word, _TokenIn):
        return NewToken(word.access_token)
    return Hello(word.access_token, word.last_event_id)


def welcome_data(listener: Listener) -> Mapping[str, object]:
    """Return how a listener begins: from where, and whether it missed nothing."""
    return {"last_event_id": listener.start_id, "resumed": listener.is_resumed}


def welcome_frame(listener: Listener) -> str:
    """Return the answer to a hello."""
    return _frame({"type": "welcome", **welcome_data(listener)})


def event_frame(told: Told) -> str:
    """Return one piece of news."""
    return _frame({"id": told.id, "event": told.event, "data": told.data})


def _frame(content: Mapping[str, object]) -> str:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # Half a surrogate pair in a title must not end the connection.
    return text.encode("utf-8", errors="replace").decode("utf-8")
