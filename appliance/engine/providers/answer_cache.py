"""Answers that were written a moment ago, for who asks the very same again."""

import hashlib
import json
import unicodedata
from collections import OrderedDict
from dataclasses import asdict, dataclass
from typing import Protocol

from appliance.base.clock import Clock
from appliance.engine.text.model import TextRequest

_MOST_ANSWERS = 2000
_MOST_CHARACTERS = 4_000_000
# Grows when the same key must mean something else from then on.
_VERSION = 1


@dataclass(frozen=True)
class KeptAnswer:
    """An answer that may be given again.

    Attributes:
        text: All of it.
        model: Name of the model that wrote it.
        provider: Id of who answered.
        provider_name: As people call that one; empty for this box's own engine.
        prompt_tokens: Tokens read for it.
        completion_tokens: Tokens written.
    """

    text: str
    model: str
    provider: str
    provider_name: str
    prompt_tokens: int
    completion_tokens: int


class AnswerStore(Protocol):
    """Where answers are kept for a while; every implementation passes the same suite."""

    async def find(self, key: str) -> KeptAnswer | None:
        """Return what is kept under this key; None if nothing is, or it is too old."""
        ...

    async def keep(self, key: str, answer: KeptAnswer, *, for_s: float) -> None:
        """Keep an answer for so many seconds."""
        ...


def key_of(request: TextRequest, *, mark: str) -> str:
    """Return the key of a question: its words, how it is asked, who asks and who may answer.

    Forms of accents, and blanks within one line, make no difference; capitals do.

    Args:
        request: The question.
        mark: Changes with the models that may answer and the order in which they are asked.
    """
    turns = [(turn.role, _normalised(turn.content)) for turn in request.turns]
    asked = [
        _VERSION,
        mark,
        request.fairness_key,
        request.stays_local,
        turns,
        asdict(request.sampling),
    ]
    text = json.dumps(asked, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def is_repeatable(request: TextRequest) -> bool:
    """Return whether an answer to this may be given again: a question alone, asked for as such.

    What must stay in memory is not: a store may write what it keeps to disk.
    """
    spoken = [turn.role for turn in request.turns if turn.role != "system"]
    is_plain = not request.tools and request.output is None and request.raw_prompt is None
    may_repeat = request.may_repeat and not request.stays_in_memory
    return may_repeat and spoken == ["user"] and is_plain and request.model is None


class MemoryStore:
    """Keeps answers in this process, the oldest going first when there are too many."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, KeptAnswer]] = OrderedDict()
        self._characters = 0

    async def find(self, key: str) -> KeptAnswer | None:
        """Return what is kept; see `AnswerStore`."""
        until_s, answer = self._kept.get(key, (0.0, None))
        if answer is None or self._clock.monotonic_s() >= until_s:
            self._forget(key)
            return None
        return answer

    async def keep(self, key: str, answer: KeptAnswer, *, for_s: float) -> None:
        """Keep an answer; see `AnswerStore`."""
        self._forget(key)
        self._kept[key] = (self._clock.monotonic_s() + for_s, answer)
        self._characters += len(answer.text)
        while len(self._kept) > _MOST_ANSWERS or self._characters > _MOST_CHARACTERS:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: str) -> None:
        before = self._kept.pop(key, None)
        if before is not None:
            self._characters -= len(before[1].text)


def _normalised(text: str) -> str:
    whole = unicodedata.normalize("NFC", text).strip()
    # In several lines blanks may mean something: code, tables.
    return whole if "\n" in whole else " ".join(whole.split())
