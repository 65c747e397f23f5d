"""Fetching models for clients of Ollama, with the lines of progress that they expect.

Source:
    Ollama 0.33, `server/images.go`, `PullModel`; `server/download.go`.
"""

from collections.abc import AsyncIterator
from typing import Protocol

from starlette.responses import Response

from appliance.base.errors import NotFoundError
from appliance.base.web.streaming import ByteStream, WholeAnswer
from appliance.engine.catalogue import CatalogueEntry
from appliance.engine.download.model import Download, DownloadState, HubError
from appliance.model_api.framing import encoded
from appliance.model_api.licences import refuse_unread
from appliance.model_api.ollama.dialect import SaidError, error_line
from appliance.model_api.ollama.schemas import NamedIn
from appliance.model_api.ollama.wire import JSON, NDJSON, line

_SHOWN_DIGITS = 12
_MISSING = "pull model manifest: file does not exist"


class ModelDownloads(Protocol):
    """Fetches models."""

    async def pull(self, name: str) -> Download:
        """Fetch a model, or go on with it; return how far it is."""
        ...

    def follow(self, download_id: str) -> AsyncIterator[Download]:
        """Yield how far it is whenever that changes; the last one is over."""
        ...


class Pulling:
    """Fetches models and tells how far they are; a client that goes away stops nothing."""

    def __init__(
        self, downloads: ModelDownloads, catalogue: tuple[CatalogueEntry, ...] = ()
    ) -> None:
        self._downloads = downloads
        self._catalogue = catalogue

    def pull(self, body: NamedIn) -> Response:
        """Return the lines of progress, or only the last one.

        Raises:
            SaidError: If no model is named.
            ConflictError: If its licence forbids work for money, and nobody has accepted that.
        """
        name, is_streamed = body.wanted, body.stream is not False
        if not name:
            raise SaidError("model is required")
        refuse_unread(self._catalogue, name, accepts_licence=body.accepts_licence)
        if is_streamed:
            return ByteStream(self._lines(name), media_type=NDJSON, last_word=error_line)

        async def made() -> Response:
            async for _line in self._lines(name):
                pass
            return Response(encoded({"status": "success"}), media_type=JSON)

        return WholeAnswer(made)

    async def _lines(self, name: str) -> AsyncIterator[bytes]:
        yield line({"status": "pulling manifest"})
        try:
            started = await self._downloads.pull(name)
        except NotFoundError as error:
            raise SaidError(_MISSING) from error
        last = started
        async for download in self._downloads.follow(started.id):
            last = download
            if download.state is DownloadState.RUNNING:
                yield line(_layer(download))
            elif download.state is DownloadState.VERIFYING:
                yield line({"status": "verifying sha256 digest"})
        if last.state is not DownloadState.DONE:
            raise last.error or HubError("The download was stopped.", code="download_stopped")
        yield line({"status": "writing manifest"})
        yield line({"status": "success"})


def _layer(download: Download) -> dict[str, object]:
    digest = download.wanted.sha256
    # A file whose digest the hub does not tell goes by its name.
    shown = digest[:_SHOWN_DIGITS] or download.wanted.file
    values: dict[str, object] = {"status": f"pulling {shown}"}
    if digest:
        values["digest"] = f"sha256:{digest}"
    if download.total_bytes:
        values["total"] = download.total_bytes
    if download.done_bytes:
        values["completed"] = download.done_bytes
    return values
