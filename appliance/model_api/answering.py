"""Sending an answer of the engine in the form of one interface: as it grows, or whole."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from appliance.base.errors import ApplianceError
from appliance.base.web.dialects import Speak
from appliance.base.web.problems import problem_of
from appliance.base.web.streaming import ByteStream, WholeAnswer
from appliance.engine.text.model import TextEvent, TextRequest
from appliance.engine.text.port import TextEngine
from appliance.model_api.framing import EVENT_STREAM, SILENCE, encoded
from appliance.model_api.gathering import (
    Gathered,
    Writer,
    dropped_headers,
    gathered,
    until_first_call,
    written,
)


@dataclass(frozen=True)
class StreamForm:
    """How an answer is told while it grows.

    Attributes:
        writer: Puts it into parts.
        last_word: Puts what fails within the parts into their form.
        media_type: Of the parts.
        beat: A part that says nothing; empty where the form has none.
    """

    writer: Writer
    last_word: Callable[[ApplianceError], bytes]
    media_type: str = EVENT_STREAM
    beat: bytes = SILENCE


def growing_answer(
    request: TextRequest,
    engine: TextEngine,
    form: StreamForm,
    headers: Mapping[str, str],
    *,
    calls_once: bool = False,
) -> Response:
    """Return an answer that is sent as it grows; the engine stops when its client goes.

    Args:
        request: What the engine is asked.
        engine: Writes it.
        form: How it is told.
        headers: Further ones.
        calls_once: Whether the answer ends with the first call of a function.
    """
    late_headers = dict(headers)
    return ByteStream(
        written(_events(request, engine, calls_once=calls_once), form.writer, late_headers),
        media_type=form.media_type,
        last_word=form.last_word,
        beat=form.beat,
        headers=late_headers,
    )


def whole_answer(
    request: TextRequest,
    engine: TextEngine,
    put: Callable[[Gathered], Mapping[str, object]],
    headers: Mapping[str, str],
    *,
    calls_once: bool = False,
) -> Response:
    """Return an answer that is sent when it is there; the engine stops when its client goes.

    Args:
        request: What the engine is asked.
        engine: Writes it.
        put: Puts it into JSON.
        headers: Further ones.
        calls_once: Whether the answer ends with the first call of a function.
    """

    async def make() -> Response:
        answer = await gathered(_events(request, engine, calls_once=calls_once))
        dropped = dropped_headers(answer.finished.dropped_turns)
        return json_response(put(answer), {**headers, **dropped})

    return WholeAnswer(make)


def _events(
    request: TextRequest, engine: TextEngine, *, calls_once: bool
) -> AsyncIterator[TextEvent]:
    events = engine.generate(request)
    return until_first_call(events) if calls_once else events


def json_response(value: object, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer that is JSON."""
    return Response(encoded(value), headers=headers, media_type="application/json")


def body_of(error: ApplianceError, speak: Speak) -> Mapping[str, object] | str:
    """Return what went wrong in the words of one interface, to be told within an answer."""
    return speak(problem_of(error)).body
