"""A stand-in for Nodo: serves the built pages under the real policy and answers docs/api.md.

For tests of the interface only. It keeps everything in memory; a test scripts its answers,
holds them, breaks their lines and ends sessions.
"""

import contextlib
import itertools
import mimetypes
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from appliance.base.web.security_headers import SECURITY_HEADERS
from tests.servers import fake_chats, fake_live, fake_models, fake_people
from tests.servers.fake_answers import Answer, Script, problem, read, sample_script, write
from tests.waiting import until_now

SETUP_CODE = "ABCD2345"
PASSWORD = fake_people.PASSWORD
Json = dict[str, Any]


@dataclass
class FakeNodo:
    """All that the stand-in knows; tests read and change it.

    Attributes:
        pages: Folder with the built interface.
        needs_setup: Whether there is no owner yet.
        scripts: Answers to come; a sample when there is none.
        hold: Scripts stop at "hold" until a test lets them go on.
        cuts: Grows when all open streams are to break.
        requests: Method and path of all requests so far.
        asked: Bodies of all questions so far.
        refuses_ratings: Whether ratings of answers are refused.
        holds_files: Whether the reading of files stands still.
    """

    pages: Path
    needs_setup: bool = False
    scripts: deque[Script] = field(default_factory=deque[Script])
    hold: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    cuts: int = 0
    requests: list[str] = field(default_factory=list[str])
    asked: list[Json] = field(default_factory=list[Json])
    refuses_ratings: bool = False
    holds_files: bool = False
    files: dict[str, Json] = field(default_factory=dict[str, Json])
    contents: dict[str, bytes] = field(default_factory=dict[str, bytes])
    conversations: dict[str, Json] = field(default_factory=dict[str, Json])
    removed: dict[str, Json] = field(default_factory=dict[str, Json])
    messages: dict[str, Json] = field(default_factory=dict[str, Json])
    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])
    tokens: set[str] = field(default_factory=set[str])
    cookies: set[str] = field(default_factory=set[str])
    user: Json = field(default_factory=lambda: dict(_USER))
    engine: Json = field(default_factory=lambda: dict(_ENGINE))
    models: Json = field(default_factory=fake_models.models)
    people: fake_people.FakePeople = field(default_factory=fake_people.FakePeople)
    live: fake_live.FakeLive = field(default_factory=fake_live.FakeLive)
    clock: Iterator[int] = field(default_factory=itertools.count)

    def new_id(self, kind: str) -> str:
        """Return an id that no other thing has."""
        return f"{kind}-{next(self.clock):05d}"

    def now(self) -> str:
        """Return the present as it stands in answers; no two are equal."""
        return (datetime.now(UTC) + timedelta(microseconds=next(self.clock))).isoformat()

    def end_session(self) -> None:
        """Let every token and cookie count as ended."""
        self.tokens.clear()
        self.cookies.clear()
        self.live.drop(4401)

    def sign_in(self) -> JSONResponse:
        """Return an answer that signs the only person in."""
        token, cookie = self.new_id("token"), self.new_id("cookie")
        self.tokens.add(token)
        self.cookies.add(cookie)
        body = {"access_token": token, "refresh_token": None, "token_type": "bearer"}
        answer = JSONResponse({**body, "expires_in": 1800, "user": self.user}, 200)
        answer.set_cookie("nodo_refresh", cookie, httponly=True, samesite="strict")
        return answer

    def add_conversation(self, title: str, *, days_ago: int = 0) -> str:
        """Return the id of a new conversation."""
        conversation_id = self.new_id("c")
        at = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
        self.conversations[conversation_id] = {
            "id": conversation_id, "title": title, "created_at": at, "updated_at": at,
            "pinned": False, "unread": False,
        }  # fmt: skip
        return conversation_id

    def add_message(
        self, conversation_id: str, parent_id: str | None, role: str, content: str, **more: object
    ) -> Json:
        """Return a new message."""
        message: Json = {
            "id": self.new_id("m"), "conversation_id": conversation_id, "parent_id": parent_id,
            "role": role, "content": content, "state": "done", "finish_reason": None,
            "error": None, "model": None, "usage": None, "timings": None, "files": [],
            "feedback": None, "read_from": None, "cached": False, "created_at": self.now(), **more,
        }  # fmt: skip
        self.messages[message["id"]] = message
        self.conversations[conversation_id]["updated_at"] = self.now()
        return message

    def of_conversation(self, conversation_id: str) -> list[Json]:
        """Return its messages, oldest first."""
        return [m for m in self.messages.values() if m["conversation_id"] == conversation_id]

    def conversation_out(self, conversation: Json) -> Json:
        """Return it as it goes out."""
        states = [message["state"] for message in self.of_conversation(conversation["id"])]
        return {**conversation, "writing": "queued" in states or "writing" in states}


