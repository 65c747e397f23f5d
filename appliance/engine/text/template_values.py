"""What a chat template gets to see: messages and tools, with the words of strangers kept apart."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import cast

from appliance.engine.text.model import Turn

# The place of text that is nobody's turn and yet not the template's: words of a tool.
PLAIN = -1
# Marks around the number of a guarded text: of the private use area, so no template has them.
_OPENS, _CLOSES = "\ue0f2", "\ue0f3"
_MARKS = re.compile("[\ue0f0-\ue0f3]")
_GUARD = re.compile(f"{_OPENS}([0-9]{{1,6}}){_CLOSES}")


class Guards:
    """Texts that a template may place but not let the model take for its own marks."""

    def __init__(self, is_plain: Callable[[str], bool]) -> None:
        """Guard all texts for which `is_plain` is false, and those with marks of ours."""
        self._is_plain = is_plain
        self._texts: list[str] = []

    def guarded(self, value: object) -> object:
        """Return a JSON value whose dangerous texts are replaced by their places."""
        if isinstance(value, str):
            return self._guarded_text(value)
        if isinstance(value, Mapping):
            entries = cast("Mapping[str, object]", value).items()
            return {self._guarded_text(str(key)): self.guarded(inner) for key, inner in entries}
        if isinstance(value, Sequence):
            return [self.guarded(inner) for inner in cast("Sequence[object]", value)]
        return value

    def parted(self, text: str) -> Iterator[tuple[str, int | None]]:
        """Yield a template's text in pieces: its own, and the guarded ones."""
        for index, part in enumerate(_GUARD.split(text)):
            if index % 2 and int(part) < len(self._texts):
                yield self._texts[int(part)], PLAIN
            elif part and not index % 2:
                yield part, None

    def _guarded_text(self, text: str) -> str:
        whole = text.encode("utf-8", "replace").decode()
        if self._is_plain(whole) and not _MARKS.search(whole):
            return whole
        # It stands in JSON as a rule, so it is written as it stands there.
        self._texts.append(json.dumps(whole, ensure_ascii=False)[1:-1])
        return f"{_OPENS}{len(self._texts) - 1}{_CLOSES}"


def message_value(turn: Turn, content: str, guards: Guards) -> dict[str, object]:
    """Return a turn as chat templates expect it; `content` stands for its text."""
    message: dict[str, object] = {"role": turn.role, "content": content}
    if turn.tool_calls:
        message["tool_calls"] = [
            {
                "type": "function",
                "id": guards.guarded(call.id),
                "function": {
                    "name": guards.guarded(call.name),
                    "arguments": guards.guarded(call.arguments),
                },
            }
            for call in turn.tool_calls
        ]
    if turn.tool_name:
        message["name"] = guards.guarded(turn.tool_name)
    return message
