"""Everything that goes wrong with a chat, again and again, on a real box with the demo model.

`python -m tests.faults.chat_chaos --rounds 100` asks, hurts, looks: after each round every
question and every word that any client had seen must be there, once, in the right state.
"""

import argparse
import json
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

import httpx
import psutil

from tests.faults.chat_witness import ENDED, Row, Witness
from tests.servers.nodo import Nodo
from tests.waiting import until_now

_QUIET = {"NODO_RATE_LIMIT_ENABLED": "false", "NODO_LOG_TO_FILE": "false"}
_LIMIT_S = 120.0
# So hot that the demo model, whose answers are short, does not find an end.
_LONG = {"temperature": 2.0, "top_k": 0, "top_p": 1.0, "max_tokens": 500}
_QUESTIONS = ("Cuenta de uno a mil.", "Count from one to a thousand.", "Cuéntame un cuento largo.")


class Stream:
    """One client that reads an answer; it can be cut off, and come back."""

    def __init__(self, client: httpx.Client, method: str, url: str, **request: object) -> None:
        self.text = ""
        self.ids: list[int] = []
        self.names: list[str] = []
        self.heading: dict[str, str] = {}
        self.has_ended = threading.Event()
        self._is_cut = False
        self._open = lambda: client.stream(method, url, **request)  # type: ignore[arg-type]
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Go away in the middle."""
        self._is_cut = True
        self._thread.join(_LIMIT_S)

    def ended(self) -> "Stream":
        """Wait until the stream is over, in whichever way."""
        assert self.has_ended.wait(_LIMIT_S), "the stream does not end"
        return self

    def has(self, characters: int) -> None:
        """Wait until so much text is there, or the end."""
        until_now(
            lambda: len(self.text) >= characters or self.has_ended.is_set(),
            within_s=_LIMIT_S,
            what=f"{characters} characters",
        )

    def begins(self) -> None:
        """Wait until the answer has a name."""
        until_now(lambda: self.heading or self.has_ended.is_set(), within_s=_LIMIT_S, what="news")

    def _read(self) -> None:
        try:
            with self._open() as answer:
                assert answer.status_code == 200, answer.read()
                self._take(answer)
        except httpx.TransportError:
            pass  # The box was killed.
        finally:
            self.has_ended.set()

    def _take(self, answer: httpx.Response) -> None:
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            if self._is_cut:
                return
            name, _, value = line.partition(": ")
            if line:
                fields[name] = value
            elif "event" in fields:
                self._hear(int(fields["id"]), fields["event"], json.loads(fields["data"]))
                fields = {}

    def _hear(self, number: int, name: str, data: Mapping[str, str]) -> None:
        self.ids.append(number)
        self.names.append(name)
        if name == "conversation":
            self.heading = dict(data)
        elif name == "token":
            self.text += data["text"]


class Chaos:
    """A box, its clients, and what they have seen."""

    def __init__(
        self, folder: Path, seed: int, environment: Mapping[str, str] | None = None
    ) -> None:
        self.seen = Counter[str]()
        self._folder = folder
        self._environment = {**_QUIET, **(environment or {})}
        self._random = random.Random(seed)
        self._witness = Witness()
        self._client = httpx.Client(timeout=_LIMIT_S)
        self._nodo = Nodo(folder, self._environment)
        self._client.headers.update(self._nodo.set_up(self._client))
        self._actions: dict[str, Callable[[Stream], list[Stream]]] = {
            "kill": self._killed,
            "reload": self._reloaded,
            "second reader": self._read_twice,
            "engine killed": self._engine_killed,
            "stop": self._stopped,
            "continue": self._continued,
            "kill in continue": self._killed_in_continue,
        }

    @property
    def actions(self) -> tuple[str, ...]:
        """Return the names of what can be done to a box."""
        return tuple(self._actions)

    def close(self) -> None:
        """End the box."""
        self._client.close()
        self._nodo.stop()

    def round(self, action: str) -> None:
        """Ask, do this in the middle of the answer, and look at what is left of it."""
        question = f"{self._random.choice(_QUESTIONS)} ({self._random.random():.6f})"
        body = {"message": question, "options": _LONG}
        first = Stream(self._client, "POST", f"{self._nodo.url}/chat", json=body)
        first.has(self._random.choice((1, 1, 5, 20, 60)))
        first.begins()
        self._witness.asked(first.heading["question_id"], question)
        self.seen["cut in the middle"] += not first.has_ended.is_set()
        others = self._actions[action](first)
        first.ended()
        self._check(first, others, action)

    def check_all(self) -> None:
        """Look at every conversation once more."""
        found: set[str] = set()
        for conversation in self._pages("/conversations"):
            rows = self._rows(str(conversation["id"]))
            assert self._witness.faults_in(rows) == []
            found |= {str(row["id"]) for row in rows}
        assert self._witness.missing_among(found) == set()
        self.seen["messages at the end"] = len(found)

    def _killed(self, first: Stream) -> list[Stream]:
        self._kill()
        return [self._follow(first)]

    def _reloaded(self, first: Stream) -> list[Stream]:
        first.cut()
        second = self._follow(first)
        second.has(self._random.choice((0, 5, 40)))
        second.cut()
        return [second, self._follow(first, second)]

    def _read_twice(self, first: Stream) -> list[Stream]:
        return [self._events(first.heading["message_id"]) for _ in range(2)]

    def _engine_killed(self, first: Stream) -> list[Stream]:
        for child in psutil.Process(self._nodo.pid).children(recursive=True):
            if "worker" in " ".join(child.cmdline()):
                child.kill()
        first.ended()
        self.seen["engine killed in the middle"] += first.names[-1] == "error"
        # An answer that ends shows the box that the model is not what kills the engine.
        return self._continued(first)

    def _stopped(self, first: Stream) -> list[Stream]:
        answer = self._client.post(f"{self._nodo.url}/chat/{first.heading['message_id']}/stop")
        self.seen["stopped in the middle"] += answer.json()["stopped"]
        return []

    def _continued(self, first: Stream) -> list[Stream]:
        self._stopped(first)
        first.ended()
        return self._go_on(first)

    def _killed_in_continue(self, first: Stream) -> list[Stream]:
        going = self._continued(first)
        for stream in going:
            stream.has(self._random.choice((1, 10, 30)))
            self.seen["cut in a continued answer"] += not stream.has_ended.is_set()
        self._kill()
        return [*going, self._follow(first, *going)]

    def _go_on(self, *streams: Stream) -> list[Stream]:
        message_id = streams[0].heading["message_id"]
        rows = self._rows(streams[0].heading["conversation_id"])
        row = next(row for row in rows if row["id"] == message_id)
        is_complete = row["state"] == "done" and row["finish_reason"] == "stop"
        if is_complete or not row["content"]:
            return []
        url = f"{self._nodo.url}/chat/{message_id}/continue"
        last = {"Last-Event-ID": str(max(i for stream in streams for i in stream.ids))}
        self.seen["continued"] += 1
        return [Stream(self._client, "POST", url, headers=last)]

    def _kill(self) -> None:
        self._nodo.kill()
        self._nodo = Nodo(self._folder, self._environment)

    def _follow(self, *streams: Stream) -> Stream:
        for stream in streams:
            stream.has_ended.wait(_LIMIT_S)
        last = max(i for stream in streams for i in stream.ids)
        return self._events(streams[0].heading["message_id"], str(last))

    def _events(self, message_id: str, last: str | None = None) -> Stream:
        headers = {} if last is None else {"Last-Event-ID": last}
        url = f"{self._nodo.url}/chat/{message_id}/events"
        return Stream(self._client, "GET", url, headers=headers)

    def _check(self, first: Stream, others: list[Stream], action: str) -> None:
        answer_id, conversation_id = (
            first.heading["message_id"],
            first.heading["conversation_id"],
        )
        self._note(answer_id, first, others, is_from_start=action == "second reader")
        until_now(
            lambda: all(row["state"] in ENDED for row in self._rows(conversation_id)),
            within_s=_LIMIT_S,
            what="the end of all answers",
        )
        rows = self._rows(conversation_id)
        assert self._witness.faults_in(rows) == [], action
        assert len(rows) == 2, action
        self.seen[f"{action}: {rows[1]['state']}"] += 1

    def _note(
        self, answer_id: str, first: Stream, others: list[Stream], *, is_from_start: bool
    ) -> None:
        text, ids = first.text, first.ids
        self._witness.saw(answer_id, text)
        for other in others:
            other.ended()
            if is_from_start:
                self._witness.saw(answer_id, other.text)
                continue
            text += other.text
            assert all(new > max(ids) for new in other.ids), "ids do not grow"
            ids = [*ids, *other.ids]
            self._witness.saw(answer_id, text)
        assert ids == sorted(set(ids)), "ids do not grow"

    def _rows(self, conversation_id: str) -> list[Row]:
        return self._pages(f"/conversations/{conversation_id}/messages")

    def _pages(self, address: str) -> list[Row]:
        found: list[Row] = []
        cursor: str | None = None
        while True:
            params = {"cursor": cursor} if cursor else {}
            answer = self._client.get(f"{self._nodo.url}{address}", params=params)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += cast("list[Row]", page["items"])
            cursor = page["next_cursor"]
            if cursor is None:
                return found


def main() -> None:
    """Run rounds, and say what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        chaos = Chaos(Path(folder), chosen.seed)
        try:
            for number in range(chosen.rounds):
                action = chaos.actions[number % len(chaos.actions)]
                chaos.round(action)
                print(f"round {number + 1}: {action}", flush=True)
            chaos.check_all()
        finally:
            chaos.close()
    print(f"{chosen.rounds} rounds in {time.monotonic() - began_s:.0f} s, nothing lost")
    for name, count in sorted(chaos.seen.items()):
        print(f"{name:32} {count}")


if __name__ == "__main__":
    main()
