"""Whether a step that is being computed gives way to news, and how the news reach it.

Orders come in on a thread of their own while the batch loop computes. `heed` decides there, at
once, and llama.cpp leaves off within some 60 ms. What the step has computed by then is lost, so it
must be worth it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from appliance.engine.text.frames import Frame
from appliance.engine.text.model import Urgency

# Less than this is not worth the work that is thrown away.
_WORTH_WAITING_S = 0.5


@dataclass(frozen=True)
class StepInWork:
    """A step that is being computed.

    Attributes:
        rows: Rows of each request in it.
        started_s: When it began, in monotonic seconds.
        ends_s: When it is expected to end, in monotonic seconds; None while nothing is known.
        is_patient: Whether all of it can wait: nobody sits before the screen for it.
    """

    rows: Mapping[str, int]
    started_s: float
    ends_s: float | None
    is_patient: bool


def gives_way_to_cancel(step: StepInWork, request_id: str) -> bool:
    """Return whether a step is mostly for a request that nobody wants any more."""
    return 2 * step.rows.get(request_id, 0) > sum(step.rows.values())


def gives_way_to_newcomer(step: StepInWork, now_s: float) -> bool:
    """Return whether a request that has just come need not wait for the end of this step."""
    if step.is_patient:
        return True
    if step.ends_s is None:
        return False
    # Never more is thrown away than somebody would have waited.
    left_s = step.ends_s - now_s
    return left_s > max(_WORTH_WAITING_S, now_s - step.started_s)


class Interrupting:
    """Knows the step in work. `heed` belongs to any thread, the rest to the batch loop's."""

    def __init__(
        self,
        interrupt: Callable[[], None],
        *,
        now_s: Callable[[], float],
        has_news: Callable[[], bool] = lambda: False,
    ) -> None:
        """Begin without a step.

        Args:
            interrupt: Makes llama.cpp leave off.
            now_s: Tells the monotonic time.
            has_news: Whether orders wait that the batch loop has not seen yet.
        """
        self._interrupt = interrupt
        self._now_s = now_s
        self._has_news = has_news
        self._step: StepInWork | None = None

    def begins(self, step: StepInWork) -> bool:
        """Note a step before it is computed; False if news came meanwhile, which go first."""
        self._step = step
        # In this order: an order that came before is seen here, one that comes now sees the step.
        if self._has_news():
            self._step = None
            return False
        return True

    def ends(self) -> None:
        """Note that nothing is computed any more."""
        self._step = None

    def heed(self, order: Frame) -> None:
        """Interrupt the step if this order, which stands in the queue already, is worth it."""
        step = self._step
        if step is None:
            return
        if _gives_way(step, order, self._now_s()):
            self._interrupt()


def _gives_way(step: StepInWork, order: Frame, now_s: float) -> bool:
    match order["do"]:
        case "cancel":
            return gives_way_to_cancel(step, str(order["id"]))
        case "generate":
            request = cast("Frame", order["request"])
            return request["urgency"] != Urgency.BACKGROUND and gives_way_to_newcomer(step, now_s)
        case kind:
            return kind == "stop"
