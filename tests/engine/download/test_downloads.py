import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.base.clock import SystemClock
from appliance.base.errors import NotFoundError, StorageFullError
from appliance.engine.catalogue import CatalogueEntry
from appliance.engine.download.addresses import Reach
from appliance.engine.download.downloads import Downloads
from appliance.engine.download.model import Download, DownloadState, HubError
from appliance.engine.library.library import ModelLibrary
from tests.engine.library.shelves import QWEN_FILE, catalogue_entry
from tests.engine.text.tiny_gguf import TinyGguf
from tests.servers.fake_hub import FakeHub, running_hub
from tests.waiting import until

TINY = replace(TinyGguf(), data=bytes(200_000)).content()
PATH = f"Qwen/Qwen3-4B-GGUF/{QWEN_FILE}"


def entry(content: bytes = TINY) -> CatalogueEntry:
    digest = hashlib.sha256(content).hexdigest()
    return replace(catalogue_entry(), size_bytes=len(content), sha256=digest)


@asynccontextmanager
async def downloads_of(
    folder: Path, hub: FakeHub, *, known: CatalogueEntry | None = None
) -> AsyncIterator[tuple[Downloads, ModelLibrary]]:
    folder.mkdir(exist_ok=True)
    library = ModelLibrary(folder=folder, demo_file=None, catalogue=(known or entry(),))
    downloads = Downloads(library=library, reach=Reach(hub.url), clock=SystemClock())
    running = asyncio.create_task(downloads.run())
    await asyncio.sleep(0)
    await until(lambda: downloads._tasks is not None, within_s=5)
    try:
        yield downloads, library
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def last_of(downloads: Downloads, download: Download) -> Download:
    return [now async for now in downloads.follow(download.id)][-1]


async def test_a_model_of_the_catalogue_comes_by_its_name(tmp_path: Path):
    with running_hub(FakeHub(files={PATH: TINY})) as hub:
        async with downloads_of(tmp_path / "models", hub) as (downloads, library):
            last = await last_of(downloads, await downloads.pull("qwen3:4b-q4_K_M"))
            model = library.model_named("qwen3:4b")

    assert (last.state, last.done_bytes, last.error) == (DownloadState.DONE, len(TINY), None)
    assert model.digest == hashlib.sha256(TINY).hexdigest()
    assert list((tmp_path / "models" / "downloads").iterdir()) == []


async def test_a_model_of_the_hub_keeps_the_name_by_which_it_was_asked_for(tmp_path: Path):
    files = {"owner/Thing-GGUF/thing-Q8_0.gguf": TINY, "owner/Thing-GGUF/thing-Q4_K_M.gguf": TINY}
    with running_hub(FakeHub(files=files)) as hub:
        async with downloads_of(tmp_path / "models", hub) as (downloads, library):
            await last_of(downloads, await downloads.pull("hf.co/owner/Thing-GGUF"))
            await last_of(downloads, await downloads.pull("hf.co/owner/Thing-GGUF:q8_0"))

            names = [model.name for model in library.list_models()]

    assert names == ["hf.co/owner/Thing-GGUF", "hf.co/owner/Thing-GGUF:q8_0"]


@pytest.mark.parametrize(
    ("name", "code"),
    [("nothing", "model_not_known"), ("evil.example/a/b", "model_not_known"),
     ("hf.co/owner/none", "hub_file_missing")],
)  # fmt: skip
async def test_a_name_that_nobody_knows_is_refused(tmp_path: Path, name: str, code: str):
    with running_hub(FakeHub(files={PATH: TINY})) as hub:
        async with downloads_of(tmp_path / "models", hub) as (downloads, _library):
            with pytest.raises(NotFoundError) as refusal:
                await downloads.pull(name)

    assert refusal.value.code == code


@pytest.mark.parametrize("listing", [b"[" * 100_000, b"{}", b"no list"])
async def test_a_list_of_files_that_is_none_is_said_to_be_nonsense(tmp_path: Path, listing: bytes):
    with running_hub(FakeHub(listing=listing)) as hub:
        async with downloads_of(tmp_path / "models", hub) as (downloads, _library):
            with pytest.raises(HubError) as refusal:
                await downloads.pull("hf.co/owner/thing")

    assert refusal.value.code == "hub_nonsense"


async def test_a_stopped_download_goes_on_with_what_came(tmp_path: Path):
    hub = FakeHub(files={PATH: TINY})
    with running_hub(hub):
        async with downloads_of(tmp_path / "models", hub) as (downloads, library):
            hub.cuts_after = [100_000]
            begun = await downloads.pull("qwen3:4b")
            await until(lambda: downloads.download_of(begun.id).done_bytes >= 100_000, within_s=5)
            await downloads.stop(begun.id)
            assert downloads.download_of(begun.id).state is DownloadState.STOPPED

            await last_of(downloads, await downloads.pull("qwen3:4b"))
            assert library.find_model("qwen3:4b") is not None

    assert hub.bodies()[-1] == "bytes=100000-"


