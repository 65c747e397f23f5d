"""Other people's conversations, for administrators, if the owner allows it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from appliance.base.web.identity import Identity, SignedInAdmin
from appliance.chat.overseeing import Overseeing, Overseer
from appliance.chat.routes.history import SearchText
from appliance.chat.routes.parameters import Cursor, Limit, ThingId
from appliance.chat.schemas.conversations import OthersConversationPage, others_conversation_out
from appliance.chat.schemas.messages import MessagePage, message_out


def add_overseeing_routes(router: APIRouter, overseeing: Overseeing) -> None:
    """Add the routes of administrators."""

    @router.get("/admin/conversations", summary="List other people's conversations")
    async def conversations(
        request: Request,
        identity: SignedInAdmin,
        *,
        user_id: Annotated[str | None, Query(max_length=100)] = None,
        query: SearchText = "",
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> OthersConversationPage:
        page = await overseeing.conversations(
            _overseer(request, identity), owner_id=user_id, query=query, limit=limit, cursor=cursor
        )
        items = [others_conversation_out(other) for other in page.items]
        return OthersConversationPage(items=items, next_cursor=page.next_cursor)

    @router.get(
        "/admin/conversations/{conversation_id}/messages",
        summary="Read somebody else's conversation",
    )
    async def messages(
        request: Request,
        identity: SignedInAdmin,
        conversation_id: ThingId,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> MessagePage:
        page = await overseeing.messages(
            _overseer(request, identity), conversation_id, limit=limit, cursor=cursor
        )
        items = [message_out(message) for message in page.items]
        return MessagePage(items=items, next_cursor=page.next_cursor)


def _overseer(request: Request, identity: Identity) -> Overseer:
    address = request.client.host if request.client else None
    return Overseer(identity.user_id, identity.name, address)
