"""People take their conversations elsewhere: one by one as Markdown or JSON, or all in a zip."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.chat.model import (
    AttachedFile,
    Conversation,
    Message,
    MessageRole,
    MessageState,
)
from appliance.chat.transcripts import file_name_of, markdown_of, newest_branch
from tests.chat.conftest import StartBox
from tests.fakes.clock import DEFAULT_START, ManualClock
from tests.fakes.text_engine import script

TALK = Conversation("c", "Luz", title_is_automatic=True, created_at=DEFAULT_START,
                    updated_at=DEFAULT_START, writing=False)  # fmt: skip


def message(number: int, parent: int | None, text: str = "Hola") -> Message:
    return Message(
        id=f"m{number}",
        conversation_id="c",
        parent_id=None if parent is None else f"m{parent}",
        position=number,
        role=MessageRole.USER if number % 2 else MessageRole.ASSISTANT,
        content=text,
        state=MessageState.DONE,
        created_at=DEFAULT_START,
    )


def test_the_branch_ends_with_the_newest_message_and_leaves_other_versions_out() -> None:
    talk = [message(1, None), message(2, 1), message(4, 1), message(5, 4), message(6, 5)]

    assert [found.id for found in newest_branch(talk)] == ["m1", "m4", "m5", "m6"]
    assert newest_branch([]) == []


def test_a_conversation_reads_well_as_markdown() -> None:
    file = AttachedFile("f", "luz.csv", "text/csv", 10, 9, 3, False, False)
    stopped = replace(message(2, 1, "Son las\n"), state=MessageState.STOPPED)

    text = markdown_of(
        TALK, [replace(message(1, None, "¿Qué hora es?"), files=(file,)), stopped], language="es"
    )

    assert text == (
        "# Luz\n\n"
        "### Tú · 2026-03-02 09:00 UTC\n\n*Archivos: luz.csv*\n\n¿Qué hora es?\n\n"
        "### Nodo · 2026-03-02 09:00 UTC\n\nSon las\n\n*Detenida.*\n"
    )
    assert "### You" in markdown_of(TALK, [message(1, None)], language="en")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Luz y gas", "2026-03-02 Luz y gas.md"),
        ("../../etc/passwd", "2026-03-02 etc passwd.md"),
        ('a/b\\c:d*e?"f"<g>|h', "2026-03-02 a b c d e f g h.md"),
        ("…\n\r\x00\u202e", "2026-03-02 ….md"),
        ("", "2026-03-02 Conversación.md"),
        ("...", "2026-03-02 Conversación.md"),
        ("x" * 300, f"2026-03-02 {'x' * 60}.md"),
    ],
)
def test_a_file_name_is_one_that_every_file_system_takes(title: str, name: str) -> None:
    assert file_name_of(replace(TALK, title=title), "md", language="es") == name


@given(title=st.text())
def test_no_title_makes_a_dangerous_file_name(title: str) -> None:
    name = file_name_of(replace(TALK, title=title), "md", language="en")

    assert name.startswith("2026-03-02 ")
    assert name.isprintable()
    assert not set(name) & set('\\/:*?"<>|')


async def test_one_conversation_is_a_file_with_a_name(start_box: StartBox) -> None:
    box = await start_box(script("Son las 9"))
    tab = await box.ask('¿Qué "hora" es?').ends()
    await box.retry(tab.message_id).ends()
    async with box.client() as client:
        address = f"/conversations/{tab.conversation_id}/export"
        markdown = await client.get(address)
        whole = await client.get(f"{address}?format=json")
        wrong = await client.get(f"{address}?format=pdf")

    assert markdown.headers["content-disposition"] == (
        'attachment; filename="2026-03-02 _Qu_ hora es.md"; '
        "filename*=UTF-8''2026-03-02%20%C2%BFQu%C3%A9%20hora%20es.md"
    )
    assert markdown.text.count("Son las 9") == 1
    assert [item["content"] for item in whole.json()["messages"]] == [
        '¿Qué "hora" es?', "Son las 9", "Son las 9"
    ]  # fmt: skip
    assert whole.json()["format"] == "nodo-conversation"
    assert wrong.status_code == 422


async def test_all_conversations_are_in_one_zip_and_nobody_elses(start_box: StartBox) -> None:
    box = await start_box(script("Son las 9"))
    for title in ("Luz", "Luz", "../x"):
        await box.ask(title).ends()
    await box.ask("Secreto", user="luis").ends()
    await box.ask("Nada", temporary=True).ends()

    async with box.client() as client:
        answer = await client.get("/history/export")

    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    names = archive.namelist()
    assert len(set(names)) == 6
    assert not any("/" in name or ".." in name for name in names)
    texts = [json.loads(archive.read(name)) for name in names if name.endswith(".json")]
    assert sorted(text["conversation"]["title"] for text in texts) == ["../x", "Luz", "Luz"]


@pytest.mark.parametrize("year", [1970, 2110])
async def test_a_conversation_of_a_time_that_no_zip_knows_is_exported_too(
    start_box: StartBox, clock: ManualClock, year: int
) -> None:
    # A box without a battery for its clock begins in 1970.
    clock.jump((datetime(year, 1, 1, tzinfo=UTC) - clock.now()).total_seconds())
    box = await start_box(script("Son las 9"))
    await box.ask("Luz").ends()

    async with box.client() as client:
        answer = await client.get("/history/export")

    assert len(zipfile.ZipFile(io.BytesIO(answer.content)).namelist()) == 2


async def test_without_conversations_the_zip_is_empty(start_box: StartBox) -> None:
    box = await start_box()
    async with box.client() as client:
        answer = await client.get("/history/export")

    assert zipfile.ZipFile(io.BytesIO(answer.content)).namelist() == []


async def test_somebody_elses_conversation_cannot_be_exported(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))
    tab = await box.ask().ends()
    async with box.client("luis") as client:
        answer = await client.get(f"/conversations/{tab.conversation_id}/export")

    assert answer.status_code == 404
