"""Writing an answer: the job that runs the engine, saves as it goes, and records the end."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection
from appliance.base.errors import EngineUnavailableError, StorageFullError, UnavailableError
from appliance.chat import endings
from appliance.chat.finding import heading_of
from appliance.chat.live_answer import LiveAnswer, LiveAnswers
from appliance.chat.model import Heading, Message, without_stray_code_units
from appliance.chat.own_turns import OwnTurns
from appliance.chat.prompting import MOST_PROMPT_CHARACTERS, sampling_of, turns_of
from appliance.chat.recording import Recording
from appliance.chat.stages import stage_of, waiting_stage
from appliance.chat.store import answers, conversations, messages
from appliance.engine.text.model import Finished, Piece, TextEvent, TextRequest, Turn
from appliance.engine.text.port import TextEngine

# A question on which the whole box dies again and again must not be asked for ever.
_MOST_ATTEMPTS = 5


@dataclass(frozen=True)
class SavingPace:
    """How much of an answer a crash may cost: text is saved at whichever comes first.

    Attributes:
        every_s: Seconds after which new text is saved.
        every_tokens: Tokens after which new text is saved.
    """

    every_s: float = 1.0
    every_tokens: int = 64


@dataclass(frozen=True)
class AnswerOrder:
    """What a job is told: which answer is to be written, and whose it is."""

    message_id: str
    owner_id: str


@dataclass(frozen=True)
class _Work:
    order: AnswerOrder
    heading: Heading
    answer: Message
    is_deleted: bool
    turns: tuple[Turn, ...]
    omitted_turns: int


class Answering:
    """Writes answers, each in a job of its own; whoever reads along attaches and detaches."""

    def __init__(
        self,
        *,
        database: Database,
        engine: TextEngine,
        clock: Clock,
        live: LiveAnswers,
        recording: Recording,
        pace: SavingPace,
    ) -> None:
        self._database = database
        self._engine = engine
        self._clock = clock
        self._live = live
        self._recording = recording
        self._pace = pace
        self._own_turns = OwnTurns()

    async def write(self, order: AnswerOrder, *, attempt: int = 1) -> None:
        """Bring an answer to its end; nothing happens if it has ended before.

        What goes wrong with the answer is its result and is recorded. If it already has text,
        the box went down while it was written: it is marked interrupted, not written again.

        Args:
            order: Which answer.
            attempt: Which attempt this is, from 1; after some that died it is given up.

        Raises:
            StorageFullError: If the end cannot be recorded now; the job is to be tried again.
            UnavailableError: Likewise, if the database does not answer.
        """
        work = await self._database.read(lambda connection: _work_of(connection, order))
        if work is None:
            return
        live = self._live.opened(work.heading)
        if live.is_being_written:
            # The queue gave the job out a second time while the first one was only slow.
            return
        try:
            final = await self._final_of(work, live, attempt=attempt)
            await self._recording.record(order.owner_id, final)
        except (StorageFullError, UnavailableError) as fault:
            problem = endings.problem_of(fault, message_id=order.message_id)
            live.end(endings.error_ending(problem, message_id=order.message_id))
            raise
        except asyncio.CancelledError:
            await self._leave_for_next_start(work, live)
            raise
        finally:
            if not live.is_over:
                live.abandon()
            self._live.close(live)

    async def _final_of(self, work: _Work, live: LiveAnswer, *, attempt: int) -> Message:
        if work.answer.content or attempt > _MOST_ATTEMPTS:
            return endings.interrupted(work.answer, work.answer.content, at=self._clock.now())
        if work.is_deleted:
            return endings.stopped(work.answer, "", at=self._clock.now())
        try:
            async with asyncio.TaskGroup() as group:
                writing = group.create_task(self._written(work, live))
                saving = group.create_task(self._save_as_it_grows(work, live))
                writing.add_done_callback(lambda _writing: saving.cancel())
                live.written_by(writing.cancel)
        except ExceptionGroup as failures:
            problem = endings.problem_of(failures, message_id=work.answer.id)
            return endings.failed(work.answer, live.text, problem, at=self._clock.now())
        if writing.cancelled():
            return endings.stopped(work.answer, live.text, at=self._clock.now())
        return endings.finished(work.answer, live.text, writing.result(), at=self._clock.now())

    async def _written(self, work: _Work, live: LiveAnswer) -> Finished:
        def wait_behind(ahead: int) -> None:
            live.tell_stage(waiting_stage(ahead=ahead))

        request = TextRequest(
            request_id=work.answer.id,
            turns=work.turns,
            fairness_key=work.order.owner_id,
            sampling=sampling_of(work.answer.options),
        )
        async with (
            self._own_turns.turn(work.order.owner_id, wait_behind),
            _closing(self._engine.generate(request)) as events,
        ):
            async for event in events:
                if isinstance(event, Finished):
                    return event
                await self._take(event, work, live)
        raise EngineUnavailableError(
            "The text engine ended without finishing the answer.", hint="Ask for it again."
        )

    async def _take(self, event: TextEvent, work: _Work, live: LiveAnswer) -> None:
        stage = stage_of(event, omitted_turns=work.omitted_turns)
        if stage is not None:
            live.tell_stage(stage)
        if not isinstance(event, Piece) or not event.text:
            return
        piece = Piece(without_stray_code_units(event.text))
        if not live.text:
            # Before anybody sees text the row has some: so after a crash an answer that
            # somebody saw the beginning of is never written a second, different time.
            await self._save(work, live, piece.text)
        live.add(piece)

    async def _save_as_it_grows(self, work: _Work, live: LiveAnswer) -> None:
        saved = 1  # The first piece is saved before it is shown.
        while True:
            await live.wait_for_tokens(saved + 1)
            most = saved + self._pace.every_tokens
            await live.wait_for_tokens(most, within_s=self._pace.every_s)
            saved, text = live.tokens, live.text
            await self._save(work, live, text)

    async def _save(self, work: _Work, live: LiveAnswer, text: str) -> None:
        owner_id, message_id = work.order.owner_id, work.answer.id
        is_wanted = await self._database.write(
            lambda tx: answers.save_text(tx.connection, owner_id, message_id, text)
        )
        if not is_wanted:
            # It was stopped in the moment between our reading its row and beginning.
            live.stop()

    async def _leave_for_next_start(self, work: _Work, live: LiveAnswer) -> None:
        """Mark what has text as interrupted; what has none is written when the box is up again."""
        if live.text:
            final = endings.interrupted(work.answer, live.text, at=self._clock.now())
            await self._recording.record(work.order.owner_id, final)


def _work_of(connection: Connection, order: AnswerOrder) -> _Work | None:
    answer = messages.find_message(connection, order.owner_id, order.message_id)
    if answer is None or answer.parent_id is None or not answer.state.is_unfinished:
        return None
    conversation = conversations.find_conversation(
        connection, order.owner_id, answer.conversation_id
    )
    path, omitted = messages.list_path(
        connection, order.owner_id, answer.parent_id, most_characters=MOST_PROMPT_CHARACTERS
    )
    heading = (
        Heading(answer.conversation_id, "", answer.id, answer.parent_id)
        if conversation is None
        else heading_of(conversation, answer)
    )
    return _Work(
        order=order,
        heading=heading,
        answer=answer,
        is_deleted=conversation is None,
        turns=turns_of(path, language=answer.language or ""),
        omitted_turns=omitted,
    )


@asynccontextmanager
async def _closing(events: AsyncIterator[TextEvent]) -> AsyncIterator[AsyncIterator[TextEvent]]:
    """Close the engine's iterator at the end of the block: that ends the engine's work."""
    try:
        yield events
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()
