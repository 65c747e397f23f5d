"""What the batch loop tells the supervisor of each request: the events of the child, as frames."""

from collections.abc import Callable, Sequence

from appliance.base.errors import ApplianceError
from appliance.engine.text.frames import Frame, error_values
from appliance.engine.text.model import FinishReason
from appliance.engine.text.said_frames import said_values
from appliance.engine.text.step_times import StepTimes
from appliance.engine.text.transcript import Said


class Reports:
    """Sends events; `tell` takes each as a frame."""

    def __init__(self, tell: Callable[[Frame], None]) -> None:
        self._tell = tell

    def step(self, rows: int) -> None:
        """Tell that a step was computed: the sign of life while nobody's text grows."""
        self._tell({"is": "step", "rows": rows})

    def measured(self, times: StepTimes) -> None:
        """Tell how long steps take on this box."""
        self._tell({"is": "measured", "times": [list(point) for point in times.measured]})

    def queued(self, request_id: str, ahead: int, eta_s: float | None) -> None:
        """Tell a request its place in the queue."""
        self._tell({"is": "queued", "id": request_id, "ahead": ahead, "eta_s": eta_s})

    def reading(
        self,
        request_id: str,
        *,
        read_tokens: int,
        prompt_tokens: int,
        dropped_turns: int,
        cached_tokens: int,
    ) -> None:
        """Tell how much of a prompt is read."""
        self._tell({
            "is": "reading",
            "id": request_id,
            "percent": 100 * read_tokens // max(prompt_tokens, 1),
            "prompt_tokens": prompt_tokens,
            "dropped_turns": dropped_turns,
            "cached_tokens": cached_tokens,
        })  # fmt: skip

    def said(self, request_id: str, said: Sequence[Said]) -> None:
        """Tell what has been written."""
        for one in said:
            self._tell({"id": request_id, **said_values(one)})

    def finished(self, request_id: str, reason: FinishReason, **figures: object) -> None:
        """Tell that an answer is complete."""
        self._tell({"is": "finished", "id": request_id, "reason": reason.value, **figures})

    def told(self, question_id: str, answer: Frame) -> None:
        """Tell the answer to a question that is no request for text."""
        self._tell({"is": "told", "id": question_id, **answer})

    def error(self, request_id: str, error: ApplianceError) -> None:
        """Tell that a request failed."""
        self._tell({"is": "error", "id": request_id, **error_values(error)})
