"""JSON and server-sent events, as the interfaces for programs send them."""

import json
from collections.abc import Mapping

EVENT_STREAM = "text/event-stream"
SILENCE = b": beat\n\n"
# Made once: `json.dumps` would make one for each token.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encoded(value: object) -> bytes:
    """Return JSON as it travels.

    Models write half surrogate pairs now and then; they are replaced.
    """
    return _ENCODER.encode(value).encode("utf-8", errors="replace")


def data_frame(value: object) -> bytes:
    """Return an event without a name (WHATWG HTML, 9.2 Server-sent events)."""
    return b"data: " + encoded(value) + b"\n\n"


def named_frame(value: Mapping[str, object]) -> bytes:
    """Return an event that is named by its member `type`."""
    return f"event: {value['type']}\n".encode() + data_frame(value)
