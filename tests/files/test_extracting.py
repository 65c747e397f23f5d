"""Reading a file: its text, its cost, its progress, and every way in which it may end."""

import json

import pytest

from appliance.base.process.child import ChildSpec
from appliance.files.model import FileRemoved
from tests.fakes.clock import ManualClock
from tests.files import children, documents
from tests.files.box import Box
from tests.files.conftest import StartBox
from tests.waiting import until


async def test_a_file_is_read_and_its_tokens_are_counted(box: Box) -> None:
    file = await box.read("turnos.docx", documents.docx(documents.paragraph("Ana abre a las ocho")))

    assert (file["state"], file["tokens"], file["tokens_estimated"]) == ("ready", 5, False)
    assert (await box.text(file["id"])).strip() == "Ana abre a las ocho"


async def test_who_waits_for_files_hears_of_those_that_can_be_read(box: Box) -> None:
    await box.read("a.pdf", b"%PDF-1.7 nothing")
    file = await box.read("a.txt", b"Ana abre a las ocho.")

    assert box.ready == [file["id"]]


async def test_who_waits_for_files_hears_of_those_that_are_removed(box: Box) -> None:
    file = await box.read("a.txt", b"Ana abre a las ocho.")

    assert (await box.delete(file["id"])).status_code == 204

    assert box.removed == [FileRemoved(str(file["id"]))]


async def test_without_a_model_tokens_are_estimated_and_say_so(box: Box) -> None:
    box.engine.counts = False

    file = await box.read("a.txt", b"Ana abre a las ocho.")

    assert (file["tokens"], file["tokens_estimated"]) == (7, True)


async def test_tokens_are_counted_once_there_is_a_model(box: Box) -> None:
    box.engine.counts = False
    file = await box.read("a.txt", b"Ana abre a las ocho.")
    box.engine.counts = True

    lent = await box.files.lending.measured("ana", [str(file["id"])])

    assert (lent[0].tokens, lent[0].tokens_model) == (5, "scripted")
    assert (await box.get(f"/files/{file['id']}")).json()["tokens_estimated"] is False


async def test_pages_are_told_in_order(box: Box) -> None:
    file = await box.read("a.pdf", documents.pdf([["uno"], ["dos"], ["tres"]]))

    assert (file["pages"], file["pages_done"]) == (3, 3)
    assert [news.event for news in box.news] == ["file"] * len(box.news)


class HurriedClock(ManualClock):
    """Each look at it takes 0.6 s."""

    def monotonic_s(self) -> float:
        """Return the seconds, which pass by being asked for."""
        self.advance(0.6)
        return super().monotonic_s()


@pytest.mark.parametrize("clock", [HurriedClock()], ids=["hurried"])
async def test_progress_is_told_about_once_a_second_while_a_file_is_read(
    start_box: StartBox, clock: ManualClock
) -> None:
    box = await start_box(spec=children.pages_slowly(9), longest_reading_s=600)
    file_id = (await box.upload("a.pdf", documents.pdf([["x"]]))).json()["id"]
    await until(lambda: len(box.news) == 5, within_s=20)

    shown = (await box.get(f"/files/{file_id}")).json()

    assert [news.data["pages_done"] for news in box.news] == [1, 3, 5, 7, 9]
    assert (shown["state"], shown["pages_done"], shown["pages"]) == ("extracting", 9, 9)
    assert (await box.delete(file_id)).status_code == 204


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", documents.locked_pdf("clave"), "file_encrypted"),
        ("a.pdf", documents.pdf([[], []]), "file_without_text"),
        ("a.pdf", documents.pdf([["x"]])[:200], "file_damaged"),
        ("a.docx", documents.docx()[:200], "file_damaged"),
        ("a.docx", documents.zip_bomb(4 << 30), "file_too_large_inside"),
        ("a.docx", documents.entity_bomb(), "file_damaged"),
        ("a.txt", b" \n ", "file_without_text"),
    ],
)
async def test_a_file_that_gives_no_text_fails_with_a_word(
    box: Box, name: str, content: bytes, code: str
) -> None:
    file = await box.read(name, content)

    error = file["error"]
    assert isinstance(error, dict)
    assert (file["state"], error["code"]) == ("failed", code)
    assert error["detail"].endswith(".")


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        (children.IS_KILLED, "extraction_failed"),
        (children.USES_UP_ITS_TIME, "extraction_too_long"),
        (children.SAYS_NOTHING, "extraction_failed"),
        (children.SAYS_NONSENSE, "extraction_failed"),
        (children.HANGS, "extraction_too_long"),
    ],
    ids="killed time silent nonsense hangs".split(),
)
async def test_a_reader_that_breaks_costs_a_word_and_nothing_else(
    start_box: StartBox, spec: ChildSpec, code: str
) -> None:
    box = await start_box(spec=spec, longest_reading_s=1.0)

    file = await box.read("a.txt", b"Hola")

    assert (file["state"], file["error"]["code"]) == ("failed", code)  # type: ignore[index]


async def test_a_reader_that_floods_is_cut(start_box: StartBox) -> None:
    box = await start_box(spec=children.FLOODS)

    file = await box.read("a.txt", b"Hola")

    assert (file["state"], file["characters"]) == ("ready", 1_000_000)


async def test_what_a_reader_smuggles_in_does_not_reach_the_database(start_box: StartBox) -> None:
    box = await start_box(spec=children.SMUGGLES)

    file = await box.read("a.txt", b"Hola")

    assert await box.text(file["id"]) == "a\N{REPLACEMENT CHARACTER}b[2J"


async def test_a_reader_sees_nothing_of_our_environment(start_box: StartBox) -> None:
    box = await start_box(spec=children.TELLS_ITS_ENVIRONMENT)

    seen = json.loads(await box.text((await box.read("a.txt", b"Hola"))["id"]))

    assert set(seen) <= {"NODO_PARENT_PID", "LC_CTYPE"}


async def test_a_long_text_is_kept_to_a_million_characters(box: Box) -> None:
    file = await box.read("a.txt", b"palabra " * 200_000)

    assert (file["characters"], file["is_cut"]) == (1_000_000, True)


async def test_a_file_that_is_removed_while_it_is_read_is_gone_with_its_reader(
    start_box: StartBox,
) -> None:
    box = await start_box(spec=children.HANGS, longest_reading_s=600)
    file_id = (await box.upload("a.txt", b"Hola")).json()["id"]
    await until(box.reads_now, within_s=20)

    assert (await box.delete(file_id)).status_code == 204

    await until(lambda: not box.reads_now(), within_s=20)
    assert box.on_disk() == []
    assert (await box.get(f"/files/{file_id}")).status_code == 404


async def test_a_stopped_box_reads_on_at_its_next_start(start_box: StartBox) -> None:
    first = await start_box(spec=children.HANGS, longest_reading_s=600)
    file_id = (await first.upload("a.txt", b"Hola")).json()["id"]
    await until(first.reads_now, within_s=20)
    await first.shut_down()

    second = await start_box()

    assert (await second.settled(file_id))["state"] == "ready"


async def test_a_file_on_which_the_box_dies_again_and_again_is_given_up(
    start_box: StartBox,
) -> None:
    box = await start_box(works=False)
    file_id = (await box.upload("a.txt", b"Hola")).json()["id"]
    kinds = {kind.name: kind for kind in box.files.job_kinds}

    await kinds["files.read"].handler({"file_id": file_id, "owner_id": "ana"}, 4)

    shown = (await box.get(f"/files/{file_id}")).json()
    assert (shown["state"], shown["error"]["code"]) == ("failed", "extraction_failed")
