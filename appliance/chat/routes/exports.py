"""Taking one's conversations elsewhere, as files."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from appliance.base.web.attachments import attachment_headers
from appliance.base.web.identity import ChatCaller
from appliance.chat.exporting import Exporting
from appliance.chat.routes.parameters import ThingId
from appliance.chat.schemas.exports import export_text
from appliance.chat.transcripts import file_name_of, markdown_of

_MEDIA_TYPES: Mapping[str, str] = {"md": "text/markdown; charset=utf-8", "json": "application/json"}


def add_export_routes(router: APIRouter, exporting: Exporting) -> None:
    """Add the routes of exports."""

    @router.get(
        "/conversations/{conversation_id}/export",
        summary="Save a conversation as a file",
        response_class=Response,
    )
    async def one(
        identity: ChatCaller,
        conversation_id: ThingId,
        kind: Annotated[Literal["md", "json"], Query(alias="format")] = "md",
    ) -> Response:
        language = identity.language
        render = export_text if kind == "json" else partial(markdown_of, language=language)
        conversation, text = await exporting.one(identity.user_id, conversation_id, render)
        name = file_name_of(conversation, kind, language=language)
        headers = attachment_headers(name, media_type=_MEDIA_TYPES[kind])
        return Response(text.encode(), headers=dict(headers))

    @router.get(
        "/history/export",
        summary="Save all of your conversations as a zip file",
        response_class=StreamingResponse,
    )
    async def everything(identity: ChatCaller) -> StreamingResponse:
        chunks = exporting.everything(
            identity.user_id, language=identity.language, to_json=export_text
        )
        headers = attachment_headers("nodo.zip", media_type="application/zip")
        return StreamingResponse(chunks, headers=dict(headers))
