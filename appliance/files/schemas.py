"""The shapes of files on the wire (docs/api.md, "Files")."""

from datetime import datetime

from pydantic import BaseModel

from appliance.files.model import FileState, StoredFile


class FileFaultOut(BaseModel):
    """Why a file cannot be read."""

    code: str
    detail: str
    hint: str


class FileOut(BaseModel):
    """A file as it travels."""

    id: str
    name: str
    media_type: str
    size_bytes: int
    state: FileState
    pages: int | None
    pages_done: int | None
    characters: int | None
    is_cut: bool
    tokens: int | None
    tokens_estimated: bool
    error: FileFaultOut | None
    created_at: datetime


class FileTextOut(BaseModel):
    """What a model reads of a file."""

    id: str
    text: str
    is_cut: bool


def file_out(file: StoredFile, *, model: str | None) -> FileOut:
    """Return the file as it travels.

    Args:
        file: The file.
        model: The model in use; tokens of another one are only an estimate of its.
    """
    fault = file.fault
    return FileOut(
        id=file.id,
        name=file.name,
        media_type=file.media_type,
        size_bytes=file.size_bytes,
        state=file.state,
        pages=file.pages,
        pages_done=file.pages_done,
        characters=file.characters,
        is_cut=file.is_cut,
        tokens=file.tokens,
        tokens_estimated=file.tokens_are_estimated_for(model),
        error=None
        if fault is None
        else FileFaultOut(code=fault.code, detail=fault.detail, hint=fault.hint),
        created_at=file.created_at,
    )
