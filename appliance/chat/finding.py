"""Things that a person names by id; what is not theirs does not exist for them."""

from appliance.base.database.transaction import Connection
from appliance.base.errors import NotFoundError
from appliance.chat.model import Conversation, Heading, Message, MessageRole
from appliance.chat.store import conversations, messages


def conversation_of(connection: Connection, owner_id: str, conversation_id: str) -> Conversation:
    """Return the person's conversation.

    Raises:
        NotFoundError: If there is none, it is somebody else's, or it is deleted.
    """
    found = conversations.find_conversation(connection, owner_id, conversation_id)
    if found is None:
        raise no_conversation()
    return found


def no_conversation() -> NotFoundError:
    """Return the refusal of a conversation that is not there, or not theirs."""
    return NotFoundError(
        "There is no such conversation.",
        code="conversation_not_found",
        hint="It may have been deleted.",
    )


def message_of(connection: Connection, owner_id: str, message_id: str) -> Message:
    """Return the person's message, in a conversation that is not deleted.

    Raises:
        NotFoundError: If there is none.
    """
    message = messages.find_message(connection, owner_id, message_id)
    if message is None:
        raise _no_message()
    conversation_of(connection, owner_id, message.conversation_id)
    return message


def answer_of(connection: Connection, owner_id: str, message_id: str) -> tuple[Heading, Message]:
    """Return the person's answer, and what its stream begins with.

    Raises:
        NotFoundError: If there is none, or the message is a question.
    """
    message = messages.find_message(connection, owner_id, message_id)
    if message is None or message.role is not MessageRole.ASSISTANT:
        raise _no_message()
    conversation = conversation_of(connection, owner_id, message.conversation_id)
    return heading_of(conversation, message), message


def heading_of(conversation: Conversation, answer: Message) -> Heading:
    """Return what the stream of this answer begins with."""
    return Heading(
        conversation_id=conversation.id,
        title=conversation.title,
        message_id=answer.id,
        question_id=answer.parent_id or "",
        run=answer.run,
    )


def _no_message() -> NotFoundError:
    return NotFoundError(
        "There is no such message.",
        code="message_not_found",
        hint="Its conversation may have been deleted.",
    )
