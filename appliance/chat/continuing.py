"""Continuing: an answer that was cut goes on where it was cut; what is there stays."""

from dataclasses import replace

from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.errors import ConflictError
from appliance.chat.answer_events import MOST_RUNS
from appliance.chat.answering import AnswerOrder
from appliance.chat.asking import OrderAnswer
from appliance.chat.finding import conversation_of, heading_of, message_of
from appliance.chat.live_answer import LiveAnswers
from appliance.chat.model import Heading, Message, MessageRole, MessageState
from appliance.chat.placing import refuse_too_many, still_being_written
from appliance.chat.store import answers, conversations
from appliance.chat.telling import Telling
from appliance.engine.text.model import FinishReason


class Continuing:
    """Takes up answers that did not come to their end."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        live: LiveAnswers,
        telling: Telling,
        order_answer: OrderAnswer,
    ) -> None:
        self._database = database
        self._clock = clock
        self._live = live
        self._telling = telling
        self._order_answer = order_answer

    async def go_on(self, owner_id: str, message_id: str) -> Heading:
        """Return the answer's heading once its next run is noted on disk.

        Raises:
            NotFoundError: If this person has no such message.
            ConflictError: If the answer is still being written, or cannot be continued: it is
                complete, or has no text, or is a question.
            TooManyRequestsError: If too many answers of this person are unfinished.
            StorageFullError: If the disk is full; nothing was changed.
        """
        return await self._database.write(lambda tx: self._continued(tx, owner_id, message_id))

    def _continued(self, tx: Transaction, owner_id: str, message_id: str) -> Heading:
        connection = tx.connection
        conversations.lock_owner(connection, owner_id)
        answer = message_of(connection, owner_id, message_id)
        _refuse_unfit(answer)
        refuse_too_many(connection, owner_id)
        opened = replace(
            answer,
            state=MessageState.QUEUED,
            run=answer.run + 1,
            kept_characters=len(answer.content),
        )
        answers.reopen_answer(connection, owner_id, opened)
        at = self._clock.now()
        conversations.touch_conversation(
            connection, owner_id, answer.conversation_id, at=at, unread=False
        )
        conversation = conversation_of(connection, owner_id, answer.conversation_id)
        heading = heading_of(conversation, opened)
        # Before the order: when its job begins, its followers are there.
        tx.after_commit(lambda: self._open(heading, answer.content))
        self._order_answer(tx, AnswerOrder(answer.id, owner_id, opened.run))
        self._telling.answer(tx, owner_id, opened, title=conversation.title)
        return heading

    def _open(self, heading: Heading, text: str) -> None:
        self._live.opened(heading, text)


def _refuse_unfit(answer: Message) -> None:
    if answer.state.is_unfinished:
        raise still_being_written()
    if answer.role is not MessageRole.ASSISTANT:
        raise _not_continuable("This is a question.", hint="Name the answer to be continued.")
    if not answer.content.strip():
        raise _not_continuable("The answer has no text yet.", hint="Ask for a new answer instead.")
    if answer.state is MessageState.DONE and answer.finish_reason is not FinishReason.LENGTH:
        raise _not_continuable("The answer is complete.", hint="Ask a new question.")
    if answer.run >= MOST_RUNS:
        raise _not_continuable(
            f"The answer was continued {answer.run} times already.", hint="Ask a new question."
        )


def _not_continuable(message: str, *, hint: str) -> ConflictError:
    return ConflictError(message, code="not_continuable", hint=hint)