async def test_a_download_goes_on_after_a_restart(tmp_path: Path):
    hub = FakeHub(files={PATH: TINY}, cuts_after=[100_000])
    with running_hub(hub):
        async with downloads_of(tmp_path / "models", hub) as (downloads, _library):
            begun = await downloads.pull("qwen3:4b")
            await until(lambda: downloads.download_of(begun.id).done_bytes >= 100_000, within_s=5)

        async with downloads_of(tmp_path / "models", hub) as (downloads, library):
            await until(lambda: bool(downloads.list_all()), within_s=5)
            assert (await last_of(downloads, downloads.list_all()[0])).state is DownloadState.DONE
            assert library.find_model("qwen3:4b") is not None


async def test_a_stopped_download_stays_stopped_after_a_restart(tmp_path: Path):
    hub = FakeHub(files={PATH: TINY}, cuts_after=[0] * 20)
    with running_hub(hub):
        async with downloads_of(tmp_path / "models", hub) as (downloads, _library):
            await downloads.stop((await downloads.pull("qwen3:4b")).id)

        async with downloads_of(tmp_path / "models", hub) as (downloads, _library):
            await until(lambda: bool(downloads.list_all()), within_s=5)
            assert [one.state for one in downloads.list_all()] == [DownloadState.STOPPED]


async def test_a_removed_download_leaves_nothing(tmp_path: Path):
    hub = FakeHub(files={PATH: TINY}, cuts_after=[100_000, *[0] * 20])
    with running_hub(hub):
        async with downloads_of(tmp_path / "models", hub) as (downloads, _library):
            begun = await downloads.pull("qwen3:4b")
            await until(lambda: downloads.download_of(begun.id).done_bytes >= 100_000, within_s=5)
            await downloads.remove(begun.id)
            assert downloads.list_all() == []
            left = list((tmp_path / "models" / "downloads").iterdir())

    assert left == []


async def test_a_file_that_is_no_model_does_not_enter_the_library(tmp_path: Path):
    content = b"not a model" * 1000
    with running_hub(FakeHub(files={PATH: content})) as hub:
        known = entry(content)
        async with downloads_of(tmp_path / "models", hub, known=known) as (downloads, library):
            last = await last_of(downloads, await downloads.pull("qwen3:4b"))

            assert library.list_models() == []

    assert last.error is not None
    assert last.error.code == "bad_model_file"


async def test_what_is_here_already_is_not_fetched_again(tmp_path: Path):
    with running_hub(FakeHub(files={PATH: TINY})) as hub:
        async with downloads_of(tmp_path / "models", hub) as (downloads, _library):
            await last_of(downloads, await downloads.pull("qwen3:4b"))
            hub.asked.clear()
            last = await last_of(downloads, await downloads.pull("qwen3:4b"))

    assert last.state is DownloadState.DONE
    assert hub.asked == []


async def test_asking_twice_for_a_model_fetches_it_once(tmp_path: Path):
    with running_hub(FakeHub(files={PATH: TINY})) as hub:
        async with downloads_of(tmp_path / "models", hub) as (downloads, _library):
            first, second = await downloads.pull("qwen3:4b"), await downloads.pull("qwen3:4b")
            await last_of(downloads, first)

    assert first.id == second.id
    assert len(hub.bodies()) == 1


async def test_a_disk_that_takes_no_file_ends_that_download_and_no_other(tmp_path: Path):
    files = {"owner/Thing-GGUF/thing-Q8_0.gguf": TINY, PATH: TINY}
    with running_hub(FakeHub(files=files)) as hub:
        async with downloads_of(tmp_path / "models", hub) as (downloads, _library):
            (tmp_path / "models" / "blobs").write_text("no folder")

            failed = await last_of(downloads, await downloads.pull("hf.co/owner/Thing-GGUF"))
            other = await last_of(downloads, await downloads.pull("qwen3:4b"))

    assert failed.error is not None
    assert (failed.state, failed.error.code) == (DownloadState.FAILED, "storage_full")
    assert str(tmp_path) not in failed.error.message
    assert other.state is DownloadState.DONE


async def test_a_download_that_could_not_be_noted_can_be_asked_for_again(tmp_path: Path):
    with running_hub(FakeHub(files={PATH: TINY})) as hub:
        async with downloads_of(tmp_path / "models", hub) as (downloads, _library):
            folder = tmp_path / "models" / "downloads"
            folder.write_text("no folder")
            with pytest.raises(StorageFullError):
                await downloads.pull("qwen3:4b")
            folder.unlink()

            last = await last_of(downloads, await downloads.pull("qwen3:4b"))

    assert last.state is DownloadState.DONE