_USER: Json = {"id": "u-1", "email": "ana@taller.example", "name": "Ana Ruiz", "role": "admin",
               "language": "en", "created_at": "2026-01-01T00:00:00Z", "is_owner": True,
               "mfa_enabled": False, "conversations_may_be_read": False, "preferences": {}}  # fmt: skip
_ENGINE: Json = {"status": "ready", "model": "nodo-demo", "model_title": "Demo",
                 "is_demo": True, "detail": "", "load_percent": 100, "running": 0, "waiting": 0, "context_tokens": 4096,
                 "tokens_per_s": 9.5, "stays_here": True}  # fmt: skip


def make_app(nodo: FakeNodo) -> Starlette:
    """Return the stand-in as an ASGI application."""
    routes = [Route(path, _guarded(nodo, act), methods=methods) for path, act, methods in _ROUTES]

    async def live(websocket: WebSocket) -> None:
        await nodo.live.talk(websocket, nodo.tokens.__contains__)

    return Starlette(routes=[*routes, WebSocketRoute("/ws", live)])


def _guarded(nodo: FakeNodo, act: Any) -> Any:
    public = {"/", "/setup", "/auth/login", "/auth/refresh", "/auth/logout", *fake_people.PUBLIC}

    async def endpoint(request: Request) -> Response:
        path = request.url.path
        nodo.requests.append(f"{request.method} {path}")
        is_public = path in public or path.startswith("/static/")
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not is_public and token not in nodo.tokens:
            answer: Response = problem(401, "not_signed_in")
        else:
            answer = await act(nodo, request)
        answer.headers.update(SECURITY_HEADERS)
        return answer

    return endpoint


async def _page(nodo: FakeNodo, request: Request) -> Response:
    name = request.path_params.get("name", "index.html")
    file = nodo.pages / name
    if not file.is_file():
        return problem(404, "not_found")
    return Response(file.read_bytes(), media_type=mimetypes.guess_type(name)[0])


async def _setup_state(nodo: FakeNodo, _: Request) -> Response:
    return JSONResponse({"needed": nodo.needs_setup, "language": "en", "version": "0.1.0"})


async def _set_up(nodo: FakeNodo, request: Request) -> Response:
    body = await request.json()
    if body["code"] != SETUP_CODE:
        return problem(403, "setup_code_wrong")
    nodo.needs_setup = False
    nodo.user.update({name: body[name] for name in ("email", "name", "language")})
    return nodo.sign_in()


async def _refresh(nodo: FakeNodo, request: Request) -> Response:
    cookie = request.cookies.get("nodo_refresh")
    if cookie not in nodo.cookies:
        return problem(401, "session_ended")
    nodo.cookies.discard(cookie)
    return nodo.sign_in()


async def _log_out(nodo: FakeNodo, _: Request) -> Response:
    nodo.end_session()
    return Response(status_code=204)


async def _me(nodo: FakeNodo, request: Request) -> Response:
    if request.method == "PATCH":
        nodo.user.update(await request.json())
    return JSONResponse(nodo.user)


async def _list(nodo: FakeNodo, request: Request) -> Response:
    query = request.query_params.get("query", "").lower()
    listed = nodo.removed if "deleted" in request.query_params else nodo.conversations
    found = [c for c in listed.values() if query in c["title"].lower()]
    found.sort(key=lambda c: c["updated_at"], reverse=True)
    return JSONResponse({"items": [nodo.conversation_out(c) for c in found], "next_cursor": None})


async def _conversation(nodo: FakeNodo, request: Request) -> Response:
    conversation = nodo.conversations.get(request.path_params["id"])
    if conversation is None:
        return problem(404, "not_found")
    if request.method == "PATCH":
        conversation.update(await request.json())
        nodo.live.tell("conversation", {"id": conversation["id"], "change": "renamed"})
    if request.method == "DELETE":
        nodo.removed[conversation["id"]] = nodo.conversations.pop(conversation["id"])
        nodo.live.tell("conversation", {"id": conversation["id"], "change": "deleted"})
        return Response(status_code=204)
    return JSONResponse(nodo.conversation_out(conversation))


async def _restore(nodo: FakeNodo, request: Request) -> Response:
    conversation_id = request.path_params["id"]
    nodo.conversations[conversation_id] = nodo.removed.pop(conversation_id)
    nodo.live.tell("conversation", {"id": conversation_id, "change": "restored"})
    return JSONResponse(nodo.conversation_out(nodo.conversations[conversation_id]))


async def _mark_read(nodo: FakeNodo, request: Request) -> Response:
    nodo.conversations[request.path_params["id"]]["unread"] = False
    nodo.live.tell("conversation", {"id": request.path_params["id"], "change": "read"})
    return Response(status_code=204)


async def _messages(nodo: FakeNodo, request: Request) -> Response:
    everything = nodo.of_conversation(request.path_params["id"])
    end = int(request.query_params.get("cursor", len(everything)))
    start = max(0, end - int(request.query_params.get("limit", 50)))
    cursor = str(start) if start else None
    return JSONResponse({"items": everything[start:end], "next_cursor": cursor})


