"""Asking: a question and the place of its answer are safe before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.errors import InvalidValueError
from appliance.base.ids import Ids
from appliance.chat.answering import AnswerOrder
from appliance.chat.attaching import Attaching
from appliance.chat.conversing import new_conversation
from appliance.chat.finding import conversation_of, heading_of, message_of
from appliance.chat.live_answer import LiveAnswers
from appliance.chat.model import (
    AnswerOptions,
    AttachedFile,
    Conversation,
    Heading,
    Message,
    MessageRole,
    MessageState,
)
from appliance.chat.placing import Branch, parent_of, question_of, refuse_too_many
from appliance.chat.preparations import Preparations
from appliance.chat.store import conversations, messages
from appliance.chat.telling import ConversationChange, Telling
from appliance.chat.titles import folded, title_of


@dataclass(frozen=True)
class Asker:
    """Who asks, and the language in which the box instructs the model for them."""

    owner_id: str
    language: str


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes:
        text: Not blank.
        conversation_id: Where; None begins a conversation.
        branch: Where exactly; None is below the newest message.
        options: How the answer is to be written.
        temporary: Whether the conversation that begins is only for a day.
        local_only: Whether nothing of the conversation that begins may leave the house.
        files: Ids of the files to read with it.
        cut_files: Whether files that are too long may be cut.
    """

    text: str
    conversation_id: str | None = None
    branch: Branch | None = None
    options: AnswerOptions = field(default_factory=AnswerOptions)
    temporary: bool = False
    local_only: bool = False
    files: tuple[str, ...] = ()
    cut_files: bool = False


class OrderAnswer(Protocol):
    """Sees to it, within the transaction, that the answer is written after it."""

    def __call__(self, tx: Transaction, order: AnswerOrder) -> None:
        """Note the order durably."""
        ...


