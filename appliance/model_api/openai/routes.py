"""Addresses that OpenAI's clients ask."""

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from appliance.base.errors import ApplianceError
from appliance.base.web.identity import ModelCaller
from appliance.base.web.limits import MEBIBYTE, BodyLimit, Per, RateRule
from appliance.base.web.streaming import WholeAnswer
from appliance.engine.text.model import TextRequest
from appliance.model_api.answering import (
    StreamForm,
    body_of,
    growing_answer,
    json_response,
    whole_answer,
)
from appliance.model_api.framing import data_frame
from appliance.model_api.gathering import gathered
from appliance.model_api.openai.chat_answers import ChatChunks, chat_completion
from appliance.model_api.openai.chat_asking import Asked, chat_asked
from appliance.model_api.openai.completion_answers import CompletionChunks, text_completion
from appliance.model_api.openai.completion_asking import completion_requests
from appliance.model_api.openai.dialect import speak
from appliance.model_api.openai.embedding import embedding_request, embeddings_answer
from appliance.model_api.openai.envelope import Envelope, envelope
from appliance.model_api.openai.listing import model_entry, model_list
from appliance.model_api.openai.refusing import ignored_headers
from appliance.model_api.openai.response_answers import Naming, whole_response
from appliance.model_api.openai.response_asking import response_asked
from appliance.model_api.openai.response_events import ResponseEvents
from appliance.model_api.openai.schemas.chat import ChatBody
from appliance.model_api.openai.schemas.completions import CompletionBody
from appliance.model_api.openai.schemas.embeddings import EmbeddingsBody
from appliance.model_api.openai.schemas.responses import ResponseBody
from appliance.model_api.parts import ModelApiParts

# A million tokens, and what stands around them.
BODY_LIMITS = (BodyLimit("POST", "/v1", 32 * MEBIBYTE),)
# Programs ask in bursts; what they may have of the engine is decided by its queue.
RATE_RULES = (RateRule("programs", "POST", "/v1", count=3000, window_s=60, per=Per.USER),)


def openai_router(parts: ModelApiParts) -> APIRouter:
    """Return the routes, bound to the models of this box."""
    router = APIRouter(prefix="/v1", tags=["openai"])

    @router.post("/chat/completions", summary="Answer a conversation (OpenAI)")
    async def chat(identity: ModelCaller, body: ChatBody) -> Response:
        asked = chat_asked(body, await parts.asking(identity, body.model))
        return _chat_answer(parts, body, asked)

    @router.post("/responses", summary="Answer a conversation, by events of its items (OpenAI)")
    async def responses(identity: ModelCaller, body: ResponseBody) -> Response:
        asked = response_asked(body, await parts.asking(identity, body.model))
        return _response_answer(parts, body, asked)

    @router.post("/completions", summary="Let texts go on (OpenAI)")
    async def completions(identity: ModelCaller, body: CompletionBody) -> Response:
        asking = await parts.asking(identity, body.model)
        return await _completion_answer(parts, body, completion_requests(body, asking))

    @router.post("/embeddings", summary="Tell the meaning of texts in numbers (OpenAI)")
    async def embeddings(identity: ModelCaller, body: EmbeddingsBody) -> Response:
        asking = await parts.asking(identity, body.model)
        request = await embedding_request(body, asking, parts.tokeniser)

        async def make() -> Response:
            made = await parts.embedder.embed(request)
            return json_response(embeddings_answer(made, body), ignored_headers(body))

        return WholeAnswer(make)

    _add_models(router, parts)
    return router


def _add_models(router: APIRouter, parts: ModelApiParts) -> None:
    @router.get("/models", summary="Models of this box (OpenAI, Anthropic)")
    async def models(_identity: ModelCaller) -> Response:
        return json_response(model_list(await asyncio.to_thread(parts.library.list_models)))

    # Names have slashes where they name where they come from.
    @router.get("/models/{model:path}", summary="A model of this box (OpenAI, Anthropic)")
    async def model(_identity: ModelCaller, model: str) -> Response:
        return json_response(model_entry(await parts.model_named(model)))


def _chat_answer(parts: ModelApiParts, body: ChatBody, asked: Asked) -> Response:
    around = envelope_of(parts, "chatcmpl-", asked.request, body.model)
    headers = ignored_headers(body, asked.ignored)
    if body.stream:
        writer = ChatChunks(around, body.includes_usage)
        form = StreamForm(writer, last_word)
        return growing_answer(
            asked.request, parts.engine, form, headers, calls_once=asked.calls_once
        )
    wants_logprobs = asked.request.top_logprobs is not None
    return whole_answer(
        asked.request,
        parts.engine,
        lambda answer: chat_completion(answer, around, wants_logprobs=wants_logprobs),
        headers,
        calls_once=asked.calls_once,
    )


def _response_answer(parts: ModelApiParts, body: ResponseBody, asked: Asked) -> Response:
    around = envelope_of(parts, "resp_", asked.request, body.model)
    naming = Naming(around.id.removeprefix("resp_"))
    headers = ignored_headers(body, asked.ignored)
    if body.stream:
        events = ResponseEvents(around, body, naming)
        form = StreamForm(events, lambda error: events.failed(body_of(error, speak)))
        return growing_answer(
            asked.request, parts.engine, form, headers, calls_once=asked.calls_once
        )
    return whole_answer(
        asked.request,
        parts.engine,
        lambda answer: whole_response(answer, around, body, naming),
        headers,
        calls_once=asked.calls_once,
    )


async def _completion_answer(
    parts: ModelApiParts, body: CompletionBody, requests: list[TextRequest]
) -> Response:
    around = envelope_of(parts, "cmpl-", requests[0], body.model)
    headers = ignored_headers(body)
    echoes = [
        await _echo(parts, prompt, requests[0].model) if body.echo else ""
        for prompt in body.prompts
    ]
    if body.stream:
        writer = CompletionChunks(around, body.includes_usage, echoes[0])
        return growing_answer(requests[0], parts.engine, StreamForm(writer, last_word), headers)

    async def make() -> Response:
        # One after the other: they stand in one person's queue anyway.
        answers = [await gathered(parts.engine.generate(request)) for request in requests]
        wants_logprobs = body.logprobs is not None
        answer = text_completion(answers, around, echoes=echoes, wants_logprobs=wants_logprobs)
        return json_response(answer, headers)

    return WholeAnswer(make)


async def _echo(parts: ModelApiParts, prompt: str | list[int], model: str | None) -> str:
    if isinstance(prompt, str):
        return prompt
    return await parts.tokeniser.text_of(prompt, model=model)


def envelope_of(
    parts: ModelApiParts, prefix: str, request: TextRequest, shown_model: str
) -> Envelope:
    """Return what stands around an answer to this request."""
    unique = request.request_id.replace("-", "")
    model = request.model or shown_model
    return envelope(prefix, unique, parts.clock.now(), shown=shown_model, model=model)


def last_word(error: ApplianceError) -> bytes:
    """Return what failed within a stream, as its last event."""
    return data_frame(body_of(error, speak))
