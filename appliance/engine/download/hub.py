"""A model hub that speaks as Hugging Face does: asking for files, and reading them from any byte on.

Source: huggingface.co's `/{repository}/resolve/{revision}/{file}` and
`/api/models/{repository}/tree/{revision}`, as huggingface_hub 1.x uses them.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self, cast
from urllib.parse import quote, urljoin

import httpx

from appliance import __version__
from appliance.engine.download.addresses import Reach
from appliance.engine.download.model import BrokenOffError, HubError

_MOST_REDIRECTS = 5
_CONNECT_S = 15.0
# A server that sends nothing for so long is asked again, from where it stopped.
_SILENCE_S = 30.0
_MOST_LISTING_BYTES = 4 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)", re.ASCII)
_UNAUTHORISED, _FORBIDDEN, _MISSING, _TOO_MANY = 401, 403, 404, 429
_PARTIAL, _PAST_THE_END = 206, 416
_BROKEN = (httpx.RemoteProtocolError, httpx.ReadError, httpx.TimeoutException, httpx.WriteError)


@dataclass(frozen=True)
class HubFile:
    """What the hub says of a file.

    Attributes:
        size_bytes: Of the file.
        sha256: Of the file, if the hub tells; empty else.
        etag: Changes whenever the file does.
    """

    size_bytes: int
    sha256: str
    etag: str


class Hub:
    """The hub of the settings. All of it blocks; use it in a thread, in a `with` block."""

    def __init__(self, reach: Reach, *, silence_s: float = _SILENCE_S) -> None:
        self._reach = reach
        self._client = httpx.Client(
            timeout=httpx.Timeout(silence_s, connect=_CONNECT_S),
            follow_redirects=False,
            # The way to the hub is the setting's; a proxy of the environment is nobody's choice.
            trust_env=False,
            headers={"User-Agent": f"nodo/{__version__}", "Accept-Encoding": "identity"},
        )

    def __enter__(self) -> Self:
        """Return the hub."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def facts_of(self, repository: str, file: str) -> HubFile:
        """Return what the hub says of a file.

        Raises:
            HubError: If it does not give it: it is not there (`hub_file_missing`), wants a
                sign-in (`hub_sign_in`) or fewer questions (`hub_busy`), or cannot be reached.
        """
        linked: dict[str, str] = {}
        with self._answer("HEAD", self._file_url(repository, file), {}, linked) as answer:
            headers = {**answer.headers, **linked}
        size = headers.get("x-linked-size") or headers.get("content-length") or "0"
        etag = (headers.get("x-linked-etag") or headers.get("etag") or "").removeprefix("W/")
        etag = etag.strip('"')
        return HubFile(
            size_bytes=int(size) if size.isdigit() else 0,
            sha256=etag.lower() if _SHA256.fullmatch(etag.lower()) else "",
            etag=etag,
        )

    def files_of(self, repository: str) -> list[str]:
        """Return the names of the GGUF files that a repository has.

        Raises:
            HubError: As `facts_of`.
        """
        url = f"{self._base}/api/models/{quote(repository)}/tree/main?recursive=false"
        with self._answer("GET", url, {}) as answer:
            listing = _json_of(answer)
        if not isinstance(listing, list):
            raise HubError("The hub's list of files cannot be read.", code="hub_nonsense")
        entries = cast("list[object]", listing)
        paths = (
            str(cast("Mapping[str, object]", entry).get("path", ""))
            for entry in entries
            if isinstance(entry, dict)
        )
        return sorted(path for path in paths if path.lower().endswith(".gguf") and "/" not in path)

    @contextmanager
    def read(
        self, repository: str, file: str, *, from_byte: int, etag: str
    ) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Give where the bytes begin that follow, and these bytes.

        Args:
            repository: Of the file.
            file: Its name there.
            from_byte: How many are here already.
            etag: The file that they are of; another one is read from its beginning.

        Raises:
            HubError: As `facts_of`.
            BrokenOffError: If the connection ends before the file does.
        """
        headers = {"Range": f"bytes={from_byte}-"} if from_byte else {}
        if from_byte and etag:
            headers["If-Range"] = f'"{etag}"'
        with self._answer("GET", self._file_url(repository, file), headers) as answer:
            yield _start_of(answer), _bytes_of(answer)

    @property
    def _base(self) -> str:
        return self._reach.hub_url.rstrip("/")

    def _file_url(self, repository: str, file: str) -> str:
        return f"{self._base}/{quote(repository)}/resolve/main/{quote(file)}"

    @contextmanager
    def _answer(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        linked: dict[str, str] | None = None,
    ) -> Iterator[httpx.Response]:
        """Give the answer at the end of the redirects; `linked` gets what they said of the file."""
        for _ in range(_MOST_REDIRECTS):
            self._reach.check(url)
            with _translated(), self._client.stream(method, url, headers=headers) as answer:
                self._check_peer(answer)
                target = answer.headers.get("location")
                if not answer.is_redirect or target is None:
                    _refuse(answer)
                    yield answer
                    return
                if linked is not None:
                    said = {key: v for key, v in answer.headers.items() if key.startswith("x-link")}
                    linked.update(said)
                url = urljoin(url, target)
        raise HubError("The hub sent the download round in circles.", code="hub_sent_away")

    def _check_peer(self, answer: httpx.Response) -> None:
        stream = answer.extensions.get("network_stream")
        peer = stream.get_extra_info("server_addr") if stream is not None else None
        if isinstance(peer, tuple):
            self._reach.check_peer(str(cast("tuple[object, ...]", peer)[0]))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise BrokenOffError(
            "The connection to the hub broke off.", hint="What came is kept; go on later."
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise HubError(
            "The model hub cannot be reached.",
            code="hub_unreachable",
            hint="Check the box's connection to the internet, and the setting hf_url.",
        ) from error


def _refuse(answer: httpx.Response) -> None:
    status = answer.status_code
    if answer.is_success or status == _PAST_THE_END:
        return
    if status in {_UNAUTHORISED, _FORBIDDEN}:
        # The hub says 401 for what is private and for what does not exist.
        raise HubError(
            "The hub does not give this file to everybody, or it does not exist.",
            code="hub_sign_in",
            hint="Check the name; models that need an account cannot be fetched by Nodo. "
            "Get the file elsewhere and import it.",
        )
    if status == _MISSING:
        raise HubError("There is no such file on the hub.", code="hub_file_missing")
    if status == _TOO_MANY:
        wait_s = answer.headers.get("retry-after", "")
        raise HubError(
            "The hub asks for fewer requests.",
            code="hub_busy",
            hint="Try again in some minutes.",
            retry_after_s=int(wait_s) if wait_s.isdigit() else 60,
        )
    raise HubError(f"The hub answered {status}.", code="hub_failed", hint="Try again later.")


def _start_of(answer: httpx.Response) -> int:
    if answer.status_code == _PAST_THE_END:
        return -1
    if answer.status_code != _PARTIAL:
        return 0
    found = _CONTENT_RANGE.fullmatch(answer.headers.get("content-range", ""))
    if found is None:
        raise HubError(
            "The hub sent a part of the file that nobody asked for.", code="hub_nonsense"
        )
    return int(found[1])


def _bytes_of(answer: httpx.Response) -> Iterator[bytes]:
    # Raw: a body that claims to be packed would be another file than the one with that SHA-256.
    yield from answer.iter_raw()


def _json_of(answer: httpx.Response) -> object:
    body = bytearray()
    for chunk in answer.iter_raw():
        body += chunk
        if len(body) > _MOST_LISTING_BYTES:
            raise HubError("The hub's list of files is too long.", code="hub_nonsense")
    try:
        return httpx.Response(200, content=bytes(body)).json()
    except (ValueError, RecursionError) as error:
        raise HubError("The hub's list of files cannot be read.", code="hub_nonsense") from error
