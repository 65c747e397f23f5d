"""Answers to generate and chat, as Ollama's clients read them."""

from dataclasses import replace

import pytest

from appliance.base.errors import (
    ApplianceError,
    EngineUnavailableError,
    InvalidValueError,
    TooManyRequestsError,
)
from appliance.engine.text.model import (
    ChosenToken,
    FinishReason,
    LikelyToken,
    Piece,
    Reading,
    Thought,
    ToolCall,
    ToolCalled,
    Writing,
)
from appliance.model_api.ollama.dialect import PROMPT_TOO_LONG
from tests.fakes.library import EVERYTHING, known_library, library_model
from tests.fakes.text_engine import FINISHED, script
from tests.model_api.ollama.box import ask, client_of, lines_of
from tests.model_api.serving import served

NOW = "2026-03-02T09:00:00.000000Z"
HELLO = {"messages": [{"role": "user", "content": "Hola"}]}
END = {
    "done": True,
    "done_reason": "stop",
    "total_duration": 1,
    "load_duration": 1,
    "prompt_eval_count": 12,
    "prompt_eval_duration": 500_000_000,
    "eval_count": 2,
    "eval_duration": 1_000_000_000,
}


async def test_a_chat_comes_line_by_line_unless_it_is_asked_for_whole() -> None:
    answer = await ask(served(*script("Buenos ", "días")), "/api/chat", **HELLO)

    head = {"model": "scripted", "created_at": NOW}
    assert lines_of(answer) == [
        {**head, "message": {"role": "assistant", "content": "Buenos "}, "done": False},
        {**head, "message": {"role": "assistant", "content": "días"}, "done": False},
        {**head, "message": {"role": "assistant", "content": ""}, **END},
    ]


async def test_a_whole_chat_is_one_object_with_its_length() -> None:
    answer = await ask(served(*script("Buenos ", "días")), "/api/chat", stream=False, **HELLO)

    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.json() == {
        "model": "scripted",
        "created_at": NOW,
        "message": {"role": "assistant", "content": "Buenos días"},
        **END,
    }


async def test_generate_tells_its_context_for_the_next_prompt() -> None:
    steps = [Piece("Hola"), replace(FINISHED, context=(1, 2, 3))]
    answer = await ask(served(*steps), "/api/generate", prompt="Hola")

    lines = lines_of(answer)
    assert [line["response"] for line in lines] == ["Hola", ""]
    assert lines[-1]["context"] == [1, 2, 3]


async def test_thoughts_calls_and_likely_tokens_have_their_places() -> None:
    token = ChosenToken("Sí", b"S\xc3\xad", -0.1, (LikelyToken("No", b"No", -2.5),))
    calls = [ToolCall(f"call_{i}", "weather", {"town": "Cádiz"}) for i in (1, 2)]
    steps = [Thought("Hm."), Piece("Sí", (token,)), *map(ToolCalled, calls), FINISHED]
    box = served(*steps, library=known_library(library_model(can=EVERYTHING)))

    answer = await ask(box, "/api/chat", logprobs=True, top_logprobs=1, **HELLO)

    lines = lines_of(answer)
    assert lines[0]["message"] == {"role": "assistant", "content": "", "thinking": "Hm."}
    assert lines[1]["logprobs"] == [
        {
            "token": "Sí",
            "logprob": -0.1,
            "bytes": [83, 195, 173],
            "top_logprobs": [{"token": "No", "logprob": -2.5, "bytes": [78, 111]}],
        }
    ]
    functions = [line["message"]["tool_calls"][0]["function"] for line in lines[2:4]]
    assert functions == [
        {"index": 0, "name": "weather", "arguments": {"town": "Cádiz"}},
        {"index": 1, "name": "weather", "arguments": {"town": "Cádiz"}},
    ]


async def test_what_was_left_out_of_a_long_chat_is_told() -> None:
    steps = [
        Reading(percent=100, prompt_tokens=12, dropped_turns=4),
        Writing(),
        Piece("x"),
        replace(FINISHED, dropped_turns=4, cut_tokens=7, cached_tokens=3),
    ]

    answer = await ask(served(*steps), "/api/chat", **HELLO)

    last = lines_of(answer)[-1]
    assert answer.headers["x-nodo-dropped-turns"] == "4"
    assert (last["truncated_messages"], last["truncated_tokens"]) == (4, 7)
    assert last["prompt_cached_count"] == 3


