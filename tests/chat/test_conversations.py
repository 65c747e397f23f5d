"""Conversations: their list, names, bin and messages."""

import pytest

from appliance.base.database.database import Database
from appliance.chat.model import Message, MessageRole, MessageState
from appliance.chat.store import conversations, messages
from tests.chat.box import Box
from tests.chat.conftest import StartBox
from tests.fakes.clock import DEFAULT_START, ManualClock
from tests.fakes.text_engine import Gate, script


async def titles(box: Box, address: str = "/conversations") -> list[str]:
    async with box.client() as client:
        return [item["title"] for item in (await client.get(address)).json()["items"]]


async def begun(box: Box, title: str = "") -> str:
    async with box.client() as client:
        answer = await client.post("/conversations", json={"title": title})
    assert answer.status_code == 201
    return str(answer.json()["id"])


async def test_a_conversation_begins_with_a_name_or_without(start_box: StartBox) -> None:
    box = await start_box()

    async with box.client() as client:
        named = (await client.post("/conversations", json={"title": " Luz \n y gas "})).json()
        unnamed = (await client.post("/conversations", json={})).json()

    assert named == {
        "id": named["id"],
        "title": "Luz y gas",
        "created_at": "2026-03-02T09:00:00Z",
        "updated_at": "2026-03-02T09:00:00Z",
        "writing": False,
        "pinned": False,
        "unread": False,
        "temporary": False,
        "local_only": False,
        "deleted_at": None,
    }
    assert unnamed["title"] == ""


async def test_the_first_question_names_an_unnamed_conversation(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))
    conversation_id = await begun(box)

    tab = await box.ask("¿Y la luz?", conversation_id=conversation_id).ends()

    assert ("title", {"title": "¿Y la luz?"}) in [(e.event, e.data) for e in tab.events]
    assert await titles(box) == ["¿Y la luz?"]


async def test_a_name_that_a_person_gave_is_never_overwritten(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))
    conversation_id = await begun(box)
    async with box.client() as client:
        renamed = await client.patch(f"/conversations/{conversation_id}", json={"title": "Mía"})

    tab = await box.ask("¿Y la luz?", conversation_id=conversation_id).ends()

    assert renamed.json()["title"] == "Mía"
    assert "title" not in tab.names
    assert await titles(box) == ["Mía"]


async def test_the_newest_activity_comes_first(start_box: StartBox, clock: ManualClock) -> None:
    box = await start_box(script("Hola"))
    old = await begun(box, "vieja")
    clock.advance(60)
    await begun(box, "nueva")
    before = await titles(box)
    clock.advance(60)

    await box.ask(conversation_id=old).ends()

    assert (before, await titles(box)) == (["nueva", "vieja"], ["vieja", "nueva"])


async def test_a_rename_is_not_activity(start_box: StartBox, clock: ManualClock) -> None:
    box = await start_box()
    old = await begun(box, "vieja")
    clock.advance(60)
    await begun(box, "nueva")
    async with box.client() as client:
        await client.patch(f"/conversations/{old}", json={"title": "Zeta"})

    assert await titles(box) == ["nueva", "Zeta"]


