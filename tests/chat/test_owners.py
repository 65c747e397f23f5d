"""What belongs to somebody else does not exist, on every route; nor does anything for strangers."""

import pytest

from tests.chat.box import Box
from tests.chat.conftest import StartBox
from tests.fakes.text_engine import Gate, script

ROUTES = [
    ("GET", "/chat/{message}/events", None),
    ("POST", "/chat/{message}/stop", None),
    ("POST", "/chat/{message}/retry", None),
    ("GET", "/conversations/{conversation}", None),
    ("PATCH", "/conversations/{conversation}", {"title": "Mía"}),
    ("DELETE", "/conversations/{conversation}", None),
    ("POST", "/conversations/{conversation}/restore", None),
    ("GET", "/conversations/{conversation}/messages", None),
    ("POST", "/chat", {"message": "Hola", "conversation_id": "{conversation}"}),
    ("POST", "/chat", {"message": "Hola", "parent_id": "{message}"}),
]


async def status_of(
    box: Box, user: str, method: str, address: str, body: dict[str, str] | None
) -> int:
    async with box.client(user) as client:
        return (await client.request(method, address, json=body)).status_code


@pytest.mark.parametrize(("method", "address", "body"), ROUTES)
@pytest.mark.parametrize("is_deleted", [False, True])
async def test_another_persons_things_are_not_there(
    start_box: StartBox,
    method: str,
    address: str,
    body: dict[str, str] | None,
    *,
    is_deleted: bool,
) -> None:
    box = await start_box(script("Hola"))
    tab = await box.ask("¿Hola?", user="ana").ends()
    if is_deleted:
        await status_of(box, "ana", "DELETE", f"/conversations/{tab.conversation_id}", None)
    names = {"conversation": tab.conversation_id, "message": tab.message_id}
    filled = None if body is None else {key: text.format(**names) for key, text in body.items()}

    assert await status_of(box, "luis", method, address.format(**names), filled) == 404

    async with box.client() as client:
        await client.post(f"/conversations/{tab.conversation_id}/restore")
    assert (await box.conversation(tab.conversation_id))["title"] == "¿Hola?"
    assert len(await box.messages(tab.conversation_id)) == 2


async def test_another_person_cannot_follow_or_stop_an_answer_that_is_being_written(
    start_box: StartBox,
) -> None:
    gate = Gate()
    box = await start_box([*script("Hola")[:-1], gate, *script(" a ti")[-2:]])
    tab = box.ask(user="ana")
    await tab.shows("Hola")

    follows = await status_of(box, "luis", "GET", f"/chat/{tab.message_id}/events", None)
    stops = await status_of(box, "luis", "POST", f"/chat/{tab.message_id}/stop", None)

    assert (follows, stops) == (404, 404)
    gate.open()
    assert (await tab.ends()).text == "Hola a ti"


async def test_lists_show_only_ones_own(start_box: StartBox) -> None:
    box = await start_box(script("Hola"))
    await box.ask("de Ana", user="ana").ends()

    async with box.client("luis") as client:
        assert (await client.get("/conversations")).json()["items"] == []
        assert (await client.get("/conversations?query=ana")).json()["items"] == []


@pytest.mark.parametrize(("method", "address", "body"), [*ROUTES, ("GET", "/conversations", None)])
async def test_nobody_gets_anything(
    start_box: StartBox, method: str, address: str, body: dict[str, str] | None
) -> None:
    box = await start_box()

    assert await status_of(box, "nobody", method, address, body) == 401


@pytest.mark.parametrize("name", ["x", "%00", "%F0%9F%99%82", "..", "1' OR '1'='1", "a" * 100])
async def test_names_of_nothing_are_not_found(start_box: StartBox, name: str) -> None:
    box = await start_box()

    assert await status_of(box, "ana", "GET", f"/conversations/{name}/messages", None) == 404
