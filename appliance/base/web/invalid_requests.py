"""What is wrong with a request, said with the field, the value and what is allowed."""

import math
from collections.abc import Mapping, Sequence

from appliance.base.errors import ApplianceError, BadRequestError, InvalidValueError

_MOST_ERRORS = 20
_LONGEST_VALUE = 60
_PLACES = frozenset({"body", "query", "path", "header", "cookie"})
_SECRET_WORDS = ("password", "secret", "token", "key", "code", "authorization", "cookie")
# Their `input` is something that was not asked for: it may be a secret under a mistyped name.
_HIDDEN_KINDS = frozenset({"extra_forbidden", "missing"})


class UnsupportedMediaTypeError(ApplianceError):
    """The body is of a kind that the route does not read."""

    status = 415
    code = "unsupported_media_type"


def explained(errors: Sequence[Mapping[str, object]], *, content_type: str) -> ApplianceError:
    """Return our own error for what validation found.

    Args:
        errors: As `RequestValidationError.errors()` lists them; at least one.
        content_type: The request's header, to tell a wrong kind of body from wrong JSON.
    """
    first = errors[0]
    if first.get("type") == "json_invalid":
        return _wrong_json(first)
    whole_body = tuple(_location(first)) == ("body",)
    if whole_body and first.get("type") != "missing" and "json" not in content_type.lower():
        return UnsupportedMediaTypeError(
            f"The body came as {_shown_type(content_type)}; this route reads application/json.",
            hint="Send the header Content-Type: application/json.",
        )
    findings = [_finding(error) for error in errors[:_MOST_ERRORS]]
    refusal = InvalidValueError(str(findings[0]["detail"]), errors=findings)
    refusal.fields.update(_of_first(findings[0]))
    return refusal


def _wrong_json(error: Mapping[str, object]) -> BadRequestError:
    place = _location(error)[-1]
    where = f" at character {place}" if isinstance(place, int) else ""
    return BadRequestError(
        f"The body is not valid JSON{where}.", code="json_invalid", hint="Check quotes and commas."
    )


def _finding(error: Mapping[str, object]) -> dict[str, object]:
    field = _field_name(_location(error))
    finding: dict[str, object] = {"field": field, "allowed": _allowed(error)}
    if error.get("type") == "missing":
        return {**finding, "detail": f"{field} is missing."}
    if error.get("type") == "extra_forbidden":
        return {**finding, "detail": f"{field} is not known here."}
    shown = None if _is_secret(field) else _shown(error)
    if shown is None:
        return {**finding, "detail": f"{field} is refused: {finding['allowed']}."}
    detail = f"{field} is {_quoted(shown)}: {finding['allowed']}."
    return {**finding, "value": shown, "detail": detail}


def _of_first(finding: Mapping[str, object]) -> dict[str, object]:
    return {name: finding[name] for name in ("field", "value", "allowed") if name in finding}


def _location(error: Mapping[str, object]) -> Sequence[object]:
    location = error.get("loc")
    return location if isinstance(location, tuple | list) and location else ("body",)


def _field_name(location: Sequence[object]) -> str:
    parts = location[1:] if location[0] in _PLACES and len(location) > 1 else location
    return _shortened(".".join(str(part) for part in parts))


def _allowed(error: Mapping[str, object]) -> str:
    text = str(error.get("msg", "another value is needed"))
    # Pydantic writes this before the text of our own validators.
    text = text.removeprefix("Value error, ").rstrip(".")
    return text.replace("Input should be", "it must be").replace("String should", "it should")


def _is_secret(field: str) -> bool:
    lowered = field.lower()
    return any(word in lowered for word in _SECRET_WORDS)


def _shown(error: Mapping[str, object]) -> str | int | float | bool | None:
    """Return the refused value if it may be repeated; None for objects, lists and secrets."""
    value = error.get("input")
    if error.get("type") in _HIDDEN_KINDS:
        return None
    if isinstance(value, str):
        return _shortened(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else _shortened(str(value))
    return None


def _quoted(value: str | float) -> str:
    return f"“{value}”" if isinstance(value, str) else str(value)


def _shown_type(content_type: str) -> str:
    return _shortened(content_type.partition(";")[0].strip()) or "an unnamed type"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
