"""Refusing what makes the box's data grow while its disk is full; all else goes on."""

from typing import Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from appliance.base.errors import StorageFullError
from appliance.base.web.limits import is_under
from appliance.base.web.problems import problem_response

# What these write is large, or written by strangers. Signing in, stopping and deleting write little.
_GROWING = ("/chat", "/files", "/auth/register", "/api/auth/register")
_ENDS_SOMETHING = "/stop"
_MEGABYTE = 1_000_000


class Room(Protocol):
    """Knows whether there is room on the disk."""

    @property
    def is_short(self) -> bool:
        """Return whether only small things may be written."""
        ...

    @property
    def needed_bytes(self) -> int:
        """Return how much must be free before larger things may be written again."""
        ...


class RoomLayer:
    """Answers 507 to questions and uploads while the reserve on the disk is in use.

    The reserve would else be eaten by the next answers, and then nobody could sign in to tidy up.
    """

    def __init__(self, app: ASGIApp, room: Room) -> None:
        self._app = app
        self._room = room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is small, or everything while there is room."""
        if self._room.is_short and scope["type"] == "http" and _makes_grow(scope):
            await problem_response(self._refusal())(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self) -> StorageFullError:
        needed_mb = self._room.needed_bytes // _MEGABYTE
        return StorageFullError(
            "The disk of the box is full: nothing new can be kept.",
            hint=f"Free some space on the box, {needed_mb} MB at least. Signing in, stopping and "
            "deleting work meanwhile.",
        )


def _makes_grow(scope: Scope) -> bool:
    path: str = scope["path"]
    is_growing = any(is_under(path, prefix) for prefix in _GROWING)
    return scope["method"] == "POST" and is_growing and not path.endswith(_ENDS_SOMETHING)
