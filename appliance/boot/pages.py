"""The built pages, kept in memory: a request can only name what is there, never a path."""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response

from appliance.base.errors import NotFoundError, UnavailableError

_INDEX = "index.html"
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
# Python's own table depends on the machine; a wrong type stops a module under `nosniff`.
_TYPES: Mapping[str, str] = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
          ".html": "text/html", ".json": "application/json", ".txt": "text/plain",
          ".webmanifest": "application/manifest+json", ".png": "image/png"}  # fmt: skip


# Below this the header of a compressed answer costs more than it saves.
_WORTH_COMPRESSING_BYTES = 1024


@dataclass(frozen=True)
class Page:
    """One built file.

    Attributes:
        content: As it was built.
        compressed: The same by gzip; None where that does not pay.
        media_type: What it is.
        etag: Changes with its content.
        cache_control: How long a browser may keep it.
    """

    content: bytes
    compressed: bytes | None
    media_type: str
    etag: str
    cache_control: str


def read_pages(folder: Path) -> dict[str, Page]:
    """Return all files of the built interface by name; empty if it was not built."""
    if not folder.is_dir():
        return {}
    return {
        file.relative_to(folder).as_posix(): _page(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def pages_router(pages: Mapping[str, Page]) -> APIRouter:
    """Return the routes of the interface; the app itself answers at `/` too."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    @router.head("/")
    async def app(request: Request) -> Response:
        return _answer(request, _index(pages))

    @router.get("/static/{name:path}")
    @router.head("/static/{name:path}")
    async def file(name: str, request: Request) -> Response:
        page = _index(pages) if name == _INDEX else pages.get(name)
        if page is None:
            raise NotFoundError("There is no such page.")
        return _answer(request, page)

    return router


def _index(pages: Mapping[str, Page]) -> Page:
    page = pages.get(_INDEX)
    if page is None:
        raise UnavailableError(
            "The interface was not built.", code="pages_missing", hint="Start Nodo with ./run."
        )
    return page


def _answer(request: Request, page: Page) -> Response:
    headers = {
        "ETag": page.etag,
        "Cache-Control": page.cache_control,
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == page.etag:
        return Response(status_code=304, headers=headers)
    if page.compressed is not None and _takes_gzip(request):
        headers["Content-Encoding"] = "gzip"
        return Response(page.compressed, media_type=page.media_type, headers=headers)
    return Response(page.content, media_type=page.media_type, headers=headers)


def _takes_gzip(request: Request) -> bool:
    offers = request.headers.get("accept-encoding", "").lower().split(",")
    return any(offer.split(";")[0].strip() == "gzip" and "q=0" not in offer for offer in offers)


def _page(file: Path) -> Page:
    content = file.read_bytes()
    guessed = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0]
    return Page(
        content=content,
        compressed=_compressed(content),
        media_type=guessed or "application/octet-stream",
        etag=f'"{hashlib.sha256(content).hexdigest()[:16]}"',
        # Every file but the first has a hash of its content in its name.
        cache_control=_ASK_AGAIN if file.name == _INDEX else _FOR_EVER,
    )


def _compressed(content: bytes) -> bytes | None:
    # Once at start, not for each answer; the same bytes each time, so without a time in them.
    compressed = gzip.compress(content, mtime=0)
    worth_it = len(content) >= _WORTH_COMPRESSING_BYTES and len(compressed) < 0.9 * len(content)
    return compressed if worth_it else None
