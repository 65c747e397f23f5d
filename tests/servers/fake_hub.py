"""A model hub on this computer that speaks as Hugging Face does, and fails as a test says."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

CHUNK_BYTES = 4096


@dataclass
class FakeHub:
    """What the hub has, and how it behaves.

    Attributes:
        files: Contents by `owner/repository/file`.
        sends_to_cdn: Whether files are given by a redirect to another listener.
        redirects_to: Where files are said to be instead.
        status: What every request of a file is answered with, if not the file.
        listing: What lists of files are answered with, if not with the list.
        cuts_after: After how many bytes the next answers end too early, one after the other.
        ignores_ranges: Whether files are always sent whole.
        misplaces: By how many bytes too early the next parts begin, one after the other.
        corrupts: Whether other bytes are sent than were promised.
        lies_about: The SHA-256 that is promised instead of the right one.
        holds: Waited for before each chunk, so that a test may stop in the middle.
        asked: Method, path and range of each request.
        url: Where it listens.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    sends_to_cdn: bool = True
    redirects_to: str | None = None
    status: int | None = None
    listing: bytes | None = None
    cuts_after: list[int] = field(default_factory=list)
    ignores_ranges: bool = False
    misplaces: list[int] = field(default_factory=list)
    corrupts: bool = False
    lies_about: str | None = None
    holds: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    url: str = ""
    cdn_url: str = ""

    def __post_init__(self) -> None:
        self.holds.set()

    def digest(self, path: str) -> str:
        return self.lies_about or hashlib.sha256(self.files[path]).hexdigest()

    def bodies(self) -> list[str | None]:
        """Return the ranges of the files that were asked for."""
        return [
            wanted for method, path, wanted in self.asked if method == "GET" and "/cdn/" in path
        ]


@contextmanager
def running_hub(hub: FakeHub) -> Iterator[FakeHub]:
    """Serve `hub`, and the other listener that it sends to, until the block ends."""
    servers = [_Listener(hub) for _ in range(2)]
    hub.url, hub.cdn_url = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    threads = [threading.Thread(target=server.serve_forever, args=(0.02,)) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield hub
    finally:
        hub.holds.set()
        for server in servers:
            server.shutdown()
            server.server_close()
        for thread in threads:
            thread.join()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, hub: FakeHub) -> None:
        self.hub = hub
        super().__init__(("127.0.0.1", 0), _Answering)


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    @property
    def _hub(self) -> FakeHub:
        return cast("_Listener", self.server).hub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        hub = self._hub
        hub.asked.append((self.command, self.path, self.headers.get("Range")))
        if self.path.startswith("/api/models/"):
            return self._listing(self.path.removeprefix("/api/models/").split("/tree/")[0])
        path = self.path.removeprefix("/cdn").lstrip("/").replace("/resolve/main", "")
        if hub.status is not None:
            return self._plain(hub.status, b"no")
        if path not in hub.files:
            return self._plain(404, b"Entry not found")
        if self.path.startswith("/cdn") or not (hub.sends_to_cdn or hub.redirects_to):
            return self._file(path)
        self.send_response(302)
        self.send_header("Location", hub.redirects_to or f"{hub.cdn_url}/cdn/{path}")
        self.send_header("X-Linked-Size", str(len(hub.files[path])))
        self.send_header("X-Linked-ETag", f'"{hub.digest(path)}"')
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    def _listing(self, repository: str) -> None:
        if self._hub.listing is not None:
            return self._plain(200, self._hub.listing)
        names = [name.removeprefix(f"{repository}/") for name in self._hub.files]
        body = json.dumps([{"type": "file", "path": name} for name in names]).encode()
        return self._plain(200, body)

    def _file(self, path: str) -> None:
        hub = self._hub
        content = hub.files[path]
        start = 0
        wanted = self.headers.get("Range")
        if wanted and not hub.ignores_ranges:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            start -= hub.misplaces.pop(0) if hub.misplaces else 0
            if start >= len(content):
                return self._plain(416, b"")
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(content) - start))
        self.send_header("ETag", f'"{hub.digest(path)}"')
        self.end_headers()
        if self.command == "GET":
            self._send(content[start:])
        return None

    def _send(self, content: bytes) -> None:
        hub = self._hub
        if hub.corrupts:
            content = bytes(byte ^ 1 for byte in content)
        cut = hub.cuts_after.pop(0) if hub.cuts_after else None
        try:
            for start in range(0, len(content[:cut]), CHUNK_BYTES):
                hub.holds.wait(10)
                self.wfile.write(content[:cut][start : start + CHUNK_BYTES])
        except OSError:
            pass
        if cut is not None:
            self.close_connection = True

    def _plain(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "17")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
