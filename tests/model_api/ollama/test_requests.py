"""What the engine is asked for what Ollama's clients send."""

import pytest

from appliance.engine.library.model import Capability, Recipe
from appliance.engine.text.model import JsonOutput, Sampling, Tool, ToolCall, Turn, WhenTooLong
from appliance.model_api.options import UNLIMITED_TOKENS
from tests.fakes.library import known_library, library_model
from tests.fakes.text_engine import script
from tests.model_api.ollama.box import ask, request_of
from tests.model_api.serving import served

HELLO = {"messages": [{"role": "user", "content": "Hola"}]}
WEATHER = {
    "type": "function",
    "function": {"name": "weather", "description": "Of a town", "parameters": {"type": "object"}},
}


async def test_options_reach_the_engine_by_ollamas_names() -> None:
    request = await request_of(
        "/api/chat",
        **HELLO,
        keep_alive="1h30m",
        options={
            "temperature": 0,
            "top_k": 5,
            "top_p": 0.5,
            "min_p": 0.1,
            "typical_p": 0.9,
            "repeat_last_n": -1,
            "repeat_penalty": 1.1,
            "presence_penalty": 0.2,
            "frequency_penalty": 0.3,
            "seed": 42,
            "num_predict": 7,
            "num_ctx": 128,
            "stop": ["\n", "fin"],
            "mirostat": 1,
            "no_such_option": {},
            "num_gpu": None,
        },
    )

    assert request.sampling == Sampling(
        temperature=0.0,
        top_k=5,
        top_p=0.5,
        min_p=0.1,
        typical_p=0.9,
        repeat_penalty=1.1,
        presence_penalty=0.2,
        frequency_penalty=0.3,
        repeat_window_tokens=-1,
        seed=42,
        max_tokens=7,
        stop=("\n", "fin"),
    )
    assert (request.context_tokens, request.keep_alive_s) == (128, 5400.0)
    assert (request.model, request.fairness_key) == ("scripted", "ana")


async def test_without_options_an_answer_may_fill_the_context() -> None:
    request = await request_of("/api/chat", **HELLO)

    assert request.sampling == Sampling(max_tokens=UNLIMITED_TOKENS)
    assert request.context_tokens is None


@pytest.mark.parametrize("bias", ["x", [[1, 2.0]], {"1": 5}, 7])
async def test_tokens_cannot_be_favoured_by_an_option_that_ollama_does_not_have(
    bias: object,
) -> None:
    box = served(*script("x"))

    answer = await ask(box, "/api/chat", **HELLO, options={"logit_bias": bias})

    assert answer.status_code == 200
    assert box.engine.requests[0].sampling.logit_bias == ()


async def test_turns_tools_calls_and_results_are_handed_on() -> None:
    call = {"id": "call_1", "function": {"name": "weather", "arguments": {"town": "Cádiz"}}}
    request = await request_of(
        "/api/chat",
        messages=[
            {"role": "System", "content": "Be brief."},
            {"role": "user", "content": "¿Llueve?"},
            {"role": "assistant", "content": None, "tool_calls": [call], "thinking": "Hm."},
            {"role": "tool", "content": "No", "tool_name": "weather"},
        ],
        tools=[WEATHER],
    )

    assert request.turns == (
        Turn("system", "Be brief."),
        Turn("user", "¿Llueve?"),
        Turn("assistant", "", (ToolCall("call_1", "weather", {"town": "Cádiz"}),)),
        Turn("tool", "No", tool_name="weather"),
    )
    assert request.tools == (Tool("weather", "Of a town", {"type": "object"}),)
    assert request.continues is False


async def test_an_answer_that_was_begun_goes_on() -> None:
    messages = [*HELLO["messages"], {"role": "assistant", "content": "Bue"}]

    assert (await request_of("/api/chat", messages=messages)).continues is True


@pytest.mark.parametrize(
    ("form", "output"),
    [
        ("json", JsonOutput()),
        ("", None),
        (None, None),
        ({"type": "object"}, JsonOutput({"type": "object"})),
    ],
)
async def test_the_form_of_an_answer_is_none_any_json_or_a_schema(
    form: object, output: JsonOutput | None
) -> None:
    assert (await request_of("/api/chat", **HELLO, format=form)).output == output


@pytest.mark.parametrize(
    ("think", "thinks"), [(None, True), (False, False), (True, True), ("high", True)]
)
async def test_a_model_that_can_think_does_unless_it_is_told_not_to(
    think: object, *, thinks: bool
) -> None:
    assert (await request_of("/api/chat", **HELLO, think=think)).thinks is thinks


async def test_generate_puts_the_system_text_before_the_prompt() -> None:
    request = await request_of("/api/generate", prompt="Hola", system="Be brief.")

    assert request.turns == (Turn("system", "Be brief."), Turn("user", "Hola"))
    assert request.wants_context is True
    assert request.when_too_long is WhenTooLong.CUT_THE_MIDDLE


