"""Cutting a stream of bytes into JSON values: server-sent events, or a line each. Pure."""

import json
from typing import cast

from appliance.engine.providers.wire import Framing, bad_answer

# A line of Ollama's may have 8 MB; nothing here has to be longer.
_LONGEST_BYTES = 8 * 1024 * 1024
_DONE = b"[DONE]"


class Cutter:
    """Takes bytes as they come, gives the JSON objects in them."""

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._rest = bytearray()
        self._data: list[bytes] = []
        self._data_bytes = 0

    def take(self, chunk: bytes) -> list[dict[str, object]]:
        """Return the objects that are complete now.

        Raises:
            ProviderFaultError: If something is no JSON object, or too long.
        """
        self._rest += chunk
        lines: list[bytes] = []
        # What came before has no end of a line: it is not looked through again.
        if self._framing is not Framing.WHOLE and b"\n" in chunk:
            *lines, rest = bytes(self._rest).split(b"\n")
            self._rest = bytearray(rest)
        self._refuse_too_long(len(self._rest))
        found = (self._of_line(line.rstrip(b"\r")) for line in lines)
        return [value for value in found if value is not None]

    def rest(self) -> list[dict[str, object]]:
        """Return what the last line holds, which had no end."""
        line = bytes(self._rest).rstrip(b"\r")
        self._rest.clear()
        values = [self._of_line(line), self._of_event()]
        return [value for value in values if value is not None]

    def _of_line(self, line: bytes) -> dict[str, object] | None:
        if self._framing is not Framing.SSE:
            return json_object(line) if line.strip() else None
        if not line:
            return self._of_event()
        name, _, value = line.partition(b":")
        if name == b"data":
            data = value.removeprefix(b" ")
            self._data.append(data)
            self._data_bytes += len(data)
            self._refuse_too_long(self._data_bytes)
        return None

    def _of_event(self) -> dict[str, object] | None:
        data, self._data, self._data_bytes = b"\n".join(self._data), [], 0
        return None if not data.strip() or data.strip() == _DONE else json_object(data)

    def _refuse_too_long(self, length: int) -> None:
        if length > _LONGEST_BYTES:
            raise bad_answer()


def json_object(text: bytes) -> dict[str, object]:
    """Return a JSON object; of an array (Gemini's errors come in one), its first element.

    Raises:
        ProviderFaultError: If it is none.
    """
    try:
        value = cast("object", json.loads(text))
    except (ValueError, RecursionError) as error:
        raise bad_answer() from error
    if isinstance(value, list) and value:
        value = cast("list[object]", value)[0]
    if not isinstance(value, dict):
        raise bad_answer()
    return cast("dict[str, object]", value)
