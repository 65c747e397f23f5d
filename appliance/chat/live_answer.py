"""An answer while it is being written: what is known of it, and who waits for more."""

import asyncio
from collections.abc import Callable

from appliance.base.clock import Clock
from appliance.chat.answer_events import LAST_CHANGE, AnswerSoFar, Change, Ending
from appliance.chat.model import Heading
from appliance.chat.stages import Stage, is_worth_telling, waiting_stage
from appliance.engine.text.model import Piece


class LiveAnswer:
    """Grows on the event loop; readers look at it when it changed, so a slow one costs nothing."""

    def __init__(self, heading: Heading, clock: Clock) -> None:
        self.heading = heading
        self.text = ""
        self.tokens = 0
        self.ending: Ending | None = None
        self.is_abandoned = False
        self.version = 0
        self._clock = clock
        self._number = 0
        self._changes: dict[str, Change] = {}
        self._changed = asyncio.Event()
        self._cancel: Callable[[], object] | None = None
        self._stop_asked = False
        self._tell("conversation", heading.data)
        if heading.title_is_new:
            self._tell("title", {"title": heading.title})
        self._stage = waiting_stage(ahead=0)
        self._stage_told_s = clock.monotonic_s()
        self._tell_stage(self._stage)

    @property
    def is_over(self) -> bool:
        """Return whether nothing more will come from here."""
        return self.ending is not None or self.is_abandoned

    @property
    def is_being_written(self) -> bool:
        """Return whether a job works on it."""
        return self._cancel is not None

    def so_far(self) -> AnswerSoFar:
        """Return all that there is to tell now."""
        changes = sorted(self._changes.values(), key=lambda change: change.number)
        return AnswerSoFar(self.text, tuple(changes), self.ending)

    def tell_stage(self, stage: Stage) -> None:
        """Let readers know the stage, unless it is too soon for such a small difference."""
        since_told_s = self._clock.monotonic_s() - self._stage_told_s
        if is_worth_telling(self._stage, stage, since_told_s=since_told_s):
            self._tell_stage(stage)

    def add(self, piece: Piece) -> None:
        """Append text; each piece counts as one token."""
        self.text += piece.text
        self.tokens += 1
        self._wake()

    def end(self, ending: Ending) -> None:
        """Make this the last event; the first ending counts."""
        if not self.is_over:
            self.ending = ending
            self._wake()

    def settle(self, text: str, ending: Ending) -> None:
        """Take over text and end of the finished row."""
        if not self.is_over:
            self.text = text
        self.end(ending)

    def abandon(self) -> None:
        """Let readers go without an end: they come back once the box is up again."""
        self.is_abandoned = True
        self._wake()

    def written_by(self, cancel: Callable[[], object]) -> None:
        """Note how to end the work; it is ended at once if somebody has asked for that."""
        self._cancel = cancel
        if self._stop_asked:
            cancel()

    def stop(self) -> None:
        """End the work, or keep it from beginning."""
        self._stop_asked = True
        if self._cancel is not None:
            self._cancel()

    async def wait(self, condition: Callable[[], bool], *, within_s: float | None = None) -> None:
        """Return when the condition is true or the time is up; looked at after each change."""
        try:
            async with asyncio.timeout(within_s):
                while not condition():
                    await self._changed.wait()
        except TimeoutError:
            return

    async def wait_for_tokens(self, count: int, *, within_s: float | None = None) -> None:
        """Return when so many tokens are there or the time is up."""
        await self.wait(lambda: self.tokens >= count, within_s=within_s)

    async def wait_for_news(self, version: int) -> None:
        """Return once anything changed since the answer had this version."""
        await self.wait(lambda: self.version != version)

    def _tell_stage(self, stage: Stage) -> None:
        self._stage = stage
        self._stage_told_s = self._clock.monotonic_s()
        self._tell("stage", {name: value for name, value in stage.items() if value is not None})

    def _tell(self, event: str, data: Stage) -> None:
        if self._number + 1 < LAST_CHANGE:
            self._number += 1
            self._changes[event] = Change(self._number, event, data)
            self._wake()

    def _wake(self) -> None:
        # A new event each time: who waits on the old one is woken, who comes later waits anew.
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()


class LiveAnswers:
    """The answers that are not finished, by message."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._answers: dict[str, LiveAnswer] = {}

    def find(self, message_id: str) -> LiveAnswer | None:
        """Return the answer if somebody writes it or waits for it."""
        return self._answers.get(message_id)

    def opened(self, heading: Heading) -> LiveAnswer:
        """Return the live answer of this message, made if it is missing."""
        live = self._answers.get(heading.message_id)
        if live is None:
            live = self._answers[heading.message_id] = LiveAnswer(heading, self._clock)
        return live

    def close(self, live: LiveAnswer) -> None:
        """Forget an answer; those who read it still get its end."""
        if self._answers.get(live.heading.message_id) is live:
            del self._answers[live.heading.message_id]

    def abandon_all(self) -> None:
        """Let all readers go: the box shuts down."""
        for live in self._answers.values():
            live.abandon()