async def test_a_raw_prompt_is_taken_as_it_is() -> None:
    request = await request_of("/api/generate", prompt="<|im_start|>", raw=True)

    assert (request.turns, request.raw_prompt) == ((), "<|im_start|>")
    assert request.wants_context is False


async def test_a_gap_is_filled_with_the_models_own_tokens() -> None:
    request = await request_of("/api/generate", prompt="def f(", suffix="return 1")

    assert request.raw_prompt == "<PRE>def f(<SUF>return 1<MID>"


async def test_the_context_of_an_earlier_answer_stands_before_the_prompt() -> None:
    request = await request_of("/api/generate", prompt="¿Y?", context=[1, 2, 3])

    assert request.prompt_before == (1, 2, 3)
    assert request.turns == (Turn("user", "¿Y?"),)


@pytest.mark.parametrize("field", ["truncate", "shift"])
@pytest.mark.parametrize("path", ["/api/chat", "/api/generate"])
async def test_who_wants_nothing_cut_is_refused_what_is_too_long(path: str, field: str) -> None:
    request = await request_of(path, **HELLO, prompt="Hola", **{field: False})

    assert request.when_too_long is WhenTooLong.REFUSE


async def test_a_models_own_words_and_options_come_before_the_clients() -> None:
    recipe = Recipe(
        system="You are a pirate.",
        parameters={"temperature": 0.1, "top_k": 3, "stop": ["Arr"]},
        messages=(Turn("user", "a"), Turn("assistant", "b")),
    )
    box = served(*script("x"), library=known_library(library_model(recipe=recipe)))

    await ask(box, "/api/chat", **HELLO, options={"top_k": 9})

    request = box.engine.requests[0]
    assert [turn.content for turn in request.turns] == ["You are a pirate.", "a", "b", "Hola"]
    assert request.sampling == Sampling(
        temperature=0.1, top_k=9, stop=("Arr",), max_tokens=UNLIMITED_TOKENS
    )


@pytest.mark.parametrize(
    ("path", "fields", "status", "text"),
    [
        ("/api/chat", {"options": {"num_ctx": "x"}}, 500, 'option "num_ctx" must be of type integer'),
        ("/api/chat", {"options": {"top_p": True}}, 500, 'option "top_p" must be of type float32'),
        ("/api/chat", {"options": {"use_mmap": 1}}, 500, 'option "use_mmap" must be of type boolean'),
        (
            "/api/chat",
            {"options": {"temperature": 10**400}},
            400,
            'option "temperature" must be a finite number',
        ),
        ("/api/chat", {"options": {"num_ctx": -(10**400)}}, 400, 'option "num_ctx" must be a finite'),
        ("/api/chat", {"options": {"stop": 1}}, 500, 'option "stop" must be of type array'),
        ("/api/chat", {"options": {"stop": [1]}}, 500, 'option "stop" must be of an array of strings'),
        (
            "/api/chat",
            {"format": "yaml"},
            500,
            'invalid format: "yaml"; expected "json" or a valid JSON Schema object',
        ),
        ("/api/chat", {"think": True}, 400, '"scripted" does not support thinking'),
        ("/api/chat", {"top_logprobs": 21}, 400, "top_logprobs must be between 0 and 20"),
        ("/api/chat", {"keep_alive": "soon"}, 400, 'time: invalid duration "soon"'),
        ("/api/generate", {"suffix": "x"}, 400, "scripted does not support insert"),
        ("/api/generate", {"images": ["aGk="]}, 400, "this model does not support image input"),
        (
            "/api/generate",
            {"raw": True, "system": "x"},
            400,
            "raw mode does not support template, system, or context",
        ),
        ("/api/generate", {"template": "{{ .Prompt }}"}, 400, "template is not supported"),
        ("/api/generate", {"context": [-1]}, 400, "context is a list of tokens"),
    ],
)  # fmt: skip
async def test_what_cannot_be_done_is_refused_in_ollamas_words(
    path: str, fields: dict[str, object], status: int, text: str
) -> None:
    box = served(*script("x"))

    answer = await ask(box, path, **{"prompt": "Hola", **HELLO, **fields})

    assert answer.status_code == status
    assert answer.json()["error"].startswith(text)
    assert box.engine.requests == []


@pytest.mark.parametrize(
    ("path", "fields", "text"),
    [
        ("/api/chat", HELLO, '"scripted" does not support chat'),
        ("/api/generate", {"prompt": "x"}, '"scripted" does not support generate'),
    ],
)
async def test_an_embedding_model_writes_nothing(
    path: str, fields: dict[str, object], text: str
) -> None:
    library = known_library(library_model(can=[Capability.EMBEDDING]))

    answer = await ask(served(*script("x"), library=library), path, **fields)

    assert (answer.status_code, answer.json()) == (400, {"error": text})


async def test_tools_need_a_model_that_can_use_them() -> None:
    library = known_library(library_model(can=[Capability.COMPLETION]))

    answer = await ask(served(*script("x"), library=library), "/api/chat", **HELLO, tools=[WEATHER])

    assert answer.json()["error"].startswith("scripted does not support tools")
