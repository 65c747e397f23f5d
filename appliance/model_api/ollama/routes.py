"""Addresses that clients of Ollama ask."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi import Path as InPath
from starlette.responses import Response

from appliance.base.errors import NotFoundError
from appliance.base.web.identity import ModelCaller, ModelKeeper
from appliance.base.web.limits import MEBIBYTE, BodyLimit, Per, RateRule
from appliance.engine.text.port import TextEngine
from appliance.model_api.framing import encoded
from appliance.model_api.ollama.answering import Answering
from appliance.model_api.ollama.bodies import body_as
from appliance.model_api.ollama.describing import VERSION, Describing
from appliance.model_api.ollama.dialect import (
    NotOfferedError,
    SignInElsewhereError,
)
from appliance.model_api.ollama.embedding import Embedding
from appliance.model_api.ollama.mais import MaisPrompting
from appliance.model_api.ollama.managing import Managing
from appliance.model_api.ollama.pulling import ModelDownloads, Pulling
from appliance.model_api.ollama.schemas import (
    ChatIn,
    CopyIn,
    CreateIn,
    DetokenizeIn,
    EmbedIn,
    GenerateIn,
    MaisPromptIn,
    NamedIn,
    OldEmbeddingIn,
    TokenizeIn,
)
from appliance.model_api.ollama.tokens import Splitting
from appliance.model_api.ollama.wire import JSON, NDJSON, line
from appliance.model_api.parts import ModelApiParts


async def _raw_body(request: Request) -> bytes:
    return await request.body()


RawBody = Annotated[bytes, Depends(_raw_body)]
_Digest = Annotated[str, InPath(max_length=100)]
_TEBIBYTE = 1 << 40
# Conversations with files in them are long; files of models are as long as the disk allows, which
# is checked before they are written.
BODY_LIMITS = (
    *(
        BodyLimit("POST", path, 32 * MEBIBYTE)
        for path in ("/api/generate", "/api/chat", "/api/embed", "/api/embeddings", "/api/create")
    ),
    *(BodyLimit("POST", path, 32 * MEBIBYTE) for path in ("/api/tokenize", "/api/detokenize")),
    BodyLimit("POST", "/api/blobs", _TEBIBYTE),
)
# Programs ask in bursts; what they may have of the engine is decided by its queue.
RATE_RULES = tuple(
    RateRule("programs", "POST", path, count=3000, window_s=60, per=Per.USER)
    for path in ("/api/generate", "/api/chat", "/api/embed", "/api/embeddings")
)


def ollama_router(parts: ModelApiParts, downloads: ModelDownloads) -> APIRouter:
    """Return the routes, bound to the models of this box."""
    router = APIRouter(tags=["ollama"])
    _add_answers(router, parts)
    _add_descriptions(router, Describing(parts))
    _add_changes(router, Managing(parts.library), Pulling(downloads, parts.library.catalogue))
    _add_blobs(router, Managing(parts.library))
    _add_refusals(router)
    return router


def mais_router(parts: ModelApiParts, chosen: TextEngine) -> APIRouter:
    """Return MAIS's route; `chosen` answers where no model is named."""
    router = APIRouter(tags=["ollama"])
    mais = MaisPrompting(parts, chosen)

    @router.post("/api/ollama/generate", summary="Answer a prompt (MAIS)")
    async def prompt(identity: ModelCaller, body: MaisPromptIn) -> Response:
        return mais.answer(identity, body)

    return router


def root_router() -> APIRouter:
    """Return what Ollama answers at its root; only at a door of its own."""
    router = APIRouter()

    @router.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def root() -> Response:
        return Response("Ollama is running", media_type="text/plain")

    return router


def _add_answers(router: APIRouter, parts: ModelApiParts) -> None:
    answering, embedding, splitting = Answering(parts), Embedding(parts), Splitting(parts)

    @router.post("/api/generate", summary="Answer a prompt (Ollama)")
    async def generate(identity: ModelCaller, raw: RawBody) -> Response:
        return await answering.generate(identity, await body_as(GenerateIn, raw))

    @router.post("/api/chat", summary="Answer a conversation (Ollama)")
    async def chat(identity: ModelCaller, raw: RawBody) -> Response:
        return await answering.chat(identity, await body_as(ChatIn, raw))

    @router.post("/api/embed", summary="Tell the meaning of texts in numbers (Ollama)")
    async def embed(identity: ModelCaller, raw: RawBody) -> Response:
        return await embedding.embed(identity, await body_as(EmbedIn, raw))

    @router.post("/api/embeddings", summary="The same for one text, as older clients ask (Ollama)")
    async def embed_one(identity: ModelCaller, raw: RawBody) -> Response:
        return await embedding.embed_one(identity, await body_as(OldEmbeddingIn, raw))

    @router.post("/api/tokenize", summary="Tokens of a text (beyond Ollama)")
    async def tokenize(_identity: ModelCaller, raw: RawBody) -> Response:
        return _json(await splitting.tokenize(await body_as(TokenizeIn, raw)))

    @router.post("/api/detokenize", summary="Text of tokens (beyond Ollama)")
    async def detokenize(_identity: ModelCaller, raw: RawBody) -> Response:
        return _json(await splitting.detokenize(await body_as(DetokenizeIn, raw)))


