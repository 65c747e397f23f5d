"""What programs do with Ollama's own Python library; ends with a traceback if one of it fails.

`python ollama_python.py ADDRESS KEY MODEL`
"""

# Run by a Python of its own, which has the library.
# pyright: basic, reportMissingImports=false

import json
import sys
from collections.abc import Callable

from ollama import Client, ResponseError

ADDRESS, KEY, MODEL = sys.argv[1:4]
HELLO = [{"role": "user", "content": "Hola"}]
FEW = {"num_predict": 5, "temperature": 0}
SCHEMA = {
    "type": "object",
    "properties": {"age": {"type": "integer"}},
    "required": ["age"],
}


def _status_of(action: Callable[[], object]) -> int:
    try:
        action()
    except ResponseError as error:
        assert error.error, "a refusal without words"
        return error.status_code
    raise AssertionError("it was not refused")


def _answers(client: Client) -> None:
    whole = client.chat(MODEL, HELLO, options=FEW)
    assert whole.done_reason == "length"
    assert whole.load_duration > 0
    assert whole.eval_count == 5
    pieces = list(client.chat(MODEL, HELLO, stream=True, options=FEW))
    assert "".join(piece.message.content for piece in pieces) == whole.message.content
    first = client.generate(MODEL, "Hola", options=FEW)
    assert first.context
    assert client.generate(MODEL, "¿Y?", context=first.context, options=FEW).done
    likely = client.generate(MODEL, "Hola", logprobs=True, top_logprobs=2, options=FEW)
    assert len(likely.logprobs) == 5
    assert len(likely.logprobs[0].top_logprobs) == 2
    formed = client.chat(MODEL, HELLO, format=SCHEMA, options={"num_predict": 200})
    assert isinstance(json.loads(formed.message.content)["age"], int)
    assert len(client.embed(MODEL, ["Hola", "Adiós"]).embeddings) == 2


def _models(client: Client) -> None:
    assert client.list().models
    assert client.ps().models
    assert client.show(MODEL).modelinfo
    assert client.copy(MODEL, "second:name").status == "success"
    made = client.create("third", from_="second:name", system="Sé breve.", parameters={"seed": 1})
    assert made.status == "success"
    assert client.show("THIRD").parameters.split() == ["seed", "1"]
    for name in ("second:name", "third"):
        assert client.delete(name).status == "success"


def _refusals(client: Client) -> None:
    assert _status_of(lambda: client.chat("nobody", HELLO)) == 404
    assert _status_of(lambda: client.push("x")) == 501
    assert _status_of(lambda: client.generate(MODEL, "x", template="{{ .Prompt }}")) == 400
    assert _status_of(lambda: client.embed(MODEL, "a " * 50_000, truncate=False)) == 400
    assert _status_of(Client(host=ADDRESS).list) == 401


def main() -> None:
    """Do all of it."""
    client = Client(host=ADDRESS, headers={"Authorization": f"Bearer {KEY}"})
    _answers(client)
    _models(client)
    _refusals(client)


if __name__ == "__main__":
    main()
