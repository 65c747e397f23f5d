"""Writing down how an answer ended, once, and telling those who follow it."""

from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.chat.endings import ending_of
from appliance.chat.live_answer import LiveAnswers
from appliance.chat.model import Message, MessageState
from appliance.chat.store import answers, conversations, messages
from appliance.chat.telling import Telling


class Recording:
    """The one way in which answers come to their end."""

    def __init__(self, database: Database, live: LiveAnswers, telling: Telling) -> None:
        self._database = database
        self._live = live
        self._telling = telling

    async def record(self, owner_id: str, final: Message) -> Message:
        """Return the answer as it stands in the database from now on.

        An answer ends once: if somebody else wrote its end before, that end is returned.

        Raises:
            StorageFullError: If the disk is full.
            UnavailableError: If the database does not answer.
        """
        recorded = await self._database.write(lambda tx: self.write(tx, owner_id, final))
        live = self._live.find(final.id, run=final.run)
        # Somebody may be continuing it already.
        if live is not None and live.heading.run == final.run:
            live.settle(recorded.content, ending_of(recorded))
            self._live.close(live)
        return recorded

    def write(self, tx: Transaction, owner_id: str, final: Message) -> Message:
        """Return the answer as it stands; for those who record within a transaction of theirs."""
        connection = tx.connection
        if not answers.finish_answer(connection, owner_id, final):
            # It ended before, or was purged with its conversation.
            return messages.find_message(connection, owner_id, final.id) or final
        at = final.finished_at or final.created_at
        conversation_id = final.conversation_id
        # Who stops an answer is looking at it.
        unread = None if final.state is MessageState.STOPPED else True
        conversations.touch_conversation(
            connection, owner_id, conversation_id, at=at, unread=unread
        )
        conversation = conversations.find_conversation(connection, owner_id, conversation_id)
        if conversation is not None:
            self._telling.answer(tx, owner_id, final, title=conversation.title)
        return final
