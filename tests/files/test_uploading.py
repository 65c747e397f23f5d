"""What comes in is on disk, whole, before it is acknowledged; what is refused leaves nothing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.types import Message

from appliance.files.blobs import Blobs
from appliance.files.model import LARGEST_FILE_BYTES, MOST_UNUSED_FILES
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.files import documents
from tests.files.box import Box
from tests.files.conftest import StartBox


async def test_a_file_is_there_as_it_was_sent(box: Box) -> None:
    content = "Señal\n".encode() * 100_000
    sent = (await box.upload("señal.txt", content)).json()

    back = await box.get(f"/files/{sent['id']}/content")

    assert (sent["name"], sent["size_bytes"], sent["media_type"]) == (
        "señal.txt", len(content), "text/plain",
    )  # fmt: skip
    assert sent["state"] == "extracting"
    assert back.content == content
    assert len(box.on_disk()) == 1


async def test_the_same_name_twice_is_two_files(box: Box) -> None:
    one = (await box.upload("a.txt", b"uno")).json()["id"]
    two = (await box.upload("a.txt", b"dos")).json()["id"]

    assert [await _content(box, file_id) for file_id in (one, two)] == [b"uno", b"dos"]


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.exe", b"MZ", 415, "file_type_refused"),
        ("a.pdf", b"MZ" + bytes(100_000), 415, "file_type_mismatch"),
        ("a.pdf", b"MZ", 415, "file_type_mismatch"),
        ("a.docx", documents.pdf([["x"]]), 415, "file_type_mismatch"),
        ("a.txt", b"", 422, "file_empty"),
        ("a.txt", b"a" * (LARGEST_FILE_BYTES + 1), 413, "file_too_large"),
    ],
)
async def test_a_refused_file_leaves_nothing(
    box: Box, name: str, content: bytes, status: int, code: str
) -> None:
    answer = await box.upload(name, content)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert box.on_disk() == []


async def test_a_file_of_exactly_the_limit_is_taken(box: Box) -> None:
    answer = await box.upload("a.txt", b"a" * LARGEST_FILE_BYTES)

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "name", ["../../../evil.txt", "..\\evil.txt", "/etc/cron.d/evil.txt", "evil\x00.txt", "ñ\n.txt"]
)
async def test_a_name_never_becomes_a_path(box: Box, tmp_path: Path, name: str) -> None:
    answer = await box.upload(name, b"x")

    assert answer.status_code == 201
    assert len(box.on_disk()) == 1
    assert not list(tmp_path.rglob("*evil*"))


async def test_a_person_cannot_keep_any_number_of_files_without_asking(
    start_box: StartBox,
) -> None:
    box = await start_box(works=False)
    for _ in range(MOST_UNUSED_FILES):
        await box.upload("a.txt", b"a")

    answer = await box.upload("a.txt", b"a")

    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_files")
    assert (await box.upload("a.txt", b"a", user="luis")).status_code == 201
    assert len(box.on_disk()) == MOST_UNUSED_FILES + 1


async def test_another_persons_file_is_not_there(box: Box) -> None:
    file_id = (await box.read("a.txt", b"secreto"))["id"]

    answers = [
        await box.get(f"/files/{file_id}", user="luis"),
        await box.get(f"/files/{file_id}/text", user="luis"),
        await box.get(f"/files/{file_id}/content", user="luis"),
        await box.delete(file_id, user="luis"),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {
        (404, "file_not_found")
    }
    assert await box.text(file_id) == "secreto"


async def test_a_client_that_goes_away_in_the_middle_leaves_nothing(box: Box) -> None:
    pieces: list[Message] = [
        {"type": "http.request", "body": _form_head("a.txt") + b"a" * 600_000, "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.sleep(0)
        return pieces.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await box.app(_scope(), receive, send)

    assert sent == []
    assert box.on_disk() == []


async def test_a_file_that_grows_without_end_is_refused_at_the_limit(box: Box) -> None:
    sent_bytes = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent_bytes
        yield _form_head("a.txt")
        while True:
            sent_bytes += 1 << 20
            yield b"a" * (1 << 20)

    async with box.client() as client:
        answer = await client.post("/files", content=endless(), headers=_form_type())

    assert answer.json()["code"] == "file_too_large"
    assert sent_bytes <= LARGEST_FILE_BYTES + (2 << 20)
    assert box.on_disk() == []


async def test_halves_of_an_earlier_run_are_removed_at_the_start(start_box: StartBox) -> None:
    box = await start_box(works=False)
    (box.folder / "abc.part").write_bytes(b"half")

    await box.files.start()

    assert box.on_disk() == []


async def test_a_disk_that_is_nearly_full_takes_no_files(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs", CountingIds(), reserve_bytes=1 << 60)
    await blobs.prepare()

    with pytest.raises(Exception, match="disk is full") as refusal:
        async with blobs.writing():
            pass

    assert refusal.value.__class__.__name__ == "StorageFullError"
    assert list((tmp_path / "blobs").iterdir()) == []


async def test_a_file_that_nobody_asks_about_is_removed_after_a_day(
    box: Box, clock: ManualClock
) -> None:
    file_id = (await box.read("a.txt", b"a"))["id"]
    clock.advance(24 * 3600 - 1)
    await _purge(box)
    assert (await box.get(f"/files/{file_id}")).status_code == 200

    clock.advance(2)
    await _purge(box)

    assert (await box.get(f"/files/{file_id}")).status_code == 404


async def _purge(box: Box) -> None:
    kinds = {kind.name: kind for kind in box.files.job_kinds}
    await kinds["files.purge"].handler({}, 1)


async def _content(box: Box, file_id: object) -> bytes:
    return (await box.get(f"/files/{file_id}/content")).content


def _form_type() -> dict[str, str]:
    return {"Content-Type": "multipart/form-data; boundary=b"}


def _form_head(name: str) -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()


def _scope() -> dict[str, object]:
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "scheme": "http", "path": "/files", "raw_path": b"/files", "query_string": b"",
        "root_path": "", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        "headers": [(b"authorization", b"Bearer ana"), (b"content-type", b"multipart/form-data; boundary=b")],
    }  # fmt: skip
