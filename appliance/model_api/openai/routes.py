"""Addresses that OpenAI's clients ask."""

from fastapi import APIRouter
from starlette.responses import Response

from appliance.base.errors import ApplianceError
from appliance.base.web.identity import ModelCaller
from appliance.model_api.answering import StreamForm, body_of, growing_answer, whole_answer
from appliance.model_api.framing import data_frame
from appliance.model_api.openai.chat_answers import ChatChunks, chat_completion
from appliance.model_api.openai.chat_asking import Asked, chat_asked
from appliance.model_api.openai.dialect import speak
from appliance.model_api.openai.envelope import Envelope, envelope
from appliance.model_api.openai.refusing import ignored_headers
from appliance.model_api.openai.schemas.chat import ChatBody
from appliance.model_api.parts import ModelApiParts


def openai_router(parts: ModelApiParts) -> APIRouter:
    """Return the routes, bound to the models of this box."""
    router = APIRouter(prefix="/v1", tags=["openai"])

    @router.post("/chat/completions", summary="Answer a conversation (OpenAI)")
    async def chat(identity: ModelCaller, body: ChatBody) -> Response:
        asked = chat_asked(body, await parts.asking(identity, body.model))
        return _chat_answer(parts, body, asked)

    return router


def _chat_answer(parts: ModelApiParts, body: ChatBody, asked: Asked) -> Response:
    around = envelope_of(parts, "chatcmpl-", asked)
    headers = ignored_headers(body, asked.ignored)
    if body.stream:
        writer = ChatChunks(around, body.includes_usage, asked.calls_once)
        form = StreamForm(writer, last_word)
        return growing_answer(asked.request, parts.engine, form, headers)
    wants_logprobs = asked.request.top_logprobs is not None
    return whole_answer(
        asked.request,
        parts.engine,
        lambda answer: chat_completion(
            answer, around, calls_once=asked.calls_once, wants_logprobs=wants_logprobs
        ),
        headers,
    )


def envelope_of(parts: ModelApiParts, prefix: str, asked: Asked) -> Envelope:
    """Return what stands around an answer to this request."""
    request = asked.request
    return envelope(
        prefix,
        request.request_id.replace("-", ""),
        parts.clock.now(),
        shown=asked.shown_model,
        model=request.model or "",
    )


def last_word(error: ApplianceError) -> bytes:
    """Return what failed within a stream, as its last event."""
    return data_frame(body_of(error, speak))
