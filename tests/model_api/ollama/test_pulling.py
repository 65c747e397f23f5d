"""Models fetched by Ollama's clients: the lines of progress that they expect."""

from dataclasses import replace

import pytest

from appliance.base.errors import NotFoundError
from appliance.engine.download.model import BrokenOffError, Download, DownloadState, Wanted
from tests.fakes.text_engine import script
from tests.model_api.ollama.box import ToldDownloads, client_of, lines_of
from tests.model_api.serving import served

WANTED = Wanted(
    "qwen3:4b", "Qwen3 4B", "Qwen/Qwen3-4B-GGUF", "q.gguf", 100, "5ee4f07cdb9b" + "0" * 52
)
BEGUN = Download("d1", WANTED, DownloadState.ASKING)
RUNNING = replace(BEGUN, state=DownloadState.RUNNING, total_bytes=100, done_bytes=40)
DONE = replace(BEGUN, state=DownloadState.DONE, total_bytes=100, done_bytes=100)


async def test_a_model_is_fetched_line_by_line() -> None:
    checking = replace(RUNNING, state=DownloadState.VERIFYING, done_bytes=100)
    downloads = ToldDownloads(BEGUN, replace(RUNNING, done_bytes=0), RUNNING, checking, DONE)
    async with client_of(served(*script("x")), downloads) as client:
        answer = await client.post("/api/pull", json={"name": "qwen3:4b"})

    layer = {
        "status": "pulling 5ee4f07cdb9b",
        "digest": f"sha256:{WANTED.sha256}",
        "total": 100,
    }
    assert lines_of(answer) == [
        {"status": "pulling manifest"},
        layer,
        {**layer, "completed": 40},
        {"status": "verifying sha256 digest"},
        {"status": "writing manifest"},
        {"status": "success"},
    ]


async def test_without_a_stream_only_the_end_is_told() -> None:
    async with client_of(served(*script("x")), ToldDownloads(BEGUN, DONE)) as client:
        answer = await client.post("/api/pull", json={"model": "qwen3:4b", "stream": False})

    assert answer.json() == {"status": "success"}


@pytest.mark.parametrize(
    ("downloads", "text"),
    [
        (
            ToldDownloads(failure=NotFoundError("Nowhere.", code="model_not_known")),
            "pull model manifest: file does not exist",
        ),
        (
            ToldDownloads(
                BEGUN,
                replace(RUNNING, state=DownloadState.FAILED, error=BrokenOffError("It broke off.")),
            ),
            "It broke off.",
        ),
        (
            ToldDownloads(BEGUN, replace(RUNNING, state=DownloadState.STOPPED)),
            "The download was stopped.",
        ),
    ],
)
async def test_what_fails_is_the_last_line(downloads: ToldDownloads, text: str) -> None:
    async with client_of(served(*script("x")), downloads) as client:
        answer = await client.post("/api/pull", json={"model": "qwen3:4b"})

    assert lines_of(answer)[-1] == {"error": text}
