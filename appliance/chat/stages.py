"""What people are told while they wait, and how often."""

from collections.abc import Mapping

from appliance.engine.text.model import Loading, Piece, Queued, Reading, TextEvent, Writing

# Faster than four times a second nobody reads a percentage.
STAGE_EVERY_S = 0.25

Stage = Mapping[str, object]


def waiting_stage(*, ahead: int, eta_s: float | None = None) -> Stage:
    """Return the stage of an answer that waits behind `ahead` others."""
    return {"stage": "queued", "ahead": ahead, "eta_s": eta_s}


def stage_of(
    event: TextEvent, *, omitted_turns: int = 0, read_from: str | None = None
) -> Stage | None:
    """Return what to tell about an event of the engine; None if it says nothing of a stage.

    Args:
        event: What the engine said.
        omitted_turns: Oldest turns that the engine was not even given.
        read_from: The oldest message that the model reads; None if it reads all.
    """
    match event:
        case Queued(ahead=ahead, eta_s=eta_s):
            return waiting_stage(ahead=ahead, eta_s=eta_s)
        case Loading(percent=percent):
            return {"stage": "loading", "percent": percent}
        case Reading():
            return {
                "stage": "reading",
                "percent": event.percent,
                "prompt_tokens": event.prompt_tokens,
                "dropped_turns": event.dropped_turns + omitted_turns,
                "read_from": read_from,
            }
        case Writing() | Piece():
            return {"stage": "writing"}
        case _:
            return None


def is_worth_telling(told: Stage, new: Stage, *, since_told_s: float) -> bool:
    """Return whether the new stage is told now; a mere percentage or estimate may wait.

    Args:
        told: What was told last.
        new: What is so now.
        since_told_s: Seconds between the two.
    """
    if new == told:
        return False
    if any(new.get(name) != told.get(name) for name in ("stage", "ahead")):
        return True
    return since_told_s >= STAGE_EVERY_S
