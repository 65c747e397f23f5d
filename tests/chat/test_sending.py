"""Programs that wait for whole answers."""

import asyncio

from appliance.base.errors import EngineUnavailableError
from tests.chat.conftest import StartBox
from tests.fakes.text_engine import Gate, script


async def test_a_question_gets_its_whole_answer(start_box: StartBox) -> None:
    box = await start_box(script("Son las ", "9"), script("Las 10"))
    async with box.client() as client:
        first = await client.post("/chat/send", json={"content": "¿Qué hora es?"})
        second = await client.post("/chat/send", json={"content": "¿Y ahora?"})
        history = (await client.get("/chat/history")).json()
        two = (await client.get("/chat/history?limit=2")).json()

    assert (first.json()["content"], first.json()["state"]) == ("Son las 9", "done")
    assert second.json()["conversation_id"] == first.json()["conversation_id"]
    contents = [item["content"] for item in history["items"]]
    assert contents == ["¿Qué hora es?", "Son las 9", "¿Y ahora?", "Las 10"]
    assert [item["content"] for item in two["items"]] == contents[2:]
    assert (await box.conversation(first.json()["conversation_id"]))["unread"] is False


async def test_an_answer_that_failed_says_so(start_box: StartBox) -> None:
    box = await start_box([EngineUnavailableError("It died.")])
    async with box.client() as client:
        answer = (await client.post("/chat/send", json={"content": "Hola"})).json()

    assert (answer["state"], answer["error"]["code"]) == ("failed", "engine_unavailable")


async def test_the_answer_is_written_also_for_a_program_that_has_left(
    start_box: StartBox,
) -> None:
    gate = Gate()
    box = await start_box([gate, *script("Son las 9")])
    async with box.client() as client:
        waiting = asyncio.create_task(client.post("/chat/send", json={"content": "¿Hora?"}))
        async with asyncio.timeout(5):
            while not gate.reached:
                await asyncio.sleep(0)
        waiting.cancel()
        gate.open()
        await box.all_written()
        history = (await client.get("/chat/history")).json()

    assert [item["content"] for item in history["items"]] == ["¿Hora?", "Son las 9"]


async def test_before_the_first_question_the_history_is_empty(start_box: StartBox) -> None:
    box = await start_box()
    async with box.client() as client:
        assert (await client.get("/chat/history")).json() == {"items": [], "next_cursor": None}


async def test_recordings_are_refused_in_words(start_box: StartBox) -> None:
    box = await start_box()
    async with box.client() as client:
        answer = await client.post("/chat/send", json={"content": "Hola", "audio_id": "a1"})

    assert (answer.status_code, answer.json()["code"]) == (422, "audio_not_supported")
    assert box.engine.requests == []
