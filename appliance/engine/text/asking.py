"""What is asked of a model's process beside answers: tokens, texts and vectors."""

import asyncio
import base64
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Generic, TypeVar, cast

from appliance.base.errors import EngineUnavailableError, InvalidValueError, TooManyRequestsError
from appliance.engine.text.frames import Frame, cancel_frame, error_of, generate_frame
from appliance.engine.text.model import TextRequest

# Far below what a pipe takes for a line; the seams may cost a token more.
_PIECE_CHARACTERS = 200_000
_PIECE_TOKENS = 100_000
# No vocabulary goes as far.
_TOKENS_END = 1 << 31
# Texts of one order to embed: their vectors come back on one line.
_MOST_TEXTS, _MOST_TEXT_CHARACTERS = 32, 500_000
# No model reads more than this of one text.
_LONGEST_TEXT_CHARACTERS = 1_000_000
_MOST_WAITING = 64
_WITHIN_S = 20.0

Vector = tuple[float, ...]
T = TypeVar("T")


class Asking:
    """Questions to one process; those about tokens do not wait behind answers.

    All of it raises EngineUnavailableError if the process ends or does not answer.
    """

    def __init__(self, order: Callable[[Frame], None]) -> None:
        """Begin without questions; `order` sends a frame to the process."""
        self._order = order
        self._asked: dict[str, _Question[Any]] = {}
        self._numbers = count(1)
        self._embedding = 0

    @property
    def is_waiting(self) -> bool:
        """Return whether the process owes an answer."""
        return bool(self._asked)

    @property
    def embedding(self) -> int:
        """Return how many requests for vectors are in work."""
        return self._embedding

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each of these texts has."""
        asked = [
            [self._ask("count", _count_in, text=piece) for piece in _pieces(text)] for text in texts
        ]
        counts = iter(await _all_of([one for pieces in asked for one in pieces]))
        return [sum(next(counts) for _piece in pieces) for pieces in asked]

    async def tokens_of(self, text: str) -> list[int]:
        """Return the tokens of a text, without special ones."""
        asked = [self._ask("tokens", _tokens_in, text=piece) for piece in _pieces(text)]
        return [token for tokens in await _all_of(asked) for token in tokens]

    async def text_of(self, tokens: Sequence[int]) -> str:
        """Return the text of tokens; halves of characters become replacement characters.

        Raises:
            InvalidValueError: If there is no such token (`unknown_token`).
        """
        # Numbers of any length would not fit into a line.
        if any(not 0 <= token < _TOKENS_END for token in tokens):
            raise InvalidValueError(
                f"A token is no number from 0 to {_TOKENS_END - 1:,}.", code="unknown_token"
            )
        starts = range(0, len(tokens), _PIECE_TOKENS)
        asked = [
            self._ask("text", _data_in, tokens=list(tokens[start : start + _PIECE_TOKENS]))
            for start in starts
        ]
        return b"".join(await _all_of(asked)).decode(errors="replace")

    async def prompt_tokens_of(self, request: TextRequest) -> int:
        """Return how many tokens a request's whole prompt has.

        Raises:
            InvalidValueError: If it has no prompt, or more than can be sent.
        """
        frame = {**generate_frame(request, ""), "do": "prompt"}
        [tokens] = await _all_of([self._ask_frame(frame, _count_in)])
        return tokens

    async def embed(
        self, texts: Sequence[str], *, truncates: bool
    ) -> tuple[tuple[Vector, ...], int]:
        """Return a vector of length 1 for each text, and the tokens read in all.

        Raises:
            InvalidValueError: If a text is longer than the model reads (`text_too_long`).
            TooManyRequestsError: If too many wait already (`queue_full`).
        """
        if self._embedding >= _MOST_WAITING:
            raise TooManyRequestsError(
                f"{_MOST_WAITING} requests for vectors are waiting already.",
                code="queue_full",
                hint="Try again in a minute.",
                retry_after_s=60,
            )
        self._embedding += 1
        try:
            asked = [
                self._ask("embed", _vectors_in, texts=some, truncates=truncates)
                for some in _handfuls([text[:_LONGEST_TEXT_CHARACTERS] for text in texts])
            ]
            told = await _all_of(asked, within_s=None)
        finally:
            self._embedding -= 1
        vectors = tuple(vector for some, _tokens in told for vector in some)
        return vectors, sum(tokens for _some, tokens in told)

    def hear(self, frame: Frame) -> None:
        """Take an answer of the process; nobody may be waiting for it any more."""
        if question := self._asked.get(str(frame["id"])):
            question.take(frame)

    def fail_all(self) -> None:
        """Tell those who wait that no answer will come."""
        for question in list(self._asked.values()):
            question.fail(no_answer())

    def _ask(self, do: str, read: Callable[[Frame], T], **values: object) -> asyncio.Future[T]:
        return self._ask_frame({"do": do, **values}, read)

    def _ask_frame(self, frame: Frame, read: Callable[[Frame], T]) -> asyncio.Future[T]:
        order_id = f"{frame['do']}:{next(self._numbers)}"
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._asked[order_id] = _Question(answer, read)
        answer.add_done_callback(lambda _answer: self._forget(order_id))
        self._order({**frame, "id": order_id})
        return answer

    def _forget(self, order_id: str) -> None:
        if self._asked.pop(order_id).answer.cancelled():
            self._order(cancel_frame(order_id))


@dataclass(frozen=True)
class _Question(Generic[T]):
    answer: asyncio.Future[T]
    read: Callable[[Frame], T]

    def take(self, told: Frame) -> None:
        if self.answer.done():
            return
        if error := told.get("error"):
            self.answer.set_exception(error_of(cast("Frame", error)))
        else:
            self.answer.set_result(self.read(told))

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


def no_answer() -> EngineUnavailableError:
    """Return the error of a process that cannot say anything about tokens."""
    return EngineUnavailableError(
        "No model is loaded that could count tokens.",
        code="engine_not_ready",
        hint="Try again in a moment.",
    )


async def _all_of(
    asked: Sequence[asyncio.Future[T]], *, within_s: float | None = _WITHIN_S
) -> list[T]:
    """Return all answers; nothing stays asked for if one fails or we are cancelled."""
    try:
        async with asyncio.timeout(within_s):
            return [await answer for answer in asked]
    except TimeoutError as error:
        raise no_answer() from error
    finally:
        for answer in asked:
            answer.cancel()


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), _PIECE_CHARACTERS):
        yield _sendable(text[start : start + _PIECE_CHARACTERS])


def _handfuls(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield the texts in their order, as many at a time as are sent at once."""
    handful: list[str] = []
    characters = 0
    for text in texts:
        if handful and (
            len(handful) == _MOST_TEXTS or characters + len(text) > _MOST_TEXT_CHARACTERS
        ):
            yield handful
            handful, characters = [], 0
        handful.append(_sendable(text))
        characters += len(text)
    if handful:
        yield handful


def _sendable(text: str) -> str:
    # JSON from a browser may hold halves of characters (lone surrogates), which have no bytes.
    return text.encode("utf-8", "replace").decode()


def _count_in(frame: Mapping[str, object]) -> int:
    return max(int(cast("int", frame["tokens"])), 0)


def _tokens_in(frame: Mapping[str, object]) -> list[int]:
    return [int(token) for token in cast("Sequence[int]", frame["tokens"])]


def _data_in(frame: Mapping[str, object]) -> bytes:
    return base64.b64decode(str(frame["data"]), validate=True)


def _vectors_in(frame: Mapping[str, object]) -> tuple[list[Vector], int]:
    vectors = [_vector_in(one) for one in cast("Sequence[str]", frame["vectors"])]
    return vectors, _count_in(frame)


def _vector_in(text: str) -> Vector:
    return tuple(array("f", base64.b64decode(text, validate=True)))
