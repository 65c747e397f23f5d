"""OpenAI's own library against a box: `python openai_python.py URL KEY MODEL`; ends with 0 if all is well."""

# Run by a Python of its own, which has the library.
# pyright: basic, reportMissingImports=false

import sys
from pathlib import Path

import openai
from pydantic import BaseModel

URL, KEY, MODEL = sys.argv[1:4]
client = openai.OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0)
HELLO = [{"role": "user", "content": "Hola, ¿qué es Nodo?"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a town",
        "parameters": {
            "type": "object",
            "properties": {"town": {"type": "string", "maxLength": 12}},
            "required": ["town"],
        },
    },
}


class Place(BaseModel):
    """What is to be filled in."""

    name: str
    is_town: bool


def models() -> None:
    assert MODEL in [model.id for model in client.models.list()]
    assert client.models.retrieve(MODEL).id == MODEL


def chat() -> None:
    answer = client.chat.completions.create(model=MODEL, messages=HELLO, max_tokens=12)
    assert answer.choices[0].message.content
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.prompt_tokens_details.cached_tokens >= 0


def chat_stream() -> None:
    options = {"include_usage": True}
    chunks = list(
        client.chat.completions.create(
            model=MODEL, messages=HELLO, max_completion_tokens=12, stream=True,
            stream_options=options, temperature=0, seed=1,
        )
    )  # fmt: skip
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks[:-1])
    assert chunks[-2].choices[0].finish_reason in {"stop", "length"}
    assert chunks[-1].usage.completion_tokens > 0


def chat_stream_helper() -> None:
    with client.chat.completions.stream(model=MODEL, messages=HELLO, max_tokens=12) as stream:
        kinds = {event.type for event in stream}
    assert {"content.delta", "content.done"} <= kinds


def parsed() -> None:
    answer = client.chat.completions.parse(
        model=MODEL, messages=HELLO, response_format=Place, max_tokens=200, temperature=0
    )
    assert isinstance(answer.choices[0].message.parsed, Place)


def tools_required() -> None:
    answer = client.chat.completions.create(
        model=MODEL, messages=HELLO, tools=[WEATHER], tool_choice="required", max_tokens=200,
        temperature=0, parallel_tool_calls=False,
    )  # fmt: skip
    choice = answer.choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.tool_calls[0].function.name == "weather"
    follow = [
        *HELLO,
        choice.message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": choice.message.tool_calls[0].id, "content": "Sol"},
    ]
    again = client.chat.completions.create(model=MODEL, messages=follow, max_tokens=8)
    assert again.choices[0].finish_reason in {"stop", "length"}


def logprobs() -> None:
    answer = client.chat.completions.create(
        model=MODEL, messages=HELLO, max_tokens=4, logprobs=True, top_logprobs=3
    )
    content = answer.choices[0].logprobs.content
    assert len(content[0].top_logprobs) == 3
    assert bytes(content[0].bytes).decode()


def completions() -> None:
    answer = client.completions.create(model=MODEL, prompt="Nodo es", max_tokens=8, echo=True)
    assert answer.choices[0].text.startswith("Nodo es")
    chunks = list(client.completions.create(model=MODEL, prompt="Nodo es", stream=True))
    assert chunks[-1].choices[0].finish_reason


def embeddings() -> None:
    answer = client.embeddings.create(model=MODEL, input=["sol", "luna"])
    assert len(answer.data) == 2
    assert abs(sum(number * number for number in answer.data[0].embedding) - 1) < 1e-3


def responses() -> None:
    answer = client.responses.create(model=MODEL, input="Hola", max_output_tokens=16)
    assert answer.output_text
    assert answer.status in {"completed", "incomplete"}


def responses_stream() -> None:
    with client.responses.stream(model=MODEL, input="Hola", max_output_tokens=16) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert kinds[0] == "response.created"
    assert final.output_text


def errors() -> None:
    refused: dict[str, object] = {}
    for name, call in {
        "model": lambda: client.chat.completions.create(model="gpt-9", messages=HELLO),
        "n": lambda: client.chat.completions.create(model=MODEL, messages=HELLO, n=3),
        "key": openai.OpenAI(base_url=f"{URL}/v1", api_key="no").models.list,
        "long": lambda: client.responses.create(model=MODEL, input="palabra " * 60_000),
    }.items():
        try:
            call()
        except openai.APIStatusError as error:
            refused[name] = (type(error).__name__, error.code)
    assert refused == {
        "model": ("NotFoundError", "model_not_found"),
        "n": ("BadRequestError", "unsupported_parameter"),
        "key": ("AuthenticationError", "invalid_api_key"),
        "long": ("BadRequestError", "context_length_exceeded"),
    }, refused


CASES = (
    models, chat, chat_stream, chat_stream_helper, logprobs, completions, embeddings, responses,
    responses_stream, errors, parsed, tools_required,
)  # fmt: skip

if __name__ == "__main__":
    wanted = set(sys.argv[4:])
    failed = 0
    for case in CASES:
        if wanted and case.__name__ not in wanted:
            continue
        try:
            case()
        except Exception as error:  # noqa: BLE001 - each case is told, and the next one tried
            failed += 1
            print(f"FAILED {case.__name__}: {type(error).__name__}: {error}"[:600])
        else:
            print(f"ok     {case.__name__}")
    print(f"{Path(__file__).stem}: openai {openai.__version__}, {failed} failed")
    sys.exit(failed > 0)
