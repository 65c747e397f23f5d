"""What programs are told of our HTTP interface (OpenAPI): also who may ask, and what is refused."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from appliance.base.web.identity import demands_of

_BEARER, _API_KEY = "HTTPBearer", "ApiKey"
_SCHEMES: Mapping[str, object] = {
    _BEARER: {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token of a person, or an API key.",
    },
    _API_KEY: {"type": "apiKey", "in": "header", "name": "x-api-key"},
}
_PROBLEM: Mapping[str, object] = {
    "type": "object",
    "description": "RFC 9457. Programs go by `code`; some codes have more members.",
    "required": ["type", "title", "status", "code", "detail", "hint", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "hint": {"type": "string"},
        "request_id": {"type": "string"},
        "field": {"type": "string"},
        "retry_after_s": {"type": "integer"},
    },
}
_REFUSED: Mapping[str, object] = {
    "description": "A problem",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def described(app: FastAPI) -> dict[str, Any]:
    """Return the interface of `app` as OpenAPI."""
    description = app.openapi()
    components = description.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    schemas = components.setdefault("schemas", {})
    # The framework's own refusals, which never leave this box.
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = _PROBLEM
    for methods in description["paths"].values():
        for operation in methods.values():
            _describe_access(operation)
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = _REFUSED
    return description


def _describe_access(operation: dict[str, Any]) -> None:
    """Say who may call this: `role` is the lowest one, null where nobody has to sign in.

    `scopes` are those of an API key that may call it too; `confirmed` means that a person must
    have typed their password within the last minutes.
    """
    demanded = [words for way in operation.get("security", ()) for words in way.values()]
    if not demanded:
        # Said also where nobody has to sign in: an absent list would leave it open.
        operation["security"] = []
        operation["x-nodo-access"] = {"role": None, "scopes": [], "confirmed": False}
        return
    demands = demands_of([word for words in demanded for word in words])
    scopes = sorted(demands.scopes)
    ways = (_BEARER, _API_KEY) if scopes else (_BEARER,)
    operation["security"] = [{way: []} for way in ways]
    operation["x-nodo-access"] = {
        "role": demands.role.value,
        "scopes": scopes,
        "confirmed": demands.is_confirmed,
    }
