"""The log: one JSON line per event, named by request, without anybody's secrets."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """Return the id of the request being answered; empty outside of one."""
    return _request_id.get()


@contextmanager
def request_named(request_id: str) -> Iterator[None]:
    """Give everything logged within this block the id of its request."""
    token = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(token)
