"""What programs are told of our HTTP interface (OpenAPI): also who may ask, and what is refused."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

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
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    # The framework's own refusals, which never leave this box.
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = _PROBLEM
    for methods in description["paths"].values():
        for operation in methods.values():
            # Said also where nobody has to sign in: an absent list would leave it open.
            operation.setdefault("security", [])
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = _REFUSED
    return description
