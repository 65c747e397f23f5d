from dataclasses import dataclass

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from appliance.base.web.room import RoomLayer

_EVERY_METHOD = ["GET", "POST", "DELETE", "PATCH"]


@dataclass
class Room:
    """As much room as a test says."""

    is_short: bool
    needed_bytes: int = 100_000_000


async def _asked(method: str, path: str, *, is_short: bool) -> httpx.Response:
    async def answer(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("done")

    app = Starlette(routes=[Route("/{path:path}", answer, methods=_EVERY_METHOD)])
    transport = httpx.ASGITransport(app=RoomLayer(app, Room(is_short)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return await client.request(method, path)


@pytest.mark.parametrize(
    "path", ["/chat", "/chat/send", "/chat/m-1/retry", "/chat/m-1/continue", "/files"]
)
async def test_on_a_full_disk_nothing_large_is_begun(path: str):
    answer = await _asked("POST", path, is_short=True)

    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    assert "100 MB" in answer.json()["hint"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/auth/login"),
        ("POST", "/auth/refresh"),
        ("POST", "/chat/m-1/stop"),
        ("DELETE", "/conversations/c-1"),
        ("DELETE", "/files/f-1"),
        ("GET", "/chat/m-1/events"),
        ("POST", "/chatter"),
    ],
)
async def test_signing_in_stopping_and_deleting_go_on(method: str, path: str):
    assert (await _asked(method, path, is_short=True)).text == "done"


async def test_with_room_everything_goes_on():
    assert (await _asked("POST", "/chat", is_short=False)).text == "done"