class Asking:
    """Takes questions; each use case is one transaction."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        ids: Ids,
        live: LiveAnswers,
        telling: Telling,
        attaching: Attaching,
        preparations: Preparations,
        order_answer: OrderAnswer,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._live = live
        self._telling = telling
        self._attaching = attaching
        self._preparations = preparations
        self._order_answer = order_answer

    async def ask(self, asker: Asker, question: Question) -> Heading:
        """Return the answer's heading once question and answer-to-be are on disk.

        Raises:
            NotFoundError: If the conversation, the message to follow, or a file is not there.
            InvalidValueError: If the files are too long for the model, or the message to follow
                is a question.
            ConflictError: If the answer to follow is still being written.
            TooManyRequestsError: If too many answers of this person are unfinished.
            StorageFullError: If the disk is full; nothing was saved.
        """
        files = await self._attaching.prepared(
            asker.owner_id,
            question.files,
            question=question.text,
            may_cut=question.cut_files,
        )
        return await self._database.write(lambda tx: self._asked(tx, asker, question, files))

    async def retry(self, asker: Asker, message_id: str) -> Heading:
        """Return the heading of a new answer to the same question.

        Args:
            asker: Who asks.
            message_id: An answer to that question, or the question itself.

        Raises:
            NotFoundError: If this person has no such message.
            ConflictError: If an answer to the question is still being written.
            TooManyRequestsError: If too many answers of this person are unfinished.
            StorageFullError: If the disk is full; nothing was saved.
        """
        return await self._database.write(lambda tx: self._retried(tx, asker, message_id))

    def _asked(
        self,
        tx: Transaction,
        asker: Asker,
        question: Question,
        files: Sequence[AttachedFile],
    ) -> Heading:
        connection, owner_id = tx.connection, asker.owner_id
        conversations.lock_owner(connection, owner_id)
        at = self._clock.now()
        conversation = self._conversation(tx, owner_id, question, at)
        parent = parent_of(connection, owner_id, question.conversation_id, question.branch)
        refuse_too_many(connection, owner_id)
        asked = Message(
            id=self._ids.new_id(),
            conversation_id=conversation.id,
            parent_id=None if parent is None else parent.id,
            position=messages.next_position(connection, owner_id, conversation.id),
            role=MessageRole.USER,
            content=question.text,
            state=MessageState.DONE,
            created_at=at,
            finished_at=at,
        )
        messages.add_message(connection, owner_id, asked)
        self._attaching.attach(tx, owner_id, asked.id, files)
        if conversation.temporary:
            tx.after_commit(lambda: self._give_up_preparing(files))
        titled = _titled(connection, owner_id, conversation, question.text, files)
        answer = self._answer_to(
            connection, asker, asked, question.options, position=asked.position + 1
        )
        title_is_new = titled.title != conversation.title
        return self._ordered(tx, asker, titled, answer, title_is_new=title_is_new)

    def _retried(self, tx: Transaction, asker: Asker, message_id: str) -> Heading:
        connection, owner_id = tx.connection, asker.owner_id
        conversations.lock_owner(connection, owner_id)
        message = message_of(connection, owner_id, message_id)
        question = question_of(connection, owner_id, message)
        refuse_too_many(connection, owner_id)
        conversation = conversation_of(connection, owner_id, message.conversation_id)
        # The same seed would write the same answer again.
        options = replace(message.options, seed=None)
        position = messages.next_position(connection, owner_id, conversation.id)
        answer = self._answer_to(connection, asker, question, options, position=position)
        return self._ordered(tx, asker, conversation, answer)

    def _conversation(
        self, tx: Transaction, owner_id: str, question: Question, at: datetime
    ) -> Conversation:
        if question.conversation_id is not None:
            _refuse_what_only_begins(question)
            return conversation_of(tx.connection, owner_id, question.conversation_id)
        new = new_conversation(self._ids.new_id(), title="", at=at)
        new = replace(new, temporary=question.temporary, local_only=question.local_only)
        conversations.add_conversation(tx.connection, owner_id, new, title_folded="")
        self._telling.conversation(tx, owner_id, new.id, ConversationChange.CREATED)
        return new

    def _answer_to(
        self,
        connection: Connection,
        asker: Asker,
        question: Message,
        options: AnswerOptions,
        *,
        position: int,
    ) -> Message:
        at, owner_id = self._clock.now(), asker.owner_id
        conversation_id = question.conversation_id
        answer = Message(
            id=self._ids.new_id(),
            conversation_id=conversation_id,
            parent_id=question.id,
            position=position,
            role=MessageRole.ASSISTANT,
            content="",
            state=MessageState.QUEUED,
            created_at=at,
            options=options,
            language=asker.language,
        )
        messages.add_message(connection, owner_id, answer)
        conversations.touch_conversation(connection, owner_id, conversation_id, at=at, unread=False)
        return answer

    def _ordered(
        self,
        tx: Transaction,
        asker: Asker,
        conversation: Conversation,
        answer: Message,
        *,
        title_is_new: bool = False,
    ) -> Heading:
        heading = replace(heading_of(conversation, answer), title_is_new=title_is_new)
        # Before the order: when its job begins, its followers and the title's news are there.
        tx.after_commit(lambda: self._open(heading))
        self._order_answer(tx, AnswerOrder(heading.message_id, asker.owner_id))
        self._telling.answer(tx, asker.owner_id, answer, title=conversation.title)
        return heading

    def _give_up_preparing(self, files: Sequence[AttachedFile]) -> None:
        """End what would leave on disk what is asked in a temporary conversation."""
        for file in files:
            self._preparations.give_up(file.id)

    def _open(self, heading: Heading) -> None:
        self._live.opened(heading)


def _refuse_what_only_begins(question: Question) -> None:
    for name, is_said in (("temporary", question.temporary), ("local_only", question.local_only)):
        if is_said:
            raise InvalidValueError(
                f"Only a conversation that begins takes {name}.",
                hint=f"Leave conversation_id away, or {name}.",
                field=name,
            )


def _titled(
    connection: Connection,
    owner_id: str,
    conversation: Conversation,
    question: str,
    files: Sequence[AttachedFile],
) -> Conversation:
    if conversation.title or not conversation.title_is_automatic:
        return conversation
    title = title_of(question, [file.name for file in files])
    conversations.rename_conversation(
        connection,
        owner_id,
        conversation.id,
        title=title,
        title_folded=folded(title),
        is_automatic=True,
    )
    return replace(conversation, title=title)
