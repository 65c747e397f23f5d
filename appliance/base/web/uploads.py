"""A file in a form, as browsers send it: given on piece by piece, never held as a whole.

Source: RFC 7578, multipart/form-data.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from multipart import (
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)
from starlette.requests import Request

from appliance.base.errors import BadRequestError, InvalidValueError
from appliance.base.web.invalid_requests import UnsupportedMediaTypeError

# For the form around a file: its marks, its headers, and a few small fields.
FORM_BYTES = 64 * 1024
_FORM = "multipart/form-data"
_MOST_PARTS = 8

_Events = AsyncIterator[MultipartSegment | bytes | None]


@dataclass(frozen=True)
class UploadedFile:
    """The file of a form, whose content is still on its way.

    Attributes:
        sent_name: What the sender calls it: anything at all, also paths and tricks.
        chunks: Its content; for one reader.
    """

    sent_name: str
    chunks: AsyncIterator[bytes]


async def uploaded_file(request: Request) -> UploadedFile:
    """Return the form's one file as soon as its name has come.

    Raises:
        UnsupportedMediaTypeError: If the body is no form.
        BadRequestError: If the form is broken.
        InvalidValueError: If there is no file in it.
    """
    events = _events_of(request)
    async for event in events:
        if isinstance(event, MultipartSegment) and event.filename is not None:
            return UploadedFile(event.filename, _content(events))
    raise InvalidValueError(
        "There is no file in the form.",
        code="file_missing",
        hint="Send it as a part with a file name, as browsers do.",
        field="file",
    )


async def _content(events: _Events) -> AsyncIterator[bytes]:
    is_over = False
    async for event in events:
        if event is None:
            is_over = True
        elif isinstance(event, MultipartSegment):
            if event.filename is not None:
                raise InvalidValueError(
                    "There are several files in the form; one at a time is taken.",
                    code="too_many_files_at_once",
                    field="file",
                )
        elif not is_over:
            yield bytes(event)


async def _events_of(request: Request) -> _Events:
    parser = PushMultipartParser(_boundary_of(request), max_segment_count=_MOST_PARTS)
    try:
        async for chunk in request.stream():
            if chunk:
                for event in parser.parse(chunk):
                    yield event
        parser.close()
    except MultipartError as error:
        raise BadRequestError(
            "The form in the body is broken or has too many parts.",
            code="form_invalid",
            hint="Send it as browsers do (RFC 7578).",
        ) from error


def _boundary_of(request: Request) -> bytes:
    sent = request.headers.get("content-type", "")
    media_type, options = parse_options_header(sent)
    boundary = options.get("boundary", "")
    if media_type != _FORM or not boundary or not boundary.isascii():
        raise UnsupportedMediaTypeError(
            f"The body came as {media_type[:60] or 'an unnamed type'}; this route reads {_FORM}.",
            hint=f"Send the header Content-Type: {_FORM} with its boundary.",
        )
    return boundary.encode("ascii")