async def test_an_answer_that_became_too_long_says_so() -> None:
    steps = [Piece("x"), replace(FINISHED, reason=FinishReason.LENGTH)]

    answer = await ask(served(*steps), "/api/generate", prompt="Hola", stream=False)

    assert answer.json()["done_reason"] == "length"


@pytest.mark.parametrize(
    ("failure", "status", "text"),
    [
        (
            TooManyRequestsError("Full.", code="queue_full"),
            503,
            "server busy, please try again.  maximum pending requests exceeded",
        ),
        (
            InvalidValueError("It has 9 tokens.", code="question_too_long"),
            400,
            f"{PROMPT_TOO_LONG}; It has 9 tokens.",
        ),
        (EngineUnavailableError("The engine stopped."), 503, "The engine stopped."),
    ],
)
@pytest.mark.parametrize("is_streamed", [True, False])
async def test_what_fails_before_the_first_word_has_its_status(
    failure: ApplianceError, status: int, text: str, *, is_streamed: bool
) -> None:
    answer = await ask(served(Writing(), failure), "/api/chat", stream=is_streamed, **HELLO)

    assert (answer.status_code, answer.json()) == (status, {"error": text})


async def test_what_fails_after_the_first_word_is_the_last_line() -> None:
    box = served(Piece("Bue"), EngineUnavailableError("The engine stopped."))

    answer = await ask(box, "/api/chat", **HELLO)

    assert answer.status_code == 200
    assert lines_of(answer)[-1] == {"error": "The engine stopped."}


@pytest.mark.parametrize(
    ("path", "model", "status", "text"),
    [
        ("/api/chat", "none", 404, "model 'none' not found"),
        ("/api/generate", "../etc", 404, "model '../etc' not found"),
        ("/api/embed", "none", 404, 'model "none" not found, try pulling it first'),
        ("/api/show", "none", 404, "model 'none' not found"),
        ("/api/show", "", 400, "model is required"),
    ],
)
async def test_a_model_that_is_not_here_is_missed_in_ollamas_words(
    path: str, model: str, status: int, text: str
) -> None:
    answer = await ask(served(*script("x")), path, model=model)

    assert (answer.status_code, answer.json()) == (status, {"error": text})


@pytest.mark.parametrize("path", ["/api/chat", "/api/generate"])
async def test_an_empty_prompt_brings_the_model_in_and_no_time_sends_it_away(path: str) -> None:
    box = served(*script("x"))

    loaded = await ask(box, path, keep_alive="10m")
    assert lines_of(loaded)[0]["done_reason"] == "load"
    assert [resident.name for resident in box.host.residents()] == ["scripted"]

    unloaded = await ask(box, path, keep_alive=0, stream=False)
    assert unloaded.json()["done_reason"] == "unload"
    assert box.host.residents() == []
    assert box.engine.requests == []


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (b"", 400, "missing request body"),
        (b"  ", 400, "missing request body"),
        (b'{"model": NaN}', 400, "The body is not valid JSON: NaN is no JSON"),
        (b'{"model": "x"', 400, "The body is not valid JSON: "),
        (b"\xff", 400, "The body is not valid JSON: it is not UTF-8"),
        (b"[" * 200_000, 400, "The body is not valid JSON: it is nested too deeply"),
        (b"[]", 400, ""),
        (b'{"model": 5}', 400, "model is 5: it must be a valid string."),
        (b'{"options": {"top_p": 1e999}, "model": "scripted", "prompt": "x"}', 400, ""),
    ],
)
async def test_a_body_that_is_none_is_refused(body: bytes, status: int, text: str) -> None:
    async with client_of(served(*script("x"))) as client:
        answer = await client.post("/api/generate", content=body)

    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert answer.json()["error"].startswith(text)


async def test_json_that_is_sent_as_a_form_is_read_as_curl_sends_it() -> None:
    async with client_of(served(*script("x"))) as client:
        answer = await client.post(
            "/api/generate",
            content=b'{"model": "scripted", "prompt": "Hola", "unknown": 1}',
            headers={"content-type": "application/x-www-form-urlencoded"},
        )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/api/push", 501),
        ("POST", "/api/me", 401),
        ("POST", "/api/signout", 401),
        ("DELETE", "/api/user/keys/k", 401),
        ("POST", "/api/experimental/web_search", 501),
        ("GET", "/api/experimental/model-recommendations", 501),
        ("GET", "/api/chat", 405),
    ],
)
async def test_what_a_box_does_not_do_is_refused_in_ollamas_form(
    method: str, path: str, status: int
) -> None:
    async with client_of(served(*script("x"))) as client:
        answer = await client.request(method, path)

    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
