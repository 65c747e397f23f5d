"""What the engine's process and its supervisor tell each other, one JSON object a line."""

from collections.abc import Mapping, Sequence
from typing import cast

from appliance.engine.text.model import Sampling, TextRequest, Turn

Frame = Mapping[str, object]


def load_frame(
    *, file: str, room_tokens: int, context_tokens: int, slot_count: int, threads: int
) -> Frame:
    """Return the order to load a model; the first one that a child gets."""
    return {
        "do": "load",
        "file": file,
        "room_tokens": room_tokens,
        "context_tokens": context_tokens,
        "slot_count": slot_count,
        "threads": threads,
    }


def generate_frame(request: TextRequest) -> Frame:
    """Return the order to write an answer."""
    wish = request.sampling
    return {
        "do": "generate",
        "id": request.request_id,
        "key": request.fairness_key,
        "turns": [[turn.role, turn.content] for turn in request.turns],
        "sampling": {
            "temperature": wish.temperature,
            "top_k": wish.top_k,
            "top_p": wish.top_p,
            "min_p": wish.min_p,
            "repeat_penalty": wish.repeat_penalty,
            "seed": wish.seed,
            "max_tokens": wish.max_tokens,
        },
    }


def request_of(frame: Frame) -> TextRequest:
    """Return the request in a `generate` order; the sender is our own supervisor."""
    turns = cast("Sequence[Sequence[str]]", frame["turns"])
    sampling = cast("Mapping[str, float]", frame["sampling"])
    return TextRequest(
        request_id=str(frame["id"]),
        fairness_key=str(frame["key"]),
        turns=tuple(Turn(cast("object", role), content) for role, content in turns),  # type: ignore[arg-type]
        sampling=Sampling(**sampling),  # type: ignore[arg-type]
    )
