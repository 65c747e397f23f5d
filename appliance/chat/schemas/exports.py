"""A whole conversation as JSON, for people who take it elsewhere."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel

from appliance.chat.model import Conversation, Message
from appliance.chat.schemas.conversations import ConversationOut, conversation_out
from appliance.chat.schemas.messages import MessageOut, message_out


class ExportOut(BaseModel):
    """A conversation with all its messages, other versions too."""

    format: Literal["nodo-conversation"] = "nodo-conversation"
    version: Literal[1] = 1
    conversation: ConversationOut
    messages: list[MessageOut]


def export_text(conversation: Conversation, messages: Sequence[Message]) -> str:
    """Return the conversation as JSON."""
    out = ExportOut(
        conversation=conversation_out(conversation),
        messages=[message_out(message) for message in messages],
    )
    return out.model_dump_json(indent=2)
