"""What hostile programs send to a real box: refused in their words, and the box goes on."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest

from tests.conformance.models import TOOLS_MODEL, write_tools_model
from tests.servers.nodo import running_nodo
from tests.waiting import until_now

CHAT, TEXT, MEANING = "/v1/chat/completions", "/v1/completions", "/v1/embeddings"
ITEMS, MESSAGES = "/v1/responses", "/v1/messages"
LONG = "palabra " * 1_000_000
QUESTION = [{"role": "user", "content": "Hola"}]
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


def nested(depth: int) -> dict[str, Any]:
    """Return a schema of objects within objects."""
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    return schema


def form(schema: object) -> dict[str, Any]:
    """Return the wish for an answer of this schema."""
    return {"response_format": {"type": "json_schema", "json_schema": {"schema": schema}}}


def tool(schema: object) -> dict[str, Any]:
    """Return the wish for a call with such arguments."""
    function = {"name": "f", "parameters": schema}
    return {"tools": [{"type": "function", "function": function}], "tool_choice": "required"}


BOMB = {"$defs": {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 20} for n in range(20)},
        "$ref": "#/$defs/d0"}  # fmt: skip
# An answer of many seconds.
LENGTHY = {"type": "array", "items": {"type": "boolean"}, "minItems": 900}
ENDLESS = {"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}

HOSTILE: dict[str, tuple[str, dict[str, Any]]] = {
    "a million words to chat": (CHAT, {"messages": [{"role": "user", "content": LONG}]}),
    "a million words to go on": (TEXT, {"prompt": LONG}),
    "a million tokens to go on": (TEXT, {"prompt": [1] * 1_000_000}),
    "a million words as an item": (ITEMS, {"input": LONG}),
    "a million words as a message": (
        MESSAGES, {"max_tokens": 9, "messages": [{"role": "user", "content": LONG}]}),
    "a million words to embed": (MEANING, {"input": LONG}),
    "a token that no model has": (TEXT, {"prompt": [2**31 - 1]}),
    "a token beyond all numbers": (TEXT, {"prompt": [2**64]}),
    "a token that nobody can embed": (MEANING, {"input": [2**31 - 1]}),
    "a billion answers": (CHAT, {"messages": QUESTION, "n": 10**9}),
    "ten thousand tools": (CHAT, {"messages": QUESTION, "tools": [TOOL] * 10_000}),
    "a schema of three hundred floors": (CHAT, {"messages": QUESTION, **form(nested(300))}),
    "a schema that explodes": (CHAT, {"messages": QUESTION, **form(BOMB)}),
    "a schema without end": (CHAT, {"messages": QUESTION, **form(ENDLESS)}),
    "a schema that is none": (CHAT, {"messages": QUESTION, **form({"type": "wizard"})}),
    "arguments that explode": (CHAT, {"messages": QUESTION, **tool(BOMB)}),
    "a hundred thousand stops": (CHAT, {"messages": QUESTION, "stop": ["x"] * 100_000}),
    "twenty thousand messages": (CHAT, {"messages": QUESTION * 20_000}),
    "a bias for a token that is not there": (
        CHAT, {"messages": QUESTION, "logit_bias": {"999999999": 5}}),
    "a name that is a path": (CHAT, {"messages": QUESTION, "model": "../../etc/passwd"}),
    "a name of zeros": (CHAT, {"messages": QUESTION, "model": "\0" * 100}),
}  # fmt: skip


class Box:
    """A running box, asked by a program."""

    def __init__(self, client: httpx.Client, url: str, pid: int, key: str) -> None:
        self.pid = pid
        self._client = client
        self._url = url
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def ask(self, path: str, content: bytes) -> httpx.Response:
        return self._client.post(self._url + path, content=content, headers=self._headers)

    def ask_well(self) -> httpx.Response:
        body = {"model": TOOLS_MODEL, "messages": QUESTION, "max_tokens": 4}
        return self.ask(CHAT, json.dumps(body).encode())

    def hang_up(self, path: str, body: object) -> None:
        """Ask for a stream, read its beginning, and leave while it is being written."""
        content = json.dumps(body).encode()
        with self._client.stream(
            "POST", self._url + path, content=content, headers=self._headers
        ) as answer:
            # That it goes on where nobody leaves is shown in test_clients_that_leave.
            next(answer.iter_lines())

    def running(self) -> int:
        """Return how many answers are being written."""
        answer = self._client.get(f"{self._url}/api/engine", headers=self._headers)
        return int(answer.json()["running"])

    def engines(self) -> set[int]:
        return {child.pid for child in psutil.Process(self.pid).children(recursive=True)}


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    folder = tmp_path_factory.mktemp("hostile")
    write_tools_model(folder / "models")
    environment = {"NODO_RATE_LIMIT_ENABLED": "off", "NODO_MODEL": TOOLS_MODEL}
    with running_nodo(folder, environment) as nodo, httpx.Client(timeout=60) as client:
        owner = nodo.set_up(client)
        body = {"name": "program", "scopes": ["models"]}
        key = client.post(f"{nodo.url}/auth/keys", json=body, headers=owner).json()["key"]
        box = Box(client, nodo.url, nodo.pid, key)
        until_now(lambda: box.ask_well().status_code == 200, within_s=30, what="the engine")
        yield box


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_hostile_is_refused_in_the_clients_words_and_the_engine_goes_on(
    box: Box, what: str
) -> None:
    path, fields = HOSTILE[what]
    box.ask_well()
    engines = box.engines()

    answer = box.ask(path, json.dumps({"model": TOOLS_MODEL, **fields}).encode())

    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["error"]["message"]
    assert box.ask_well().status_code == 200
    assert engines <= box.engines()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"model": "x"',
        b'{"model": ' + b"[" * 200_000 + b"}",
        b'{"model": "m", "messages": [{"role": "user", "content": "\\ud800"}], "temperature": NaN}',
        b'{"model": "m", "messages": [], "seed": 1e400}',
    ],
    ids=lambda content: repr(content[:24]),
)
@pytest.mark.parametrize("path", [CHAT, TEXT, MEANING, ITEMS, MESSAGES])
def test_a_body_that_is_none_is_refused_in_the_clients_words(
    box: Box, path: str, content: bytes
) -> None:
    answer = box.ask(path, content)

    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["error"]["message"]


def test_a_body_that_is_too_large_is_refused_in_the_clients_words(box: Box) -> None:
    answer = box.ask(CHAT, b" " * (33 * 1024 * 1024))

    assert answer.status_code == 413
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (CHAT, {"messages": QUESTION, **form(LENGTHY)}),
        (ITEMS, {"input": "Hola", "text": {"format": {"type": "json_schema", "schema": LENGTHY}}}),
        (
            MESSAGES,
            {
                "messages": QUESTION,
                "max_tokens": 1900,
                "output_config": {"format": {"type": "json_schema", "schema": LENGTHY}},
            },
        ),
    ],
)
def test_a_client_that_hangs_up_frees_the_engine(
    box: Box, path: str, fields: dict[str, Any]
) -> None:
    until_now(lambda: box.running() == 0, what="an idle engine")

    box.hang_up(path, {"model": TOOLS_MODEL, "stream": True, **fields})

    until_now(lambda: box.running() == 0, within_s=3, what="an idle engine")
