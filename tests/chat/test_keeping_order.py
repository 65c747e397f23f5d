"""Pins, unread answers, the bin, feedback, temporary chats, and the news of all that."""

from datetime import timedelta

from appliance.base.database.database import Database
from appliance.base.errors import EngineUnavailableError
from appliance.chat.attaching import Attaching, NoFiles
from appliance.chat.purging import Purging
from tests.chat.box import Box
from tests.chat.conftest import StartBox
from tests.fakes.clock import ManualClock
from tests.fakes.text_engine import Gate, script
from tests.waiting import until


async def titles(box: Box, address: str = "/conversations") -> list[str]:
    async with box.client() as client:
        return [item["title"] for item in (await client.get(address)).json()["items"]]


async def patch(box: Box, conversation_id: str, **change: object) -> dict[str, object]:
    async with box.client() as client:
        answer = await client.patch(f"/conversations/{conversation_id}", json=change)
    assert answer.status_code == 200
    found: dict[str, object] = answer.json()
    return found


async def test_pinned_conversations_stand_above_newer_ones(
    start_box: StartBox, clock: ManualClock
) -> None:
    box = await start_box(script("Hola"))
    ids = []
    for title in ("uno", "dos", "tres", "cuatro"):
        ids.append((await box.ask(title).ends()).conversation_id)
        clock.advance(1)

    assert (await patch(box, ids[1], pinned=True))["pinned"] is True
    await patch(box, ids[0], pinned=True)

    assert await titles(box) == ["dos", "uno", "cuatro", "tres"]
    await patch(box, ids[1], pinned=False)
    assert await titles(box) == ["uno", "cuatro", "tres", "dos"]


