"""In whose words a door says what went wrong: programs made for other systems know only theirs."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from appliance.base.web.limits import ANY_METHOD, fitting, most_specific_first

_SPEAK = "nodo.speak"


@dataclass(frozen=True)
class Problem:
    """What went wrong, before it is put into words on the wire.

    Attributes:
        status: Of HTTP.
        code: Stable name, in snake_case.
        detail: What, and which value.
        hint: What to do about it; may be empty.
        fields: Further facts (JSON values), such as `retry_after_s`, `field`, `value`.
        request_id: Finds it in the log.
    """

    status: int
    code: str
    detail: str
    hint: str = ""
    fields: Mapping[str, object] = field(default_factory=dict[str, object])
    request_id: str = ""


@dataclass(frozen=True)
class Spoken:
    """A problem as the clients of one system expect it.

    Attributes:
        status: Of HTTP; it may differ from the problem's own.
        body: JSON values, or plain text.
        headers: Further ones; `Retry-After` and `WWW-Authenticate` are there already.
    """

    status: int
    body: Mapping[str, object] | str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def encoded(self) -> bytes:
        """Return the body as it travels."""
        if isinstance(self.body, str):
            return self.body.encode("utf-8", errors="replace")
        # Half a surrogate pair may come in by JSON; it must not break the answer that names it.
        text = json.dumps(self.body, ensure_ascii=False, default=str)
        return text.encode("utf-8", errors="replace")


Speak = Callable[[Problem], Spoken]


@dataclass(frozen=True)
class Dialect:
    """Some routes whose clients expect another form of problems than RFC 9457's.

    Attributes:
        path_prefix: These routes: this path and all below it.
        speak: Puts a problem into their words.
        method: Such as `POST`; `*` is every method.
    """

    path_prefix: str
    speak: Speak
    method: str = ANY_METHOD


class DialectLayer:
    """Notes for each request in whose words its problems are told.

    It is the outermost layer that may refuse nothing: what the layers within refuse is told so.
    """

    def __init__(self, app: ASGIApp, dialects: Iterable[Dialect]) -> None:
        self._app = app
        self._dialects = most_specific_first(dialects)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        if scope["type"] == "http":
            found = fitting(self._dialects, scope["method"], scope["path"])
            if found:
                scope[_SPEAK] = found[0].speak
        await self._app(scope, receive, send)


def speak_of(scope: Scope) -> Speak | None:
    """Return what puts this request's problems into words; None is RFC 9457."""
    speak: Speak | None = scope.get(_SPEAK)
    return speak


def spoken_response(spoken: Spoken, headers: Mapping[str, str]) -> Response:
    """Return the answer, with these headers besides its own."""
    is_text = isinstance(spoken.body, str)
    return Response(
        spoken.encoded(),
        status_code=spoken.status,
        headers={**headers, **spoken.headers},
        media_type="text/plain" if is_text else "application/json",
    )
