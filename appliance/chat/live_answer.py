"""An answer while it is being written: what is known of it, and who waits for more."""

import asyncio
from collections.abc import Callable

from appliance.base.clock import Clock
from appliance.chat.answer_events import LAST_CHANGE, AnswerSoFar, Change, Ending
from appliance.chat.model import Heading
from appliance.chat.stages import Stage, is_worth_telling, waiting_stage
from appliance.engine.text.model import Piece


class LiveAnswer:
    """Grows on the event loop; readers look at it when it changed, so a slow one costs nothing.

    They are told only text that is on disk: whatever becomes of the box, nobody has seen words
    that are gone afterwards, and a place in the text always means the same text.

    Attributes:
        heading: Which answer it is.
        text: All that is written, also what is not on disk yet.
        told: What of it is on disk.
        read_from: The oldest message that the model reads for it; None while it reads all.
        ending: How it ended; None while it goes on.
        is_abandoned: Whether readers were let go without an end.
        version: Grows with whatever there is to tell.
    """

    def __init__(self, heading: Heading, clock: Clock, text: str = "") -> None:
        self.heading = heading
        self.text = text
        self.told = text
        self.read_from: str | None = None
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
        return AnswerSoFar(self.told, tuple(changes), self.ending, self.heading.run)

    def tell_stage(self, stage: Stage) -> None:
        """Let readers know the stage, unless it is too soon for such a small difference."""
        since_told_s = self._clock.monotonic_s() - self._stage_told_s
        if is_worth_telling(self._stage, stage, since_told_s=since_told_s):
            self._tell_stage(stage)

    def add(self, piece: Piece) -> None:
        """Append text, which is told once it is `saved`."""
        self.text += piece.text
        self._wake()

    def saved(self, text: str) -> None:
        """Tell readers this text: it is on disk."""
        self.told = text
        self._wake_readers()

    def settle(self, text: str, ending: Ending) -> None:
        """Take over the text on disk, and make this the last event; the first ending counts."""
        if not self.is_over:
            self.text = self.told = text
            self.ending = ending
            self._wake_readers()

    def abandon(self) -> None:
        """Let readers go without an end: they come back once the box is up again."""
        self.is_abandoned = True
        self._wake_readers()

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

    async def wait_for_unsaved(self) -> None:
        """Return once there is text that is not on disk."""
        await self.wait(lambda: self.text != self.told)

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
            self._wake_readers()

    def _wake_readers(self) -> None:
        self.version += 1
        self._wake()

    def _wake(self) -> None:
        # A new event each time: who waits on the old one is woken, who comes later waits anew.
        self._changed.set()
        self._changed = asyncio.Event()


class LiveAnswers:
    """The answers that are not finished, by message."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._answers: dict[str, LiveAnswer] = {}

    def find(self, message_id: str, *, run: int) -> LiveAnswer | None:
        """Return the answer if somebody writes this run of it, or a later one, or waits for it."""
        live = self._answers.get(message_id)
        return live if live is not None and live.heading.run >= run else None

    def opened(self, heading: Heading, text: str = "") -> LiveAnswer:
        """Return the live answer of this message and run, made if it is missing.

        Args:
            heading: Which answer.
            text: What is on disk of it.
        """
        live = self.find(heading.message_id, run=heading.run)
        if live is None:
            live = LiveAnswer(heading, self._clock, text)
            self._answers[heading.message_id] = live
        return live

    def close(self, live: LiveAnswer) -> None:
        """Forget an answer; those who read it still get its end."""
        if self._answers.get(live.heading.message_id) is live:
            del self._answers[live.heading.message_id]

    def abandon_all(self) -> None:
        """Let all readers go: the box shuts down."""
        for live in self._answers.values():
            live.abandon()
