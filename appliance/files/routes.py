"""The addresses of files: parse, one call, answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import FileResponse
from pydantic import AfterValidator

from appliance.base.web.attachments import attachment_headers
from appliance.base.web.identity import ChatCaller
from appliance.base.web.limits import BodyLimit
from appliance.base.web.uploads import FORM_BYTES, uploaded_file
from appliance.files.keeping import Keeping
from appliance.files.measuring import Measuring
from appliance.files.model import LARGEST_FILE_BYTES, storable
from appliance.files.schemas import FileOut, FileTextOut, file_out
from appliance.files.uploading import Uploading

FileId = Annotated[str, Path(max_length=100), AfterValidator(storable)]

# Larger forms are refused before they are read.
BODY_LIMITS = (BodyLimit("POST", "/files", LARGEST_FILE_BYTES + FORM_BYTES),)
# The form is read as it comes, past the framework, which therefore cannot describe it.
_FORM: Mapping[str, object] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


@dataclass(frozen=True)
class Activities:
    """What the routes call."""

    uploading: Uploading
    keeping: Keeping
    measuring: Measuring


def build_router(files: Activities) -> APIRouter:
    """Return the routes of files."""
    router = APIRouter(tags=["files"])

    @router.post(
        "/files",
        status_code=HTTPStatus.CREATED,
        summary="Upload a file for questions",
        openapi_extra=dict(_FORM),
    )
    async def upload(identity: ChatCaller, request: Request) -> FileOut:
        sent = await uploaded_file(request)
        file = await files.uploading.upload(identity.user_id, sent.sent_name, sent.chunks)
        return file_out(file, model=files.measuring.model)

    @router.get("/files/{file_id}", summary="Show how far a file is")
    async def show(identity: ChatCaller, file_id: FileId) -> FileOut:
        file = await files.keeping.file(identity.user_id, file_id)
        return file_out(file, model=files.measuring.model)

    @router.get("/files/{file_id}/text", summary="Show what a model reads of a file")
    async def text(identity: ChatCaller, file_id: FileId) -> FileTextOut:
        file, found = await files.keeping.text(identity.user_id, file_id)
        return FileTextOut(id=file.id, text=found, is_cut=file.is_cut)

    @router.get("/files/{file_id}/content", summary="Download a file", response_class=FileResponse)
    async def content(identity: ChatCaller, file_id: FileId) -> FileResponse:
        file, path = await files.keeping.content(identity.user_id, file_id)
        headers = attachment_headers(file.name, media_type=file.media_type)
        return FileResponse(path, headers=headers)

    @router.delete(
        "/files/{file_id}",
        status_code=HTTPStatus.NO_CONTENT,
        summary="Remove a file that is in no question",
    )
    async def remove(identity: ChatCaller, file_id: FileId) -> Response:
        await files.keeping.remove(identity.user_id, file_id)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return router
