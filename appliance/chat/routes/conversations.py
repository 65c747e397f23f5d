"""Conversations: list, name, delete and bring back, and read."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response

from appliance.base.web.identity import ChatCaller
from appliance.chat.conversing import Change, Conversing
from appliance.chat.routes.parameters import Cursor, Limit, ThingId
from appliance.chat.schemas.bodies import ChangeBody, NewConversationBody
from appliance.chat.schemas.conversations import ConversationOut, ConversationPage, conversation_out
from appliance.chat.schemas.messages import MessagePage, message_out


def add_conversation_routes(router: APIRouter, conversing: Conversing) -> None:
    """Add the routes of conversations."""
    _add_list_routes(router, conversing)
    _add_one_routes(router, conversing)


def _add_list_routes(router: APIRouter, conversing: Conversing) -> None:
    @router.get("/conversations", summary="List conversations: pinned ones, then the newest")
    async def conversations(
        identity: ChatCaller,
        limit: Limit = 50,
        cursor: Cursor = None,
        query: Annotated[str, Query(max_length=200)] = "",
        *,
        deleted: Annotated[bool, Query(description="The bin instead")] = False,
    ) -> ConversationPage:
        if deleted:
            page = await conversing.bin(identity.user_id, limit=limit, cursor=cursor)
        else:
            page = await conversing.conversations(
                identity.user_id, limit=limit, cursor=cursor, query=query
            )
        items = [conversation_out(conversation) for conversation in page.items]
        return ConversationPage(items=items, next_cursor=page.next_cursor)

    @router.post("/conversations", status_code=HTTPStatus.CREATED, summary="Begin a conversation")
    async def begin(identity: ChatCaller, body: NewConversationBody) -> ConversationOut:
        return conversation_out(await conversing.begin(identity.user_id, title=body.title))

    @router.get("/conversations/{conversation_id}/messages", summary="List its messages")
    async def messages(
        identity: ChatCaller, conversation_id: ThingId, limit: Limit = 50, cursor: Cursor = None
    ) -> MessagePage:
        page = await conversing.messages(
            identity.user_id, conversation_id, limit=limit, cursor=cursor
        )
        items = [message_out(message) for message in page.items]
        return MessagePage(items=items, next_cursor=page.next_cursor)


def _add_one_routes(router: APIRouter, conversing: Conversing) -> None:
    @router.get("/conversations/{conversation_id}", summary="Show a conversation")
    async def conversation(identity: ChatCaller, conversation_id: ThingId) -> ConversationOut:
        return conversation_out(await conversing.conversation(identity.user_id, conversation_id))

    @router.patch(
        "/conversations/{conversation_id}",
        summary="Rename or pin a conversation, or keep it in the house",
    )
    async def change(
        identity: ChatCaller, conversation_id: ThingId, body: ChangeBody
    ) -> ConversationOut:
        change = Change(title=body.title, pinned=body.pinned, local_only=body.local_only)
        return conversation_out(await conversing.change(identity.user_id, conversation_id, change))

    @router.post(
        "/conversations/{conversation_id}/read",
        status_code=HTTPStatus.NO_CONTENT,
        summary="Say that you have looked at a conversation",
    )
    async def read(identity: ChatCaller, conversation_id: ThingId) -> Response:
        await conversing.mark_read(identity.user_id, conversation_id)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    @router.delete(
        "/conversations/{conversation_id}",
        status_code=HTTPStatus.NO_CONTENT,
        summary="Delete a conversation; it can be brought back for 30 days",
    )
    async def delete(identity: ChatCaller, conversation_id: ThingId) -> Response:
        await conversing.delete(identity.user_id, conversation_id)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    @router.post("/conversations/{conversation_id}/restore", summary="Bring a conversation back")
    async def restore(identity: ChatCaller, conversation_id: ThingId) -> ConversationOut:
        return conversation_out(await conversing.restore(identity.user_id, conversation_id))
