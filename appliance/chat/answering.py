"""Writing an answer: the job that runs the engine, saves as it goes, and records the end."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection
from appliance.base.errors import EngineUnavailableError, StorageFullError, UnavailableError
from appliance.chat import endings
from appliance.chat.attaching import Attaching
from appliance.chat.finding import heading_of
from appliance.chat.live_answer import LiveAnswer, LiveAnswers
from appliance.chat.model import Heading, Message, without_stray_code_units
from appliance.chat.own_turns import OwnTurns
from appliance.chat.prompting import MOST_PROMPT_CHARACTERS, Script, sampling_of, script_of
from appliance.chat.recording import Recording
from appliance.chat.stages import stage_of, waiting_stage
from appliance.chat.store import answers, conversations, messages
from appliance.engine.text.model import Finished, Piece, Reading, TextEvent, TextRequest
from appliance.engine.text.port import TextEngine

# A question on which the whole box dies again and again must not be asked for ever.
_MOST_ATTEMPTS = 5


@dataclass(frozen=True)
class SavingPace:
    """How often the text of an answer is saved; it is shown only when it is.

    Attributes:
        every_s: Least seconds between two times: 20 a second look like flowing text.
        characters_per_s: The most that is written to disk. The whole text is saved each time,
            so that a long one is saved less often.
    """

    every_s: float = 0.05
    characters_per_s: float = 65_536.0

    def pause_s(self, characters: int) -> float:
        """Return how long to wait after so much was saved."""
        return max(self.every_s, characters / self.characters_per_s)


@dataclass(frozen=True)
class AnswerOrder:
    """What a job is told: which answer is to be written, whose it is, and which run of it."""

    message_id: str
    owner_id: str
    run: int = 0


@dataclass(frozen=True)
class _Work:
    order: AnswerOrder
    heading: Heading
    answer: Message
    is_deleted: bool
    stays_local: bool
    stays_in_memory: bool
    may_repeat: bool
    script: Script
    omitted_messages: int


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
        attaching: Attaching,
        pace: SavingPace,
    ) -> None:
        self._database = database
        self._engine = engine
        self._clock = clock
        self._live = live
        self._recording = recording
        self._attaching = attaching
        self._pace = pace
        self._own_turns = OwnTurns()

    async def write(self, order: AnswerOrder, *, attempt: int = 1) -> None:
        """Bring an answer to its end; nothing happens if it has ended before.

        What goes wrong with the answer is its result and is recorded. If this run has written
        text, the box went down meanwhile: it is marked interrupted, not written again.

        Args:
            order: Which answer.
            attempt: Which attempt this is, from 1; after some that died it is given up.

        Raises:
            StorageFullError: If the end cannot be recorded now; the job is to be tried again.
            UnavailableError: Likewise, if the database does not answer.
        """
        work = await self._database.read(
            lambda connection: _work_of(connection, order, self._attaching)
        )
        if work is None:
            return
        live = self._live.opened(work.heading, work.answer.content)
        if live.is_being_written:
            # The queue gave the job out a second time while the first one was only slow.
            return
        try:
            final = await self._final_of(work, live, attempt=attempt)
            await self._recording.record(order.owner_id, final)
        except (StorageFullError, UnavailableError) as fault:
            problem = endings.problem_of(fault, message_id=order.message_id)
            live.settle(live.told, endings.error_ending(problem, message_id=order.message_id))
            raise
        except asyncio.CancelledError:
            await self._leave_for_next_start(work, live)
            raise
        finally:
            if not live.is_over:
                live.abandon()
            self._live.close(live)

    async def _final_of(self, work: _Work, live: LiveAnswer, *, attempt: int) -> Message:
        answer = work.answer
        if answer.has_new_text or attempt > _MOST_ATTEMPTS:
            return endings.interrupted(answer, answer.content, at=self._clock.now())
        if work.is_deleted:
            return endings.stopped(answer, answer.content, at=self._clock.now())
        try:
            async with asyncio.TaskGroup() as group:
                writing = group.create_task(self._written(work, live))
                saving = group.create_task(self._save_as_it_grows(work, live))
                writing.add_done_callback(lambda _writing: saving.cancel())
                live.written_by(writing.cancel)
        except ExceptionGroup as failures:
            problem = endings.problem_of(failures, message_id=answer.id)
            return endings.failed(_grown(work, live), live.text, problem, at=self._clock.now())
        if writing.cancelled():
            return endings.stopped(_grown(work, live), live.text, at=self._clock.now())
        end = writing.result()
        return endings.finished(_grown(work, live), live.text, end, at=self._clock.now())

    async def _written(self, work: _Work, live: LiveAnswer) -> Finished:
        def wait_behind(ahead: int) -> None:
            live.tell_stage(waiting_stage(ahead=ahead))

        request = TextRequest(
            request_id=work.answer.id,
            turns=work.script.turns,
            fairness_key=work.order.owner_id,
            sampling=sampling_of(work.answer.options),
            continues=bool(work.answer.content),
            # The instruction is the same for everybody; the rest is this person's.
            shared_turns=1,
            stays_local=work.stays_local,
            stays_in_memory=work.stays_in_memory,
            may_repeat=work.may_repeat,
        )
        async with (
            self._own_turns.turn(work.order.owner_id, wait_behind),
            _closing(self._engine.generate(request)) as events,
        ):
            async for event in events:
                if isinstance(event, Finished):
                    return event
                _take(event, work, live)
        raise EngineUnavailableError(
            "The text engine ended without finishing the answer.", hint="Ask for it again."
        )

    async def _save_as_it_grows(self, work: _Work, live: LiveAnswer) -> None:
        while True:
            await live.wait_for_unsaved()
            await self._save(work, live)
            await asyncio.sleep(self._pace.pause_s(len(live.text)))

    async def _save(self, work: _Work, live: LiveAnswer) -> None:
        owner_id, grown = work.order.owner_id, replace(_grown(work, live), content=live.text)
        is_wanted = await self._database.write(
            lambda tx: answers.save_text(tx.connection, owner_id, grown)
        )
        if is_wanted:
            live.saved(grown.content)
        else:
            # It was stopped in the moment between our reading its row and beginning.
            live.stop()

    async def _leave_for_next_start(self, work: _Work, live: LiveAnswer) -> None:
        """Mark what has text as interrupted; what has none is written when the box is up again."""
        if len(live.text) > work.answer.kept_characters:
            final = endings.interrupted(_grown(work, live), live.text, at=self._clock.now())
            await self._recording.record(work.order.owner_id, final)


def _work_of(connection: Connection, order: AnswerOrder, attaching: Attaching) -> _Work | None:
    answer = messages.find_message(connection, order.owner_id, order.message_id)
    if answer is None or answer.parent_id is None or not answer.state.is_unfinished:
        return None
    if answer.run != order.run:
        return None
    conversation = conversations.find_conversation(
        connection, order.owner_id, answer.conversation_id
    )
    path, omitted = messages.list_path(
        connection, order.owner_id, answer.parent_id, most_characters=MOST_PROMPT_CHARACTERS
    )
    language = answer.language or ""
    read = attaching.read_along(connection, order.owner_id, path, language=language)
    heading = (
        Heading(answer.conversation_id, "", answer.id, answer.parent_id, run=answer.run)
        if conversation is None
        else heading_of(conversation, answer)
    )
    return _Work(
        order=order,
        heading=heading,
        answer=answer,
        is_deleted=conversation is None,
        stays_local=conversation is None or conversation.local_only,
        stays_in_memory=conversation is None or conversation.temporary,
        may_repeat=_is_lone(path, read) and _is_first_to(path[-1], answer),
        script=script_of(read, answer, language=language),
        omitted_messages=omitted,
    )


def _is_lone(path: Sequence[Message], read: Sequence[Message]) -> bool:
    """Return whether the model reads one question, and nothing with it."""
    return len(path) == 1 and [one.content for one in read] == [path[0].content]


def _is_first_to(question: Message, answer: Message) -> bool:
    """Return whether nobody asked for another answer: that one is to be written anew."""
    return answer.position == question.position + 1 and answer.run == 0


def _take(event: TextEvent, work: _Work, live: LiveAnswer) -> None:
    if isinstance(event, Reading):
        live.read_from = work.script.read_from(
            dropped_turns=event.dropped_turns, is_whole=work.omitted_messages == 0
        )
    stage = stage_of(event, omitted_turns=work.omitted_messages, read_from=live.read_from)
    if stage is not None:
        live.tell_stage(stage)
    if isinstance(event, Piece) and event.text:
        live.add(Piece(without_stray_code_units(event.text)))


def _grown(work: _Work, live: LiveAnswer) -> Message:
    return replace(work.answer, read_from=live.read_from)


@asynccontextmanager
async def _closing(events: AsyncIterator[TextEvent]) -> AsyncIterator[AsyncIterator[TextEvent]]:
    """Close the engine's iterator at the end of the block: that ends the engine's work."""
    try:
        yield events
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()
