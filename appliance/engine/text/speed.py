"""How quick a model is on this box, measured in some ten seconds and said as people think of it."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from appliance.base.errors import EngineUnavailableError
from appliance.engine.text.model import Finished, Sampling, TextRequest, Turn
from appliance.engine.text.port import TextEngine

# A printed page has some 450 words; in most models' tokens, Spanish or English, that is about 600.
PAGE_TOKENS = 600
# People read some 250 words a minute for themselves: 4.2 a second, 1.35 tokens each.
READING_TOKENS_PER_S = 5.6
_SENTENCE = "The delivery of pallet {n} arrived on time, was counted twice and put on shelf {n}. "
_SENTENCES = 16
_QUESTION = "Write all numbers from one to two hundred as words, one after the other."
_WRITTEN_TOKENS = 40
_LIMIT_S = 120.0
_CLEARLY = 1.3


class Pace(StrEnum):
    """How quickly a model writes, beside somebody who reads along."""

    FASTER = "faster"
    AS_FAST = "as_fast"
    SLOWER = "slower"
    MUCH_SLOWER = "much_slower"


@dataclass(frozen=True)
class Speed:
    """What was measured.

    Attributes:
        model: Name of the model.
        load_s: How long the model took to be there.
        reading_tokens_per_s: How quickly a prompt is read.
        writing_tokens_per_s: How quickly an answer is written.
        page_s: Seconds to read a printed page.
        pace: How quickly it writes, beside somebody who reads along.
        took_s: How long this took, loading aside.
    """

    model: str
    load_s: float
    reading_tokens_per_s: float
    writing_tokens_per_s: float
    page_s: float
    pace: Pace
    took_s: float


async def measured_speed(engine: TextEngine, request_id: str, *, model: str | None) -> Speed:
    """Return how quick a model is, from one question that nobody has asked before.

    Args:
        engine: Who answers.
        request_id: New for each measurement; the question is another one by it.
        model: Which one; None is the one that the owner chose.

    Raises:
        EngineUnavailableError: If it cannot be loaded, or takes minutes (`too_slow_to_measure`).
    """
    text = "".join(_SENTENCE.format(n=number) for number in range(_SENTENCES))
    turns = (Turn("user", f"{request_id}. {text}{_QUESTION}"),)
    sampling = Sampling(temperature=0, max_tokens=_WRITTEN_TOKENS)
    request = TextRequest(request_id, turns, f"speed {request_id}", sampling, model=model)
    try:
        async with asyncio.timeout(_LIMIT_S):
            async for event in engine.generate(request):
                if isinstance(event, Finished):
                    return speed_of(event)
    except TimeoutError as error:
        raise _too_slow() from error
    raise _too_slow()


def speed_of(finished: Finished) -> Speed:
    """Return what the times of one answer say.

    Raises:
        EngineUnavailableError: If it is too short to say anything.
    """
    read_tokens = finished.prompt_tokens - finished.cached_tokens
    if finished.completion_tokens < 2 or min(finished.reading_s, finished.writing_s) <= 0:  # noqa: PLR2004
        raise EngineUnavailableError(
            "The model ended its answer before its speed could be seen.", code="answer_too_short"
        )
    reading = read_tokens / finished.reading_s
    writing = (finished.completion_tokens - 1) / finished.writing_s
    return Speed(
        model=finished.model,
        load_s=finished.load_s,
        reading_tokens_per_s=reading,
        writing_tokens_per_s=writing,
        page_s=PAGE_TOKENS / reading if reading else 0.0,
        pace=pace_of(writing),
        took_s=finished.queued_s + finished.reading_s + finished.writing_s,
    )


def pace_of(tokens_per_s: float) -> Pace:
    """Return how quickly that is, beside somebody who reads along."""
    share = tokens_per_s / READING_TOKENS_PER_S
    if share >= _CLEARLY:
        return Pace.FASTER
    if share >= 1 / _CLEARLY:
        return Pace.AS_FAST
    return Pace.SLOWER if share >= 1 / (_CLEARLY * 2) else Pace.MUCH_SLOWER


def _too_slow() -> EngineUnavailableError:
    return EngineUnavailableError(
        "The model took more than two minutes for a short answer.",
        code="too_slow_to_measure",
        hint="Choose a smaller model, or try again when nobody else asks.",
    )