async def test_the_list_is_paged_without_gaps_or_repeats(start_box: StartBox) -> None:
    box = await start_box()
    for number in range(7):
        await begun(box, f"n{number}")  # All in the same instant.

    seen: list[str] = []
    cursor = ""
    async with box.client() as client:
        while True:
            page = (await client.get(f"/conversations?limit=3{cursor}")).json()
            seen += [item["title"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"

    assert seen == ["n6", "n5", "n4", "n3", "n2", "n1", "n0"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cafe", ["Café 100%"]),
        ("NANDU", ["El ñandú_1"]),
        ("100%25", ["Café 100%"]),
        ("_", ["El ñandú_1"]),
        ("nada", []),
        ("%20", ["El ñandú_1", "Café 100%"]),
    ],
)
async def test_titles_are_found_without_accents_and_wildcards(
    start_box: StartBox, query: str, found: list[str]
) -> None:
    box = await start_box()
    await begun(box, "Café 100%")
    await begun(box, "El ñandú_1")

    assert await titles(box, f"/conversations?query={query}") == found


async def test_a_deleted_conversation_is_gone_until_it_is_brought_back(
    start_box: StartBox,
) -> None:
    box = await start_box(script("Hola"))
    tab = await box.ask("¿Hola?").ends()
    address = f"/conversations/{tab.conversation_id}"

    async with box.client() as client:
        deleted = await client.delete(address)
        hidden = [
            (await client.get(address)).status_code,
            (await client.get(f"{address}/messages")).status_code,
            (await client.get(f"/chat/{tab.message_id}/events")).status_code,
            (await client.delete(address)).status_code,
        ]
        gone = await titles(box)
        restored = await client.post(f"{address}/restore")

    assert (deleted.status_code, hidden, gone) == (204, [404, 404, 404, 404], [])
    assert (restored.status_code, restored.json()["title"]) == (200, "¿Hola?")
    assert len(await box.messages(tab.conversation_id)) == 2


async def test_deleting_a_conversation_stops_what_is_written_in_it(start_box: StartBox) -> None:
    box = await start_box([*script("Hola")[:-1], Gate()])
    tab = box.ask()
    await tab.shows("Hola")

    async with box.client() as client:
        await client.delete(f"/conversations/{tab.conversation_id}")

    assert (await tab.ends()).events[-1].data["finish_reason"] == "cancelled"
    assert box.engine.state().running == 0
    async with box.client() as client:
        await client.post(f"/conversations/{tab.conversation_id}/restore")
    assert (await box.last_message(tab.conversation_id))["content"] == "Hola"


async def test_a_job_of_a_deleted_conversation_does_not_run_the_engine(
    start_box: StartBox, database: Database
) -> None:
    box = await start_box(script("Hola"), works=False)
    tab = box.ask()
    await tab.begins()
    await database.write(
        lambda tx: conversations.set_deleted_at(
            tx.connection, "ana", tab.conversation_id, DEFAULT_START
        )
    )

    await box.start()

    assert (await tab.ends()).events[-1].data["finish_reason"] == "cancelled"
    assert box.engine.requests == []


async def test_a_thousand_messages_are_paged_backwards_from_the_newest(
    start_box: StartBox, database: Database
) -> None:
    box = await start_box()
    conversation_id = await begun(box, "larga")
    await database.write(
        lambda tx: [
            messages.add_message(tx.connection, "ana", long_talk(conversation_id, position))
            for position in range(1, 1001)
        ]
    )

    pages: list[list[str]] = []
    cursor = ""
    async with box.client() as client:
        while True:
            address = f"/conversations/{conversation_id}/messages?limit=200{cursor}"
            page = (await client.get(address)).json()
            pages.append([item["content"] for item in page["items"]])
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"

    assert [len(page) for page in pages] == [200] * 5
    assert pages[0][-1] == "1000"
    assert [content for page in reversed(pages) for content in page] == [
        str(number) for number in range(1, 1001)
    ]


async def test_the_path_of_a_long_conversation_leaves_its_oldest_out(
    start_box: StartBox, database: Database
) -> None:
    box = await start_box()
    conversation_id = await begun(box, "larga")
    await database.write(
        lambda tx: [
            messages.add_message(tx.connection, "ana", long_talk(conversation_id, position))
            for position in range(1, 101)
        ]
    )

    path, omitted = await database.read(
        lambda connection: messages.list_path(connection, "ana", "m100", most_characters=7)
    )

    assert ([message.content for message in path], omitted) == (["98", "99", "100"], 97)


@pytest.mark.parametrize("address", ["/conversations", "/conversations/{}/messages"])
@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=WzFd"])
async def test_a_page_that_cannot_be_is_refused_with_its_field(
    start_box: StartBox, address: str, query: str
) -> None:
    box = await start_box()
    address = address.format(await begun(box))

    async with box.client() as client:
        answer = await client.get(f"{address}?{query}")

    # A list's cursor is no cursor of the other list: WzFd is a place among messages.
    is_place = query == "cursor=WzFd" and address.endswith("messages")
    assert answer.status_code == (200 if is_place else 422)
    assert is_place or answer.json()["field"] == query.partition("=")[0]


def long_talk(conversation_id: str, position: int) -> Message:
    return Message(
        id=f"m{position}",
        conversation_id=conversation_id,
        parent_id=f"m{position - 1}" if position > 1 else None,
        position=position,
        role=MessageRole.USER if position % 2 else MessageRole.ASSISTANT,
        content=str(position),
        state=MessageState.DONE,
        created_at=DEFAULT_START,
    )
