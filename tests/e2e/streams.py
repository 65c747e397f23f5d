"""Reading Nodo's event streams as a program would."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import httpx


@dataclass(frozen=True)
class Received:
    """One event as it came over the wire; without an id of its own it stands at 0."""

    id: int
    event: str
    data: dict[str, object]


def events_of(answer: httpx.Response) -> Iterator[Received]:
    """Yield the events of an open stream."""
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        if not line:
            if "event" in fields:
                yield Received(
                    int(fields.get("id", "0")), fields["event"], json.loads(fields["data"])
                )
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value


def text_of(events: list[Received]) -> str:
    """Return the text that the token events carry."""
    return "".join(str(event.data["text"]) for event in events if event.event == "token")


def ask(
    client: httpx.Client, url: str, headers: dict[str, str], message: str, **more: object
) -> list[Received]:
    """Ask and return all events of the answer."""
    body = {"message": message, **more}
    with client.stream("POST", f"{url}/chat", json=body, headers=headers, timeout=60) as answer:
        assert answer.status_code == 200, answer.read()
        return list(events_of(answer))
