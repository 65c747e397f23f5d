"""Reading a request's body as Ollama does: JSON, whatever the header calls it.

`curl -d` sends JSON as a form, and half of all examples are written so.
"""

import asyncio
import json
from typing import NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from appliance.base.errors import BadRequestError
from appliance.base.web.invalid_requests import explained
from appliance.model_api.ollama.dialect import SaidError

# Parsing more than this takes long enough to be noticed by others.
_LARGE_BYTES = 256 * 1024

Body = TypeVar("Body", bound=BaseModel)


async def body_as(kind: type[Body], raw: bytes) -> Body:
    """Return the body of a request.

    Raises:
        SaidError: If there is none.
        BadRequestError: If it is not JSON (`json_invalid`).
        InvalidValueError: If a field has a value that is refused.
    """
    if not raw.strip():
        raise SaidError("missing request body")
    if len(raw) > _LARGE_BYTES:
        return await asyncio.to_thread(_parsed, kind, raw)
    return _parsed(kind, raw)


def _parsed(kind: type[Body], raw: bytes) -> Body:
    try:
        values = json.loads(raw, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise _not_json("it is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise _not_json("it is not UTF-8") from error
    except ValueError as error:
        raise _not_json(str(error)) from error
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise explained(error.errors(), content_type="application/json") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _not_json(why: str) -> BadRequestError:
    return BadRequestError(f"The body is not valid JSON: {why}", code="json_invalid")
