"""Questions and answers: ask, follow, stop, answer again."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header

from appliance.base.web.identity import ChatCaller, Identity
from appliance.base.web.streaming import EventStream, ServerEvent
from appliance.chat.answer_events import START, AnswerEvent, Place, place_of
from appliance.chat.asking import Question
from appliance.chat.model import AnswerOptions, Heading
from appliance.chat.placing import Branch
from appliance.chat.routes.activities import Activities
from appliance.chat.routes.parameters import ThingId, asker_of
from appliance.chat.schemas.bodies import FeedbackBody, QuestionBody
from appliance.chat.schemas.messages import MessageOut, StoppedOut, message_out

LastEventId = Annotated[str | None, Header()]


def add_answer_routes(router: APIRouter, chat: Activities) -> None:
    """Add the routes of questions and answers."""
    _add_streams(router, chat)

    @router.post(
        "/chat/{message_id}/stop", status_code=HTTPStatus.ACCEPTED, summary="Stop an answer"
    )
    async def stop(identity: ChatCaller, message_id: ThingId) -> StoppedOut:
        return StoppedOut(stopped=await chat.stopping.stop(identity.user_id, message_id))

    @router.put("/chat/{message_id}/feedback", summary="Say what you think of an answer")
    async def rate(identity: ChatCaller, message_id: ThingId, body: FeedbackBody) -> MessageOut:
        return message_out(await chat.rating.rate(identity.user_id, message_id, body.rating))


def _add_streams(router: APIRouter, chat: Activities) -> None:
    @router.post(
        "/chat",
        summary="Ask a question; the answer comes as a stream",
        status_code=HTTPStatus.OK,
        response_class=EventStream,
    )
    async def ask(identity: ChatCaller, body: QuestionBody) -> EventStream:
        heading = await chat.asking.ask(asker_of(identity), _question(body))
        return await _stream_of_new(chat, identity, heading)

    @router.get(
        "/chat/{message_id}/events",
        summary="Follow an answer again",
        status_code=HTTPStatus.OK,
        response_class=EventStream,
    )
    async def follow(
        identity: ChatCaller,
        message_id: ThingId,
        last_event_id: LastEventId = None,
    ) -> EventStream:
        place = place_of(last_event_id)
        events = await chat.following.events_of(identity.user_id, message_id, place)
        return EventStream(_server_events(events))

    @router.post(
        "/chat/{message_id}/retry",
        summary="Answer the same question anew",
        status_code=HTTPStatus.OK,
        response_class=EventStream,
    )
    async def retry(identity: ChatCaller, message_id: ThingId) -> EventStream:
        heading = await chat.asking.retry(asker_of(identity), message_id)
        return await _stream_of_new(chat, identity, heading)

    @router.post(
        "/chat/{message_id}/continue",
        summary="Let an answer that was cut go on where it was cut",
        status_code=HTTPStatus.OK,
        response_class=EventStream,
    )
    async def go_on(
        identity: ChatCaller, message_id: ThingId, last_event_id: LastEventId = None
    ) -> EventStream:
        place = place_of(last_event_id)
        heading = await chat.continuing.go_on(identity.user_id, message_id)
        return await _stream_of_new(chat, identity, heading, place)


async def _stream_of_new(
    chat: Activities, identity: Identity, heading: Heading, place: Place = START
) -> EventStream:
    events = await chat.following.events_of_new(identity.user_id, heading, place)
    return EventStream(_server_events(events))


async def _server_events(events: AsyncIterator[AnswerEvent]) -> AsyncIterator[ServerEvent]:
    async for event in events:
        yield ServerEvent(event.id, event.event, event.data)


def _question(body: QuestionBody) -> Question:
    is_placed = "parent_id" in body.model_fields_set
    return Question(
        text=body.message,
        conversation_id=body.conversation_id,
        branch=Branch(body.parent_id) if is_placed else None,
        temporary=body.temporary,
        local_only=body.local_only,
        files=tuple(dict.fromkeys(body.files)),
        cut_files=body.cut_files,
        options=AnswerOptions() if body.options is None else body.options.as_options(),
    )