def _add_descriptions(router: APIRouter, describing: Describing) -> None:
    @router.api_route("/api/version", methods=["GET", "HEAD"], summary="Version (Ollama)")
    async def version(_identity: ModelCaller) -> Response:
        return _json({"version": VERSION})

    @router.get("/api/status", summary="Whether Ollama's cloud is in use: never (Ollama)")
    async def status(_identity: ModelCaller) -> Response:
        return _json({"cloud": {"disabled": True, "source": "appliance"}})

    @router.api_route("/api/tags", methods=["GET", "HEAD"], summary="Models of this box (Ollama)")
    async def tags(_identity: ModelCaller) -> Response:
        return _json(await describing.tags())

    @router.get("/api/ps", summary="Models in memory (Ollama)")
    async def ps(_identity: ModelCaller) -> Response:
        return _json(await describing.ps())

    @router.post("/api/show", summary="What is known of a model (Ollama)")
    async def show(_identity: ModelCaller, raw: RawBody) -> Response:
        body = await body_as(NamedIn, raw)
        values = await describing.show(body.wanted, is_verbose=body.verbose, system=body.system)
        return _json(values)


def _add_changes(router: APIRouter, managing: Managing, pulling: Pulling) -> None:
    @router.post("/api/pull", summary="Fetch a model (Ollama)")
    async def pull(_identity: ModelKeeper, raw: RawBody) -> Response:
        return pulling.pull(await body_as(NamedIn, raw))

    @router.post("/api/create", summary="Make a model of another one or of a file (Ollama)")
    async def create(_identity: ModelKeeper, raw: RawBody) -> Response:
        body = await body_as(CreateIn, raw)
        steps = await managing.create(body)
        if body.stream is False:
            return _json({"status": "success"})
        lines = [line({"status": step}) for step in (*steps, "success")]
        return Response(b"".join(lines), media_type=NDJSON)

    @router.post("/api/copy", summary="Give a model a second name (Ollama)")
    async def copy(_identity: ModelKeeper, raw: RawBody) -> Response:
        await managing.copy(await body_as(CopyIn, raw))
        return Response()

    @router.delete("/api/delete", summary="Remove a model (Ollama)")
    async def delete(_identity: ModelKeeper, raw: RawBody) -> Response:
        await managing.delete((await body_as(NamedIn, raw)).wanted)
        return Response()


def _add_blobs(router: APIRouter, managing: Managing) -> None:
    @router.head("/api/blobs/{digest}", summary="Whether a file is here (Ollama)")
    async def has_blob(_identity: ModelKeeper, digest: _Digest) -> Response:
        if not await managing.has_blob(digest):
            raise NotFoundError("There is no such blob on this box.", code="blob_not_found")
        return Response()

    @router.post("/api/blobs/{digest}", summary="Send a file (Ollama)")
    async def store_blob(_identity: ModelKeeper, digest: _Digest, request: Request) -> Response:
        if await managing.has_blob(digest):
            return Response()
        size_bytes = int(request.headers.get("content-length", "0"))
        await managing.store_blob(digest, request.stream(), size_bytes=size_bytes)
        return Response(status_code=201)


def _add_refusals(router: APIRouter) -> None:
    @router.post("/api/push", summary="Refused: nothing is published from here (Ollama)")
    async def push(_identity: ModelCaller) -> Response:
        raise NotOfferedError("push is not supported by this appliance")

    @router.post("/api/me", summary="Refused: there is no account of Ollama's here")
    @router.post("/api/signout", summary="Refused: there is no account of Ollama's here")
    @router.delete("/api/user/keys/{key}", summary="Refused: there is no account of Ollama's here")
    async def account(_identity: ModelCaller) -> Response:
        raise SignInElsewhereError("unauthorized")

    @router.api_route(
        "/api/experimental/{name}",
        methods=["GET", "POST"],
        summary="Refused: this box searches no web (Ollama)",
    )
    async def experimental(_identity: ModelCaller, name: str) -> Response:
        raise NotOfferedError(f"{name[:40]} is not supported by this appliance")


def _json(values: dict[str, object]) -> Response:
    return Response(encoded(values), media_type=JSON)
