"""The chat for programs that wait for whole answers (iPrevencion's addresses)."""

from typing import Annotated

from fastapi import APIRouter, Query

from appliance.base.errors import InvalidValueError
from appliance.base.web.identity import ChatCaller
from appliance.chat.routes.parameters import asker_of
from appliance.chat.schemas.bodies import SendBody
from appliance.chat.schemas.messages import MessageOut, MessagePage, message_out
from appliance.chat.sending import Sending


def add_sending_routes(router: APIRouter, sending: Sending) -> None:
    """Add the routes of whole answers."""

    @router.post("/chat/send", summary="Ask, and get the whole answer")
    async def send(identity: ChatCaller, body: SendBody) -> MessageOut:
        if body.audio_id is not None:
            raise InvalidValueError(
                "This box does not listen to recordings yet.",
                code="audio_not_supported",
                hint="Send the question as text, in content.",
                field="audio_id",
            )
        return message_out(await sending.send(asker_of(identity), body.content))

    @router.get("/chat/history", summary="List the last messages of the newest conversation")
    async def history(
        identity: ChatCaller, limit: Annotated[int, Query(ge=1, le=200)] = 50
    ) -> MessagePage:
        page = await sending.history(identity.user_id, limit=limit)
        items = [message_out(message) for message in page.items]
        return MessagePage(items=items, next_cursor=page.next_cursor)
