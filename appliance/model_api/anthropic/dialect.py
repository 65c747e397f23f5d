"""What went wrong, as Anthropic's clients expect it.

Source: Anthropic API reference, "Errors" (2025).
"""

from collections.abc import Mapping
from http import HTTPStatus

from appliance.base.web.dialects import Dialect, Problem, Spoken
from appliance.model_api.openai.dialect import message_of, retry_headers, told_status

_TYPES: Mapping[int, str] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
}
_TOO_LONG = frozenset(("question_too_long", "answer_too_long"))


def speak(problem: Problem) -> Spoken:
    """Return the problem in Anthropic's words."""
    status = told_status(problem)
    usual = "api_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
    message = message_of(problem)
    if problem.code in _TOO_LONG:
        # Programs that shorten a conversation by themselves look for these words.
        message = f"prompt is too long: {message}"
    body: Mapping[str, object] = {
        "type": "error",
        "error": {"type": _TYPES.get(status, usual), "message": message},
        "request_id": problem.request_id,
    }
    return Spoken(status, body, {"request-id": problem.request_id, **retry_headers(problem)})


ANTHROPIC_DIALECTS = (Dialect("/v1/messages", speak),)
