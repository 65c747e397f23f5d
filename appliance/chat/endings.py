"""How answers end: what is written to the row, and what the stream says last."""

import logging
from dataclasses import replace
from datetime import datetime

from appliance.base.errors import ApplianceError
from appliance.chat.answer_events import AnswerSoFar, Change, Ending
from appliance.chat.model import (
    Heading,
    Message,
    MessageState,
    Problem,
    Timings,
    tokens_per_s,
)
from appliance.engine.text.model import Finished, FinishReason, Origin

log = logging.getLogger(__name__)

_INTERRUPTED = Problem(
    503,
    "answer_interrupted",
    "The box stopped while this answer was being written; the text up to then is kept.",
    "Ask for the answer again.",
)
_UNFORESEEN = Problem(
    500,
    "internal_error",
    "Something failed inside Nodo while it wrote this answer.",
    "Ask for the answer again. If it fails again, look for this message's id in the log.",
)


def finished(answer: Message, text: str, end: Finished, *, at: datetime) -> Message:
    """Return the answer as the engine finished it; what was counted before is counted on."""
    was_stopped = end.reason is FinishReason.CANCELLED
    return replace(
        answer,
        content=text,
        state=MessageState.STOPPED if was_stopped else MessageState.DONE,
        finish_reason=end.reason,
        model=end.model,
        prompt_tokens=end.prompt_tokens,
        completion_tokens=(answer.completion_tokens or 0) + end.completion_tokens,
        timings=_sum(answer.timings, Timings(end.queued_s, end.reading_s, end.writing_s)),
        finished_at=at,
        origin=end.origin,
    )


def stopped(answer: Message, text: str, *, at: datetime) -> Message:
    """Return the answer as somebody stopped it; the text so far stays."""
    return replace(
        answer,
        content=text,
        state=MessageState.STOPPED,
        finish_reason=FinishReason.CANCELLED,
        finished_at=at,
    )


def failed(answer: Message, text: str, problem: Problem, *, at: datetime) -> Message:
    """Return the answer that could not be written to its end; the text so far stays."""
    return replace(answer, content=text, state=MessageState.FAILED, problem=problem, finished_at=at)


def interrupted(answer: Message, text: str, *, at: datetime) -> Message:
    """Return the answer in whose middle the box went down; the text so far stays."""
    return replace(
        answer,
        content=text,
        state=MessageState.INTERRUPTED,
        problem=_INTERRUPTED,
        finished_at=at,
    )


def _sum(before: Timings | None, now: Timings) -> Timings:
    if before is None:
        return now
    return Timings(
        before.queued_s + now.queued_s,
        before.reading_s + now.reading_s,
        before.writing_s + now.writing_s,
    )


def problem_of(error: BaseException, *, message_id: str) -> Problem:
    """Return what people are told about a failure; the log gets those that nobody foresaw."""
    if isinstance(error, BaseExceptionGroup):
        return problem_of(error.exceptions[0], message_id=message_id)
    if isinstance(error, ApplianceError):
        return Problem(error.status, error.code, error.message, error.hint)
    log.error("answer failed", exc_info=error, extra={"message_id": message_id})
    return _UNFORESEEN


def problem_data(problem: Problem, *, request_id: str) -> dict[str, object]:
    """Return the problem as JSON values, in the members of RFC 9457 and ours."""
    return {
        "type": f"urn:nodo:problem:{problem.code}",
        "title": problem.code.replace("_", " ").capitalize(),
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "hint": problem.hint,
        "request_id": request_id,
    }


def error_ending(problem: Problem, *, message_id: str) -> Ending:
    """Return the last event of a stream that went wrong."""
    # The engine and the log name an answer's work by the id of its message.
    return Ending("error", problem_data(problem, request_id=message_id))


def ending_of(answer: Message) -> Ending:
    """Return the last event of a finished answer's stream.

    Args:
        answer: Finished, in whichever way.
    """
    if answer.problem is not None:
        return error_ending(answer.problem, message_id=answer.id)
    return Ending(
        "done",
        {
            "message_id": answer.id,
            "finish_reason": answer.finish_reason or FinishReason.STOP,
            "usage": usage_data(answer),
            "timings": timings_data(answer),
            "model": answer.model,
            **origin_data(answer),
            "read_from": answer.read_from,
        },
    )


def origin_data(answer: Message) -> dict[str, object]:
    """Return who wrote an answer, and why, as JSON values."""
    origin = answer.origin or Origin()
    return {
        "provider": origin.provider,
        "provider_name": origin.name,
        "cached": origin.is_cached,
        "fallback_reason": origin.reason,
        "attempts": origin.attempts,
        "cost_eur": origin.cost_eur,
    }


def usage_data(answer: Message) -> dict[str, object] | None:
    """Return the counted tokens as JSON values; None while nothing is known."""
    if answer.prompt_tokens is None and answer.completion_tokens is None:
        return None
    return {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
    }


def timings_data(answer: Message) -> dict[str, object] | None:
    """Return where the time went as JSON values; None while nothing is known."""
    if answer.timings is None:
        return None
    return {
        "queued_s": answer.timings.queued_s,
        "reading_s": answer.timings.reading_s,
        "writing_s": answer.timings.writing_s,
        "tokens_per_s": tokens_per_s(answer.completion_tokens, answer.timings),
    }


def replay_of(heading: Heading, answer: Message) -> AnswerSoFar:
    """Return all that there is to tell of a finished answer, from its row alone."""
    changes = (Change(1, "conversation", heading.data),)
    return AnswerSoFar(answer.content, changes, ending_of(answer), answer.run)
