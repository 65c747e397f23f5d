"""Scripted answers of the stand-in: events that come one by one, may be held, stopped and cut."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.responses import JSONResponse

_PAUSE_S = 0.01
# Ids as the box gives them: runs, characters of text, the change (docs/decisions/0005-event-ids.md).
_LAST_CHANGE = 2**20 - 1

Json = dict[str, Any]
Event = tuple[str, Json]
Step = Event | Literal["hold"]
Script = Sequence[Step]

SAMPLE_TEXT = """Here is **what you asked for**:

1. Close the valves
2. Switch off the compressor

| tool | state |
| --- | ---: |
| saw | 4 |

```python
print("done")
```

Prices such as $4 and R$ 12 stay text. See [the manual](https://example.com/manual).
"""


def held_script() -> Script:
    """Return an answer that waits for a permit at each of its stages."""
    return [
        ("stage", {"stage": "queued", "ahead": 2, "eta_s": 40}),
        "hold",
        ("stage", {"stage": "reading", "percent": 35}),
        "hold",
        ("stage", {"stage": "writing"}),
        ("token", {"text": "First **part"}),
        "hold",
        ("token", {"text": "** and the rest."}),
        done(),
    ]


@dataclass
class Answer:
    """One answer: what it has told, and how it is steered.

    Attributes:
        message: The message that it fills.
        hold: "hold" in a script waits for a permit of it.
        events: Id, name and data of what was told.
        run: How often it was continued.
        told: How many changes besides the text have been told.
        is_stopped: Whether somebody asked to end it.
        has_ended: Whether nothing more will come.
        task: Writes it.
    """

    message: Json
    hold: threading.Semaphore
    events: list[tuple[int, str, Json]] = field(default_factory=list[tuple[int, str, Json]])
    run: int = 0
    told: int = 0
    is_stopped: bool = False
    has_ended: bool = False
    task: asyncio.Task[None] | None = None


def problem(status: int, code: str, **more: object) -> JSONResponse:
    """Return a problem as the box answers it."""
    body = {"type": "about:blank", "title": code, "status": status, "code": code,
            "detail": "", "hint": "", "request_id": "req-test", **more}  # fmt: skip
    return JSONResponse(body, status, media_type="application/problem+json")


def done(reason: str = "stop") -> Event:
    """Return the last event of an answer that ended well."""
    timings = {"queued_s": 0.4, "reading_s": 1.2, "writing_s": 6.5, "tokens_per_s": 9.5}
    usage = {"prompt_tokens": 321, "completion_tokens": 62}
    return ("done", {"message_id": "", "finish_reason": reason, "usage": usage, "timings": timings,
                     "provider": "local", "model": "nodo-demo", "cached": False})  # fmt: skip


def sample_script() -> Script:
    """Return an answer with every kind of Markdown, word by word."""
    words = SAMPLE_TEXT.replace(" ", " \0").split("\0")
    tokens: list[Step] = [("token", {"text": word}) for word in words]
    stages: list[Step] = [
        ("stage", {"stage": "queued", "ahead": 0}),
        ("stage", {"stage": "reading", "percent": 40}),
        ("stage", {"stage": "writing"}),
    ]
    return [*stages, *tokens, done()]


def write(answer: Answer, script: Script) -> asyncio.Task[None]:
    """Return the task that tells the events of a script."""
    return asyncio.get_running_loop().create_task(_write(answer, script))


async def _write(answer: Answer, script: Script) -> None:
    for step in script:
        await asyncio.sleep(_PAUSE_S)
        if step == "hold":
            await _held(answer)
            continue
        if answer.is_stopped:
            break
        _tell(answer, step)
    if not answer.has_ended:
        _tell(answer, done("cancelled" if answer.is_stopped else "stop"))


async def _held(answer: Answer) -> None:
    while not answer.is_stopped and not answer.hold.acquire(blocking=False):
        await asyncio.sleep(_PAUSE_S)


def _tell(answer: Answer, step: Event) -> None:
    event, data = step
    message = answer.message
    has_ended = event in {"done", "error"}
    if event == "token":
        message.update(content=message["content"] + data["text"], state="writing")
    answer.told += 1
    change = _LAST_CHANGE if has_ended else answer.told
    place = (answer.run << 46) | (len(message["content"]) << 20) | change
    answer.events.append((place, event, data))
    if event == "done":
        state = "stopped" if data["finish_reason"] == "cancelled" else "done"
        known = ("finish_reason", "usage", "timings", "model")
        message.update({name: data[name] for name in known}, state=state)
    if event == "error":
        is_interrupted = data["code"] == "answer_interrupted"
        message.update(state="interrupted" if is_interrupted else "failed", error=data)
    answer.has_ended = has_ended


async def read(answer: Answer, last_id: int, *, is_cut: Callable[[], bool]) -> AsyncIterator[bytes]:
    """Yield what comes after `last_id`, until the end of the answer or a cut."""
    sent = last_id
    while not is_cut():
        for event_id, event, data in [one for one in answer.events if one[0] > sent]:
            sent = event_id
            yield f"id: {event_id}\nevent: {event}\ndata: {json.dumps(data)}\n\n".encode()
        if answer.has_ended and sent >= answer.events[-1][0]:
            return
        await asyncio.sleep(_PAUSE_S)
