"""What goes wrong, in Ollama's words: `{"error": "…"}` and the status that its clients expect.

Source:
    Ollama 0.33, `server/routes.go`, `server/sched.go`.
"""

from collections.abc import Mapping

from appliance.base.errors import ApplianceError
from appliance.base.web.dialects import Dialect, Problem, Spoken
from appliance.base.web.problems import problem_of
from appliance.model_api.asking import UnableError

QUEUE_FULL = "server busy, please try again.  maximum pending requests exceeded"
PROMPT_TOO_LONG = "the prompt is longer than the context length currently available to the model"
INPUT_TOO_LONG = "the input length exceeds the context length"

# Ollama knows no 421 and no 422, calls a full queue a busy server, and an option of the wrong
# type its own failure.
_STATUS_OF_CODES: Mapping[str, int] = {
    "option_type": 500,
    "queue_full": 503,
    "storage_full": 507,
}
_STATUS_OF_STATUSES: Mapping[int, int] = {421: 403, 422: 400, 409: 400}
_TEXT_OF_CODES: Mapping[str, str] = {"queue_full": QUEUE_FULL, "text_too_long": INPUT_TOO_LONG}
_TOO_LONG_CODES = frozenset({"question_too_long", "answer_too_long", "prompt_too_long"})
_ROUTER_TEXTS: Mapping[str, str] = {
    "not_found": "404 page not found",
    "method_not_allowed": "405 method not allowed",
}
PATHS = (
    "/api/generate", "/api/chat", "/api/embed", "/api/embeddings", "/api/tags", "/api/ps",
    "/api/show", "/api/version", "/api/status", "/api/copy", "/api/delete", "/api/create",
    "/api/blobs", "/api/pull", "/api/push", "/api/me", "/api/signout", "/api/user",
    "/api/experimental", "/api/tokenize", "/api/detokenize",
)  # fmt: skip


class SaidError(ApplianceError):
    """A refusal in Ollama's own words, which its clients look for."""

    status = 400
    code = "ollama_refused"


class MissingModelError(SaidError):
    """There is no such model, in Ollama's own words."""

    status = 404
    code = "model_not_found"


class NotOfferedError(SaidError):
    """Something that Ollama's own service does, and a box of its own does not."""

    status = 501
    code = "not_offered"


class SignInElsewhereError(SaidError):
    """It would need an account of Ollama's."""

    status = 401
    code = "no_cloud"


def speak(problem: Problem) -> Spoken:
    """Return a problem as Ollama's clients expect it."""
    status = _STATUS_OF_CODES.get(
        problem.code, _STATUS_OF_STATUSES.get(problem.status, problem.status)
    )
    return Spoken(status, {"error": _text(problem)})


def speak_as_ollama_itself(problem: Problem) -> Spoken:
    """Return a problem as `speak` does; addresses that nobody knows are told in plain text."""
    text = _ROUTER_TEXTS.get(problem.code)
    return Spoken(problem.status, text) if text else speak(problem)


def error_line(error: ApplianceError) -> bytes:
    """Return the last line of a stream that fails."""
    return speak(problem_of(error)).encoded() + b"\n"


def _text(problem: Problem) -> str:
    if problem.code in _TOO_LONG_CODES:
        return f"{PROMPT_TOO_LONG}; {problem.detail}"
    if problem.code == UnableError.code:
        return problem.detail
    said = _TEXT_OF_CODES.get(problem.code)
    if said is not None:
        return said
    return f"{problem.detail} {problem.hint}" if problem.hint else problem.detail


DIALECTS = tuple(Dialect(path, speak) for path in PATHS)
# At the door that is Ollama's alone, every address is, but for those of the other interfaces.
OLLAMA_DOOR_DIALECTS = (Dialect("/", speak_as_ollama_itself),)
