"""Requests that cannot be served are refused with the field, the value and what is allowed."""

import pytest

from tests.chat.conftest import StartBox
from tests.fakes.text_engine import script


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "message"),
        ({"message": ""}, "message"),
        ({"message": " \n\t "}, "message"),
        ({"message": "\u202e\u200b"}, "message"),
        ({"message": 5}, "message"),
        ({"message": None}, "message"),
        ({"message": "a", "colour": "red"}, "colour"),
        ({"message": "a", "conversation_id": 7}, "conversation_id"),
        ({"message": "a", "conversation_id": ""}, "conversation_id"),
        ({"message": "a", "parent_id": ["x"]}, "parent_id"),
        ({"message": "a", "options": []}, "options"),
        ({"message": "a", "options": {"temperature": 2.1}}, "options.temperature"),
        ({"message": "a", "options": {"temperature": "1"}}, "options.temperature"),
        ({"message": "a", "options": {"top_p": -0.1}}, "options.top_p"),
        ({"message": "a", "options": {"top_k": 1001}}, "options.top_k"),
        ({"message": "a", "options": {"top_k": 1.5}}, "options.top_k"),
        ({"message": "a", "options": {"max_tokens": 0}}, "options.max_tokens"),
        ({"message": "a", "options": {"max_tokens": 8193}}, "options.max_tokens"),
        ({"message": "a", "options": {"seed": -1}}, "options.seed"),
        ({"message": "a", "options": {"min_p": 0.1}}, "options.min_p"),
    ],
)
async def test_what_is_wrong_in_a_question_is_named(
    start_box: StartBox, body: dict[str, object], field: str
) -> None:
    box = await start_box()

    async with box.client() as client:
        answer = await client.post("/chat", json=body)

    assert (answer.status_code, answer.json()["field"]) == (422, field)


@pytest.mark.parametrize(
    ("content", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "json_invalid"),
        (b"\xff\xfe", "application/json", 400, "json_invalid"),
        (b"[]", "application/json", 422, "invalid_value"),
        (b"message=a", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (
            b'{"message":"a","options":{"temperature":NaN}}',
            "application/json",
            422,
            "invalid_value",
        ),
    ],
)
async def test_what_is_no_question_at_all_is_refused(
    start_box: StartBox, content: bytes, content_type: str, status: int, code: str
) -> None:
    box = await start_box()

    async with box.client() as client:
        headers = {"content-type": content_type}
        answer = await client.post("/chat", content=content, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("title", ["", "   ", "\u200b", "a" * 201, 5])
async def test_a_name_must_be_a_name(start_box: StartBox, title: object) -> None:
    box = await start_box(script("Hola"))
    tab = await box.ask("¿Hola?").ends()

    async with box.client() as client:
        answer = await client.patch(f"/conversations/{tab.conversation_id}", json={"title": title})

    assert (answer.status_code, answer.json()["field"]) == (422, "title")


@pytest.mark.parametrize("last_event_id", ["-1", "abc", "9007199254740992"])
async def test_an_id_that_was_never_sent_is_refused(
    start_box: StartBox, last_event_id: str
) -> None:
    box = await start_box(script("Hola"))
    tab = await box.ask().ends()

    async with box.client() as client:
        answer = await client.get(
            f"/chat/{tab.message_id}/events", headers={"Last-Event-ID": last_event_id}
        )

    assert (answer.status_code, answer.json()["field"]) == (422, "Last-Event-ID")
