"""News for the owner's open tabs: what becomes of answers and conversations, after the commit."""

from enum import StrEnum

from appliance.base.database.transaction import Transaction
from appliance.base.events import Events
from appliance.base.live.model import LiveEvent, ToUser
from appliance.chat.model import Message


class ConversationChange(StrEnum):
    """What became of a conversation."""

    CREATED = "created"
    RENAMED = "renamed"
    PINNED = "pinned"
    UNPINNED = "unpinned"
    READ = "read"
    DELETED = "deleted"
    RESTORED = "restored"


class Telling:
    """Tells people what changed in their chats; never what was written in them."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def answer(self, tx: Transaction, owner_id: str, answer: Message, *, title: str) -> None:
        """Tell that an answer began, or how it ended, once that is on disk."""
        data = {
            "conversation_id": answer.conversation_id,
            "message_id": answer.id,
            "state": answer.state.value,
            "title": title,
        }
        self._tell(tx, LiveEvent(ToUser(owner_id), "answer", data))

    def conversation(
        self, tx: Transaction, owner_id: str, conversation_id: str, change: ConversationChange
    ) -> None:
        """Tell what became of a conversation, once that is on disk."""
        data = {"id": conversation_id, "change": change.value}
        self._tell(tx, LiveEvent(ToUser(owner_id), "conversation", data))

    def _tell(self, tx: Transaction, news: LiveEvent) -> None:
        tx.after_commit(lambda: self._events.publish(news))