async def test_pages_of_pinned_and_other_conversations_show_each_once(
    start_box: StartBox,
) -> None:
    box = await start_box(script("Hola"))
    ids = [(await box.ask(f"n{number}").ends()).conversation_id for number in range(5)]
    for conversation_id in ids[1:3]:
        await patch(box, conversation_id, pinned=True)

    found: list[str] = []
    cursor = ""
    async with box.client() as client:
        while True:
            page = (await client.get(f"/conversations?limit=1{cursor}")).json()
            found += [item["id"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"

    # All at the same instant: the newest id first.
    assert found == [ids[2], ids[1], ids[4], ids[3], ids[0]]


async def test_an_answer_that_ends_is_unread_until_somebody_looks(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))
    tab = await box.ask("¿Qué?").ends()
    before = (await box.conversation(tab.conversation_id))["unread"]

    async with box.client() as client:
        answers = [
            (await client.post(f"/conversations/{tab.conversation_id}/read")).status_code
            for _ in range(2)
        ]

    assert (before, answers) == (True, [204, 204])
    assert (await box.conversation(tab.conversation_id))["unread"] is False
    changes = [news.data["change"] for news in box.news if news.event == "conversation"]
    assert changes == ["created", "read"]


async def test_who_stops_an_answer_or_asks_again_has_looked(start_box: StartBox) -> None:
    box = await start_box(script("Hola"), [*script("Son")[:-1], Gate()])
    first = await box.ask("¿Qué?").ends()
    second = box.ask("¿Y?", conversation_id=first.conversation_id)
    await second.shows("Son")
    asked = (await box.conversation(first.conversation_id))["unread"]
    await box.stop(second.message_id)

    assert asked is False
    assert (await box.conversation(first.conversation_id))["unread"] is False


async def test_tabs_are_told_when_an_answer_begins_and_how_it_ends(start_box: StartBox) -> None:
    box = await start_box(script("Hola"), [EngineUnavailableError("It died.")])
    tab = await box.ask("¿Qué hora es?").ends()
    await box.retry(tab.message_id).ends()
    await until(lambda: len(box.news) == 5)

    news = [news for news in box.news if news.event == "answer"]
    assert [item.data["state"] for item in news] == ["queued", "done", "queued", "failed"]
    assert news[1].data == {
        "conversation_id": tab.conversation_id,
        "message_id": tab.message_id,
        "state": "done",
        "title": "¿Qué hora es?",
    }
    assert all(item.audience.user_id == "ana" for item in news)  # type: ignore[union-attr]


async def test_the_bin_shows_what_can_be_brought_back_the_last_thrown_first(
    start_box: StartBox, clock: ManualClock
) -> None:
    box = await start_box(script("Hola"))
    ids = [(await box.ask(f"n{number}").ends()).conversation_id for number in range(3)]
    async with box.client() as client:
        for conversation_id in (ids[2], ids[0]):
            clock.advance(1)
            await client.delete(f"/conversations/{conversation_id}")
        page = (await client.get("/conversations?deleted=true&limit=1")).json()
        rest = (
            await client.get(f"/conversations?deleted=true&cursor={page['next_cursor']}")
        ).json()
        await client.post(f"/conversations/{ids[0]}/restore")

    assert [item["title"] for item in page["items"] + rest["items"]] == ["n0", "n2"]
    assert page["items"][0]["deleted_at"] == "2026-03-02T09:00:02Z"
    assert await titles(box, "/conversations?deleted=true") == ["n2"]
    assert await titles(box) == ["n1", "n0"]


async def test_a_rename_keeps_the_pin_and_an_empty_change_changes_nothing(
    start_box: StartBox,
) -> None:
    box = await start_box(script("Hola"))
    tab = await box.ask("uno").ends()
    await patch(box, tab.conversation_id, pinned=True, title="Luz")

    after = await patch(box, tab.conversation_id)

    assert (after["title"], after["pinned"]) == ("Luz", True)
    changes = [news.data["change"] for news in box.news if news.event == "conversation"]
    assert changes == ["created", "renamed", "pinned"]


async def test_feedback_is_kept_with_the_answer_and_can_be_taken_back(
    start_box: StartBox,
) -> None:
    box = await start_box(script("Hola"))
    tab = await box.ask().ends()
    address = f"/chat/{tab.message_id}/feedback"
    async with box.client() as client:
        up = (await client.put(address, json={"rating": "up"})).json()["feedback"]
        kept = (await box.last_message(tab.conversation_id))["feedback"]
        none = (await client.put(address, json={"rating": None})).json()["feedback"]
        wrong = (await client.put(address, json={"rating": "great"})).status_code
        question = str(tab.events[0].data["question_id"])
        on_question = await client.put(f"/chat/{question}/feedback", json={"rating": "up"})
    async with box.client("luis") as client:
        foreign = (await client.put(address, json={"rating": "up"})).status_code

    assert (up, kept, none) == ("up", "up", None)
    assert (wrong, on_question.status_code, foreign) == (422, 404, 404)


async def test_a_temporary_conversation_is_in_no_list_and_goes_after_a_day(
    start_box: StartBox, clock: ManualClock, database: Database
) -> None:
    box = await start_box(script("Hola"))
    tab = await box.ask("Secreto", temporary=True).ends()
    more = await box.ask("¿Y?", conversation_id=tab.conversation_id).ends()
    kept = await box.ask("Normal").ends()
    shown = await box.conversation(tab.conversation_id)

    assert (shown["temporary"], more.status) == (True, 200)
    assert await titles(box) == ["Normal"]
    clock.advance(timedelta(hours=24, seconds=1).total_seconds())
    assert await Purging(database, clock, Attaching(NoFiles(), int)).purge() == 1
    async with box.client() as client:
        gone = await client.get(f"/conversations/{tab.conversation_id}")
        there = await client.get(f"/conversations/{kept.conversation_id}")
    assert (gone.status_code, there.status_code) == (404, 200)


async def test_a_conversation_does_not_become_temporary_later(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))
    tab = await box.ask().ends()

    refused = await box.ask("¿Y?", conversation_id=tab.conversation_id, temporary=True).ends()

    assert (refused.status, refused.problem["field"]) == (422, "temporary")
