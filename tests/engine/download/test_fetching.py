import hashlib
from pathlib import Path

import pytest

from appliance.base.errors import ApplianceError
from appliance.engine.download.addresses import Reach
from appliance.engine.download.fetching import Fetching
from appliance.engine.download.model import DownloadState, Wanted
from tests.servers.fake_hub import FakeHub, running_hub

CONTENT = bytes(range(256)) * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
PATH = "Qwen/Small-GGUF/small.gguf"


def hub_with(**behaviour: object) -> FakeHub:
    return FakeHub(files={PATH: CONTENT}, **behaviour)  # type: ignore[arg-type]


def fetching(hub: FakeHub, folder: Path, **wanted: object) -> Fetching:
    facts: dict[str, object] = {
        "name": "small", "title": "Small", "repository": "Qwen/Small-GGUF", "file": "small.gguf",
        "size_bytes": len(CONTENT), "sha256": DIGEST,
    }  # fmt: skip
    return Fetching(
        Reach(hub.url),
        Wanted(**{**facts, **wanted}),  # type: ignore[arg-type]
        folder / "small.part",
        lambda _state, _done, _total: None,
        first_pause_s=0.001,
    )


def refusal_of(one: Fetching) -> ApplianceError:
    with pytest.raises(ApplianceError) as refusal:
        one.run()
    return refusal.value


@pytest.mark.parametrize("sends_to_cdn", [True, False])
def test_a_file_comes_whole_with_its_digest(tmp_path: Path, *, sends_to_cdn: bool):
    with running_hub(hub_with(sends_to_cdn=sends_to_cdn)) as hub:
        digest = fetching(hub, tmp_path).run()

    assert digest == DIGEST
    assert (tmp_path / "small.part").read_bytes() == CONTENT


def test_progress_is_told_in_bytes(tmp_path: Path):
    told: list[tuple[DownloadState, int, int]] = []
    with running_hub(hub_with()) as hub:
        one = fetching(hub, tmp_path)
        one._progress = lambda *now: told.append(now)
        one.run()

    assert told[0] == (DownloadState.ASKING, 0, len(CONTENT))
    assert told[-2:] == [
        (DownloadState.RUNNING, len(CONTENT), len(CONTENT)),
        (DownloadState.VERIFYING, len(CONTENT), len(CONTENT)),
    ]


def test_a_connection_that_breaks_goes_on_where_it_broke(tmp_path: Path):
    with running_hub(hub_with(cuts_after=[100_000, 50_000, 10])) as hub:
        digest = fetching(hub, tmp_path).run()

    assert digest == DIGEST
    assert hub.bodies() == [None, "bytes=100000-", "bytes=150000-", "bytes=150010-"]


def test_a_server_that_never_gives_a_byte_is_given_up_and_what_came_is_kept(tmp_path: Path):
    with running_hub(hub_with(cuts_after=[1000, 0, 0, 0, 0, 0, 0, 0, 0])) as hub:
        error = refusal_of(fetching(hub, tmp_path))

    assert error.code == "download_broken_off"
    assert (tmp_path / "small.part").stat().st_size == 1000


def test_the_next_run_goes_on_with_what_is_there(tmp_path: Path):
    with running_hub(hub_with(cuts_after=[1000, 0, 0, 0, 0, 0, 0, 0, 0])) as hub:
        refusal_of(fetching(hub, tmp_path))
        hub.cuts_after = []
        hub.asked.clear()
        assert fetching(hub, tmp_path).run() == DIGEST

    assert hub.bodies() == ["bytes=1000-"]


def test_a_hub_that_knows_no_ranges_sends_all_again(tmp_path: Path):
    with running_hub(hub_with(cuts_after=[100_000], ignores_ranges=True)) as hub:
        assert fetching(hub, tmp_path).run() == DIGEST

    assert (tmp_path / "small.part").read_bytes() == CONTENT


