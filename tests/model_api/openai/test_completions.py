"""`/v1/completions`: texts go on as they are."""

from typing import Any

import pytest

from appliance.engine.text.model import ChosenToken, LikelyToken, Piece, WhenTooLong
from appliance.model_api.openai.routes import openai_router
from tests.fakes.library import EVERYTHING, known_library, library_model
from tests.fakes.text_engine import FINISHED, script
from tests.model_api.serving import Served, frames_of, served


async def ask(box: Served, **fields: object) -> Any:
    body = {"model": "scripted", "prompt": "Había una vez", **fields}
    async with box.client(openai_router) as client:
        return await client.post("/v1/completions", json=body)


def writing(*pieces: str) -> Served:
    return served(*script(*pieces), library=known_library(library_model(can=EVERYTHING)))


async def test_a_text_goes_on_without_a_template() -> None:
    box = writing(" un", " rey")

    answer = await ask(box)

    assert answer.json()["choices"] == [
        {"index": 0, "text": " un rey", "logprobs": None, "finish_reason": "stop"}
    ]
    request = box.engine.requests[0]
    assert (request.raw_prompt, request.turns) == ("Había una vez", ())
    assert (request.sampling.max_tokens, request.when_too_long) == (16, WhenTooLong.REFUSE)


async def test_a_stream_tells_the_text_the_reason_and_what_it_cost() -> None:
    box = writing(" un", " rey")

    answer = await ask(box, stream=True, stream_options={"include_usage": True})

    frames = frames_of(answer.text)
    told = [(one["choices"][0]["text"], one["choices"][0]["finish_reason"]) for one in frames[:3]]
    assert told == [(" un", None), (" rey", None), ("", "stop")]
    assert frames[3]["usage"]["completion_tokens"] == 2
    assert frames[4] == "[DONE]"


@pytest.mark.parametrize("streams", [True, False])
async def test_the_prompt_is_repeated_before_its_continuation(streams: bool) -> None:
    answer = await ask(writing(" un"), echo=True, stream=streams)

    text = (
        "".join(one["choices"][0]["text"] for one in frames_of(answer.text)[:-1])
        if streams
        else answer.json()["choices"][0]["text"]
    )
    assert text == "Había una vez un"


async def test_several_prompts_have_several_answers_and_one_bill() -> None:
    answer = await ask(writing("x"), prompt=["a", "b"])

    assert [one["index"] for one in answer.json()["choices"]] == [0, 1]
    assert answer.json()["usage"]["total_tokens"] == 26


async def test_tokens_are_read_as_they_are() -> None:
    box = writing("x")

    await ask(box, prompt=[104, 105])

    request = box.engine.requests[0]
    assert (request.raw_prompt, request.prompt_before) == ("", (104, 105))


async def test_a_gap_is_filled_by_a_model_that_can() -> None:
    box = writing("x")

    await ask(box, suffix="fin")

    assert box.engine.requests[0].raw_prompt == "<PRE>Había una vez<SUF>fin<MID>"


async def test_probabilities_stand_beside_places_in_the_text() -> None:
    tokens = (
        ChosenToken("a", b"a", -0.5, (LikelyToken("b", b"b", -1.0),)),
        ChosenToken("bc", b"bc", -0.25, ()),
    )
    answer = await ask(served(Piece("abc", tokens), FINISHED), logprobs=1)

    assert answer.json()["choices"][0]["logprobs"] == {
        "tokens": ["a", "bc"],
        "token_logprobs": [-0.5, -0.25],
        "top_logprobs": [{"b": -1.0}, {}],
        "text_offset": [0, 1],
    }


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"n": 2}, "n"),
        ({"best_of": 3}, "best_of"),
        ({"prompt": ["a", "b"], "stream": True}, "prompt"),
        ({"echo": True, "logprobs": 1}, "echo"),
        ({"logprobs": 21}, "logprobs"),
        ({"suffix": "x", "prompt": [1, 2]}, "suffix"),
        ({"suffix": "x"}, "suffix"),
        ({"max_tokens": -1}, "max_tokens"),
    ],
)
async def test_what_cannot_be_done_is_refused_by_its_name(
    fields: dict[str, object], param: str
) -> None:
    box = served(*script("x"))

    answer = await ask(box, **fields)

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param
    assert box.engine.requests == []


@pytest.mark.parametrize("prompt", [[], [[]], ["x"] * 33, [-1], [1.5], {}, None])
async def test_a_prompt_that_is_none_is_refused(prompt: object) -> None:
    answer = await ask(writing("x"), prompt=prompt)

    assert answer.status_code == 400
    assert answer.json()["error"]["param"].startswith("prompt")
