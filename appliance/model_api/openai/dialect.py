"""What went wrong, as OpenAI's clients expect it.

Source: OpenAI API reference, "Error codes" (2025); the codes are those that its libraries and the
programs built on them look at.
"""

from collections.abc import Mapping
from http import HTTPStatus

from appliance.base.web.dialects import Dialect, Problem, Spoken

# A client that is told to wait, but not how long, asks again after so many seconds.
RETRY_AFTER_S = 2
_CODES: Mapping[str, str] = {
    "not_signed_in": "invalid_api_key",
    "key_unknown": "invalid_api_key",
    "key_expired": "invalid_api_key",
    "question_too_long": "context_length_exceeded",
    "answer_too_long": "context_length_exceeded",
    "text_too_long": "context_length_exceeded",
    "too_many_requests": "rate_limit_exceeded",
    "queue_full": "rate_limit_exceeded",
    "internal_error": "server_error",
}
_PARAMETERS: Mapping[str, str] = {"model_not_found": "model", "bad_schema": "response_format"}


def speak(problem: Problem) -> Spoken:
    """Return the problem in OpenAI's words."""
    status = told_status(problem)
    body: Mapping[str, object] = {
        "error": {
            "message": message_of(problem),
            "type": _type_of(status),
            "param": problem.fields.get("field", _PARAMETERS.get(problem.code)),
            "code": _CODES.get(problem.code, problem.code),
        }
    }
    return Spoken(status, body, retry_headers(problem))


def told_status(problem: Problem) -> int:
    """Return the status that programs know: what is refused for its values is 400 there."""
    if problem.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return HTTPStatus.BAD_REQUEST
    return problem.status


def message_of(problem: Problem) -> str:
    """Return what happened and what to do, in one text."""
    return f"{problem.detail} {problem.hint}".strip()


def retry_headers(problem: Problem) -> Mapping[str, str]:
    """Return when to come back, where the problem asks for patience and says nothing itself."""
    is_passing = problem.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
    if is_passing and "retry_after_s" not in problem.fields:
        return {"Retry-After": str(RETRY_AFTER_S)}
    return {}


def _type_of(status: int) -> str:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "requests"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "server_error"
    return "invalid_request_error"


OPENAI_DIALECTS = (Dialect("/v1", speak),)