def test_a_part_that_begins_elsewhere_does_not_become_the_beginning_of_the_file(tmp_path: Path):
    with running_hub(hub_with(cuts_after=[100_000], misplaces=[10])) as hub:
        assert fetching(hub, tmp_path).run() == DIGEST

    assert (tmp_path / "small.part").read_bytes() == CONTENT
    assert hub.bodies() == [None, "bytes=100000-", None]


def test_the_beginning_of_another_file_is_thrown_away(tmp_path: Path):
    (tmp_path / "small.part").write_bytes(b"something else")
    (tmp_path / "small.etag").write_text('{"etag": "of before"}')
    with running_hub(hub_with()) as hub:
        assert fetching(hub, tmp_path).run() == DIGEST

    assert hub.bodies() == [None]


def test_wrong_bytes_are_thrown_away(tmp_path: Path):
    with running_hub(hub_with(corrupts=True)) as hub:
        error = refusal_of(fetching(hub, tmp_path))

    assert error.code == "hub_wrong_bytes"
    assert not (tmp_path / "small.part").exists()


def test_a_file_of_unknown_digest_is_checked_by_what_the_hub_promised(tmp_path: Path):
    with running_hub(hub_with(corrupts=True)) as hub:
        error = refusal_of(fetching(hub, tmp_path, sha256=""))

    assert error.code == "hub_wrong_bytes"


@pytest.mark.parametrize("wanted", [{"sha256": "0" * 64}, {"size_bytes": 5}])
def test_another_file_than_the_catalogue_knows_is_not_fetched(
    tmp_path: Path, wanted: dict[str, object]
):
    with running_hub(hub_with()) as hub:
        error = refusal_of(fetching(hub, tmp_path, **wanted))

    assert error.code == "hub_file_changed"
    assert hub.bodies() == []


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "hub_sign_in"), (403, "hub_sign_in"), (404, "hub_file_missing"), (429, "hub_busy"),
     (500, "hub_failed")],
)  # fmt: skip
def test_a_hub_that_gives_no_file_says_why(tmp_path: Path, status: int, code: str):
    with running_hub(hub_with(status=status)) as hub:
        error = refusal_of(fetching(hub, tmp_path))

    assert error.code == code


def test_a_busy_hub_says_when_to_come_back(tmp_path: Path):
    with running_hub(hub_with(status=429)) as hub:
        error = refusal_of(fetching(hub, tmp_path))

    assert error.fields["retry_after_s"] == 17


def test_a_file_too_large_for_the_disk_is_not_begun(tmp_path: Path):
    with running_hub(hub_with()) as hub:
        hub.files[PATH] = b"x"
        one = fetching(hub, tmp_path, size_bytes=0, sha256="")
        one._checked_size = lambda known: 1 << 60
        error = refusal_of(one)

    assert error.code == "storage_full"
    assert hub.bodies() == []


def test_a_stopped_download_ends_at_once_and_keeps_what_came(tmp_path: Path):
    with running_hub(hub_with()) as hub:
        one = fetching(hub, tmp_path)
        one._progress = lambda _state, done, _total: one.stop() if done else None
        error = refusal_of(one)

    assert error.code == "download_stopped"
    assert 0 < (tmp_path / "small.part").stat().st_size < len(CONTENT)


def test_nobody_there_is_said_in_words(tmp_path: Path):
    with running_hub(hub_with()) as hub:
        pass

    assert refusal_of(fetching(hub, tmp_path)).code == "hub_unreachable"


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest",
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "http://",
        "https://u:p@127.0.0.1/",
    ],
)
def test_a_redirect_to_where_nodo_does_not_go_is_refused(tmp_path: Path, target: str):
    public = "https://huggingface.co"
    reach = Reach(public, lambda host: ["127.0.0.1" if host != "huggingface.co" else "1.1.1.1"])

    with pytest.raises(ApplianceError) as refusal:
        reach.check(target)

    assert refusal.value.code == "hub_sent_away"
