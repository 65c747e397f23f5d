"""What goes wrong, as RFC 9457 problem answers that a person and a program can use.

On routes of a dialect (`dialects`) the same problems are told in the words of other systems.
"""

import json
import logging
import math
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from appliance.base.errors import ApplianceError
from appliance.base.logs import current_request_id
from appliance.base.web.dialects import Problem, speak_of, spoken_response
from appliance.base.web.invalid_requests import explained

log = logging.getLogger(__name__)

PROBLEM_HEADER = "X-Nodo-Problem"

_ROUTER_TEXTS: Mapping[int, tuple[str, str, str]] = {
    404: (
        "not_found",
        "There is nothing at this address.",
        "Check the address for a typing error.",
    ),
    405: (
        "method_not_allowed",
        "This address does not take that method.",
        "The header Allow says which methods it takes.",
    ),
}


class ProblemResponse(Response):
    """An answer of type `application/problem+json`, or in the dialect of its request."""

    media_type = "application/problem+json"

    def __init__(self, problem: Problem, headers: Mapping[str, str]) -> None:
        # Half a surrogate pair may come in by JSON; it must not break the answer that names it.
        text = json.dumps(_body(problem), ensure_ascii=False, default=str)
        content = text.encode("utf-8", errors="replace")
        super().__init__(content, status_code=problem.status, headers=headers)
        self._problem = problem
        self._further_headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in the words that this request's client knows."""
        speak = speak_of(scope)
        if speak is None:
            await super().__call__(scope, receive, send)
            return
        # Their words have no place for our code, by which support finds what it means.
        headers = {**self._further_headers, PROBLEM_HEADER: self._problem.code}
        spoken = spoken_response(speak(self._problem), headers)
        await spoken(scope, receive, send)


def problem_of(error: ApplianceError, *, request_id: str = "") -> Problem:
    """Return what went wrong, for a dialect to put into words.

    Args:
        error: What went wrong.
        request_id: Which request; the one being answered if empty.
    """
    return Problem(
        status=error.status,
        code=error.code,
        detail=error.message,
        hint=error.hint,
        fields=error.fields,
        request_id=request_id or current_request_id(),
    )


def problem_body(error: ApplianceError, *, request_id: str = "") -> dict[str, object]:
    """Return the problem as JSON values: for answers, and for `error` events of streams.

    Args:
        error: What went wrong; its `fields` stand beside the standard members.
        request_id: Which request; the one being answered if empty.
    """
    return _body(problem_of(error, request_id=request_id))


def problem_response(error: ApplianceError) -> ProblemResponse:
    """Return the answer for `error`; it works at any layer, also to refuse a WebSocket."""
    return ProblemResponse(problem_of(error), _headers_of(error))


def install_problem_handlers(app: FastAPI) -> None:
    """Make every failure inside `app` an RFC 9457 answer."""
    app.add_exception_handler(ApplianceError, _on_own_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_router_error)
    app.add_middleware(LastResort)


class LastResort:
    """Answers 500 when something fails that nobody foresaw; the log gets the traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer in its place if it fails before it has answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def noting_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noting_send)
        except ApplianceError as error:
            # Raised by a layer outside the router, where its handlers do not reach.
            if started:
                raise
            await problem_response(error)(scope, receive, send)
        except ClientDisconnect:
            # Whoever hung up while sending a body hears no answer, and nothing is broken here.
            log.debug("client went away")
        except Exception:  # The last resort: whatever it was, the server must go on.
            log.exception("request failed", extra={"method": scope["method"]})
            if started:
                # Half an answer is out: only a broken connection tells the client so.
                raise
            await problem_response(_internal_error())(scope, receive, send)


def _internal_error() -> ApplianceError:
    return ApplianceError(
        "Something failed inside Nodo that should not have.",
        hint="Try again. If it stays, look for this request_id in the log.",
    )


async def _on_own_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ApplianceError):
        raise error
    if error.status == ApplianceError.status:
        log.error("request failed", exc_info=error, extra={"code": error.code})
    return problem_response(error)


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    content_type = request.headers.get("content-type", "")
    return problem_response(explained(error.errors(), content_type=content_type))


async def _on_router_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status, headers = error.status_code, dict(error.headers or {})
    if status < HTTPStatus.BAD_REQUEST:
        return Response(status_code=status, headers=headers)
    title = HTTPStatus(status).phrase
    code, detail, hint = _ROUTER_TEXTS.get(
        status, (title.lower().replace(" ", "_"), str(error.detail), "")
    )
    problem = Problem(status, code, detail, hint, request_id=current_request_id())
    return ProblemResponse(problem, headers)


def _body(problem: Problem) -> dict[str, object]:
    return {
        **problem.fields,
        "type": f"urn:nodo:problem:{problem.code}",
        "title": problem.code.replace("_", " ").capitalize(),
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "hint": problem.hint,
        "request_id": problem.request_id,
    }


def _headers_of(error: ApplianceError) -> dict[str, str]:
    headers: dict[str, str] = {}
    wait_s = error.fields.get("retry_after_s")
    if isinstance(wait_s, int | float) and math.isfinite(wait_s):
        # Whole seconds, rounded up: a client that waits them is let in.
        headers["Retry-After"] = str(max(1, math.ceil(wait_s)))
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return headers
