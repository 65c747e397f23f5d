"""Words of downloads: where a model comes from, and how far it has come."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from appliance.base.errors import ApplianceError, ConflictError, UnavailableError


class HubError(UnavailableError):
    """The model hub does not give the file; the code says why."""

    code = "hub_failed"


class BrokenOffError(UnavailableError):
    """The connection ended before the file did; what came is kept."""

    code = "download_broken_off"


class StoppedError(ConflictError):
    """Somebody stopped the download."""

    code = "download_stopped"


@dataclass(frozen=True)
class Wanted:
    """A file on the hub, and the model that it becomes.

    Attributes:
        name: What the model is called then.
        title: For pages.
        repository: Where it is published, `owner/name`.
        file: The GGUF file there.
        size_bytes: What it should have; 0 while unknown.
        sha256: What it should have; empty while unknown.
        is_of_catalogue: Whether the file's own name tells the library what it is.
        path: Where it lies on this computer; empty if it comes from the hub.
    """

    name: str
    title: str
    repository: str
    file: str
    size_bytes: int = 0
    sha256: str = ""
    is_of_catalogue: bool = True
    path: str = ""


class DownloadState(StrEnum):
    """What is done with a download right now."""

    WAITING = "waiting"
    ASKING = "asking"
    RUNNING = "running"
    VERIFYING = "verifying"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


OVER = frozenset({DownloadState.DONE, DownloadState.STOPPED, DownloadState.FAILED})


@dataclass(frozen=True)
class Download:
    """How far a model has come.

    Attributes:
        id: Names it in addresses; the same for the same model.
        wanted: What is fetched.
        state: What is done with it right now.
        total_bytes: Of the file; 0 while unknown.
        done_bytes: How many are here.
        rate_bytes_per_s: Over the last seconds; 0 while nothing comes.
        remaining_s: How long it will take at that rate; None while unknown.
        error: Why it failed; None else.
    """

    id: str
    wanted: Wanted
    state: DownloadState
    total_bytes: int = 0
    done_bytes: int = 0
    rate_bytes_per_s: float = 0.0
    remaining_s: float | None = None
    error: ApplianceError | None = None

    @property
    def is_over(self) -> bool:
        """Return whether nothing more happens by itself."""
        return self.state in OVER


Progress = Callable[[DownloadState, int, int], None]
"""Hears the state, the bytes that are here, and all bytes."""
