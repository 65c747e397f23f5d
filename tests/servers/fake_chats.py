"""What the stand-in knows about chats besides asking: going on, ratings, search, bin, export, files."""

import itertools
import json
import unicodedata
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.fake_answers import Json, problem

if TYPE_CHECKING:
    from tests.servers.fake_nodo import FakeNodo

_TYPES = {"txt": "text/plain", "md": "text/markdown", "csv": "text/csv", "pdf": "application/pdf"}
MOST_BYTES = 25 * 1024 * 1024


def attached(nodo: "FakeNodo", ids: list[str]) -> list[Json]:
    """Return the files of a question as they go out with it."""
    return [nodo.files[file_id] for file_id in ids]


async def rate(nodo: "FakeNodo", request: Request) -> Response:
    """Store what somebody thinks of an answer."""
    if nodo.refuses_ratings:
        return problem(503, "unavailable")
    nodo.messages[request.path_params["id"]]["feedback"] = (await request.json())["rating"]
    return Response(status_code=204)


async def search(nodo: "FakeNodo", request: Request) -> Response:
    """Find messages that hold a word, whatever its accents."""
    query = request.query_params["q"]
    hits = list(_hits(nodo, query)) if query.strip() else []
    start = int(request.query_params.get("cursor", 0))
    end = start + int(request.query_params.get("limit", 50))
    cursor = str(end) if end < len(hits) else None
    return JSONResponse({"items": hits[start:end], "next_cursor": cursor})


def _hits(nodo: "FakeNodo", query: str) -> Iterator[Json]:
    for message in reversed(nodo.messages.values()):
        conversation = nodo.conversations.get(message["conversation_id"])
        text = message["content"]
        at = _plain(text).find(_plain(query))
        if conversation is None or at < 0:
            continue
        cuts = [max(0, at - 30), at, at + len(query), at + len(query) + 60]
        pieces = [text[start:end] for start, end in itertools.pairwise(cuts)]
        yield {
            "conversation_id": conversation["id"], "conversation_title": conversation["title"],
            "message_id": message["id"], "role": message["role"],
            "created_at": message["created_at"],
            "snippet": [{"text": piece, "hit": number == 1} for number, piece in enumerate(pieces)],
        }  # fmt: skip


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.lower())
    return "".join(part for part in parts if not unicodedata.combining(part))


async def export(nodo: "FakeNodo", request: Request) -> Response:
    """Give a conversation as a file."""
    conversation = nodo.conversations[request.path_params["id"]]
    ending = request.query_params["format"]
    messages = nodo.of_conversation(conversation["id"])
    text = "\n\n".join(f"**{m['role']}**\n\n{m['content']}" for m in messages)
    body = text if ending == "md" else json.dumps({**conversation, "messages": messages})
    name = f'attachment; filename="{conversation["id"]}.{ending}"'
    return Response(body, headers={"Content-Disposition": name})


async def send_file(nodo: "FakeNodo", request: Request) -> Response:
    """Take a file; its text is read page by page, each time somebody asks."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    part = next(message_from_bytes(head + await request.body(), policy=default).iter_parts())
    name, content = part.get_filename() or "", cast("bytes", part.get_payload(decode=True))
    ending = name.rsplit(".", 1)[-1]
    if ending not in _TYPES:
        return problem(415, "file_type_refused", allowed=sorted(_TYPES))
    if len(content) > MOST_BYTES:
        return problem(413, "too_large", limit_bytes=MOST_BYTES)
    file_id = nodo.new_id("f")
    pages = 4 if ending == "pdf" else None
    nodo.files[file_id] = {
        "id": file_id, "name": name, "media_type": _TYPES[ending], "size_bytes": len(content),
        "state": "extracting", "pages": pages, "pages_done": 0 if pages else None,
        "characters": None, "tokens": None, "error": None,
    }  # fmt: skip
    nodo.contents[file_id] = content
    return JSONResponse(nodo.files[file_id], 201)


async def file(nodo: "FakeNodo", request: Request) -> Response:
    """Tell how far a file has been read; each question reads a page more."""
    file_id = request.path_params["id"]
    if request.method == "DELETE":
        del nodo.files[file_id]
        return Response(status_code=204)
    found = nodo.files[file_id]
    if found["state"] == "extracting" and not nodo.holds_files:
        _read_on(found, nodo.contents[file_id])
    return JSONResponse(found)


def _read_on(file: Json, content: bytes) -> None:
    if b"encrypted" in content:
        file.update(state="failed", error={"status": 422, "code": "file_encrypted", "detail": ""})
    elif file["pages"] and file["pages_done"] < file["pages"]:
        file["pages_done"] += 1
    else:
        file.update(state="ready", characters=len(content), tokens=len(content) // 4 + 1)


async def content(nodo: "FakeNodo", request: Request) -> Response:
    """Give a file back as it came."""
    file_id = request.path_params["id"]
    name = f'attachment; filename="{nodo.files[file_id]["name"]}"'
    return Response(nodo.contents[file_id], headers={"Content-Disposition": name})
