"""The chat's addresses: parse, one call, answer."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import AfterValidator

from appliance.base.web.identity import Identity, SignedIn
from appliance.base.web.streaming import EventStream, ServerEvent
from appliance.chat.answer_events import AnswerEvent, place_of
from appliance.chat.asking import Asker, Asking, Question
from appliance.chat.conversing import Conversing
from appliance.chat.following import Following
from appliance.chat.model import AnswerOptions, without_stray_code_units
from appliance.chat.placing import Branch
from appliance.chat.schemas import (
    ConversationOut,
    ConversationPage,
    MessagePage,
    NewConversationBody,
    QuestionBody,
    RenameBody,
    StoppedOut,
    conversation_out,
    message_out,
)
from appliance.chat.stopping import Stopping

ThingId = Annotated[str, Path(max_length=100), AfterValidator(without_stray_code_units)]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=200)]


@dataclass(frozen=True)
class Activities:
    """What the routes call."""

    asking: Asking
    following: Following
    stopping: Stopping
    conversing: Conversing


def build_router(chat: Activities) -> APIRouter:
    """Return the routes of the chat."""
    router = APIRouter(tags=["chat"])
    _add_answer_routes(router, chat)
    _add_list_routes(router, chat.conversing)
    _add_conversation_routes(router, chat.conversing)
    return router


def _add_answer_routes(router: APIRouter, chat: Activities) -> None:
    @router.post(
        "/chat",
        summary="Ask a question; the answer comes as a stream",
        status_code=HTTPStatus.OK,
        response_class=EventStream,
    )
    async def ask(identity: SignedIn, body: QuestionBody) -> EventStream:
        heading = await chat.asking.ask(_asker(identity), _question(body))
        return await _stream_of_new(chat, identity, heading.message_id)

    @router.get(
        "/chat/{message_id}/events",
        summary="Follow an answer again",
        status_code=HTTPStatus.OK,
        response_class=EventStream,
    )
    async def follow(
        identity: SignedIn,
        message_id: ThingId,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> EventStream:
        place = place_of(last_event_id)
        events = await chat.following.events_of(identity.user_id, message_id, place)
        return EventStream(_server_events(events))

    @router.post(
        "/chat/{message_id}/stop", status_code=HTTPStatus.ACCEPTED, summary="Stop an answer"
    )
    async def stop(identity: SignedIn, message_id: ThingId) -> StoppedOut:
        return StoppedOut(stopped=await chat.stopping.stop(identity.user_id, message_id))

    @router.post(
        "/chat/{message_id}/retry",
        summary="Answer the same question anew",
        status_code=HTTPStatus.OK,
        response_class=EventStream,
    )
    async def retry(identity: SignedIn, message_id: ThingId) -> EventStream:
        heading = await chat.asking.retry(_asker(identity), message_id)
        return await _stream_of_new(chat, identity, heading.message_id)


def _add_list_routes(router: APIRouter, conversing: Conversing) -> None:
    @router.get("/conversations", summary="List conversations, newest activity first")
    async def conversations(
        identity: SignedIn,
        limit: Limit = 50,
        cursor: Cursor = None,
        query: Annotated[str, Query(max_length=200)] = "",
    ) -> ConversationPage:
        page = await conversing.conversations(
            identity.user_id, limit=limit, cursor=cursor, query=query
        )
        items = [conversation_out(conversation) for conversation in page.items]
        return ConversationPage(items=items, next_cursor=page.next_cursor)

    @router.post("/conversations", status_code=HTTPStatus.CREATED, summary="Begin a conversation")
    async def begin(identity: SignedIn, body: NewConversationBody) -> ConversationOut:
        return conversation_out(await conversing.begin(identity.user_id, title=body.title))

    @router.get("/conversations/{conversation_id}/messages", summary="List its messages")
    async def messages(
        identity: SignedIn, conversation_id: ThingId, limit: Limit = 50, cursor: Cursor = None
    ) -> MessagePage:
        page = await conversing.messages(
            identity.user_id, conversation_id, limit=limit, cursor=cursor
        )
        items = [message_out(message) for message in page.items]
        return MessagePage(items=items, next_cursor=page.next_cursor)


def _add_conversation_routes(router: APIRouter, conversing: Conversing) -> None:
    @router.get("/conversations/{conversation_id}", summary="Show a conversation")
    async def conversation(identity: SignedIn, conversation_id: ThingId) -> ConversationOut:
        return conversation_out(await conversing.conversation(identity.user_id, conversation_id))

    @router.patch("/conversations/{conversation_id}", summary="Rename a conversation")
    async def rename(
        identity: SignedIn, conversation_id: ThingId, body: RenameBody
    ) -> ConversationOut:
        return conversation_out(
            await conversing.rename(identity.user_id, conversation_id, body.title)
        )

    @router.delete(
        "/conversations/{conversation_id}",
        status_code=HTTPStatus.NO_CONTENT,
        summary="Delete a conversation; it can be brought back for 30 days",
    )
    async def delete(identity: SignedIn, conversation_id: ThingId) -> Response:
        await conversing.delete(identity.user_id, conversation_id)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    @router.post("/conversations/{conversation_id}/restore", summary="Bring a conversation back")
    async def restore(identity: SignedIn, conversation_id: ThingId) -> ConversationOut:
        return conversation_out(await conversing.restore(identity.user_id, conversation_id))


async def _stream_of_new(chat: Activities, identity: Identity, message_id: str) -> EventStream:
    events = await chat.following.events_of_new(identity.user_id, message_id)
    return EventStream(_server_events(events))


async def _server_events(events: AsyncIterator[AnswerEvent]) -> AsyncIterator[ServerEvent]:
    async for event in events:
        yield ServerEvent(event.id, event.event, event.data)


def _asker(identity: Identity) -> Asker:
    return Asker(identity.user_id, identity.language)


def _question(body: QuestionBody) -> Question:
    is_placed = "parent_id" in body.model_fields_set
    return Question(
        text=body.message,
        conversation_id=body.conversation_id,
        branch=Branch(body.parent_id) if is_placed else None,
        options=AnswerOptions() if body.options is None else body.options.as_options(),
    )
