"""What the engine's process and its supervisor tell each other, one JSON object a line."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from appliance.base.errors import ApplianceError, EngineUnavailableError, InvalidValueError
from appliance.engine.text.load_plan import LoadPlan
from appliance.engine.text.model import TextRequest
from appliance.engine.text.request_checks import check_request
from appliance.engine.text.request_frames import request_of, request_values, turn_values
from appliance.engine.text.tuning import Tuning, tuning_values

Frame = Mapping[str, object]

# Below what a pipe takes for a line. No context holds so much text.
_MOST_ASKED_BYTES = 6 << 20


@dataclass(frozen=True)
class Order:
    """A `generate` order as the child reads it.

    Attributes:
        request: What is asked; its `request_id` is the order's own id.
        left_out_turns: Oldest turns that were not even sent.
    """

    request: TextRequest
    left_out_turns: int


def load_frame(*, file: str, plan: LoadPlan, threads: int, tuning: Tuning | None = None) -> Frame:
    """Return the order to load a model; the first one that a child gets."""
    return {
        "do": "load",
        "file": file,
        "context_tokens": plan.context_tokens,
        "parallel": plan.parallel,
        "slot_count": plan.slot_count,
        "room_tokens": plan.room_tokens,
        "memory_bytes": plan.memory_bytes,
        "threads": threads,
        "tuning": tuning_values(tuning or Tuning()),
    }


def embedding_load_frame(*, file: str, plan: LoadPlan, threads: int, is_encoder: bool) -> Frame:
    """Return the order to load a model that is to make vectors of texts."""
    loads = load_frame(file=file, plan=plan, threads=threads)
    return {**loads, "do": "load_to_embed", "is_encoder": is_encoder}


def load_plan_of(frame: Frame) -> LoadPlan:
    """Return the plan in a `load` order."""
    names = ("context_tokens", "parallel", "slot_count", "room_tokens", "memory_bytes")
    return LoadPlan(**{name: int(cast("int", frame[name])) for name in names})


def generate_frame(request: TextRequest, order_id: str) -> Frame:
    """Return the order to write an answer; of an endless conversation only the newest part.

    Raises:
        InvalidValueError: If the last turn, with the tools and all else that is asked, is more
            than can be sent (`question_too_long`), or if no answer can be written for it.
    """
    check_request(request)
    turns = [turn_values(turn) for turn in request.turns]
    first = 1 if turns and turns[0]["role"] == "system" else 0
    values = request_values(request)
    sizes_bytes = [len(json.dumps(turn)) for turn in turns]
    start = _first_that_fits(
        sizes_bytes, first, needed=2 if request.continues else 1, besides=len(json.dumps(values))
    )
    return {
        "do": "generate",
        "id": order_id,
        "turns": turns[:first] + turns[start:],
        "left_out_turns": start - first,
        "request": values,
    }


def cancel_frame(order_id: str) -> Frame:
    """Return the order to end an answer."""
    return {"do": "cancel", "id": order_id}


def forget_frame(fairness_key: str) -> Frame:
    """Return the order to forget all that was read for one person."""
    return {"do": "forget", "fairness_key": fairness_key}


def order_of(frame: Frame) -> Order:
    """Return what a `generate` order asks; the sender is our own supervisor."""
    request = request_of(
        cast("Mapping[str, object]", frame["request"]),
        cast("Sequence[Mapping[str, object]]", frame["turns"]),
        request_id=str(frame["id"]),
    )
    return Order(request, int(cast("int", frame["left_out_turns"])))


def error_values(error: ApplianceError) -> Frame:
    """Return an error as it travels from the child."""
    return {
        "code": error.code, "message": error.message, "hint": error.hint, "status": error.status,
        "fields": error.fields,
    }  # fmt: skip


def error_of(values: Frame) -> ApplianceError:
    """Return the error that the child told."""
    kind = InvalidValueError if values["status"] == InvalidValueError.status else None
    return (kind or EngineUnavailableError)(
        str(values["message"]),
        hint=str(values["hint"]),
        code=str(values["code"]),
        **cast("dict[str, object]", values["fields"]),
    )


def _first_that_fits(sizes_bytes: Sequence[int], first: int, *, needed: int, besides: int) -> int:
    total = sum(sizes_bytes) + besides
    start = first
    while total > _MOST_ASKED_BYTES and start < len(sizes_bytes) - needed:
        total -= sizes_bytes[start]
        start += 1
    if total > _MOST_ASKED_BYTES:
        raise InvalidValueError(
            f"The question has {total:,} bytes; {_MOST_ASKED_BYTES:,} can be read at most.",
            code="question_too_long",
            hint="Shorten it, or split it into parts.",
        )
    return start
