"""What keeping models looks like on the wire (docs/api.md, "Models and the box")."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from appliance.engine.download.model import Download
from appliance.engine.library.found import FoundModel
from appliance.engine.text.port import Resident
from appliance.engine.text.speed import Speed
from appliance.model_api.keeping.keeping import Memory, TakenIn


class ProblemOut(BaseModel):
    """Why something failed."""

    code: str
    detail: str
    hint: str


class DownloadOut(BaseModel):
    """How far a model has come."""

    id: str
    name: str
    title: str
    file: str
    state: str
    total_bytes: int
    done_bytes: int
    rate_bytes_per_s: int
    remaining_s: int | None
    problem: ProblemOut | None


class DownloadsOut(BaseModel):
    """All downloads."""

    items: list[DownloadOut]


class DownloadIn(BaseModel):
    """Which model is to be fetched."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=400)
    accepts_licence: bool = False


class FoundOut(BaseModel):
    """A model that lies about on this computer."""

    id: str
    name: str
    place: str
    size_bytes: int
    is_of_ollama: bool


class FoundListOut(BaseModel):
    """All that were found."""

    items: list[FoundOut]
    inbox: str


class TakenInOut(BaseModel):
    """A model is being taken in; without a download it is here already."""

    name: str
    download: DownloadOut | None


class NameIn(BaseModel):
    """Which model is meant."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=400)


class ResidentOut(BaseModel):
    """A model in memory."""

    name: str
    memory_bytes: int
    context_tokens: int
    expires_at: datetime | None
    is_for_embeddings: bool
    status: str
    load_percent: int


class ResidentsOut(BaseModel):
    """What is in memory, and how much there is."""

    items: list[ResidentOut]
    memory_total_bytes: int
    memory_available_bytes: int


class SpeedOut(BaseModel):
    """How quick a model is; `pace` compares its writing with somebody who reads along."""

    model: str
    load_s: float
    reading_tokens_per_s: float
    writing_tokens_per_s: float
    page_s: float
    pace: str
    took_s: float


def download_out(download: Download) -> DownloadOut:
    """Return a download, as it is told."""
    error, remaining_s = download.error, download.remaining_s
    return DownloadOut(
        id=download.id,
        name=download.wanted.name,
        title=download.wanted.title,
        file=download.wanted.file,
        state=download.state.value,
        total_bytes=download.total_bytes,
        done_bytes=download.done_bytes,
        rate_bytes_per_s=round(download.rate_bytes_per_s),
        remaining_s=None if remaining_s is None else round(remaining_s),
        problem=ProblemOut(code=error.code, detail=error.message, hint=error.hint)
        if error
        else None,
    )


def found_out(found: FoundModel) -> FoundOut:
    """Return a model that was found, as it is told."""
    return FoundOut(
        id=found.id,
        # A name of a file may hold bytes that are no text.
        name=found.name.encode(errors="replace").decode(),
        place=found.place.encode(errors="replace").decode(),
        size_bytes=found.size_bytes,
        is_of_ollama=found.store is not None,
    )


def taken_in_out(taken: TakenIn) -> TakenInOut:
    """Return what is being taken in, as it is told."""
    return TakenInOut(
        name=taken.name.encode(errors="replace").decode(),
        download=download_out(taken.download) if taken.download else None,
    )


def resident_out(resident: Resident) -> ResidentOut:
    """Return a model in memory, as it is told."""
    return ResidentOut(
        name=resident.name,
        memory_bytes=resident.memory_bytes,
        context_tokens=resident.context_tokens,
        expires_at=resident.expires_at,
        is_for_embeddings=resident.is_for_embeddings,
        status=resident.state.status.value,
        load_percent=resident.state.load_percent,
    )


def residents_out(residents: list[Resident], memory: Memory) -> ResidentsOut:
    """Return what is in memory, as it is told."""
    return ResidentsOut(
        items=[resident_out(resident) for resident in residents],
        memory_total_bytes=memory.total_bytes,
        memory_available_bytes=memory.available_bytes,
    )


def speed_out(speed: Speed) -> SpeedOut:
    """Return a measurement, as it is told."""
    return SpeedOut(
        model=speed.model,
        load_s=round(speed.load_s, 2),
        reading_tokens_per_s=round(speed.reading_tokens_per_s, 1),
        writing_tokens_per_s=round(speed.writing_tokens_per_s, 1),
        page_s=round(speed.page_s, 1),
        pace=speed.pace.value,
        took_s=round(speed.took_s, 2),
    )