async def _ask(nodo: FakeNodo, request: Request) -> Response:
    body = await request.json()
    conversation_id = body.get("conversation_id") or nodo.add_conversation(body["message"][:60])
    parent_id = body.get("parent_id")
    nodo.asked.append(body)
    files = fake_chats.attached(nodo, body.get("files", []))
    question = nodo.add_message(conversation_id, parent_id, "user", body["message"], files=files)
    return _stream(nodo, _begin(nodo, question), request)


async def _retry(nodo: FakeNodo, request: Request) -> Response:
    old = nodo.messages[request.path_params["id"]]
    return _stream(nodo, _begin(nodo, nodo.messages[old["parent_id"]]), request)


def _begin(nodo: FakeNodo, question: Json) -> Answer:
    conversation_id = question["conversation_id"]
    message = nodo.add_message(conversation_id, question["id"], "assistant", "", state="queued")
    return _write_on(nodo, message)


async def _continue(nodo: FakeNodo, request: Request) -> Response:
    message = nodo.messages[request.path_params["id"]]
    message.update(state="queued", finish_reason=None, error=None)
    return _stream(nodo, _write_on(nodo, message), request)


def _write_on(nodo: FakeNodo, message: Json) -> Answer:
    conversation_id = message["conversation_id"]
    head = {
        "conversation_id": conversation_id,
        "title": nodo.conversations[conversation_id]["title"],
        "message_id": message["id"],
        "question_id": message["parent_id"],
    }
    before = nodo.answers.get(message["id"])
    run = before.run + 1 if before else 0
    answer = nodo.answers[message["id"]] = Answer(message, nodo.hold, run=run)
    script = nodo.scripts.popleft() if nodo.scripts else sample_script()
    answer.task = write(answer, [("conversation", head), *script])
    fake_live.follow(nodo, message, answer.task)
    return answer


async def _events(nodo: FakeNodo, request: Request) -> Response:
    return _stream(nodo, nodo.answers[request.path_params["id"]], request)


def _stream(nodo: FakeNodo, answer: Answer, request: Request) -> Response:
    last_id = int(request.headers.get("last-event-id", "0"))
    cuts = nodo.cuts
    pieces = read(answer, last_id, is_cut=lambda: nodo.cuts != cuts)
    return StreamingResponse(pieces, media_type="text/event-stream")


async def _stop(nodo: FakeNodo, request: Request) -> Response:
    answer = nodo.answers[request.path_params["id"]]
    had_ended = answer.has_ended
    answer.is_stopped = True
    return JSONResponse({"stopped": not had_ended}, 202)


async def _engine(nodo: FakeNodo, _: Request) -> Response:
    return JSONResponse(nodo.engine)


_ROUTES: tuple[tuple[str, Any, list[str]], ...] = (
    ("/", _page, ["GET"]),
    ("/static/{name}", _page, ["GET"]),
    ("/setup", _setup_state, ["GET"]),
    ("/setup", _set_up, ["POST"]),
    *fake_people.ROUTES,
    ("/auth/refresh", _refresh, ["POST"]),
    ("/auth/logout", _log_out, ["POST"]),
    ("/auth/me", _me, ["GET", "PATCH"]),
    ("/conversations", _list, ["GET"]),
    ("/conversations/{id}", _conversation, ["GET", "PATCH", "DELETE"]),
    ("/conversations/{id}/restore", _restore, ["POST"]),
    ("/conversations/{id}/messages", _messages, ["GET"]),
    ("/chat", _ask, ["POST"]),
    ("/chat/{id}/retry", _retry, ["POST"]),
    ("/chat/{id}/events", _events, ["GET"]),
    ("/chat/{id}/continue", _continue, ["POST"]),
    ("/chat/{id}/feedback", fake_chats.rate, ["PUT"]),
    ("/conversations/{id}/export", fake_chats.export, ["GET"]),
    ("/conversations/{id}/read", _mark_read, ["POST"]),
    ("/history", fake_chats.search, ["GET"]),
    ("/files", fake_chats.send_file, ["POST"]),
    ("/files/{id}", fake_chats.file, ["GET", "DELETE"]),
    ("/files/{id}/content", fake_chats.content, ["GET"]),
    ("/chat/{id}/stop", _stop, ["POST"]),
    ("/api/engine", _engine, ["GET"]),
    *fake_models.ROUTES,
)


@contextlib.contextmanager
def running(nodo: FakeNodo, *, port: int = 0) -> Iterator[str]:
    """Serve in a thread until the end of the block; gives the address."""
    config = uvicorn.Config(make_app(nodo), port=port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until_now(lambda: server.started, within_s=10, what="the stand-in's start")
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        # Streams that a test left open are not waited for.
        server.should_exit = server.force_exit = True
        thread.join(10)
