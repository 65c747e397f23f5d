"""Addresses that Anthropic's clients ask; `/v1/models` is OpenAI's too, and stands there."""

from fastapi import APIRouter
from starlette.responses import Response

from appliance.base.errors import ApplianceError
from appliance.base.web.identity import ModelCaller
from appliance.base.web.streaming import WholeAnswer
from appliance.model_api.answering import (
    StreamForm,
    body_of,
    growing_answer,
    json_response,
    whole_answer,
)
from appliance.model_api.anthropic.answers import PING, MessageEvents, message
from appliance.model_api.anthropic.dialect import speak
from appliance.model_api.anthropic.requesting import Asked, message_asked, prompt_of
from appliance.model_api.anthropic.schemas import CountBody, MessagesBody
from appliance.model_api.framing import data_frame
from appliance.model_api.openai.refusing import ignored_headers
from appliance.model_api.parts import ModelApiParts


def anthropic_router(parts: ModelApiParts) -> APIRouter:
    """Return the routes, bound to the models of this box."""
    router = APIRouter(prefix="/v1", tags=["anthropic"])

    @router.post("/messages", summary="Answer a conversation (Anthropic)")
    async def messages(identity: ModelCaller, body: MessagesBody) -> Response:
        asked = message_asked(body, await parts.asking(identity, body.model))
        return _answer(parts, body, asked)

    @router.post("/messages/count_tokens", summary="Count a conversation's tokens (Anthropic)")
    async def count_tokens(identity: ModelCaller, body: CountBody) -> Response:
        request = prompt_of(body, await parts.asking(identity, body.model))

        async def make() -> Response:
            count = await parts.tokeniser.prompt_tokens_of(request)
            return json_response({"input_tokens": count}, ignored_headers(body))

        return WholeAnswer(make)

    return router


def _answer(parts: ModelApiParts, body: MessagesBody, asked: Asked) -> Response:
    message_id = f"msg_{asked.request.request_id.replace('-', '')}"
    headers = ignored_headers(body, asked.ignored)
    if body.stream:
        events = MessageEvents(message_id, body.model)
        form = StreamForm(events, _last_word, beat=PING)
        return growing_answer(
            asked.request, parts.engine, form, headers, calls_once=asked.calls_once
        )
    return whole_answer(
        asked.request,
        parts.engine,
        lambda answer: message(answer, message_id=message_id, model=body.model),
        headers,
        calls_once=asked.calls_once,
    )


def _last_word(error: ApplianceError) -> bytes:
    return b"event: error\n" + data_frame(body_of(error, speak))
