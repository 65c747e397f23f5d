"""Anthropic's own library against a box: `python anthropic_python.py URL KEY MODEL`; ends with 0 if all is well."""

# Run by a Python of its own, which has the library.
# pyright: basic, reportMissingImports=false

import sys
from pathlib import Path

import anthropic

URL, KEY, MODEL = sys.argv[1:4]
client = anthropic.Anthropic(base_url=URL, api_key=KEY, max_retries=0)
HELLO = [{"role": "user", "content": "Hola, ¿qué es Nodo?"}]
WEATHER = {
    "name": "weather",
    "description": "The weather in a town",
    "input_schema": {
        "type": "object",
        "properties": {"town": {"type": "string", "maxLength": 12}},
        "required": ["town"],
    },
}


def models() -> None:
    assert MODEL in [model.id for model in client.models.list()]
    assert client.models.retrieve(MODEL).display_name


def messages() -> None:
    answer = client.messages.create(model=MODEL, max_tokens=12, messages=HELLO, system="Sé breve.")
    assert answer.content[0].text
    assert answer.usage.input_tokens + answer.usage.cache_read_input_tokens > 0
    assert answer.stop_reason in {"end_turn", "max_tokens"}


def stream() -> None:
    with client.messages.stream(model=MODEL, max_tokens=12, messages=HELLO) as told:
        text = "".join(told.text_stream)
        final = told.get_final_message()
    assert text == final.content[0].text
    assert final.usage.output_tokens > 0


def raw_stream() -> None:
    kinds = [
        event.type
        for event in client.messages.create(model=MODEL, max_tokens=12, messages=HELLO, stream=True)
    ]
    assert (kinds[0], kinds[-1]) == ("message_start", "message_stop")


def stop_sequence() -> None:
    begun = [*HELLO, {"role": "assistant", "content": "Nodo"}]
    answer = client.messages.create(
        model=MODEL, max_tokens=40, messages=begun, stop_sequences=["a", "e", "o"]
    )
    assert answer.stop_reason in {"stop_sequence", "end_turn"}


def count_tokens() -> None:
    counted = client.messages.count_tokens(model=MODEL, messages=HELLO)
    answer = client.messages.create(model=MODEL, max_tokens=4, messages=HELLO)
    read = answer.usage.input_tokens + answer.usage.cache_read_input_tokens
    assert counted.input_tokens == read, (counted.input_tokens, read)


def tools() -> None:
    answer = client.messages.create(
        model=MODEL, max_tokens=200, messages=HELLO, tools=[WEATHER],
        tool_choice={"type": "any", "disable_parallel_tool_use": True},
    )  # fmt: skip
    assert answer.stop_reason == "tool_use"
    use = answer.content[-1]
    assert (use.type, use.name) == ("tool_use", "weather")
    follow = [
        *HELLO,
        {"role": "assistant", "content": answer.content},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": use.id, "content": "Sol"}],
        },
    ]
    again = client.messages.create(model=MODEL, max_tokens=8, messages=follow, tools=[WEATHER])
    assert again.role == "assistant"


def tools_streamed() -> None:
    with client.messages.stream(
        model=MODEL, max_tokens=200, messages=HELLO, tools=[WEATHER],
        tool_choice={"type": "tool", "name": "weather"},
    ) as told:  # fmt: skip
        final = told.get_final_message()
    assert isinstance(final.content[-1].input, dict)


def errors() -> None:
    refused: dict[str, object] = {}
    for name, call in {
        "model": lambda: client.messages.create(model="x", max_tokens=1, messages=HELLO),
        "key": anthropic.Anthropic(base_url=URL, api_key="no").models.list,
        "long": lambda: client.messages.create(
            model=MODEL, max_tokens=1, messages=[{"role": "user", "content": "palabra " * 60_000}]
        ),
    }.items():
        try:
            call()
        except anthropic.APIStatusError as error:
            refused[name] = type(error).__name__
            assert name != "long" or "prompt is too long" in str(error)
    assert refused == {
        "model": "NotFoundError",
        "key": "AuthenticationError",
        "long": "BadRequestError",
    }, refused


CASES = (
    models, messages, stream, raw_stream, stop_sequence, count_tokens, errors, tools,
    tools_streamed,
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
    print(f"{Path(__file__).stem}: anthropic {anthropic.__version__}, {failed} failed")
    sys.exit(failed > 0)
